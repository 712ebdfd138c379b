"""The guide for administrators names things that exist."""

from __future__ import annotations

import re

import pytest
from django.core.management import get_commands

from tests.test_house import ROOT

pytestmark = pytest.mark.once
PAGES = sorted((ROOT / "docs/admins").glob("*.md"))
TEXT = "\n".join(page.read_text("utf-8") for page in PAGES)
# Written by others than our settings: of gunicorn, of w.c.s., and place-holders.
OTHER_CAPITALS = {"CODE", "FILE", "HOST", "ID", "NAME", "PATH", "PORT", "USER"}


def test_files_that_are_named_exist() -> None:
    named = {name.rstrip(".") for name in re.findall(r"(?<![\w/])((?:deploy|requirements|scripts)/[\w./-]+\w)", TEXT)}
    assert len(named) > 8
    made = {"deploy/container/secrets"}
    assert not {name for name in named - made if not (ROOT / name).exists()}


def test_commands_that_are_named_exist() -> None:
    named = set(re.findall(r"(?:booking-adapter-manage|manage\.py|(?:exec web|bin/)booking-adapter) (\w+)", TEXT))
    assert {"migrate", "check", "signed_url", "outbox"} <= named
    assert named <= set(get_commands())


def test_settings_that_are_named_are_documented() -> None:
    documented = set(re.findall(r"`([A-Z][A-Z_]+)`", (ROOT / "docs/admins/settings.md").read_text("utf-8")))
    named = {name.removesuffix("_FILE") for name in re.findall(r"`([A-Z][A-Z]*_[A-Z_]*[A-Z])(?:=[^`]*)?`", TEXT)}
    assert len(named) > 20
    assert named <= documented | OTHER_CAPITALS


def test_proofs_of_the_threat_model_exist() -> None:
    page = (ROOT / "docs/admins/threat-model.md").read_text("utf-8")
    names = set(re.findall(r"`((?:tests|scripts)/[\w/]+(?:\.py)?|test_\w+\.py)/?`", page))
    tests = {file.name for file in (ROOT / "tests").rglob("test_*.py")}
    assert len(names) > 8
    for name in names:
        assert name in tests or (ROOT / name).exists(), name


def test_errors_of_signatures_are_those_that_callers_read() -> None:
    page = (ROOT / "docs/admins/connect.md").read_text("utf-8")
    source = (ROOT / "adapter/wcs/signature.py").read_text("utf-8")
    sentences = [line.split("`")[1] for line in page.splitlines() if re.match(r"\| `[A-Z]", line)]
    assert len(sentences) == 4
    for sentence in sentences:
        assert sentence.rstrip(".…") in source, sentence
