"""Values of fields as kept in a record, and as templates see them (wcs-runtime.md §4.1, §6.2)."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from workflows.reader import Field

from .names import find, in_keys
from .templates import Lazy, plain
from .templates.dates import Day, Moment, as_moment, printed


@dataclass(frozen=True)
class Stored:
    """`raw` is the id or the value; `display` the label of a choice; `structured` the whole item of its source.

    Of a block, `raw` are its rows: `Stored` by the id of the field in the block.
    """

    raw: Any = None
    display: str | None = None
    structured: Any = None


NOTHING = Stored()
CHOICES = ("item", "items")
#: Fields that hold nothing.
NO_DATA = frozenset({"page", "title", "subtitle", "comment"})
#: What may be the name of a variable.
NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")

#: Slug of a block → its fields.
Blocks = Callable[[str], list[Field]]


def no_blocks(slug: str) -> list[Field]:
    """For fields among which there can be no block."""
    return []


def as_date(text: str) -> datetime.date | str:
    """The date of `YYYY-MM-DD`, the text itself when it is none."""
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return text


class FieldValue(Lazy):
    """What `form_var_X` is: a text of its own, with `raw`, `structured` and keys of the item below."""

    def __init__(self, field: Field, stored: Stored) -> None:
        self._field = field
        self._stored = stored

    def _plain_value(self) -> Any:
        return (self._stored.display or "") if self._field.type in CHOICES else self._stored.raw

    def _structured(self) -> Any:
        return self._stored.raw if self._field.type == "computed" else self._stored.structured

    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, str):
            return super().__getitem__(key)
        if key == "raw" and self._field.type in (*CHOICES, "file", "date"):
            return self._stored.raw
        structured = self._structured()
        if self._field.type != "computed" and key in ("structured", "structured_raw"):
            if structured is None:
                raise KeyError(key)
            return structured
        if isinstance(structured, Mapping):
            return structured[key]
        if isinstance(structured, list) and key.isdecimal() and int(key) < len(structured):
            return structured[int(key)]
        raise KeyError(key)


class NothingFilledIn(FieldValue):
    """A field without a value: false, printed “None”, null in JSON."""

    def _plain_value(self) -> Any:
        return None

    def __len__(self) -> int:
        return 0

    def __getitem__(self, key: Any) -> Any:
        if key == "raw" and self._field.type in (*CHOICES, "file", "date"):
            return None
        raise KeyError(key)

    def getlist(self, key: str) -> list[Any]:
        """Nothing."""
        return []


class DateValue(FieldValue):
    """A date: compared with dates and with texts that are one."""

    def _plain_value(self) -> Any:
        raw = self._stored.raw
        moment = as_moment(raw)
        return raw if moment is None else Day(moment.year, moment.month, moment.day)

    def __str__(self) -> str:
        value = self._plain_value()
        return printed(value) if isinstance(value, datetime.date) else str(value)

    def __getitem__(self, key: Any) -> Any:
        value = self._plain_value()
        if key in ("year", "month", "day") and isinstance(value, datetime.date):
            return getattr(value, key)
        return super().__getitem__(key)

    def _moment(self) -> Moment:
        return as_moment(self._plain_value()) or Moment(1, 1, 1)

    def __eq__(self, other: object) -> bool:
        return self._moment() == plain(other)

    def __ne__(self, other: object) -> bool:
        return self._moment() != plain(other)

    def __lt__(self, other: object) -> bool:
        return self._moment() < plain(other)

    def __le__(self, other: object) -> bool:
        return self._moment() <= plain(other)

    def __gt__(self, other: object) -> bool:
        return self._moment() > plain(other)

    def __ge__(self, other: object) -> bool:
        return self._moment() >= plain(other)

    __hash__ = Lazy.__hash__


class NumberValue(FieldValue):
    """A number: compared as a number with what is one."""

    def _other(self, other: object) -> Decimal:
        from .templates.filters.numbers import number

        return number(other)

    def __eq__(self, other: object) -> bool:
        return self._plain_value() == plain(other) or str(self) == str(other)

    def __ne__(self, other: object) -> bool:
        return self._plain_value() != self._other(other)

    def __lt__(self, other: object) -> bool:
        return self._plain_value() < self._other(other)

    def __le__(self, other: object) -> bool:
        return self._plain_value() <= self._other(other)

    def __gt__(self, other: object) -> bool:
        return self._plain_value() > self._other(other)

    def __ge__(self, other: object) -> bool:
        return self._plain_value() >= self._other(other)

    __hash__ = Lazy.__hash__


class SeveralValue(FieldValue):
    """Several choices: printed as their labels, gone through as their items."""

    def _ids(self) -> list[str]:
        return [str(one) for one in self._stored.raw or []]

    def _items(self) -> list[Any]:
        found = self._stored.structured
        return [one for one in found if one is not None] if isinstance(found, list) else []

    def getlist(self, key: str) -> list[Any]:
        """That key of each item; without items the ids are all there is."""
        items = self._items()
        if items:
            return [str(item.get(key, "")) for item in items]
        return self._ids() if key in ("id", "text") else []

    def getlistdict(self, keys: list[str]) -> list[dict[str, Any]]:
        """Those keys of each item."""
        return [{key: str(item.get(key, "")) or None for key in keys} for item in self._items()]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._items() or self._ids())

    def __len__(self) -> int:
        return len(self._ids())

    def __contains__(self, item: object) -> bool:
        return str(item) in self._ids() or str(item) in self.getlist("text")


class FileValue(FieldValue):
    """A file: printed as its name."""

    def __str__(self) -> str:
        raw = self._stored.raw
        return str(raw.get("filename", "")) if isinstance(raw, Mapping) else str(raw)


class MapValue(FieldValue):
    """A point on a map: printed as latitude and longitude."""

    def _structured(self) -> Any:
        return self._stored.raw

    def __str__(self) -> str:
        raw = self._stored.raw
        return f"{raw.get('lat')};{raw.get('lon')}" if isinstance(raw, Mapping) else str(raw)


class BlockValueOfField(FieldValue):
    """A block: rows by number, `var` for the only one; printed as the texts of its rows."""

    def __init__(self, field: Field, stored: Stored, blocks: Blocks) -> None:
        super().__init__(field, stored)
        self._blocks = blocks

    def _rows(self) -> list[dict[str, Stored]]:
        return self._stored.raw if isinstance(self._stored.raw, list) else []

    def _plain_value(self) -> Any:
        fields = self._blocks(self._field.block_slug)
        return {
            "data": [_row_data(fields, row) for row in self._rows()],
            "schema": {item.id: item.type for item in fields},
        }

    def __str__(self) -> str:
        return self._stored.display or "---"

    def __getitem__(self, key: Any) -> Any:
        if key == "raw":
            return self._plain_value()
        if key == "var":
            key = "0"
        rows = self._rows()
        if isinstance(key, int) or (isinstance(key, str) and key.isdecimal()):
            if int(key) >= len(rows):
                raise KeyError(key)
            return FieldNames(self._blocks(self._field.block_slug), rows[int(key)], self._blocks)
        raise KeyError(key)

    def __len__(self) -> int:
        return len(self._rows())

    def __iter__(self) -> Iterator[Any]:
        return (self[number] for number in range(len(self)))

    def getlist(self, key: str) -> list[Any]:
        """That field of each row: its id or value."""
        fields = self._blocks(self._field.block_slug)
        field = next((item for item in fields if item.varname == key), None)
        if field is None:
            return [find(self[number], key) for number in range(len(self))]
        return [_typed(field, row.get(field.id, NOTHING)) for row in self._rows()]

    def getlistdict(self, keys: list[str]) -> list[dict[str, Any]]:
        """Those fields of each row."""
        fields = {item.varname: item for item in reversed(self._blocks(self._field.block_slug))}
        return [
            {key: _typed(fields[key], row.get(fields[key].id, NOTHING)) if key in fields else None for key in keys}
            for row in self._rows()
        ]


def _typed(field: Field, stored: Stored) -> Any:
    return as_date(stored.raw) if field.type == "date" and isinstance(stored.raw, str) else stored.raw


def _row_data(fields: list[Field], row: Mapping[str, Stored]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in fields:
        stored = row.get(item.id, NOTHING)
        found[item.id] = _typed(item, stored)
        if stored.display is not None:
            found[f"{item.id}_display"] = stored.display
        if stored.structured is not None:
            found[f"{item.id}_structured"] = stored.structured
    return found


CLASSES: dict[str, type[FieldValue]] = {
    "date": DateValue,
    "file": FileValue,
    "items": SeveralValue,
    "map": MapValue,
    "numeric": NumberValue,
}


def shown(field: Field, stored: Stored, blocks: Blocks = no_blocks) -> Any:
    """What `form_var_X` is; a tick is a plain boolean."""
    if field.type == "bool":
        return bool(stored.raw)
    if stored.raw is None:
        return NothingFilledIn(field, stored)
    if field.type == "block":
        return BlockValueOfField(field, stored, blocks)
    return CLASSES.get(field.type, FieldValue)(field, stored)


#: Fields by varname, in their order.
Index = Mapping[str, list[Field]]


def indexed(fields: Iterable[Field]) -> Index:
    """The fields that templates may name."""
    found: dict[str, list[Field]] = {}
    for field in fields:
        if field.type not in NO_DATA and NAME.fullmatch(field.varname):
            found.setdefault(field.varname, []).append(field)
    return found


class FieldNames:
    """Below `form_var`: fields by varname, the longest first, then what is below each."""

    do_not_call_in_templates = True

    def __init__(self, fields: list[Field] | Index, data: Mapping[str, Stored], blocks: Blocks = no_blocks) -> None:
        self._index = indexed(fields) if isinstance(fields, list) else fields
        self._data = data
        self._blocks = blocks

    def _field(self, name: str) -> Field | None:
        """Of several fields with one varname, the first that was filled in, else the last."""
        found = self._index.get(name, ())
        filled = (field for field in found if self._data.get(field.id, NOTHING).raw not in (None, "", [], {}))
        return next(filled, found[-1] if found else None)

    def __getitem__(self, name: str) -> Any:
        return self.find(name)

    def find(self, path: str) -> Any:
        """Raises `KeyError` for a name that no field has, and for what is not below its value."""
        return in_keys(self._one, path)

    def get(self, name: Any, otherwise: Any = None) -> Any:
        """The value of that varname."""
        try:
            return self.find(str(name))
        except KeyError:
            return otherwise

    def _one(self, key: str) -> Any:
        field = self._field(key)
        if field is not None:
            return shown(field, self._data.get(field.id, NOTHING), self._blocks)
        base, _, suffix = key.rpartition("_")
        field = self._field(base) if suffix in ("raw", "url") else None
        if field is None:
            raise KeyError(key)
        # What is nothing, or a tick, is the same with the suffix.
        raw = self._data.get(field.id, NOTHING).raw
        if suffix == "raw" and field.type == "bool":
            return bool(raw)
        if raw is None or isinstance(raw, bool):
            return raw
        raise KeyError(key)
