"""Giving a record of w.c.s. back the booking that it believes to have."""

from __future__ import annotations

import datetime

from adapter.agendas.errors import BookingIsCancelled, SlotUnavailable
from adapter.agendas.models import Booking, BookingState, Outcome
from adapter.agendas.services.actor import Actor
from adapter.agendas.services.audit import Entry, record
from adapter.agendas.services.bookings import find_booking
from adapter.agendas.services.confirming import BookingDetails
from adapter.agendas.services.guard import StaleRead, attempt, exclusive, take_all, whole_seconds


def restore(booking_id: int, details: BookingDetails, *, now: datetime.datetime, actor: Actor) -> Booking:
    """Make a lock, live or lapsed or released, the booking of a record: same number, so that the addresses which the
    record keeps go on working. What is booked already is returned as it is.

    Only on its own desk, and only if nothing stands there. Raises ``UnknownBooking``, ``SlotUnavailable``, ``Busy``,
    and ``BookingIsCancelled`` for a booking that was cancelled: somebody meant that.
    """
    moment = whole_seconds(now)
    return attempt(lambda _cautious: _restore(booking_id, details, moment, actor))


def _restore(booking_id: int, details: BookingDetails, now: datetime.datetime, actor: Actor) -> Booking:
    desk_id = find_booking(booking_id).desk_id
    with exclusive():
        take_all([desk_id])
        # Read again: the desk is ours from here on.
        booking = find_booking(booking_id)
        if booking.state == BookingState.BOOKED:
            return booking
        if booking.state == BookingState.CANCELLED:
            raise BookingIsCancelled
        beside = Booking.objects.filter(desk=desk_id).overlapping(booking.start, booking.end).exclude(pk=booking.pk)
        if booking.start <= now or beside.live(now).exists():
            raise SlotUnavailable
        lapsed = list(beside.lapsed_locks(now).values_list("pk", "agenda_id"))
        Booking.objects.filter(pk__in=[pk for pk, _ in lapsed]).update(
            state=BookingState.EXPIRED, ended_at=now, ended_because="in the way"
        )
        changed = Booking.objects.filter(pk=booking.pk, state=booking.state, expires_at=booking.expires_at).update(
            state=BookingState.BOOKED,
            confirmed_at=now,
            outcome=Outcome.RECAPTURED,
            ended_at=None,
            ended_because="",
            **details.columns(),
        )
        if not changed:
            raise StaleRead
        entries = [Entry("lock.expired", agenda_id, pk, {"because": "in the way"}) for pk, agenda_id in lapsed]
        record(actor, now, [*entries, Entry("booking.restored", booking.agenda_id, booking.pk)])
        return find_booking(booking_id)
