"""Values for fields that a rehearsal fills in by itself."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from typing import Any

from workflows.reader import Field

from .scope import Scope
from .widgets import Widget, Wrong, read

#: Tried in turn for texts with a validation.
CANDIDATES = (
    "Martin", "Camille", "12", "5000", "75001", "0142563789", "84051712302", "A1", "AB-123-CD", "1-ABC-123", "10:00",
    "2026", "BE68539007547034", "FR7630006000011234567890189", "https://example.net/", "camille.martin@example.net",
    "123456789", "1", "1,5",
)  # fmt: skip


def invent(widget: Widget, scope: Scope, given: Mapping[str, str]) -> Any:
    """A plausible value, None when none can be found; `given` (by varname) wins."""
    field = widget.field
    if field.varname in given:
        return given[field.varname]
    match field.type:
        case "item":
            return widget.enabled[0].id if widget.enabled else None
        case "items":
            return [widget.enabled[0].id] if widget.enabled else None
        case "bool":
            return "true"
        case "email":
            return "camille.martin@example.net"
        case "date":
            return _date(field, scope).isoformat()
        case "numeric":
            return field.text("min_value") or "1"
        case "file":
            return {"filename": "rehearsal.pdf", "content_type": "application/pdf", "content": ""}
        case "map":
            return {"lat": 50.4669, "lon": 4.8675}
        case "string" | "text":
            return next((one for one in CANDIDATES if _accepted(field, one, scope)), None)
    return None


def _date(field: Field, scope: Scope) -> datetime.date:
    today = scope.site.clock.now().date()
    if field.flag("minimum_is_future") or field.text("minimum_date"):
        return today + datetime.timedelta(days=30)
    return today - datetime.timedelta(days=40 * 365)


def _accepted(field: Field, value: str, scope: Scope) -> bool:
    longest = field.text("maxlength")
    if re.fullmatch(r"\d+", longest) and len(value) > int(longest):
        return False
    try:
        read(field, value, [], scope)
    except Wrong:
        return False
    return True
