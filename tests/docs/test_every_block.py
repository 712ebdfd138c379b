"""No page shows a command or JSON that no test runs: each has a test here, and a new one must be given one."""

from __future__ import annotations

import re

from tests.test_house import ROOT, tracked

RUN = frozenset({"console", "sh", "json", "http", "ini", "sql"})
DOCS, DEPLOY = "tests/docs/test_", "tests/deploy/test_"
#: What runs, reads or installs what a page shows. Where a whole machine is changed (units, proxies, backups), it is
#: done with the same files on a throw-away one.
PROOFS = {
    "CONTRIBUTING.md": [f"{DOCS}contributing.py"],
    "README.md": [f"{DOCS}readme.py"],
    "docs/admins/README.md": [f"{DOCS}demo_commands.py"],
    "docs/admins/backup.md": [f"{DEPLOY}backup.py", f"{DEPLOY}guide.py"],
    "docs/admins/connect.md": [f"{DOCS}admin_examples.py", f"{DEPLOY}guide.py"],
    "docs/admins/install.md": [
        f"{DEPLOY}{name}.py" for name in ("guide", "package", "units", "proxies", "container", "move_database")
    ],
    "docs/admins/running.md": [f"{DOCS}admin_commands.py", f"{DOCS}admin_examples.py"],
    "docs/admins/upgrade.md": [f"{DEPLOY}guide.py", f"{DEPLOY}package.py"],
    "docs/admins/watch.md": [f"{DOCS}admin_examples.py", f"{DEPLOY}monitoring.py"],
    "docs/designers/adapter-sa-demarche.md": [f"{DOCS}designer_commands.py"],
    "docs/designers/importer-le-kit.md": [f"{DOCS}designer_commands.py"],
    "docs/designers/repeter.md": [f"{DOCS}designer_commands.py"],
    "docs/designers/verifier.md": [f"{DOCS}designer_commands.py"],
    "docs/developers/changing.md": [f"{DOCS}every_block.py"],
    "docs/integrators/README.md": [f"{DOCS}demo_commands.py"],
    "docs/integrators/resources.md": [f"{DOCS}integrator_calls.py"],
}


def languages(text: str) -> set[str]:
    """Those of the blocks of a page that somebody may run or copy."""
    return set(re.findall(r"^```(\w+)$", text, re.MULTILINE)) & RUN


def test_each_page_with_something_to_run_has_a_test() -> None:
    pages = {
        page.relative_to(ROOT).as_posix(): page.read_text("utf-8")
        for page in tracked(".md")
        if page.parent == ROOT or page.is_relative_to(ROOT / "docs")
    }
    assert {name for name, text in pages.items() if languages(text)} == set(PROOFS)
    assert not [name for names in PROOFS.values() for name in names if not (ROOT / name).exists()]


def test_commands_for_developers_name_what_there_is() -> None:
    text = "\n".join(page.read_text("utf-8") for page in (ROOT / "docs/developers").glob("*.md"))
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"(?:^\$ |`)make (\w+)", text, re.MULTILINE))
    assert {"lint", "test", "messages"} <= targets
    assert not [target for target in targets if f"\n{target}:" not in makefile]
    scripts = set(re.findall(r"\.venv/bin/python (scripts/\w+\.py)", text))
    folders = set(re.findall(r"(?<= )(tests/\w+)", text))
    assert scripts and folders
    assert not [name for name in scripts | folders if not (ROOT / name).exists()]
