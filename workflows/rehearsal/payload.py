"""Bodies of webservice calls: values keep their type, keys with `/` nest (wcs-runtime.md §4.1)."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from typing import Any


class BadKeys(ValueError):
    """The keys mix lists and objects, or a list has holes: no call is made."""


def nested(flat: dict[str, Any]) -> Any:
    """`{"a/b": 1, "list/0": 2, "x//y": 3}` → `{"a": {"b": 1}, "list": [2], "x/y": 3}`. Raises `BadKeys`."""
    tree: dict[str, Any] = {}
    for key, value in flat.items():
        # A doubled slash is a slash of the name.
        parts = [part.replace("\0", "/") for part in key.replace("//", "\0").split("/")]
        place = tree
        for part in parts[:-1]:
            place = place.setdefault(part, {})
            if not isinstance(place, dict):
                raise BadKeys(key)
        if parts[-1] in place:
            raise BadKeys(key)
        place[parts[-1]] = _Leaf(value)
    return _lists(tree)


class _Leaf:
    def __init__(self, value: Any) -> None:
        self.value = value


def _lists(node: Any) -> Any:
    if isinstance(node, _Leaf):
        return node.value
    places = {int(key): value for key, value in node.items() if re.fullmatch(r"[0-9]{1,9}", key)}
    if not places:
        return {key: _lists(value) for key, value in node.items()}
    if len(places) != len(node) or sorted(places) != list(range(len(places))):
        raise BadKeys("/".join(node))
    return [_lists(places[index]) for index in range(len(places))]


def jsonable(value: Any) -> Any:
    """The value as w.c.s. writes it in JSON: dates and times ISO, decimals as text. Raises `TypeError`."""
    if isinstance(value, bool | int | float) or value is None:
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, datetime.date):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, datetime.time):
        return value.strftime("%H:%M:%S")
    if isinstance(value, dict):
        return {str(name): jsonable(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(item) for item in value]
    raise TypeError(f"{type(value).__name__} cannot be sent")
