"""Names of variables: nested keys joined by `_`, the longest existing key first (wcs-runtime.md §2.1, §6.2)."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol, runtime_checkable

from .templates import Lazy

#: Parts of dates that may be named below them.
PARTS_OF_DATES = frozenset({"year", "month", "day", "hour", "minute", "second"})


@runtime_checkable
class Named(Protocol):
    """Something that finds what is below it by itself."""

    def find(self, path: str) -> Any:
        """The value at `path`, parts joined by `_`; raises `KeyError` when there is none."""


def find(value: Any, path: str) -> Any:
    """The value at `path` below an object, a field or a `Named`; raises `KeyError` when there is none.

    Lists have no names below them: only a field that holds a list is asked for its rows by number.
    """
    if isinstance(value, Named):
        return value.find(path)
    return in_keys(lambda key: _one(value, key), path)


def in_keys(one: Callable[[str], Any], path: str) -> Any:
    """The longest beginning of `path` for which `one` gives something, and what is below. Raises `KeyError`."""
    parts = path.split("_")
    for size in range(len(parts), 0, -1):
        try:
            value = one("_".join(parts[:size]))
            return value if size == len(parts) else find(value, "_".join(parts[size:]))
        except KeyError:
            continue
    raise KeyError(path)


def _one(value: Any, key: str) -> Any:
    if isinstance(value, Mapping | Lazy):
        return value[key]
    if isinstance(value, datetime.date) and key in PARTS_OF_DATES and hasattr(value, key):
        return getattr(value, key)
    raise KeyError(key)


class Tree:
    """Named parts, some of them made when asked for: `Tree(var=…, url=lambda: …)`."""

    do_not_call_in_templates = True

    def __init__(self, **parts: Any) -> None:
        self._parts = _Called(parts)

    def __getitem__(self, name: str) -> Any:
        return self.find(name)

    def find(self, path: str) -> Any:
        """The longest known part first; parts that are functions are called at each mention."""
        return in_keys(self._parts.__getitem__, path)


class _Called(Mapping[str, Any]):
    def __init__(self, parts: Mapping[str, Any]) -> None:
        self.parts = parts

    def __getitem__(self, key: str) -> Any:
        value = self.parts[key]
        return value() if isinstance(value, Callable) and not isinstance(value, Named) else value  # type: ignore[arg-type]

    def __contains__(self, key: object) -> bool:
        return key in self.parts

    def __iter__(self) -> Iterator[str]:
        return iter(self.parts)

    def __len__(self) -> int:
        return len(self.parts)


class Names(Mapping[str, Any]):
    """The top level, as the templates see it. Parts given later hide earlier ones."""

    def __init__(self, *levels: Mapping[str, Any]) -> None:
        self._all: dict[str, Any] = {}
        for level in levels:
            self._all |= level
        self._called = _Called(self._all)

    def __getitem__(self, name: str) -> Any:
        return in_keys(self._called.__getitem__, name)

    def __contains__(self, name: object) -> bool:
        try:
            self[str(name)]
        except KeyError:
            return False
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)
