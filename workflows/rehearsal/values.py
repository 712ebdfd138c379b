"""Values of fields as kept in a record, and as templates see them (wcs-runtime.md §4.1, §6.2)."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from workflows.reader import Field

from .names import find


@dataclass(frozen=True)
class Stored:
    """`raw` is the id or the value; `display` the label of a choice; `structured` the whole item of its source."""

    raw: Any = None
    display: str | None = None
    structured: Any = None


NOTHING = Stored()
CHOICES = ("item", "items")


class FieldText(str):
    """The text of a field, which can also be asked for `raw` and `structured`."""

    do_not_call_in_templates = True
    stored: Stored

    def __getitem__(self, key: Any) -> Any:
        return find_in_field(self.stored, str(self), key) if isinstance(key, str) else super().__getitem__(key)


def shown(field: Field | None, stored: Stored) -> Any:
    """What `form_var_X` is: the label of a choice, the typed value of others; None when nothing was filled in."""
    kind = field.type if field is not None else "string"
    value: Any = stored.raw
    if kind in CHOICES:
        if stored.raw in (None, "", []):
            return None
        value = stored.display or ""
    elif kind == "date" and isinstance(value, str):
        value = as_date(value)
    if isinstance(value, str):
        text = FieldText(value)
        text.stored = stored
        return text
    return value


def as_date(text: str) -> datetime.date | str:
    """The date of `YYYY-MM-DD`, the text itself when it is none."""
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return text


def find_in_field(stored: Stored, text: Any, path: str) -> Any:
    """`raw`, `structured` and what is below, `year` and such of dates, keys of the item. Raises `KeyError`."""
    if path == "raw":
        return stored.raw
    if path == "structured":
        if stored.structured is None:
            raise KeyError(path)
        return stored.structured
    rest = path.removeprefix("structured_")
    if stored.structured is not None:
        return find(stored.structured, rest)
    value = stored.raw
    if isinstance(value, str) and path in ("year", "month", "day"):
        value = as_date(value)
    if isinstance(value, datetime.date) and path in ("year", "month", "day"):
        return getattr(value, path)
    if isinstance(value, dict | list):
        return find(value, path.removeprefix("raw_"))
    raise KeyError(path)


class FieldNames:
    """Below `form_var`: fields by varname, the longest first, then what is below each."""

    do_not_call_in_templates = True

    def __init__(self, fields: list[Field], data: dict[str, Stored]) -> None:
        self._fields: dict[str, Field] = {}
        for field in fields:
            # Of several fields with one varname, the one that was filled in.
            if field.varname and (field.varname not in self._fields or data.get(field.id, NOTHING).raw is not None):
                self._fields[field.varname] = field
        self._data = data

    def __getitem__(self, name: str) -> Any:
        return self.find(name)

    def find(self, path: str) -> Any:
        """Raises `KeyError` for a name that no field has, and for what is not below its value."""
        parts = path.split("_")
        for size in range(len(parts), 0, -1):
            field = self._fields.get("_".join(parts[:size]))
            if field is None:
                continue
            stored = self._data.get(field.id, NOTHING)
            if size == len(parts):
                return shown(field, stored)
            try:
                return find_in_field(stored, None, "_".join(parts[size:]))
            except KeyError:
                continue
        raise KeyError(path)
