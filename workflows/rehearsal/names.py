"""Names of variables: nested keys joined by `_`, the longest existing key first (wcs-runtime.md §2.1, §6.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol, runtime_checkable


@runtime_checkable
class Named(Protocol):
    """Something below which names go on."""

    def find(self, path: str) -> Any:
        """The value at `path`, parts joined by `_`; raises `KeyError` when there is none."""


def find(value: Any, path: str) -> Any:
    """The value at `path` below a mapping, a list or a `Named`; raises `KeyError` when there is none."""
    if isinstance(value, Named):
        return value.find(path)
    if isinstance(value, Mapping):
        return _in_mapping(value, path)
    if isinstance(value, list):
        index, _, rest = path.partition("_")
        if index.isdigit() and int(index) < len(value):
            return find(value[int(index)], rest) if rest else value[int(index)]
    raise KeyError(path)


def _in_mapping(mapping: Mapping[str, Any], path: str) -> Any:
    parts = path.split("_")
    for size in range(len(parts), 0, -1):
        key = "_".join(parts[:size])
        if key not in mapping:
            continue
        if size == len(parts):
            return mapping[key]
        try:
            return find(mapping[key], "_".join(parts[size:]))
        except KeyError:
            continue
    raise KeyError(path)


class Tree:
    """Named parts, some of them made when asked for: `Tree(var=…, url=lambda: …)`."""

    do_not_call_in_templates = True

    def __init__(self, **parts: Any) -> None:
        self._parts = parts

    def __getitem__(self, name: str) -> Any:
        return self.find(name)

    def find(self, path: str) -> Any:
        """The longest known part first; parts that are functions are called at each mention."""
        return _in_mapping(_Called(self._parts), path)


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

    def __getitem__(self, name: str) -> Any:
        return _in_mapping(_Called(self._all), name)

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

    def with_parts(self, parts: Mapping[str, Any]) -> Names:
        """The same with more parts."""
        return Names(self._all, parts)
