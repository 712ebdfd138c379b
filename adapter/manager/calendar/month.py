"""A month at a glance: how many appointments and how much room each day has."""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import dataclass

from adapter.agendas.models import BookingState
from adapter.agendas.queries.availability import zone_name
from adapter.agendas.slots import sweep
from adapter.agendas.slots.localtime import local_day
from adapter.manager.calendar.board import Filter
from adapter.manager.calendar.openness import open_days
from adapter.manager.calendar.reading import CalendarData
from adapter.manager.calendar.span import Span


@dataclass(frozen=True, slots=True)
class DaySummary:
    """One day: bookings, locks, and free starts of the shortest meeting type.

    ``closings`` are the exceptions that leave nothing open of a day that has opening hours.
    """

    day: datetime.date
    url: str
    booked: int
    held: int
    free: int
    open: bool
    today: bool
    closings: str = ""


def month_overview(data: CalendarData, span: Span, agenda: str, chosen: Filter) -> list[list[DaySummary | None]]:
    """Weeks from Monday to Sunday; ``None`` for days of the months around."""
    zone = zone_name()
    booked: Counter[int] = Counter()
    held: Counter[int] = Counter()
    tables = chosen.tables(data, data.tables)
    for booking in data.bookings:
        if not chosen.shows(booking, data):
            continue
        counter = booked if booking.state == BookingState.BOOKED else held
        counter[local_day(zone, int(booking.start.timestamp()))] += 1
    shortest = min(data.snapshot.meeting_types, key=lambda item: item.duration, default=None)
    starts = sweep(tables, shortest.duration).free if shortest else set()
    free = Counter(local_day(zone, start) for start in starts)
    opened, labels = open_days(tables, zone)
    present = local_day(zone, int(data.now.timestamp()))
    suffix = f"?only={chosen.only}" if chosen.only else ""
    days: list[DaySummary | None] = [None] * span.first.weekday()
    for day in span.days:
        ordinal = day.toordinal()
        days.append(
            DaySummary(
                day,
                Span("day", day).url(agenda) + suffix,
                booked[ordinal],
                held[ordinal],
                free[ordinal],
                ordinal in opened,
                ordinal == present,
                "" if ordinal in opened else ", ".join(sorted(labels.get(ordinal, ()))),
            )
        )
    days += [None] * (-len(days) % 7)
    return [days[n : n + 7] for n in range(0, len(days), 7)]
