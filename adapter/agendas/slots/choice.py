"""Which desk takes an appointment: deterministic and fair."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from adapter.agendas.slots.sweep import starts_within
from adapter.agendas.slots.types import DeskTimetable


def is_free(desk: DeskTimetable, start: int, end: int) -> bool:
    """Whether ``desk`` can take an appointment from ``start`` to ``end`` (UTC epoch seconds)."""
    for opening in desk.openings:
        if not (opening[0] <= start and end <= opening[1]):
            continue
        if start not in starts_within(opening, opening[0], end - start, desk.step, desk.earliest, desk.latest):
            return False
        return not any(hole.start < end and start < hole.end for holes in (desk.closures, desk.busy) for hole in holes)
    return False


def free_desks(timetables: Iterable[DeskTimetable], start: int, end: int) -> list[DeskTimetable]:
    """The desks that can take an appointment from ``start`` to ``end``, in the order given."""
    return [desk for desk in timetables if is_free(desk, start, end)]


def choose_desk(
    timetables: Iterable[DeskTimetable],
    start: int,
    end: int,
    seconds_taken: Mapping[int, int],
    prefer: int | None = None,
) -> DeskTimetable | None:
    """The desk that takes the appointment, ``None`` when there is none.

    ``prefer`` (a desk id) wins when it is free. Else: least time taken that day, then order, then age.
    """
    candidates = free_desks(timetables, start, end)
    for desk in candidates:
        if desk.desk_id == prefer:
            return desk
    return fairest(candidates, seconds_taken)


def fairest(candidates: Iterable[DeskTimetable], seconds_taken: Mapping[int, int]) -> DeskTimetable | None:
    """Of desks that are all free: least time taken that day, then order, then age."""
    return min(
        candidates,
        key=lambda desk: (seconds_taken.get(desk.desk_id, 0), desk.position, desk.desk_id),
        default=None,
    )
