"""Arithmetic on sorted intervals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from adapter.agendas.slots.types import Interval


def merge(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """The union of ``intervals``: sorted, disjoint, neighbours that touch joined; empty ones dropped."""
    merged: list[list[int]] = []
    for start, end in sorted(intervals):
        if end <= start:
            continue
        if merged and start <= merged[-1][1]:
            if end > merged[-1][1]:
                merged[-1][1] = end
        else:
            merged.append([start, end])
    return tuple((start, end) for start, end in merged)


def subtract(interval: Interval, holes: Sequence[tuple[int, ...]], first: int = 0) -> tuple[list[Interval], int]:
    """``interval`` without ``holes`` (tuples that begin with start and end, sorted by start).

    Holes before index ``first`` are known to end before the interval. Returns the pieces left, and the index to
    pass for the next interval of a sorted series: a whole series is then one sweep over the holes.
    """
    start, end = interval
    count = len(holes)
    while first < count and holes[first][1] <= start:
        first += 1
    pieces: list[Interval] = []
    index = first
    while index < count and holes[index][0] < end:
        hole_start, hole_end = holes[index][0], holes[index][1]
        if hole_start > start:
            pieces.append((start, hole_start))
        if hole_end > start:
            start = hole_end
        if start >= end:
            break
        index += 1
    if start < end:
        pieces.append((start, end))
    return pieces, first
