"""Values for fields that a rehearsal fills in by itself."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from typing import Any

from workflows.reader import Field

from .checks import Wrong
from .scope import Scope
from .widgets import Widget, read, take

#: Tried in turn for texts with a validation.
CANDIDATES = (
    "Martin", "Camille", "12", "5000", "75001", "0142563789", "84051712302", "A1", "AB-123-CD", "1-ABC-123", "10:00",
    "2026", "BE68539007547034", "FR7630006000011234567890189", "https://example.net/", "camille.martin@example.net",
    "123456789", "1", "1,5",
)  # fmt: skip


#: Times that a row is filled in anew when answers bring up more questions.
TRIES = 4


def invent(widget: Widget, scope: Scope, given: Mapping[str, str]) -> Any:
    """A plausible value, None when none can be found; `given` (by varname) wins."""
    field = widget.field
    if field.varname in given:
        return given[field.varname]
    match field.type:
        case "item":
            return widget.enabled[0].id if widget.enabled else None
        case "items":
            least = field.text("min_choices")
            return [item.id for item in widget.enabled[: max(1, int(least) if least.isdecimal() else 1)]] or None
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
        case "block":
            return _row(widget, scope, given)
        case "string" | "text":
            return next((one for one in CANDIDATES if _accepted(field, one, scope)), None)
    return None


def _row(widget: Widget, scope: Scope, given: Mapping[str, str]) -> list[dict[str, Any]] | None:
    """One row of a block; what its answers bring up is answered too."""
    answers: dict[str, Any] = {}
    shown = widget.rows[0] if widget.rows else []
    for _ in range(TRIES):
        for inner in shown:
            if inner.field.id not in answers and inner.shown and (inner.required or inner.value.raw is not None):
                kept = inner.value.raw
                answers[inner.field.id] = invent(inner, scope, given) if kept is None or inner.error else kept
        taken = take(widget.field, [answers], scope)
        if not taken.wrong:
            break
        shown = taken.rows[0] if taken.rows else []
    return [answers] if answers else None


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
