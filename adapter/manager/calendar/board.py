"""The columns of a view: one a desk for a day, one a day for a week."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from adapter.agendas.queries.availability import zone_name
from adapter.agendas.queries.snapshot import DeskData, RealAgenda
from adapter.agendas.slots import DeskTimetable
from adapter.dates import date_text
from adapter.manager.calendar.free import free_starts
from adapter.manager.calendar.layout import Column, Scene, fill_column
from adapter.manager.calendar.reading import CalendarData, Shown

# Hours shown when nothing is open at all.
DEFAULT_HOURS = (8, 18)


@dataclass(frozen=True, slots=True)
class Filter:
    """What of the calendar is shown: one real agenda of a virtual one (its slug), one desk (its id)."""

    only: str = ""
    desk: int | None = None

    def desks(self, data: CalendarData) -> list[tuple[RealAgenda, DeskData]]:
        """The desks shown, in order, each with its agenda."""
        return [
            (agenda, desk)
            for agenda in data.snapshot.real_agendas
            if self.only in ("", agenda.slug)
            for desk in agenda.desks
            if self.desk in (None, desk.id)
        ]

    def tables(self, data: CalendarData, tables: Iterable[DeskTimetable]) -> list[DeskTimetable]:
        """Those of ``tables`` that are of desks shown."""
        shown = {desk.id for _agenda, desk in self.desks(data)}
        return [table for table in tables if table.desk_id in shown]

    def shows(self, booking: Shown, data: CalendarData) -> bool:
        """Whether a booking belongs to what is shown."""
        if self.desk is not None:
            return booking.desk_id == self.desk
        return not self.only or any(
            agenda.id == booking.agenda_id for agenda in data.snapshot.real_agendas if agenda.slug == self.only
        )


@dataclass(frozen=True, slots=True)
class Board:
    """Columns, and the hours they go from and to. ``desks`` are all desks of the agenda by id, ``names`` their names:
    with those of their agendas where there are several.
    """

    columns: list[Column]
    first_hour: int
    last_hour: int
    desks: dict[int, tuple[RealAgenda, DeskData]]
    names: dict[int, str]

    @property
    def hours(self) -> list[int]:
        """The hours to be written at the side, the one at which the day ends included."""
        return list(range(self.first_hour, self.last_hour + 1))

    def desk_key(self, desk_id: int) -> str:
        """``AGENDA:DESK``, as a hold understands it."""
        agenda, desk = self.desks[desk_id]
        return f"{agenda.slug}:{desk.slug}"

    def free_times(self, data: CalendarData) -> dict[str, Any]:
        """What the pointer may take, for the script: by column and meeting type, ``[minute of the day, desk's id]``."""
        columns = {
            column.key: {
                "day": column.day.isoformat(),
                "starts": {slug: list(starts.items()) for slug, starts in column.starts().items()},
            }
            for column in self.columns
        }
        named = {desk_id: {"key": self.desk_key(desk_id), "label": self.names[desk_id]} for desk_id in self.desks}
        types = {
            item.slug: {"label": item.label, "minutes": item.duration // 60} for item in data.snapshot.meeting_types
        }
        return {"types": types, "columns": columns, "desks": named}


def day_board(data: CalendarData, day: datetime.date, chosen: Filter) -> Board:
    """One column a desk; a desk that takes no more appointments is shown as long as something stands there."""
    by_desk: dict[int, list[Shown]] = {}
    for booking in data.bookings:
        if chosen.shows(booking, data):
            by_desk.setdefault(booking.desk_id, []).append(booking)
    tables = {table.desk_id: table for table in data.tables}
    scene = _scene(data, data.tables)
    many = len(data.snapshot.real_agendas) > 1
    columns = []
    for agenda, desk in chosen.desks(data):
        column = Column(f"desk-{desk.id}", day, desk.label, agenda.label if many else "")
        columns.append(fill_column(column, [tables[desk.id]], by_desk.pop(desk.id, []), scene))
    for desk_id, bookings in by_desk.items():
        column = Column(f"desk-{desk_id}", day, bookings[0].desk_label)
        columns.append(fill_column(column, [], bookings, scene))
    return _board(columns, data)


def week_board(data: CalendarData, days: list[datetime.date], chosen: Filter) -> Board:
    """One column a day, all desks merged or only the chosen ones; empty week-ends are left out."""
    tables = chosen.tables(data, data.tables)
    bookings = [item for item in data.bookings if chosen.shows(item, data)]
    scene = _scene(data, tables)
    columns = []
    for day in days:
        column = Column(f"day-{day:%Y-%m-%d}", day, date_text(day, "l"), date_text(day, "j F"))
        fill_column(column, tables, bookings, scene)
        if day.weekday() < 5 or column.openings or column.blocks:
            columns.append(column)
    return _board(columns, data)


def _scene(data: CalendarData, tables: Iterable[DeskTimetable]) -> Scene:
    zone = zone_name()
    return Scene(free_starts(tables, data.snapshot.meeting_types, zone), _names(data), zone, data.now)


def _names(data: CalendarData) -> dict[int, str]:
    many = len(data.snapshot.real_agendas) > 1
    return {
        desk.id: f"{agenda.label}, {desk.label}" if many else desk.label
        for agenda in data.snapshot.real_agendas
        for desk in agenda.desks
    }


def _board(columns: list[Column], data: CalendarData) -> Board:
    extents = [column.extent for column in columns if column.extent]
    desks = {desk.id: (agenda, desk) for agenda in data.snapshot.real_agendas for desk in agenda.desks}
    if not extents:
        return Board(columns, *DEFAULT_HOURS, desks, _names(data))
    first = min(extent[0] for extent in extents) // 60
    last = -(-max(extent[1] for extent in extents) // 60)
    return Board(columns, first, max(last, first + 1), desks, _names(data))
