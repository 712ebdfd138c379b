"""On which days something is open."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from adapter.agendas.queries.availability import Window, timetables, zone_name
from adapter.agendas.slots import DeskTimetable
from adapter.agendas.slots.intervals import subtract
from adapter.agendas.slots.localtime import local_day
from adapter.manager.calendar.board import Filter
from adapter.manager.calendar.reading import CalendarData

# How far an open day is looked for.
WEEKS_AHEAD = 26


def open_days(tables: Iterable[DeskTimetable], zone: str) -> tuple[set[int], dict[int, set[str]]]:
    """The days (ordinals) on which a desk is open, and the labels of the exceptions that close desks, by day."""
    opened: set[int] = set()
    labels: dict[int, set[str]] = {}
    for table in tables:
        first = 0
        for opening in table.openings:
            day = local_day(zone, opening[0])
            left, first = subtract(opening, table.closures, first)
            if left:
                opened.add(day)
                continue
            begin, end = opening
            reasons = {item.label for item in table.closures if item.start < end and begin < item.end}
            labels.setdefault(day, set()).update(reasons - {""})
    return opened, labels


def is_closed(data: CalendarData, chosen: Filter) -> bool:
    """Whether nothing that is shown is open on any of its days."""
    return not _opened(data.tables, data, chosen)


def next_open_day(data: CalendarData, chosen: Filter) -> datetime.date | None:
    """The first day after those shown on which a desk of ``chosen`` is open, within half a year. No query."""
    first = data.window.last_day + 1
    for _week in range(WEEKS_AHEAD):
        opened = _opened(timetables(data.snapshot, Window(first, first + 6), (), data.now), data, chosen)
        if opened:
            return datetime.date.fromordinal(min(opened))
        first += 7
    return None


def _opened(tables: Iterable[DeskTimetable], data: CalendarData, chosen: Filter) -> set[int]:
    opened, _labels = open_days(chosen.tables(data, tables), zone_name())
    return opened
