"""The commands that the pages for designers show: they run, and say what the pages show."""

from __future__ import annotations

import io
import re
import shlex
from pathlib import Path

import pytest

from tests.workflows.appointments import BODY, booking, form, workflow
from workflows import builder as b
from workflows.bookable import LOCK_CODE
from workflows.cli import main

pytestmark = pytest.mark.servers
FOLDER = Path(__file__).resolve().parents[2] / "docs/designers"
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROGRAM = ".venv/bin/python manage.py wcs "
#: Lines shown that differ from run to run, such as ports.
CHANGING = re.compile(r"127\.0\.0\.1:\d+")


def shown(page: str) -> list[tuple[str, list[str]]]:
    """Each command of a page with the lines shown under it."""
    found = []
    for block in BLOCK.findall((FOLDER / page).read_text("utf-8")):
        for part in block.replace("\\\n", " ").split("$ ")[1:]:
            command, *lines = part.rstrip("\n").split("\n")
            found.append((command, [line for line in lines if line.strip() not in ("", "…")]))
    return found


def every_command() -> list[tuple[str, str, list[str]]]:
    return [(page.name, command, lines) for page in sorted(FOLDER.glob("*.md")) for command, lines in shown(page.name)]


@pytest.fixture
def studio(tmp_path, monkeypatch) -> Path:
    """A folder as a designer has it: exports, and what `make-bookable` made of them."""
    monkeypatch.chdir(tmp_path)
    definitions = {"form-rdv.wcs": form(), "workflow-rdv.wcs": workflow()}
    half = workflow(booking(body={**BODY, "lock_code": LOCK_CODE}))
    definitions |= {"mon-formulaire.wcs": form(), "mon-workflow.wcs": half}
    for name, node in definitions.items():
        (tmp_path / name).write_bytes(b.to_xml(node))
    (tmp_path / "exports").mkdir()
    arguments = ["make-bookable", "--form", "form-rdv.wcs", "--workflow", "workflow-rdv.wcs", "--output", "adapte"]
    assert main(arguments, io.StringIO(), io.StringIO()) == 0
    return tmp_path


def test_there_are_commands_to_run() -> None:
    assert len(every_command()) >= 5
    assert all(command.startswith(PROGRAM) for _page, command, _lines in every_command())


@pytest.mark.parametrize(("page", "command", "lines"), every_command())
def test_a_command_says_what_its_page_shows(studio, page, command, lines) -> None:
    out, err = io.StringIO(), io.StringIO()
    code = main(shlex.split(command.removeprefix(PROGRAM)), out, err)
    assert err.getvalue() == ""
    assert code == (1 if any(": error: " in line for line in lines) else 0)
    said = CHANGING.sub("ADDRESS", out.getvalue())

    for line in lines:
        assert CHANGING.sub("ADDRESS", line).rstrip() in said


def test_the_rehearsal_that_is_proposed_can_be_played(studio) -> None:
    out, err = io.StringIO(), io.StringIO()
    upgrade = ["make-bookable", "--form", "form-rdv.wcs", "--workflow", "workflow-rdv.wcs", "--output", "encore"]
    assert main(upgrade, out, err) == 0
    (proposed,) = re.findall(r"^  wcs (rehearse .*)$", out.getvalue(), re.MULTILINE)
    assert main([*shlex.split(proposed), "--journey", "citizen"], out, err) == 0, out.getvalue() + err.getvalue()
