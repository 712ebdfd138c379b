"""``manage.py wcs``: hands over to the tools, exit code included."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from django.core.management import execute_from_command_line

from workflows.cli import COMMANDS


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        execute_from_command_line(["manage.py", "wcs", *arguments])
    return int(end.value.code or 0)


def test_help_lists_every_command(capsys) -> None:
    assert run("--help") == 0
    shown = capsys.readouterr().out
    assert shown.startswith("usage: manage.py wcs")
    assert all(f"    {name} " in shown or f"    {name}\n" in shown for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_explains_itself(name, capsys) -> None:
    assert run(name, "--help") == 0
    assert f"manage.py wcs {name}" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["no-such-command"], ["check"], ["check", "--no-such-option", "x"]])
def test_a_wrong_usage_exits_with_2(arguments, capsys) -> None:
    assert run(*arguments) == 2
    assert capsys.readouterr().err


def test_exit_codes_pass_through(tmp_path: Path, capsys) -> None:
    broken = tmp_path / "broken.wcs"
    broken.write_text("<formdef>", "utf-8")
    assert run("check", str(broken)) == 1
    assert str(broken) in capsys.readouterr().out
    kit = tmp_path / "kit"
    assert run("export", str(kit)) == 0
    assert run("check", str(kit)) == 0


def test_a_command_that_cannot_be_loaded_leaves_the_others_usable(monkeypatch, tmp_path, capsys) -> None:
    monkeypatch.setitem(sys.modules, "workflows.cli.make_bookable", None)
    assert run("export", str(tmp_path / "kit")) == 0
    assert run("--help") == 0
    with pytest.raises(ImportError):
        execute_from_command_line(["manage.py", "wcs", "make-bookable", "--help"])
