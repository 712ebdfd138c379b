"""Why starts of a day are offered or not: the rule, the exception, the booking or the lock that decides, by desk."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from adapter.agendas.errors import UnknownMeetingType
from adapter.agendas.queries.availability import (
    Standing,
    Window,
    booking_window,
    read_standing,
    timetables,
    zone_name,
)
from adapter.agendas.queries.snapshot import AgendaSnapshot, DeskData, MeetingTypeData, RealAgenda
from adapter.agendas.slots import DeskTimetable, Explanation, Interval, Reason, explain
from adapter.agendas.slots.localtime import to_epoch

TAKEN = (Reason.BOOKED, Reason.HELD)


@dataclass(frozen=True, slots=True)
class DeskVerdict:
    """What one desk says to a start. ``standing`` is the booking or lock in the way, if one is.

    ``earliest`` and ``latest`` bound the starts of its agenda (UTC epoch seconds, latest excluded); ``openings`` are
    the desk's openings of that day, ``step`` the seconds between two starts.
    """

    agenda: RealAgenda
    desk: DeskData
    explanation: Explanation
    standing: Standing | None
    openings: tuple[Interval, ...]
    step: int
    earliest: int
    latest: int

    @property
    def reason(self) -> Reason:
        """The one reason of this desk."""
        return self.explanation.reason


@dataclass(frozen=True, slots=True)
class StartVerdict:
    """Whether the start (UTC epoch seconds) is free, or the reason of the desk that comes nearest to accepting."""

    start: int
    reason: Reason
    desks: tuple[DeskVerdict, ...]


@dataclass(frozen=True, slots=True)
class DayVerdict:
    """Every start of a day for a meeting type; ``asked`` is about the time that was asked for, if one was."""

    snapshot: AgendaSnapshot
    meeting_type: MeetingTypeData
    day: datetime.date
    starts: tuple[StartVerdict, ...]
    asked: StartVerdict | None

    @property
    def open(self) -> bool:
        """Whether any desk has openings on that day, whatever the exceptions."""
        return bool(self.starts)


def explain_day(
    agenda: str, meeting_type: str, day: datetime.date, *, now: datetime.datetime, at: datetime.time | None = None
) -> DayVerdict:
    """Each start of the grid on ``day`` (and the time ``at``, on the grid or not) with what every desk says to it.

    One query when the settings are known to the process. Raises ``UnknownAgenda``, ``UnknownMeetingType``.
    """
    zone = zone_name()
    window = Window(day.toordinal(), day.toordinal())
    snapshot, _versions, standing = read_standing(agenda, window)
    found = snapshot.meeting_type(meeting_type)
    if found is None:
        raise UnknownMeetingType
    rows = [row for row in standing if row.is_live(int(now.timestamp()))]
    tables = timetables(snapshot, window, rows, now)
    overall = explain(tables, found.duration, zone)
    asked = to_epoch(zone, day.toordinal(), at.hour * 3600 + at.minute * 60) if at else None
    extra = [] if asked is None else explain(tables, found.duration, zone, [asked])
    places = [(real, desk) for real in snapshot.real_agendas for desk in real.desks]
    bounds = {real.id: booking_window(real, now) for real in snapshot.real_agendas}

    def verdicts(items: Sequence[Explanation]) -> tuple[StartVerdict, ...]:
        starts = [item.start for item in items]
        by_desk = [
            [
                _verdict(place, table, explanation, found.duration, rows, bounds[place[0].id])
                for explanation in explain([table], found.duration, zone, starts)
            ]
            for place, table in zip(places, tables, strict=True)
        ]
        return tuple(
            StartVerdict(item.start, item.reason, tuple(column[number] for column in by_desk))
            for number, item in enumerate(items)
        )

    return DayVerdict(snapshot, found, day, verdicts(overall), next(iter(verdicts(extra)), None))


def _verdict(
    place: tuple[RealAgenda, DeskData],
    table: DeskTimetable,
    explanation: Explanation,
    duration: int,
    rows: Sequence[Standing],
    bounds: tuple[int, int],
) -> DeskVerdict:
    standing = None
    if explanation.reason in TAKEN:
        end = explanation.start + duration
        on_desk = (row for row in rows if row.desk_id == table.desk_id)
        in_the_way = (row for row in on_desk if row.start < end and explanation.start < row.end)
        standing = min(in_the_way, key=lambda row: row.start, default=None)
    return DeskVerdict(*place, explanation, standing, table.openings, table.step, *bounds)
