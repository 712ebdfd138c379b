"""Values of the workflow's variables as a form sets them, typed (wcs-xml.md §7, Options)."""

from __future__ import annotations

import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from lxml import etree

from workflows.reader import Field, Form, Workflow, text_of

from .names import find
from .values import FieldNames, Stored


def options_of(form: Form) -> dict[str, Any]:
    """Name → typed value."""
    return {element.get("varname") or "": _typed(element) for element in form.children("options")}


def _typed(element: etree._Element) -> Any:
    text = text_of(element)
    match element.get("type"):
        case "dict":
            return {str(child.tag): _typed(child) for child in element}
        case "list":
            return [_typed(child) for child in element]
        case "bool":
            return text == "true"
        case "int" | "float" | "decimal" as kind:
            return _number(text, kind)
        case "date":
            return _date(text)
        case _:
            return text or None


def _number(text: str, kind: str) -> Any:
    try:
        return int(text) if kind == "int" else Decimal(text)
    except (ValueError, InvalidOperation):
        return None


def _date(text: str) -> Any:
    try:
        return datetime.date.fromisoformat(text[:10])
    except ValueError:
        return None


class OptionNames:
    """Below `form_option`: variables of the workflow with the form's values, else their defaults."""

    do_not_call_in_templates = True

    def __init__(self, workflow: Workflow | None, options: dict[str, Any]) -> None:
        fields: list[Field] = list(workflow.variables.fields) if workflow and workflow.variables else []
        data = {}
        for field in fields:
            default = field.text("default_value") or None
            raw = options.get(field.varname)
            data[field.id] = Stored(
                default if raw is None else raw,
                options.get(f"{field.varname}_display"),
                options.get(f"{field.varname}_structured"),
            )
        self._fields = FieldNames(fields, data)
        self._options = options

    def __getitem__(self, name: str) -> Any:
        return self.find(name)

    def find(self, path: str) -> Any:
        """Raises `KeyError` for a name that is no variable."""
        try:
            return self._fields.find(path)
        except KeyError:
            return find(self._options, path)
