"""`wcs codes`: every kind of finding, as a Markdown page."""

from __future__ import annotations

import argparse
from typing import TextIO

from workflows.checker import Code, Language, all_codes

HEADINGS: dict[Language, tuple[str, str, str]] = {
    "fr": ("Codes de `wcs check`", "Que faire", "Gravité"),
    "en": ("Codes of `wcs check`", "What to do", "Severity"),
}
FAMILIES: dict[Language, dict[str, str]] = {
    "fr": {"import": "L'import fonctionnera-t-il ?", "booking": "La démarche est-elle réservable ?"},
    "en": {"import": "Will it import?", "booking": "Is it bookable?"},
}
SEVERITIES: dict[Language, dict[str, str]] = {
    "fr": {"error": "erreur", "warning": "avertissement"},
    "en": {"error": "error", "warning": "warning"},
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("--language", choices=("fr", "en"), default="fr", help="language of the page")


def run(options: argparse.Namespace, stdout: TextIO, stderr: TextIO) -> int:
    """Write the page; always 0."""
    stdout.write(reference_page(options.language))
    return 0


def reference_page(language: Language) -> str:
    """The page in a language: a section a family, a paragraph a code."""
    title, remedy, severity = HEADINGS[language]
    parts = [f"# {title}\n"]
    for family, heading in FAMILIES[language].items():
        codes = [code for code in all_codes().values() if code.family == family]
        if codes:
            parts.append(f"## {heading}\n")
            parts += [_paragraph(code, language, remedy, severity) for code in codes]
    return "\n".join(parts)


def _paragraph(code: Code, language: Language, remedy: str, severity: str) -> str:
    words = code.wording(language)
    colon = " :" if language == "fr" else ":"
    lines = [
        f"### {code.id} — {words.title}\n",
        f"{words.explanation}\n",
        f"{remedy}{colon} {words.remedy}\n",
        f"{severity}{colon} {SEVERITIES[language][code.severity]}.\n",
    ]
    return "\n".join(lines)
