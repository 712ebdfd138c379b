"""Which starts are offered, and which of them are free."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from functools import lru_cache, reduce
from itertools import compress
from operator import or_
from typing import NamedTuple

from adapter.agendas.slots.intervals import subtract
from adapter.agendas.slots.types import Closed, DeskTimetable, Interval

# Times taken that a grid remembers; two months of a busy agenda have one or two thousand.
REMEMBERED = 4000
# Desks whose times taken it remembers as one set.
SUMS_REMEMBERED = 40
# '0' and '1' of a number written in base two, as bytes that are false and true.
TRUTH = bytes.maketrans(b"01", b"\x00\x01")


class Offer(NamedTuple):
    """``starts``: every start that opening hours, closures and delays allow, sorted. ``free``: those of them for
    which at least one desk is free.
    """

    starts: list[int]
    free: set[int]


class Touched(dict[Interval, int]):
    """For each time taken, the starts whose appointment would touch it; each is worked out once."""

    def __init__(self, starts: list[int], duration: int) -> None:
        super().__init__()
        self._starts = starts
        self._duration = duration

    def __missing__(self, time: Interval) -> int:
        start, end = time
        first = bisect_left(self._starts, start - self._duration + 1)
        if len(self) >= REMEMBERED:
            self.clear()
        found = self[time] = ((1 << max(0, bisect_left(self._starts, end) - first)) - 1) << first
        return found


class Grid:
    """The starts that the hours of a desk allow for one duration. Sets of them are numbers: bit n is the nth start."""

    def __init__(self, starts: Iterable[int], duration: int) -> None:
        self.starts = sorted(starts)
        self.all = (1 << len(self.starts)) - 1
        self._touched = Touched(self.starts, duration)
        self._sums: dict[int, tuple[tuple[Interval, ...], int]] = {}

    def taken(self, times: tuple[Interval, ...]) -> int:
        """The starts whose appointment would touch one of ``times``; remembered for the very same tuple."""
        same, taken = self._sums.get(id(times), ((), 0))
        if same is times:
            return taken
        taken = reduce(or_, map(self._touched.__getitem__, times), 0)
        if len(self._sums) >= SUMS_REMEMBERED:
            self._sums.clear()
        self._sums[id(times)] = times, taken
        return taken

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


def sweep(
    timetables: Iterable[DeskTimetable], duration: int, taken: Mapping[int, tuple[Interval, ...]] | None = None
) -> Offer:
    """Offered starts (UTC epoch seconds) of appointments of ``duration`` seconds over all ``timetables``.

    ``taken`` are the times taken by desk id, in any order, in the place of what is busy in the timetables.

    Cost is linear in openings + closures + times taken + starts, whatever the time of the appointments. Desks with the
    same hours share their starts: only what is taken differs.
    """
    free: dict[int, int] = {}
    grids: dict[int, Grid] = {}
    # Desks mostly have the very same openings: to look up two months of them once is enough. All desks are kept until
    # the end, so that no two openings have the same id.
    known: dict[tuple[int, tuple[Closed, ...], int, int, int], Grid] = {}
    for desk in list(timetables):
        hours = (id(desk.openings), desk.closures, desk.step, desk.earliest, desk.latest)
        grid = known.get(hours) or _grid(desk.openings, *hours[1:], duration)
        known[hours] = grid
        grids[id(grid)] = grid
        times = tuple((start, end) for start, end, _kind in desk.busy) if taken is None else taken.get(desk.desk_id, ())
        free[id(grid)] = free.get(id(grid), 0) | (grid.all & ~grid.taken(times))
    if len(grids) == 1:
        [grid] = grids.values()
        return Offer(list(grid.starts), set(grid.pick(free[id(grid)])))
    return Offer(
        sorted(set().union(*(grid.starts for grid in grids.values()))),
        set().union(*(grid.pick(free[key]) for key, grid in grids.items())),
    )


def starts_within(piece: Interval, anchor: int, duration: int, step: int, earliest: int, latest: int) -> range:
    """Starts on the grid of ``anchor`` whose whole appointment lies in ``piece``, and that lie in
    ``[earliest, latest)``.
    """
    begin = max(piece[0], earliest)
    first = anchor + -(-(begin - anchor) // step) * step
    return range(first, min(piece[1] - duration + 1, latest), step)
