"""Filters on lists, objects, and fields that hold several values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.template import Library, defaultfilters

from ..lazy import Lazy, plain

register = Library()


def lazily(function: Any) -> Any:
    """The filter is given the field itself."""
    function.wants_lazy = True
    return function


@register.filter
def get(value: Any, key: Any) -> Any:
    """What is under a key of an object, or at an index of a list; None without it."""
    if isinstance(value, Mapping):
        return value.get(key)
    if isinstance(value, list | tuple):
        try:
            key = int(key)
        except (TypeError, ValueError):
            return None
    try:
        return value[key]
    except (TypeError, IndexError, KeyError):
        return None


@register.filter
@lazily
def getlist(value: Any, key: Any) -> list[Any]:
    """What is under a key of each row of a block, choice of a field, or object of a list."""
    if hasattr(value, "getlist"):
        found: list[Any] = value.getlist(key)
        return found
    rows = plain(value)
    return [row.get(key) for row in rows] if isinstance(rows, list) else []


@register.filter
@lazily
def getlistdict(value: Any, keys: Any) -> list[dict[str, Any]]:
    """The same for several keys (`"a, b:other"`, the second renamed): a list of objects."""
    pairs = [one.partition(":") for one in str(keys).split(",") if one.strip()]
    names = {name.strip(): (other or name).strip() for name, _, other in pairs}
    if not hasattr(value, "getlistdict"):
        return []
    return [{names[name]: found for name, found in row.items()} for row in value.getlistdict(list(names))]


@register.filter
def regroup_as_dict(rows: Any, key: Any) -> dict[Any, Any]:
    """Objects by one of their keys."""
    return {row[key]: {name: value for name, value in row.items() if name != key} for row in rows}


def _index(number: Any) -> int | None:
    try:
        found = int(number) - 1
    except (TypeError, ValueError):
        return None
    return found if found >= 0 else None


@register.filter
def get_table_column(table: Any, number: Any) -> list[Any]:
    """The column of that number, from 1."""
    index = _index(number)
    if not isinstance(table, list | tuple) or index is None:
        return []
    return [row[index] for row in table if len(row) > index]


@register.filter
def get_table_row(table: Any, number: Any) -> Any:
    """The row of that number, from 1."""
    index = _index(number)
    if not isinstance(table, list | tuple) or index is None or index >= len(table):
        return []
    return table[index]


@register.filter
@lazily
def count(value: Any) -> int:
    """How many there are."""
    try:
        return len(value)
    except TypeError:
        return 0


@register.filter
def is_empty(value: Any) -> bool:
    """Whether it is None, or an empty text, list or object."""
    return not value if isinstance(value, str | list | dict) else value is None


@register.filter
@lazily
def first(value: Any) -> Any:
    """The first one, "" without any."""
    try:
        return defaultfilters.first(value)
    except (TypeError, AttributeError, KeyError):
        return ""


@register.filter
@lazily
def last(value: Any) -> Any:
    """The last one, "" without any."""
    try:
        return defaultfilters.last(value)
    except (TypeError, AttributeError, KeyError):
        return ""


@register.filter(name="random")
@lazily
def random_(value: Any) -> Any:
    """Any of them, "" without any."""
    try:
        return defaultfilters.random(list(value))
    except (IndexError, TypeError, KeyError):
        return ""


@register.filter(name="list")
def list_(value: Any) -> list[Any]:
    """As a list; one thing alone is a list of one."""
    if isinstance(value, Iterable) and not isinstance(value, Mapping | str | Lazy):
        return list(value)
    return [value]


@register.filter(name="set")
def set_(value: Any) -> list[Any]:
    """Each once, in the order met."""
    return list(dict.fromkeys(value))


@register.filter
def check_no_duplicates(value: Any) -> bool:
    """Whether none is there twice."""
    if value is not None and not isinstance(value, tuple | list | set):
        return False
    return len(value or []) == len(set(value or []))


@register.filter(is_safe=False)
def default_if_none(value: Any, otherwise: Any) -> Any:
    """Something else when nothing was filled in."""
    return otherwise if value is None else value
