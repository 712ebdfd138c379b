"""Why a start is not offered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from adapter.agendas.slots.localtime import is_second_pass
from adapter.agendas.slots.types import BusyKind, Closed, DeskTimetable


class Reason(StrEnum):
    """The one reason for which a start is not free, in the order in which desks are compared: when several desks
    refuse for different reasons, the answer is the reason of the desk that comes nearest to accepting.
    """

    FREE = "free"
    HELD = "held"
    BOOKED = "booked"
    DOES_NOT_FIT = "does_not_fit"
    EXCEPTION = "exception"
    EXCLUDED = "excluded"
    TOO_SOON = "too_soon"
    TOO_LATE = "too_late"
    REPEATED_HOUR = "repeated_hour"
    CLOSED = "closed"


NEARNESS = list(Reason)


class Explanation(NamedTuple):
    """Why ``start`` is as it is; ``closure`` tells which exception, ``desk_id`` which desk is meant."""

    start: int
    reason: Reason
    desk_id: int | None = None
    closure: Closed | None = None


def explain(
    timetables: Sequence[DeskTimetable], duration: int, zone: str, starts: Iterable[int] | None = None
) -> list[Explanation]:
    """One reason for each of ``starts``, by default for every start on the grid of every opening."""
    if starts is None:
        grid: set[int] = set()
        for desk in timetables:
            for begin, end in desk.openings:
                grid.update(range(begin, end, desk.step))
        starts = sorted(grid)
    explanations = []
    for start in starts:
        found = [_explain_desk(desk, start, start + duration) for desk in timetables]
        nearest = min(found, key=lambda item: NEARNESS.index(item.reason), default=Explanation(start, Reason.CLOSED))
        if nearest.reason is Reason.FREE and is_second_pass(zone, start):
            nearest = nearest._replace(reason=Reason.REPEATED_HOUR)
        explanations.append(nearest)
    return explanations


def _explain_desk(desk: DeskTimetable, start: int, end: int) -> Explanation:
    opening = next((item for item in desk.openings if item[0] <= start < item[1]), None)
    if opening is None or (start - opening[0]) % desk.step:
        return Explanation(start, Reason.CLOSED, desk.desk_id)
    if start < desk.earliest:
        return Explanation(start, Reason.TOO_SOON, desk.desk_id)
    if start >= desk.latest:
        return Explanation(start, Reason.TOO_LATE, desk.desk_id)
    if end > opening[1]:
        return Explanation(start, Reason.DOES_NOT_FIT, desk.desk_id)
    for closure in desk.closures:
        if closure.start < end and start < closure.end:
            reason = Reason.EXCLUDED if closure.excluded else Reason.EXCEPTION
            return Explanation(start, reason, desk.desk_id, closure)
    for busy in desk.busy:
        if busy.start < end and start < busy.end:
            reason = Reason.HELD if busy.kind is BusyKind.HELD else Reason.BOOKED
            return Explanation(start, reason, desk.desk_id)
    return Explanation(start, Reason.FREE, desk.desk_id)
