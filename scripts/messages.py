"""``make messages``: gather the texts of the interface, sort the catalog, space its French, compile it.

Ends with 1 when texts have no translation yet, and lists them: none is ever guessed.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from workflows.typography import spaced  # noqa: E402

CATALOG = ROOT / "adapter/locale/fr/LC_MESSAGES/django.po"
# Lines of the header that differ from run to run, or say nothing.
IDLE = re.compile(r'^"(?:POT-Creation-Date|PO-Revision-Date|Report-Msgid-Bugs-To): .*\n', re.MULTILINE)
# Translations of a catalog whose lines are not wrapped: the strings after `msgstr`.
TRANSLATION = re.compile(r'^msgstr(?:\[\d\])? (?:".*"\n)+', re.MULTILINE)


def tidied(catalog: str) -> str:
    """The catalog sorted and wrapped by gettext's tools, spaced, without guesses and without what changes by itself."""
    options = ("--no-location", "--no-obsolete", "--clear-fuzzy", "--empty", "--no-wrap", "--sort-output")
    plain = run("msgattrib", *options, "-", text=IDLE.sub("", catalog))
    return run("msgcat", "-", text=TRANSLATION.sub(lambda found: spaced(found[0]), plain))


def run(*command: str, text: str | None = None) -> str:
    """What a program writes; raises ``CalledProcessError``."""
    return subprocess.run(
        command, input=text, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT / "adapter"
    ).stdout


def main() -> int:
    """Gather, tidy, compile."""
    run(sys.executable, "../manage.py", "makemessages", "--locale", "fr", "--no-location", "--verbosity", "0")
    CATALOG.write_text(tidied(CATALOG.read_text("utf-8")), "utf-8")
    run("msgfmt", "--check-format", "--output-file", str(CATALOG.with_suffix(".mo")), str(CATALOG))
    # The header comes first, then each entry after an empty line.
    missing = run("msgattrib", "--untranslated", "--no-wrap", str(CATALOG)).strip().split("\n\n")[1:]
    for entry in missing:
        print(f"*** no translation yet:\n{entry}", file=sys.stderr)
    return int(bool(missing))


if __name__ == "__main__":
    sys.exit(main())
