"""Which starts are offered, and which of them are free: one sorted sweep per desk."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from adapter.agendas.slots.intervals import subtract
from adapter.agendas.slots.types import DeskTimetable, Interval


class Offer(NamedTuple):
    """``starts``: every start that opening hours, closures and delays allow, sorted. ``free``: those of them for
    which at least one desk is free."""

    starts: list[int]
    free: set[int]


def sweep(timetables: Iterable[DeskTimetable], duration: int) -> Offer:
    """Offered starts (UTC epoch seconds) of appointments of ``duration`` seconds over all ``timetables``.

    Cost is linear in openings + closures + busy intervals + starts, whatever the time of the appointments.
    """
    offered: set[int] = set()
    free: set[int] = set()
    done: set[tuple[int, int, int, int, int]] = set()
    for desk in timetables:
        # Desks with the very same hours offer the very same starts: only what is free differs.
        hours = (id(desk.openings), id(desk.closures), desk.step, desk.earliest, desk.latest)
        _collect(desk, duration, free, None if hours in done else offered)
        done.add(hours)
    return Offer(sorted(offered), free)


def _collect(desk: DeskTimetable, duration: int, free: set[int], offered: set[int] | None) -> None:
    closure_index = busy_index = 0
    for opening in desk.openings:
        anchor = opening[0]
        pieces, closure_index = subtract(opening, desk.closures, closure_index)
        for piece in pieces:
            if offered is not None:
                offered.update(starts_within(piece, anchor, duration, desk))
            gaps, busy_index = subtract(piece, desk.busy, busy_index)
            for gap in gaps:
                free.update(starts_within(gap, anchor, duration, desk))


def starts_within(piece: Interval, anchor: int, duration: int, desk: DeskTimetable) -> range:
    """Starts on the grid of ``anchor`` whose whole appointment lies in ``piece`` and inside the booking window."""
    begin = max(piece[0], desk.earliest)
    first = anchor + -(-(begin - anchor) // desk.step) * desk.step
    return range(first, min(piece[1] - duration + 1, desk.latest), desk.step)
