"""What a browser posted, as answers to fields."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from werkzeug.wrappers import Request

from workflows.reader import Field

from ..widgets import Widget

#: Rows of a block that are read at most.
MOST_ROWS = 50


def given(request: Request, fields: list[Field]) -> dict[str, Any]:
    """Values by field id: lists for fields with several choices, lists of rows for blocks."""
    found: dict[str, Any] = {}
    for field in fields:
        if field.type == "block":
            found[field.id] = _rows(request, field)
        else:
            value = _one(request, f"f{field.id}", field.type == "items")
            if value is not None:
                found[field.id] = value
    return found


def _one(request: Request, name: str, several: bool) -> Any:
    values = request.form.getlist(name)
    if several:
        return values
    if values:
        return values[0]
    upload = request.files.get(name)
    if upload is None or not upload.filename:
        return None
    return {
        "filename": upload.filename,
        "content_type": upload.content_type or "",
        "content": base64.b64encode(upload.read()).decode(),
    }


def _rows(request: Request, field: Field) -> list[dict[str, Any]]:
    """Controls are named `f<block>-<row>-<field>`, those with several choices have several values."""
    pattern = re.compile(rf"f{re.escape(field.id)}-(\d{{1,3}})-(.+)")
    rows: dict[int, dict[str, Any]] = {}
    for name in [*request.form, *request.files]:
        found = pattern.fullmatch(name)
        if found and int(found[1]) < MOST_ROWS:
            values = request.form.getlist(name)
            value = values if len(values) > 1 else _one(request, name, several=False)
            rows.setdefault(int(found[1]), {})[found[2]] = value
    return [rows[number] for number in sorted(rows)]


def keep_typed(widgets: list[Widget], answers: Mapping[str, Any]) -> None:
    """Show what was typed so far, unchecked: a row is being added."""
    for widget in widgets:
        if widget.rows:
            rows = answers.get(widget.field.id) or []
            for inner, row in zip(widget.rows, rows, strict=False):
                keep_typed(inner, row)
        elif not widget.locked and answers.get(widget.field.id) not in (None, ""):
            widget.value = replace(widget.value, raw=answers[widget.field.id])
