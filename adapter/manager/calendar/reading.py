"""What a view of the calendar shows, read in a fixed number of queries: the settings, and what stands on the desks."""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import OuterRef, Q, Subquery

from adapter.agendas.models import Agenda, AuditEvent, Booking, BookingState, Callback
from adapter.agendas.queries.availability import Standing, Window, timetables, zone_name
from adapter.agendas.queries.locks import next_lapse
from adapter.agendas.queries.snapshot import AgendaSnapshot, DeskVersions, load_snapshot
from adapter.agendas.slots import DeskTimetable
from adapter.manager.access import Access
from adapter.manager.services.holders import names_of

# Calls to w.c.s. that one view tells about.
MOST_CALLBACKS = 500


class Shown(NamedTuple):
    """A booking or lock as far as the calendar shows it; the rest of its row stays in the database.

    One that the agent may not look at is not ``visible``: busy time on a desk, everything else in it is empty.

    Fields are those of :class:`Booking`, in the order in which they are read, and two labels. Model objects would cost
    more than all the rest of a view.
    """

    id: int
    agenda_id: int
    asked_agenda_id: int
    desk_id: int
    meeting_type_id: int
    start: datetime.datetime
    end: datetime.datetime
    state: str
    lock_code: str
    expires_at: datetime.datetime | None
    holder: str
    form_slug: str
    record: str
    label: str
    user_display_label: str
    user_name: str
    user_first_name: str
    user_last_name: str
    user_phone_number: str
    user_external_id: str
    user_was_present: bool | None
    backoffice_url: str
    desk_label: str
    type_label: str
    visible: bool = True


COLUMNS = (*Shown._fields[:-3], "desk__label", "meeting_type__label")


@dataclass(frozen=True, slots=True)
class CalendarData:
    """``tables`` are bounded by the booking delays: what is free in them is what can be booked.

    ``version`` is that of :func:`calendar_version`, read before the rest: what changes meanwhile is read again soon.
    ``visible`` is :meth:`Access.visible_in`.
    """

    snapshot: AgendaSnapshot
    version: str
    visible: frozenset[int] | None
    tables: list[DeskTimetable]
    bookings: list[Shown]
    window: Window
    now: datetime.datetime


def read_calendar(agenda: str, window: Window, now: datetime.datetime, access: Access) -> CalendarData:
    """What ``access`` may see of an agenda that it may view.

    Four queries when the settings are known to the process, and one for a virtual agenda. Raises ``UnknownAgenda``.
    """
    snapshot, versions = load_snapshot(agenda)
    visible = access.visible_in(snapshot)
    version = _version(snapshot, versions, now)
    begin, finish = (datetime.datetime.fromtimestamp(bound, datetime.UTC) for bound in window.bounds(zone_name()))
    rows = (
        Booking.objects.live(now)
        .filter(agenda__in=[item.id for item in snapshot.real_agendas])
        .overlapping(begin, finish)
        .order_by("start", "id")
        .values_list(*COLUMNS)
    )
    bookings = [Shown(*row) for row in rows]
    tables = timetables(snapshot, window, map(_standing, bookings), now)
    if visible is not None:
        bookings = [item if _is_visible(item, visible) else _busy(item) for item in bookings]
    return CalendarData(snapshot, version, visible, tables, bookings, window, now)


def _is_visible(row: Shown, visible: frozenset[int]) -> bool:
    return row.agenda_id in visible or row.asked_agenda_id in visible


def _busy(row: Shown) -> Shown:
    """What is left of a row that the agent may not look at."""
    return Shown(
        id=row.id,
        agenda_id=row.agenda_id,
        asked_agenda_id=0,
        desk_id=row.desk_id,
        meeting_type_id=0,
        start=row.start,
        end=row.end,
        state=row.state,
        lock_code="",
        expires_at=None,
        holder="",
        form_slug="",
        record="",
        label="",
        user_display_label="",
        user_name="",
        user_first_name="",
        user_last_name="",
        user_phone_number="",
        user_external_id="",
        user_was_present=None,
        backoffice_url="",
        desk_label=row.desk_label,
        type_label="",
        visible=False,
    )


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is told about the bookings and locks of a view.

    ``callbacks``: the last call owed to w.c.s. by booking; ``cancelled``: bookings that were cancelled with such a
    call; ``holders``: names of agents by user name.
    """

    callbacks: dict[int, Callback]
    cancelled: list[Booking]
    holders: dict[str, str]


def read_surroundings(data: CalendarData) -> Surroundings:
    """Two queries, one when no agent holds anything."""
    begin, finish = (datetime.datetime.fromtimestamp(bound, datetime.UTC) for bound in data.window.bounds(zone_name()))
    found = Callback.objects.filter(
        booking__agenda__in=[item.id for item in data.snapshot.real_agendas],
        booking__start__lt=finish,
        booking__end__gt=begin,
    )
    if data.visible is not None:
        found = found.filter(Q(booking__agenda__in=data.visible) | Q(booking__asked_agenda__in=data.visible))
    callbacks = {
        callback.booking_id: callback
        for callback in found.select_related("booking__desk", "booking__meeting_type").order_by("pk")[:MOST_CALLBACKS]
    }
    cancelled = [item.booking for item in callbacks.values() if item.booking.state == BookingState.CANCELLED]
    holders = {item.holder for item in data.bookings if item.state == BookingState.HELD and item.holder}
    return Surroundings(callbacks, sorted(cancelled, key=lambda item: item.start), names_of(holders))


def calendar_version(agenda: str, now: datetime.datetime) -> str:
    """A short text that changes when the calendar of ``agenda`` may look different. Three queries.

    Made of the versions of the settings and the desks; of the next end of a lock, because a lock that lapses moves no
    desk, but always this; and of the audit log, because a call to w.c.s. that was delivered or given up moves none
    either.
    """
    snapshot, versions = load_snapshot(agenda)
    return _version(snapshot, versions, now)


def _version(snapshot: AgendaSnapshot, versions: DeskVersions, now: datetime.datetime) -> str:
    ids = [item.id for item in snapshot.real_agendas]
    last = AuditEvent.objects.filter(agenda=OuterRef("pk")).order_by("-id").values("id")[:1]
    events = Agenda.objects.filter(pk__in=ids).order_by("pk").values_list(Subquery(last), flat=True)
    parts = [snapshot.version, sum(versions.values()), next_lapse(ids, now), list(events)]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def _standing(booking: Shown) -> Standing:
    return Standing(
        id=booking.id,
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
