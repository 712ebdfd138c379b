"""Which starts are offered, and which of them are free."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from functools import lru_cache
from itertools import compress
from typing import NamedTuple

from adapter.agendas.slots.intervals import subtract
from adapter.agendas.slots.types import Busy, Closed, DeskTimetable, Interval

# Times taken that a grid remembers; two months of a busy agenda have one or two thousand.
REMEMBERED = 4000
# Desks whose times taken it remembers as one set.
SUMS_REMEMBERED = 40
# '0' and '1' of a number written in base two, as bytes that are false and true.
TRUTH = bytes.maketrans(b"01", b"\x00\x01")


class Offer(NamedTuple):
    """``starts``: every start that opening hours, closures and delays allow, sorted. ``free``: those of them for
    which at least one desk is free."""

    starts: list[int]
    free: set[int]


class Grid:
    """The starts that the hours of a desk allow for one duration. Sets of them are numbers: bit n is the nth start."""

    def __init__(self, starts: Iterable[int], duration: int) -> None:
        self.starts = sorted(starts)
        self.all = (1 << len(self.starts)) - 1
        self._duration = duration
        self._taken: dict[tuple[int, int], int] = {}
        self._sums: dict[int, tuple[tuple[Busy, ...], int]] = {}

    def taken(self, busy: tuple[Busy, ...]) -> int:
        """The starts whose appointment would touch one of ``busy``; remembered for the very same tuple."""
        same, taken = self._sums.get(id(busy), ((), 0))
        if same is busy:
            return taken
        known, taken = self._taken, 0
        for start, end, _kind in busy:
            found = known.get((start, end))
            taken |= self._mark(start, end) if found is None else found
        if len(self._sums) >= SUMS_REMEMBERED:
            self._sums.clear()
        self._sums[id(busy)] = busy, taken
        return taken

    def _mark(self, start: int, end: int) -> int:
        first = bisect_left(self.starts, start - self._duration + 1)
        found = ((1 << max(0, bisect_left(self.starts, end) - first)) - 1) << first
        if len(self._taken) >= REMEMBERED:
            self._taken.clear()
        self._taken[start, end] = found
        return found

    def pick(self, chosen: int) -> Iterable[int]:
        """The starts of a set."""
        return compress(self.starts, f"{chosen:0{len(self.starts)}b}"[::-1].encode().translate(TRUTH))


@lru_cache(maxsize=32)
def _grid(
    openings: tuple[Interval, ...], closures: tuple[Closed, ...], step: int, earliest: int, latest: int, duration: int
) -> Grid:
    starts: list[int] = []
    closure_index = 0
    for opening in openings:
        pieces, closure_index = subtract(opening, closures, closure_index)
        for piece in pieces:
            starts += starts_within(piece, opening[0], duration, step, earliest, latest)
    return Grid(starts, duration)


def sweep(timetables: Iterable[DeskTimetable], duration: int) -> Offer:
    """Offered starts (UTC epoch seconds) of appointments of ``duration`` seconds over all ``timetables``.

    Cost is linear in openings + closures + busy intervals + starts, whatever the time of the appointments. Desks with
    the same hours share their starts: only what is taken differs.
    """
    free: dict[int, int] = {}
    grids: dict[int, Grid] = {}
    for desk in timetables:
        grid = _grid(desk.openings, desk.closures, desk.step, desk.earliest, desk.latest, duration)
        grids[id(grid)] = grid
        free[id(grid)] = free.get(id(grid), 0) | (grid.all & ~grid.taken(desk.busy))
    if len(grids) == 1:
        [grid] = grids.values()
        return Offer(list(grid.starts), set(grid.pick(free[id(grid)])))
    return Offer(
        sorted(set().union(*(grid.starts for grid in grids.values()))),
        set().union(*(grid.pick(free[key]) for key, grid in grids.items())),
    )


def starts_within(piece: Interval, anchor: int, duration: int, step: int, earliest: int, latest: int) -> range:
    """Starts on the grid of ``anchor`` whose whole appointment lies in ``piece``, and that lie in
    ``[earliest, latest)``."""
    begin = max(piece[0], earliest)
    first = anchor + -(-(begin - anchor) // step) * step
    return range(first, min(piece[1] - duration + 1, latest), step)
