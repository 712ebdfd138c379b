"""Values that a rehearsal makes up for the fields of a form."""

from __future__ import annotations

import pytest

from workflows import builder as b
from workflows.reader import Node
from workflows.rehearsal.inventing import invent

from .making import draft, form_of, site_of, told, workflow_of


def validation(kind: str, text: str = "") -> Node:
    return Node("validation", children=[b.leaf("type", kind)]).add(b.leaf("value", text) if text else None)


BLOCK = b.block(
    "Enfant",
    [
        b.item("Classe", "classe", choices=["CP", "CE1"], id="bf1"),
        b.text_field("Maître", "maitre", id="bf2", when="block_var_classe == 'CP'"),
        b.text_field("Né le", "ne", kind="date", id="bf3"),
    ],
    slug="enfant",
)
FIELDS = [
    b.text_field("T", "x", id="1"),
    b.text_field("T", "x", kind="email", id="1"),
    b.text_field("T", "x", kind="bool", id="1"),
    b.field("date", "D", varname="x", id="1", extra=[b.boolean("minimum_is_future", True)]),
    b.field("numeric", "N", varname="x", id="1", extra=[b.value("min_value", "5")]),
    b.field("file", "F", varname="x", id="1"),
    b.field("map", "M", varname="x", id="1"),
    b.field("string", "I", varname="x", id="1", extra=[validation("iban")]),
    b.field("string", "R", varname="x", id="1", extra=[validation("nrn-be")]),
    b.field("items", "J", varname="x", id="1", extra=[b.listing("items", ["a", "b"]), b.value("min_choices", "2")]),
    b.block_field("B", "x", "enfant", id="1"),
]


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.children[0].text)
def test_what_is_made_up_is_accepted(field: Node) -> None:
    filling = draft(site_of(form_of(field), workflow_of(), BLOCK))
    [widget] = filling.show().widgets
    refused = filling.submit({"x": invent(widget, filling.scope(), {})})
    assert refused is None, told(refused)


def test_given_values_win_and_where_nothing_fits_nothing_is_made_up() -> None:
    field = b.field("string", "R", varname="x", id="1", extra=[validation("regex", "impossible-[0-9]{9}")])
    filling = draft(site_of(form_of(field), workflow_of()))
    [widget] = filling.show().widgets
    assert invent(widget, filling.scope(), {}) is None
    assert invent(widget, filling.scope(), {"x": "impossible-123456789"}) == "impossible-123456789"
