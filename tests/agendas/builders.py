"""Agendas for tests, made in a line."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from adapter.agendas.models import Agenda, Closure, Desk, MeetingType, OpeningPeriod, VirtualMember
from adapter.agendas.services import Actor

# A Monday at 11:00 in Paris, when no test runs.
NOW = datetime.datetime(2026, 11, 23, 10, 0, tzinfo=datetime.UTC)
TYPES = {"passeport": 20, "passeport-famille": 40, "mariage": 60}
HOURS = (("09:00", "12:00"), ("13:30", "17:00"))
WEEK = range(5)
ALICE = Actor.service("alice.example")


def time_of(text: str) -> datetime.time:
    """``HH:MM``, where 24:00 is the midnight that ends the day."""
    return datetime.time.min if text == "24:00" else datetime.time.fromisoformat(text)


def make_agenda(
    slug: str = "mairie",
    *,
    desks: int = 2,
    types: dict[str, int] | None = None,
    hours: Iterable[tuple[str, str]] = HOURS,
    weekdays: Iterable[int] = WEEK,
    **values: Any,
) -> Agenda:
    """A meetings agenda whose desks all have the same hours."""
    agenda = Agenda.objects.create(slug=slug, label=slug.title(), **values)
    hours, weekdays = list(hours), list(weekdays)
    for number in range(1, desks + 1):
        desk = Desk.objects.create(agenda=agenda, slug=f"guichet-{number}", label=f"Guichet {number}", position=number)
        OpeningPeriod.objects.bulk_create(
            OpeningPeriod(desk=desk, weekday=weekday, start_time=time_of(start), end_time=time_of(end))
            for weekday in weekdays
            for start, end in hours
        )
    for position, (type_slug, minutes) in enumerate((types or TYPES).items()):
        MeetingType.objects.create(
            agenda=agenda, slug=type_slug, label=type_slug.title(), duration=minutes, position=position
        )
    return agenda


def make_virtual(slug: str, *members: Agenda, **values: Any) -> Agenda:
    """A virtual agenda over ``members``, with their own delays."""
    delays: dict[str, Any] = {"minimal_booking_delay": None, "maximal_booking_delay": None}
    agenda = Agenda.objects.create(slug=slug, label=slug.title(), kind=Agenda.Kind.VIRTUAL, **{**delays, **values})
    VirtualMember.objects.bulk_create(VirtualMember(virtual=agenda, real=member) for member in members)
    return agenda


def close(agenda: Agenda, start: datetime.datetime, end: datetime.datetime, *desks: Desk, label: str = "") -> Closure:
    """Close ``desks`` (all by default)."""
    closure = Closure.objects.create(agenda=agenda, start=start, end=end, label=label)
    closure.desks.set(desks or agenda.desks.all())
    return closure
