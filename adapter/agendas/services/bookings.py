"""What may happen to a booking after it was made."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from contextlib import nullcontext
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from adapter.agendas.errors import (
    AgendaError,
    AlreadyCancelled,
    AppointmentOver,
    BookingIsCancelled,
    PersonCame,
    Superseded,
    UnknownBooking,
)
from adapter.agendas.models import Booking, BookingState, Callback
from adapter.agendas.models.booking import STANDING_STATES
from adapter.agendas.queries.statements import epoch, fetch
from adapter.agendas.services.actor import Actor
from adapter.agendas.services.audit import Entry, record
from adapter.agendas.services.call_order import note_cancellation
from adapter.agendas.services.callbacks import announce_owed
from adapter.agendas.services.forgetting import erased_columns, forget_traces
from adapter.agendas.services.guard import StaleRead, attempt, exclusive
from adapter.agendas.services.writing import change

# Columns, in the order of the model's.
TO_CANCEL = ("id", "agenda_id", "desk_id", "state", "moved_to", "record", "cancel_callback_url")
BY_AGENT = "cancelled by an agent"
# No row has such a number, and no database takes it for one.
BEYOND_KEYS = 2**63


def find_booking(booking_id: int) -> Booking:
    """The booking or lock of that number, with agenda, desk and meeting type. Raises ``UnknownBooking``."""
    try:
        return Booking.objects.select_related("agenda", "desk", "meeting_type").get(pk=booking_id)
    except (Booking.DoesNotExist, OverflowError):
        raise UnknownBooking from None


def active_booking(booking_id: int, *, now: datetime.datetime) -> Booking:
    """The same, refused with ``BookingIsCancelled`` when it stands no more at ``now``."""
    booking = find_booking(booking_id)
    lapsed = booking.state == BookingState.HELD and booking.expires_at is not None and booking.expires_at <= now
    if lapsed or booking.state not in (BookingState.HELD, BookingState.BOOKED):
        raise BookingIsCancelled
    return booking


def successor(booking: Booking, records: Collection[str]) -> Booking | None:
    """The booking that took the place of a moved one, at the end of a chain of moves, when it is of one of these
    records (addresses); ``None`` otherwise.
    """
    found, seen = booking, {booking.pk}
    while found.state == BookingState.CANCELLED and found.moved_to is not None and found.moved_to not in seen:
        seen.add(found.moved_to)
        after = Booking.objects.filter(pk=found.moved_to).first()
        if after is None:
            return None
        found = after
    is_theirs = not ({found.record, found.backoffice_url, found.form_url} - {""}).isdisjoint(records)
    return found if found is not booking and is_theirs else None


def cancel(
    booking_id: int,
    *,
    now: datetime.datetime,
    actor: Actor,
    call_back: bool = False,
    because: str = "cancelled",
    records: Collection[str] = (),
    asked_at: datetime.datetime | None = None,
) -> Booking:
    """Cancel a booking, or release a lock. The desk is free at once.

    ``call_back`` owes w.c.s. the signed call to ``cancel_callback_url``: for cancellations by an agent, never for those
    that come from w.c.s. itself. ``records`` are the addresses of the record that asks: what it has moved is cancelled
    where it is now. ``asked_at``: when w.c.s. sent the call, by its own clock. Raises ``UnknownBooking``,
    :class:`AlreadyCancelled`, ``Superseded``. w.c.s. may cancel at any time: what a cancellation means is its
    workflow's business. Agents: :func:`cancel_by_agent`.
    """
    seen = [_standing_row(booking_id)]
    try:
        note_cancellation({*records, seen[0][0].record}, asked_at, now=now)
    except Superseded:
        if not Booking.objects.filter(pk=booking_id, state=BookingState.BOOKED).exclude(asked_at__gt=asked_at).exists():
            raise
        # What its record booked later is another appointment, and stays.
        records = ()

    def cancel_once(_cautious: bool) -> Booking:
        return _cancel(*(seen.pop() if seen else _standing_row(booking_id)), now, actor, call_back, because, records)

    return attempt(cancel_once)


def cancel_for_record(
    records: Collection[str], *, now: datetime.datetime, actor: Actor, asked_at: datetime.datetime | None = None
) -> list[int]:
    """Cancel whatever stands for a record, given by its addresses, also when it never learnt a number; returns the
    numbers. A booking that w.c.s. asked for earlier, and that comes later, is refused; what it asked for later stays.

    Raises ``Superseded``.
    """
    records = {address for address in records if address}
    standing = Booking.objects.filter(record__in=records, state=BookingState.BOOKED).order_by("pk")
    try:
        note_cancellation(records, asked_at, now=now)
    except Superseded:
        standing, records = standing.exclude(asked_at__gt=asked_at), ()
        if not standing.exists():
            raise
    cancelled = []
    for booking_id in standing.values_list("pk", flat=True):
        try:
            cancelled.append(cancel(booking_id, now=now, actor=actor, records=records).pk)
        except AlreadyCancelled:
            continue
    return cancelled


def cancel_by_agent(booking_id: int, *, now: datetime.datetime, actor: Actor) -> Booking:
    """Cancel an appointment as an agent does in the back office: w.c.s. is told when it asked to be.

    Raises ``UnknownBooking`` and what :func:`why_not_cancellable` says.
    """
    refusal = why_not_cancellable(find_booking(booking_id), now=now)
    if refusal is not None:
        raise refusal
    return cancel(booking_id, now=now, actor=actor, call_back=True, because=BY_AGENT)


def why_not_cancellable(booking: Booking, *, now: datetime.datetime) -> AgendaError | None:
    """Why an agent cannot cancel that booking; ``None`` when it can be.

    An appointment under way can be (the person calls late, and the rest of the time is of use to others); one that is
    over has taken place or was missed, and nothing takes back that the person came.
    """
    if booking.state != BookingState.BOOKED:
        return AlreadyCancelled()
    if booking.user_was_present:
        return PersonCame()
    return AppointmentOver() if booking.end <= now else None


def _cancel(
    booking: Booking,
    expires_at: int | None,
    now: datetime.datetime,
    actor: Actor,
    call_back: bool,
    because: str,
    records: Collection[str],
) -> Booking:
    if records and booking.moved_to is not None:
        after = successor(booking, records)
        if after is not None:
            booking, expires_at = _standing_row(after.pk)
    was_held = booking.state == BookingState.HELD
    lapsed = was_held and expires_at is not None and expires_at <= now.timestamp()
    if lapsed or booking.state not in STANDING_STATES:
        raise AlreadyCancelled
    state = BookingState.RELEASED if was_held else BookingState.CANCELLED
    code = "lock.released" if was_held else "booking.cancelled"
    owed = call_back and not was_held
    with exclusive() if owed else nullcontext():
        ended = change(
            booking.pk,
            booking.desk_id,
            {"state": state, "ended_at": now, "ended_because": because[:40]},
            Entry(code, booking.agenda_id, data={"because": because}),
            actor=actor,
            now=now,
            expected={"state": booking.state},
            live=was_held,
        )
        if not ended:
            # Confirmed or ended since it was read: what it has become decides.
            raise StaleRead
        booking.state, booking.ended_at = state, now
        if owed:
            owe_callback(booking, Callback.Kind.CANCEL, booking.cancel_callback_url, now=now)
    return booking


def _standing_row(booking_id: int) -> tuple[Booking, int | None]:
    """What a cancellation must know of a row, and when it lapses (UTC epoch seconds); the rest is read when asked for.

    By a prepared statement: through the ORM, reading cost as much as writing. Raises ``UnknownBooking``.
    """
    sql = f"SELECT {epoch('expires_at')}, {', '.join(TO_CANCEL)} FROM agendas_booking WHERE id = %s"  # noqa: S608
    rows = fetch(sql, [booking_id]) if booking_id < BEYOND_KEYS else []
    if not rows:
        raise UnknownBooking
    expires_at, *values = rows[0]
    return Booking.from_db(connection.alias, TO_CANCEL, values), expires_at


def owe_callback(
    booking: Booking, kind: Callback.Kind, url: str, *, now: datetime.datetime, payload: dict[str, Any] | None = None
) -> Callback | None:
    """Write a call to w.c.s. into the outbox, in the running transaction; ``None`` when there is no address."""
    if not url:
        return None
    callback = Callback.objects.create(
        booking=booking, kind=kind, url=url, payload=payload or {}, created_at=now, next_attempt_at=now
    )
    announce_owed(callback)
    return callback


def anonymize(booking_id: int, *, now: datetime.datetime, actor: Actor) -> Booking:
    """Erase all that is personal; a booking keeps its time and its number. Doing it twice changes nothing more.

    Raises ``UnknownBooking``.
    """
    with exclusive():
        booking = find_booking(booking_id)
        erased = {**erased_columns(), "anonymized_at": booking.anonymized_at or now}
        for name, value in erased.items():
            setattr(booking, name, value)
        booking.save(update_fields=list(erased))
        forget_traces([booking.pk])
        record(actor, now, [Entry("booking.anonymized", booking.agenda_id, booking.pk)])
    return booking


def bookings_of_user(
    user_external_id: str,
    *,
    agenda: str = "",
    category: str = "",
    date_start: datetime.datetime | None = None,
    date_end: datetime.datetime | None = None,
) -> QuerySet[Booking]:
    """Bookings that stand for that user, in order of time; ``date_end`` is excluded. Locks are never listed."""
    found = Booking.objects.filter(user_external_id=user_external_id, state=BookingState.BOOKED)
    if agenda:
        found = found.filter(agenda__slug=agenda) | found.filter(asked_agenda__slug=agenda)
    if category:
        found = found.filter(agenda__category__slug=category)
    if date_start:
        found = found.filter(start__gte=date_start)
    if date_end:
        found = found.filter(start__lt=date_end)
    return found.select_related("agenda", "desk", "meeting_type").order_by("start", "id")
