"""Rules of the house, kept by a machine."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from django.core.management import call_command

from workflows.cli.codes import reference_page

ROOT = Path(__file__).resolve().parent.parent


def tracked(*suffixes: str) -> list[Path]:
    """Files of the project, those not yet committed included."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    files = [ROOT / name for name in names]
    return [file for file in files if file.exists() and (not suffixes or file.suffix in suffixes)]


def test_no_file_names_a_package_registry_or_this_machine() -> None:
    forbidden = re.compile(
        r"pypi\.org|pythonhosted\.org|registry\.npmjs|debian\.org/debian|/wor[k]/main|/roo[t]/|index-url"
    )
    found = [
        f"{file.relative_to(ROOT)}:{number}"
        for file in tracked()
        if file.suffix not in (".png", ".mo", ".ico") and file != Path(__file__).resolve()
        for number, line in enumerate(file.read_text("utf-8", "replace").splitlines(), 1)
        if forbidden.search(line)
    ]
    assert not found


def test_every_setting_is_documented() -> None:
    source = (ROOT / "adapter/settings/__init__.py").read_text("utf-8")
    read = set(re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", source))
    page = (ROOT / "docs/admins/settings.md").read_text("utf-8")
    documented = set(re.findall(r"`([A-Z][A-Z_]+)`", page))
    assert len(read) > 25
    assert read <= documented


@pytest.mark.parametrize(("language", "name"), [("fr", "codes.md"), ("en", "codes.en.md")])
def test_the_page_of_codes_is_the_one_that_the_checker_has(language, name) -> None:
    assert (ROOT / "docs/designers" / name).read_text("utf-8") == reference_page(language)


def test_links_between_pages_lead_somewhere() -> None:
    broken = []
    for page in tracked(".md"):
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8")):
            if "://" not in target and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert not broken


@pytest.mark.django_db
def test_models_and_migrations_agree() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_pinned_requirements_have_hashes_and_nothing_else() -> None:
    for name in ("runtime", "dev"):
        text = (ROOT / f"requirements/{name}.txt").read_text("utf-8")
        pins = re.findall(r"^([a-z0-9.-]+(?:\[[a-z,]+\])?)==\S+( ;.*)? \\$", text, re.MULTILINE)
        assert len(pins) > 20
        assert text.count("--hash=sha256:") >= len(pins)
        assert "://" not in text
