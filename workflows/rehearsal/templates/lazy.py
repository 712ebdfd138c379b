"""Values of fields as templates handle them: compared and joined as texts, whatever they hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


class Lazy:
    """Base of what `form_var_X` is. Comparisons are between texts: `form_var_n == 3` holds for the text "3".

    Subclasses give `_plain_value`, and what can be asked for below by `__getitem__`.
    """

    def _plain_value(self) -> Any:
        raise NotImplementedError

    def __str__(self) -> str:
        return str(self._plain_value())

    def __bool__(self) -> bool:
        return bool(self._plain_value())

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other)

    def __ne__(self, other: object) -> bool:
        return str(self) != str(other)

    def __lt__(self, other: object) -> bool:
        return str(self) < str(other)

    def __le__(self, other: object) -> bool:
        return str(self) <= str(other)

    def __gt__(self, other: object) -> bool:
        return str(self) > str(other)

    def __ge__(self, other: object) -> bool:
        return str(self) >= str(other)

    def __hash__(self) -> int:
        return hash(str(self))

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, int | slice):
            return self._plain_value()[key]
        raise KeyError(key)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._plain_value() or [])

    def __len__(self) -> int:
        return len(self._plain_value())

    def __contains__(self, item: object) -> bool:
        return item in self._plain_value()

    def __int__(self) -> int:
        return int(self._plain_value())

    def __float__(self) -> float:
        return float(self._plain_value())

    def __add__(self, other: Any) -> Any:
        return self._plain_value() + plain(other)

    def __radd__(self, other: Any) -> Any:
        return other + self._plain_value()

    def __mul__(self, other: Any) -> Any:
        return self._plain_value() * other


def plain(value: Any) -> Any:
    """The value itself: text, number, date, list, object or None."""
    return value._plain_value() if isinstance(value, Lazy) else value
