"""Who came to an appointment: recorded by the workflow or by an agent, and told to w.c.s."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from adapter.agendas.errors import AgendaError, AlreadyCancelled, AppointmentAhead
from adapter.agendas.models import Booking, BookingState, Callback, CallbackState
from adapter.agendas.services.actor import Actor
from adapter.agendas.services.audit import Entry, record
from adapter.agendas.services.bookings import active_booking, find_booking, owe_callback
from adapter.agendas.services.callbacks import ATTENDANCE
from adapter.agendas.services.guard import exclusive

# What w.c.s. is told, by ``user_was_present``. Nothing tells it that a presence was taken back.
CALLS = {
    True: (Callback.Kind.PRESENCE, "presence_callback_url"),
    False: (Callback.Kind.ABSENCE, "absence_callback_url"),
}
REASONS = {True: "user_presence_reason", False: "user_absence_reason"}


@dataclass(frozen=True, slots=True)
class PresenceNoted:
    """``telling``: w.c.s. is being told. ``told_before``: it was told, or may have been, what was now taken back."""

    booking: Booking
    telling: bool
    told_before: bool


def record_presence(
    booking_id: int, changes: dict[str, Any], extra_data: dict[str, Any], *, now: datetime.datetime, actor: Actor
) -> Booking:
    """Change attendance (``user_was_present``, ``user_absence_reason``, ``user_presence_reason``) and extra data.

    For w.c.s., at any time: it knows what it tells and is not called back. Raises ``UnknownBooking``,
    ``BookingIsCancelled``. Agents: :func:`note_presence`.
    """
    with exclusive():
        booking = _locked(booking_id)
        active_booking(booking_id, now=now)
        if _change(booking, changes, extra_data, now, actor):
            _withdraw_calls(booking)
    return booking


def note_presence(booking_id: int, came: bool | None, *, now: datetime.datetime, actor: Actor) -> PresenceNoted:
    """Record as an agent that the person came, did not come, or (``None``) that nothing is known.

    w.c.s. is told when it asked to be. Repeating it changes nothing. Raises ``UnknownBooking`` and what
    :func:`why_presence_not_noted` says.
    """
    with exclusive():
        booking = _locked(booking_id)
        refusal = why_presence_not_noted(booking, now=now)
        if refusal is not None:
            raise refusal
        if booking.user_was_present is came:
            return PresenceNoted(booking, telling=False, told_before=False)
        # A reason belongs to what it explains.
        changes = {"user_was_present": came, **{name: "" for value, name in REASONS.items() if value is not came}}
        _change(booking, changes, {}, now, actor)
        callback = None
        if came is not None:
            kind, address = CALLS[came]
            callback = owe_callback(booking, kind, getattr(booking, address), now=now)
        told_before = callback is None and _may_have_been_told(booking)
        if callback is None:
            _withdraw_calls(booking)
    return PresenceNoted(booking, callback is not None, told_before)


def why_presence_not_noted(booking: Booking, *, now: datetime.datetime) -> AgendaError | None:
    """Why an agent cannot record who came; ``None`` when it can be recorded."""
    if booking.state != BookingState.BOOKED:
        return AlreadyCancelled()
    return AppointmentAhead() if now < booking.start else None


def _locked(booking_id: int) -> Booking:
    """The row, taken until the transaction ends. Raises ``UnknownBooking``."""
    return Booking.objects.select_for_update().get(pk=find_booking(booking_id).pk)


def _change(
    booking: Booking, changes: dict[str, Any], extra_data: dict[str, Any], now: datetime.datetime, actor: Actor
) -> bool:
    """Write the changes and the audit log; whether presence itself is another than before."""
    before = booking.user_was_present
    told = _told(booking, changes, extra_data)
    for name, value in changes.items():
        setattr(booking, name, value)
    if extra_data:
        booking.extra_data = {**(booking.extra_data or {}), **extra_data}
    booking.save(update_fields=[*changes, "extra_data"])
    record(actor, now, [Entry("booking.changed", booking.agenda_id, booking.pk, told)])
    return booking.user_was_present is not before


def _told(booking: Booking, changes: dict[str, Any], extra_data: dict[str, Any]) -> dict[str, object]:
    """What changes, for the audit log: names only, with the values before and after of what is never personal."""
    known = booking.extra_data or {}
    told: dict[str, object] = {
        "fields": sorted(name for name, value in changes.items() if getattr(booking, name) != value),
        "extra": sorted(name[:50] for name, value in extra_data.items() if known.get(name) != value)[:20],
    }
    if "user_was_present" in changes:
        told["present"] = [booking.user_was_present, changes["user_was_present"]]
    return told


def _may_have_been_told(booking: Booking) -> bool:
    under_way = Q(state=CallbackState.PENDING, attempts__gt=0)
    calls = Callback.objects.filter(booking=booking, kind__in=ATTENDANCE)
    return calls.filter(Q(state=CallbackState.DELIVERED) | under_way).exists()


def _withdraw_calls(booking: Booking) -> None:
    """Calls that wait to tell what is no longer true, where no later call corrects them."""
    Callback.objects.filter(booking=booking, kind__in=ATTENDANCE, state=CallbackState.PENDING).delete()
