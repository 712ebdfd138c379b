"""Variables of a workflow as a form sets them, and prefills, by their types (wcs-xml.md §7, wcs-runtime.md §2.3)."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest

from workflows import builder as b
from workflows.reader import Form
from workflows.rehearsal.options import options_of

from .making import draft, form_of, notices, site_of, workflow_of


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("", "Mairie", "Mairie"),
        ("", "", None),
        ("bool", "true", True),
        ("bool", "false", False),
        ("int", "3", 3),
        ("int", "trois", None),
        ("decimal", "1.5", Decimal("1.5")),
        ("float", "x", None),
        ("date", "2026-11-24T00:00:00", datetime.date(2026, 11, 24)),
        ("date", "demain", None),
    ],
)
def test_a_variable_has_the_type_that_the_form_says(kind: str, text: str, value: Any) -> None:
    option = b.Node("option", text, {"varname": "x", **({"type": kind} if kind else {})})
    site = site_of(form_of(b.text_field("Nom", "nom")).add(b.Node("options").add(option)), workflow_of())
    assert options_of(site.library.of(Form)[0]) == {"x": value}


def test_a_variable_may_be_a_list() -> None:
    items = [b.Node("item", "1", {"type": "int"}), b.Node("item", "a")]
    option = b.Node("option", attributes={"varname": "x", "type": "list"}).add(*items)
    site = site_of(form_of(b.text_field("Nom", "nom")).add(b.Node("options").add(option)), workflow_of())
    assert options_of(site.library.of(Form)[0]) == {"x": [1, "a"]}


CHOICES = b.data_source("jsonvalue", '[{"id": "1", "text": "Un"}, {"id": "2", "text": "Deux"}]')


@pytest.mark.parametrize(
    ("field", "kind", "template", "raw", "told"),
    [
        ("items", "string", "Deux", ["2"], False),
        ("items", "string", "{{ '1' }}", ["1"], False),
        # What does not fit stays as it is, to be mended by whoever fills the form.
        ("date", "string", "demain", "demain", False),
        ("string", "formula", "1 + 1", None, True),
        ("string", "weather", "x", None, True),
    ],
)
def test_a_prefill_is_looked_up_kept_or_told(field: str, kind: str, template: str, raw: Any, told: bool) -> None:
    extra = [b.prefill(kind, template), *([CHOICES] if field == "items" else [])]
    site = site_of(form_of(b.field(field, "Champ", varname="champ", required=False, extra=extra)), workflow_of())
    [widget] = draft(site).show().widgets
    assert widget.value.raw == raw
    assert bool(notices(site)) is told
