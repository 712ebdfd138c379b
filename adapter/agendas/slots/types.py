"""The plain data that slots are computed from."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

# (start, end) in UTC epoch seconds, end excluded.
Interval = tuple[int, int]


class Closed(NamedTuple):
    """A time at which a desk is closed, and why."""

    start: int
    end: int
    label: str = ""
    closure_id: int | None = None
    excluded: bool = False
    """True for a period that a virtual agenda leaves out."""


class BusyKind(StrEnum):
    """What stands on a desk."""

    BOOKED = "booked"
    HELD = "held"


class Busy(NamedTuple):
    """A time at which a desk is taken."""

    start: int
    end: int
    kind: BusyKind = BusyKind.BOOKED


class DeskTimetable(NamedTuple):
    """All that decides what one desk can take.

    ``openings`` are sorted and disjoint; ``closures`` and ``busy`` are sorted by start. Starts lie on a grid of
    ``step`` seconds counted from the beginning of each opening, and in ``[earliest, latest)``.
    """

    desk_id: int
    position: int
    openings: tuple[Interval, ...]
    closures: tuple[Closed, ...]
    busy: tuple[Busy, ...]
    step: int
    earliest: int
    latest: int
