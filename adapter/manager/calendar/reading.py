"""What a view of the calendar shows, read in a fixed number of queries: the settings, and what stands on the desks."""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import dataclass

from django.db.models import Count, Max, Sum

from adapter.agendas.models import Booking, BookingState
from adapter.agendas.queries.availability import Standing, Window, timetables, zone_name
from adapter.agendas.queries.snapshot import AgendaSnapshot, DeskVersions, load_snapshot
from adapter.agendas.slots import DeskTimetable


@dataclass(frozen=True, slots=True)
class CalendarData:
    """``tables`` are bounded by the booking delays: what is free in them is what can be booked."""

    snapshot: AgendaSnapshot
    versions: DeskVersions
    tables: list[DeskTimetable]
    bookings: list[Booking]
    window: Window
    now: datetime.datetime


def read_calendar(agenda: str, window: Window, now: datetime.datetime) -> CalendarData:
    """Two queries when the settings are known to the process. Raises ``UnknownAgenda``."""
    snapshot, versions = load_snapshot(agenda)
    begin, finish = (datetime.datetime.fromtimestamp(bound, datetime.UTC) for bound in window.bounds(zone_name()))
    bookings = list(
        Booking.objects.live(now)
        .filter(agenda__in=[item.id for item in snapshot.real_agendas])
        .overlapping(begin, finish)
        .select_related("desk", "meeting_type")
        .order_by("start", "id")
    )
    tables = timetables(snapshot, window, map(_standing, bookings), now)
    return CalendarData(snapshot, versions, tables, bookings, window, now)


def calendar_version(agenda: str, now: datetime.datetime) -> str:
    """A short text that changes when the calendar of ``agenda`` may look different. Two queries.

    Made of the versions of the settings and the desks, and of the live locks: extending one moves no desk.
    """
    snapshot, versions = load_snapshot(agenda)
    return version_text(snapshot, versions, now)


def version_text(snapshot: AgendaSnapshot, versions: DeskVersions, now: datetime.datetime) -> str:
    """The version of what was read. One query."""
    locks = Booking.objects.live_locks(now).filter(agenda__in=[item.id for item in snapshot.real_agendas])
    totals = locks.order_by().aggregate(Count("id"), Sum("renewals"), Max("expires_at"))
    parts = [repr(snapshot.version), str(sum(versions.values())), repr(sorted(totals.items(), key=lambda i: i[0]))]
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


def _standing(booking: Booking) -> Standing:
    return Standing(
        id=booking.pk,
        agenda_id=booking.agenda_id,
        desk_id=booking.desk_id,
        meeting_type_id=booking.meeting_type_id,
        start=int(booking.start.timestamp()),
        end=int(booking.end.timestamp()),
        state=BookingState(booking.state),
        expires_at=int(booking.expires_at.timestamp()) if booking.expires_at else None,
        lock_code=booking.lock_code,
        record=booking.record,
        user_external_id=booking.user_external_id,
    )
