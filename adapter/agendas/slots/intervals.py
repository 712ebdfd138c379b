"""Arithmetic on sorted intervals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from adapter.agendas.slots.types import Interval


def merge(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """The union of ``intervals``: sorted, disjoint, neighbours that touch joined; empty ones dropped."""
    merged: list[list[int]] = []
    for start, end in sorted(intervals):
        if end <= start:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return tuple((start, end) for start, end in merged)


class Hole(Protocol):
    """Anything with a start and an end in UTC epoch seconds."""

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


def subtract(interval: Interval, holes: Sequence[Hole], first: int = 0) -> tuple[list[Interval], int]:
    """``interval`` without ``holes`` (sorted by start).

    Holes before index ``first`` are known to end before the interval. Returns the pieces left, and the index to
    pass for the next interval of a sorted series: a whole series is then one sweep over the holes.
    """
    start, end = interval
    count = len(holes)
    while first < count and holes[first].end <= start:
        first += 1
    pieces: list[Interval] = []
    index = first
    while index < count and holes[index].start < end:
        hole_start, hole_end = holes[index].start, holes[index].end
        if hole_start > start:
            pieces.append((start, hole_start))
        start = max(start, hole_end)
        if start >= end:
            break
        index += 1
    if start < end:
        pieces.append((start, end))
    return pieces, first
