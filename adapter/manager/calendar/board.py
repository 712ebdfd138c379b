"""The columns of a view: one a desk for a day, one a day for a week."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.utils import formats

from adapter.agendas.models import Booking
from adapter.agendas.queries.availability import zone_name
from adapter.agendas.queries.snapshot import DeskData, MeetingTypeData, RealAgenda
from adapter.manager.calendar.layout import Column, fill_column
from adapter.manager.calendar.reading import CalendarData

# Hours shown when nothing is open at all.
DEFAULT_HOURS = (8, 18)


@dataclass(frozen=True, slots=True)
class Board:
    """Columns, and the hours they go from and to."""

    columns: list[Column]
    first_hour: int
    last_hour: int

    @property
    def hours(self) -> list[int]:
        """The hours to be written at the side."""
        return list(range(self.first_hour, self.last_hour))

    def free_times(self, types: tuple[MeetingTypeData, ...]) -> dict[str, Any]:
        """What the pointer may take, for the script: by column, the starts (minutes of the day) of each type."""
        return {
            "types": {item.slug: {"label": item.label, "minutes": item.duration // 60} for item in types},
            "columns": {column.key: column.starts() for column in self.columns},
        }


def day_board(data: CalendarData, day: datetime.date) -> Board:
    """One column a desk; a desk that takes no more appointments is shown as long as something stands there."""
    by_desk = _by_desk(data)
    tables = {table.desk_id: table for table in data.tables}
    many = len(data.snapshot.real_agendas) > 1
    columns = []
    for agenda, desk in _desks(data):
        column = Column(f"desk-{desk.id}", day, desk.label, agenda.label if many else "", agenda.slug, desk.slug)
        columns.append(
            fill_column(column, [tables[desk.id]], by_desk.pop(desk.id, []), data.snapshot.meeting_types, zone_name())
        )
    for desk_id, bookings in by_desk.items():
        retired = bookings[0].desk
        column = Column(f"desk-{desk_id}", day, retired.label, "", "", retired.slug)
        columns.append(fill_column(column, [], bookings, (), zone_name()))
    return _board(columns)


def week_board(data: CalendarData, days: list[datetime.date], desk_id: int | None = None) -> Board:
    """One column a day, all desks merged or only ``desk_id``; empty week-ends are left out."""
    tables = [table for table in data.tables if desk_id in (None, table.desk_id)]
    bookings = [item for item in data.bookings if desk_id in (None, item.desk_id)]
    chosen = next(((agenda, desk) for agenda, desk in _desks(data) if desk.id == desk_id), None)
    columns = []
    for day in days:
        column = Column(
            f"day-{day:%Y-%m-%d}",
            day,
            formats.date_format(day, "l"),
            formats.date_format(day, "j F"),
            chosen[0].slug if chosen else "",
            chosen[1].slug if chosen else "",
        )
        fill_column(column, tables, bookings, data.snapshot.meeting_types, zone_name())
        if day.weekday() < 5 or column.openings or column.blocks:
            columns.append(column)
    return _board(columns)


def _board(columns: list[Column]) -> Board:
    extents = [column.extent for column in columns if column.extent]
    if not extents:
        return Board(columns, *DEFAULT_HOURS)
    first = min(extent[0] for extent in extents) // 60
    last = -(-max(extent[1] for extent in extents) // 60)
    return Board(columns, first, max(last, first + 1))


def _by_desk(data: CalendarData) -> dict[int, list[Booking]]:
    by_desk: dict[int, list[Booking]] = {}
    for booking in data.bookings:
        by_desk.setdefault(booking.desk_id, []).append(booking)
    return by_desk


def _desks(data: CalendarData) -> list[tuple[RealAgenda, DeskData]]:
    return [(agenda, desk) for agenda in data.snapshot.real_agendas for desk in agenda.desks]
