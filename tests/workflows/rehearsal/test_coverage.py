"""What definitions use and the rehearsal does not evaluate is counted before anybody relies on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from workflows import builder as b
from workflows.rehearsal import coverage

from .making import form_of, workflow_of


def saved(folder: Path, template: str) -> str:
    """A form that shows the template, in a file."""
    path = folder / "form.wcs"
    path.write_bytes(b.to_xml(form_of(b.comment(template), b.text_field("Nom", "nom", when="form_var_nom|length > 1"))))
    (folder / "workflow.wcs").write_bytes(b.to_xml(workflow_of()))
    return str(folder)


def test_it_counts_what_is_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = saved(tmp_path, "<p>{% if form_var_nom %}{{ form_var_nom|upper|length }}{% endif %}</p>")
    assert coverage.main([folder]) == 0
    printed = capsys.readouterr().out
    assert "length 2" in printed and "upper 1" in printed
    assert "not evaluated" not in printed


def test_it_names_what_is_not_evaluated_and_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = saved(tmp_path, "<p>{{ form_var_nom|telepathy }}{% conjure %}</p>")
    assert coverage.main([folder]) == 1
    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith("not evaluated")]
    assert len(told) == 2
    assert "telepathy" in told[0] + told[1] and "conjure" in told[0] + told[1]
    assert all("form.wcs" in line for line in told)
