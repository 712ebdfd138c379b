"""The picture of a week: when desks really take appointments, exceptions taken away."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from adapter.agendas.queries.availability import zone_name
from adapter.agendas.queries.snapshot import AgendaSnapshot, DeskData
from adapter.agendas.slots import Closed, Interval, expand
from adapter.agendas.slots.intervals import merge, subtract
from adapter.manager.calendar.span import day_from

DAYS = 7
DAY_MINUTES = 24 * 60
WEEK = datetime.timedelta(days=DAYS)


class Piece(NamedTuple):
    """A part of a day, in minutes after local midnight; ``label`` is why it is closed, empty for an open one."""

    start: int
    end: int
    is_open: bool
    label: str = ""

    @property
    def width(self) -> int:
        """How long it is."""
        return self.end - self.start

    @property
    def text(self) -> str:
        """``09:00 – 12:00``."""
        return f"{clock(self.start)} – {clock(self.end)}"


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the week: what is open, and what an exception or an excluded period closes though it would be open."""

    date: datetime.date
    pieces: tuple[Piece, ...]

    @property
    def open_pieces(self) -> tuple[Piece, ...]:
        """When appointments are taken."""
        return tuple(piece for piece in self.pieces if piece.is_open)

    @property
    def closed_pieces(self) -> tuple[Piece, ...]:
        """What is closed by way of exception."""
        return tuple(piece for piece in self.pieces if not piece.is_open)


@dataclass(frozen=True, slots=True)
class Row:
    """Desks whose week is the same."""

    names: tuple[str, ...]
    days: tuple[Day, ...]


@dataclass(frozen=True, slots=True)
class Week:
    """``rows`` from ``monday`` on, drawn between the hours ``first`` and ``last``; ``hours`` are the marks."""

    monday: datetime.date
    rows: tuple[Row, ...]
    first: int
    last: int
    hours: tuple[int, ...]

    @property
    def left(self) -> int:
        """First minute that is drawn."""
        return self.first * 60

    @property
    def width(self) -> int:
        """Minutes that are drawn."""
        return (self.last - self.first) * 60

    @property
    def marks(self) -> tuple[int, ...]:
        """Minutes at which a mark is drawn."""
        return tuple(hour * 60 for hour in self.hours)

    @property
    def sunday(self) -> datetime.date:
        """Its last day."""
        return self.monday + WEEK - datetime.timedelta(days=1)

    @property
    def previous(self) -> datetime.date:
        """The Monday before."""
        return self.monday - WEEK

    @property
    def next(self) -> datetime.date:
        """The Monday after."""
        return self.monday + WEEK


def clock(minutes: int) -> str:
    """``HH:MM`` of minutes after midnight, up to 24:00."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def monday_of(text: str, today: datetime.date) -> datetime.date:
    """The Monday of the week that holds the ISO date ``text``; of the present week when it is none."""
    day = day_from(text) or today
    # A week further on both sides must exist too.
    if not datetime.date(1, 1, 15) < day < datetime.date(9999, 12, 15):
        day = today
    return day - datetime.timedelta(days=day.weekday())


def picture(snapshot: AgendaSnapshot, monday: datetime.date) -> Week:
    """Draw the week of every desk of ``snapshot``; desks with the same week share a row."""
    zone = zone_name()
    first = monday.toordinal()
    excluded = [
        Closed(start, end, _("excluded period"), excluded=True)
        for start, end in expand(snapshot.excluded, first, first + DAYS - 1, zone)
    ]
    several = len(snapshot.real_agendas) > 1
    rows: dict[tuple[Day, ...], list[str]] = {}
    for agenda in snapshot.real_agendas:
        for desk in agenda.desks:
            days = tuple(_day(desk, first + number, excluded, zone) for number in range(DAYS))
            rows.setdefault(days, []).append(f"{agenda.label}, {desk.label}" if several else desk.label)
    hours = _hours([piece for days in rows for day in days for piece in day.pieces])
    return Week(monday, tuple(Row(tuple(names), days) for days, names in rows.items()), hours[0], hours[-1], hours)


def _day(desk: DeskData, ordinal: int, excluded: Sequence[Closed], zone: str) -> Day:
    tz = ZoneInfo(zone)
    date = datetime.date.fromordinal(ordinal)
    holes = sorted([*desk.closures, *excluded], key=lambda hole: hole.start)
    pieces: list[Piece] = []
    for interval in expand(desk.rules, ordinal, ordinal, zone):
        left, _index = subtract(interval, holes)
        pieces += [_piece(start, end, date, tz, is_open=True) for start, end in left]
        pieces += [
            _piece(start, end, date, tz, is_open=False, label=label) for start, end, label in _closed(interval, holes)
        ]
    return Day(date, tuple(sorted(pieces)))


def _closed(interval: Interval, holes: Iterable[Closed]) -> list[tuple[int, int, str]]:
    """The parts of ``interval`` in holes, joined where they overlap, with the names of all of them."""
    inside = [hole for hole in holes if hole.start < interval[1] and hole.end > interval[0]]
    found = []
    for start, end in merge((max(hole.start, interval[0]), min(hole.end, interval[1])) for hole in inside):
        names = [hole.label for hole in inside if hole.start < end and hole.end > start and hole.label]
        found.append((start, end, ", ".join(dict.fromkeys(names))))
    return found


def _piece(start: int, end: int, date: datetime.date, tz: ZoneInfo, *, is_open: bool, label: str = "") -> Piece:
    return Piece(_minutes(start, date, tz), _minutes(end, date, tz), is_open, label)


def _minutes(epoch: int, date: datetime.date, tz: ZoneInfo) -> int:
    local = datetime.datetime.fromtimestamp(epoch, tz)
    return (local.date() - date).days * DAY_MINUTES + local.hour * 60 + local.minute


def _hours(pieces: Sequence[Piece]) -> tuple[int, ...]:
    """Full hours around all pieces, a mark every one to four hours."""
    if not pieces:
        return tuple(range(8, 19, 2))
    first = min(piece.start for piece in pieces) // 60
    last = -(-max(piece.end for piece in pieces) // 60)
    step = 1 if last - first <= 5 else 2 if last - first <= 12 else 4
    last = min(24, last + -(last - first) % step)
    # Marks end at the last hour drawn, so the first one moves back when the day's end was in the way.
    first = last - step * -(-(last - first) // step)
    return tuple(range(first, last + 1, step))
