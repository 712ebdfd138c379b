"""Steps of a backtracking match, counted: what the regular expressions of Python do, one step at a time.

The engine of ``re`` hides its steps in C. This one reads the same parsed pattern and takes the same ways in the same
order, so that growth with the length of a text can be counted and not measured.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from re import _constants as c
from re import _parser as parser
from typing import Any

Then = Callable[[int], bool]
SHORT, LONG = 40, 160
# From SHORT to LONG a linear pattern takes 4 times the steps, a quadratic one up to 16.
MOST_GROWTH = 6.5
TOO_MANY = 60_000
REPEATS = (c.MAX_REPEAT, c.MIN_REPEAT, c.POSSESSIVE_REPEAT)


class TooManySteps(Exception):
    """More than any linear pattern takes."""


class Matcher:
    """One pattern; ``steps`` counts what was tried."""

    def __init__(self, pattern: str | bytes, flags: int = 0) -> None:
        self.parsed = parser.parse(pattern, flags)
        self.flags = self.parsed.state.flags
        self.steps = 0
        self.known: dict[tuple[int, str, int], bool] = {}

    def scan(self, text: str, mode: str) -> int:
        """Steps for all matches from left to right; for one at the start when ``mode`` is not ``scan``."""
        self.text, self.steps = text, 0
        position = 0
        while position <= len(text):
            ends: list[int] = []

            def done(at: int, ends: list[int] = ends) -> bool:
                if mode == "fullmatch" and at != len(text):
                    return False
                ends.append(at)
                return True

            self._sequence(list(self.parsed), 0, position, done, self.flags)
            if mode != "scan":
                break
            position = max(ends[0], position + 1) if ends else position + 1
        return self.steps

    def _step(self) -> None:
        self.steps += 1
        if self.steps > TOO_MANY:
            raise TooManySteps

    def _sequence(self, items: list[Any], index: int, at: int, then: Then, flags: int) -> bool:
        if index == len(items):
            return then(at)
        return self._node(items[index], at, lambda here: self._sequence(items, index + 1, here, then, flags), flags)

    def _node(self, node: tuple[Any, Any], at: int, then: Then, flags: int) -> bool:
        self._step()
        kind, value = node
        if kind in (c.LITERAL, c.NOT_LITERAL, c.ANY, c.IN):
            return self._is(node, at, flags) and then(at + 1)
        if kind is c.SUBPATTERN:
            _group, more, less, inner = value
            return self._sequence(list(inner), 0, at, then, (flags | more) & ~less)
        if kind is c.BRANCH:
            return any(self._sequence(list(branch), 0, at, then, flags) for branch in value[1])
        if kind is c.ATOMIC_GROUP:
            end = self._first(list(value), at, flags)
            return end is not None and then(end)
        if kind in (c.ASSERT, c.ASSERT_NOT):
            direction, inner = value
            start = at if direction > 0 else at - inner.getwidth()[0]
            found = start >= 0 and self._first(list(inner), start, flags) is not None
            return (found is (kind is c.ASSERT)) and then(at)
        if kind is c.AT:
            return self._stands(value, at) and then(at)
        if kind in REPEATS:
            return self._repeat(kind, value, at, then, flags)
        raise NotImplementedError(kind)

    def _first(self, items: list[Any], at: int, flags: int) -> int | None:
        ends: list[int] = []
        self._sequence(items, 0, at, lambda here: not ends.append(here), flags)  # type: ignore[func-returns-value]
        return ends[0] if ends else None

    def _repeat(self, kind: Any, value: Any, at: int, then: Then, flags: int) -> bool:
        least, most, inner = value
        items = list(inner)
        single = len(items) == 1 and items[0][0] in (c.LITERAL, c.NOT_LITERAL, c.ANY, c.IN)
        if kind is c.POSSESSIVE_REPEAT:
            count = 0
            while count < most:
                end = self._first(items, at, flags)
                if end is None or end == at:
                    break
                count, at = count + 1, end
            return count >= least and then(at)
        if single and kind is c.MAX_REPEAT:
            end = at
            while end - at < most and self._is(items[0], end, flags):
                self._step()
                end += 1
            for here in range(end, at + least - 1, -1):
                self._step()
                if then(here):
                    return True
            return False
        if single:
            here = at
            while True:
                self._step()
                if here - at >= least and then(here):
                    return True
                if here - at >= most or not self._is(items[0], here, flags):
                    return False
                here += 1

        def again(count: int, here: int, before: int) -> bool:
            if here == before and count > least:
                return False
            more = (
                (lambda: self._sequence(items, 0, here, lambda end: again(count + 1, end, here), flags))
                if count < most
                else (lambda: False)
            )
            if count < least:
                return more()
            return (more() or then(here)) if kind is c.MAX_REPEAT else (then(here) or more())

        return again(0, at, -1)

    def _is(self, node: tuple[Any, Any], at: int, flags: int) -> bool:
        if at >= len(self.text):
            return False
        sign = self.text[at]
        key = id(node), sign, flags
        if key not in self.known:
            signs = (sign, sign.lower(), sign.upper()) if flags & re.IGNORECASE else (sign,)
            self.known[key] = any(_holds(node, one, flags) for one in signs if len(one) == 1)
        return self.known[key]

    def _stands(self, where: Any, at: int) -> bool:
        if where in (c.AT_BEGINNING, c.AT_BEGINNING_STRING):
            return at == 0
        if where is c.AT_END:
            return at == len(self.text) or (at == len(self.text) - 1 and self.text[at] == "\n")
        if where is c.AT_END_STRING:
            return at == len(self.text)
        sides = [bool(re.match(r"\w", one)) for one in (self.text[at - 1 : at] if at else "", self.text[at : at + 1])]
        return (sides[0] != sides[1]) is (where is c.AT_BOUNDARY)


CATEGORIES = {
    c.CATEGORY_DIGIT: r"\d",
    c.CATEGORY_NOT_DIGIT: r"\D",
    c.CATEGORY_SPACE: r"\s",
    c.CATEGORY_NOT_SPACE: r"\S",
    c.CATEGORY_WORD: r"\w",
    c.CATEGORY_NOT_WORD: r"\W",
}


def _holds(node: tuple[Any, Any], sign: str, flags: int) -> bool:
    kind, value = node
    if kind is c.LITERAL:
        return ord(sign) == value
    if kind is c.NOT_LITERAL:
        return ord(sign) != value
    if kind is c.ANY:
        return sign != "\n" or bool(flags & re.DOTALL)
    if kind is c.RANGE:
        return value[0] <= ord(sign) <= value[1]
    if kind is c.CATEGORY:
        return bool(re.match(CATEGORIES[value], sign))
    negated = bool(value) and value[0][0] is c.NEGATE
    return any(_holds(item, sign, flags) for item in value if item[0] is not c.NEGATE) is not negated


# Signs to make texts of, the plainest first.
SIGNS = "a1 .-_/:@?=&{}%#[]<>\"'|\\;,!\n~\0é"


def sample(items: Any) -> str:
    """A short text that a pattern takes."""
    text = ""
    for kind, value in items:
        if kind is c.LITERAL:
            text += chr(value)
        elif kind in (c.NOT_LITERAL, c.ANY, c.IN):
            text += _sign((kind, value))
        elif kind is c.SUBPATTERN:
            text += sample(value[3])
        elif kind is c.BRANCH:
            text += sample(value[1][0])
        elif kind is c.ATOMIC_GROUP:
            text += sample(value)
        elif kind in REPEATS:
            text += sample(value[2]) * max(1, min(value[0], 40))
    return text


def _sign(node: tuple[Any, Any]) -> str:
    known = [chr(value) for kind, value in (node[1] if node[0] is c.IN else []) if kind is c.LITERAL]
    return next((sign for sign in [*SIGNS, *known] if _holds(node, sign, 0)), "")


def _parts(items: Any) -> Iterator[str]:
    """Texts out of a pattern: each piece, each beginning, each branch."""
    run = 0
    for index, (kind, value) in enumerate(items):
        if kind is c.LITERAL:
            if items[index + 1 : index + 2] and items[index + 1][0] is c.LITERAL:
                continue
            yield sample(items[run : index + 1])
        else:
            yield sample([(kind, value)])
        run = index + 1
        yield sample(items[: index + 1])
        if kind is c.SUBPATTERN:
            yield from _parts(value[3])
        elif kind is c.BRANCH:
            for branch in value[1]:
                yield from _parts(branch)
        elif kind in REPEATS:
            yield from _parts(value[2])
            if value[2][0][0] is c.IN:
                yield from (chr(sign) for what, sign in value[2][0][1] if what is c.LITERAL)
        elif kind is c.ATOMIC_GROUP:
            yield from _parts(value)


def hostile_texts(pattern: str | bytes, flags: int = 0) -> Iterator[Callable[[int], str]]:
    """Texts of any length made for a pattern: a beginning, something again and again, an end that fits or not."""
    items = list(parser.parse(pattern, flags))
    pieces = list(dict.fromkeys(part for part in _parts(items) if part))
    once = [*pieces[:8], "a", " "]
    pumps = list(dict.fromkeys([*once, *(one + other for one, other in itertools.permutations(once[:4], 2))]))
    starts = list(dict.fromkeys(["", *pieces[:2], *sorted(pieces, key=len)[-2:]]))
    for start, pump, end in itertools.product(starts, pumps, ("\0", "!\n")):
        yield lambda length, start=start, pump=pump, end=end: (start + pump * length)[:length] + end  # type: ignore[misc]


def growth(pattern: str | bytes, flags: int = 0, mode: str = "scan") -> tuple[float, str]:
    """By how much the steps grow from SHORT to LONG for the worst of the hostile texts, and that text."""
    worst, text = 0.0, ""
    matcher = Matcher(pattern, flags)
    for make in hostile_texts(pattern, flags):
        try:
            found = matcher.scan(make(LONG), mode) / (matcher.scan(make(SHORT), mode) + SHORT)
        except (TooManySteps, RecursionError):
            found = float("inf")
        if found > worst:
            worst, text = found, make(40)
        if worst > MOST_GROWTH:
            break
    return worst, text
