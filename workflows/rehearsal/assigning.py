"""Values that workflows give to fields: whatever a template gave becomes what the type of field keeps."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from workflows.reader import Field

from . import rows
from .checks import Wrong
from .sources import choices
from .templates import BlockValue
from .templates.dates import as_date
from .values import NOTHING, Stored
from .widgets import looked_up, read, several

if TYPE_CHECKING:
    from .scope import Scope


def assigned(field: Field, value: Any, scope: Scope, stored: Stored = NOTHING) -> Stored:
    """What is kept; choices are looked up by id, else by text. A value that does not fit is told, and left out."""
    if value in (None, ""):
        return NOTHING
    match field.type:
        case "item":
            return looked_up(str(value), choices(field, scope))
        case "items":
            wanted = [str(one) for one in (value if isinstance(value, list | tuple) else [value])]
            found = [item for item in choices(field, scope) if item.id in wanted or item.text in wanted]
            return several(field, found) if found else Stored(wanted, ", ".join(wanted))
        case "block":
            return _rows(field, value, scope, stored)
        case "date":
            found_date = as_date(value)
            return Stored(found_date.isoformat()) if found_date else _refused(field, value, scope)
        case "bool":
            return Stored(value not in (False, 0, "false", "False"))
        case "numeric" | "file" | "map":
            try:
                return read(field, value, [], scope)
            except Wrong:
                return _refused(field, value, scope)
        case "computed":
            return Stored(value)
    return Stored(str(value.isoformat() if isinstance(value, datetime.date) else value))


def _rows(field: Field, value: Any, scope: Scope, stored: Stored) -> Stored:
    block = scope.site.library.block(field.block_slug)
    if block is None or not isinstance(value, BlockValue):
        return _refused(field, value, scope)
    return rows.made(block, value, stored)


def _refused(field: Field, value: Any, scope: Scope) -> Stored:
    scope.site.trace.notice(
        "workflow",
        f"{field.document.path}:{field.line}",
        scope.site.say(
            f"The value {str(value)[:80]!r} does not fit the field “{field.label}”",
            f"La valeur {str(value)[:80]!r} ne convient pas au champ « {field.label} »",
        ),
        field.varname or field.id,
    )
    return NOTHING
