"""One booking or lock as an agent sees it in the calendar, and what may be done with it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.http import Http404
from django.utils.translation import gettext

from adapter.agendas.errors import UnknownBooking
from adapter.agendas.models import Agenda, Booking, BookingState, Callback, CallbackState
from adapter.agendas.queries.snapshot import load_snapshot
from adapter.agendas.services import find_booking
from adapter.manager.access import Access
from adapter.manager.calendar.reading import names_of
from adapter.manager.services.titles import known_titles

ACTIONS = ("extend", "release", "take-over", "cancel", "retry")


@dataclass(frozen=True, slots=True)
class Appointment:
    """``state``: ``held``, ``booked``, ``cancelled`` or ``ended`` (a lock that lapsed or was released)."""

    booking: Booking
    state: str
    holder: str
    form: str
    callback: Callback | None
    actions: tuple[str, ...]


def read_appointment(shown: Agenda, number: int, access: Access, *, now: datetime.datetime) -> Appointment:
    """The booking or lock of that number in the calendar of ``shown``. Raises ``Http404`` for one of another agenda."""
    try:
        booking = find_booking(number)
    except UnknownBooking:
        raise Http404 from None
    snapshot, _versions = load_snapshot(shown.slug)
    if booking.agenda_id not in {agenda.id for agenda in snapshot.real_agendas}:
        raise Http404
    state = _state(booking, now)
    callback = Callback.objects.filter(booking=booking).last()
    may_act = access.acts_on_booking(booking)
    actions = _actions(booking, state, callback, shown, access) if may_act else ()
    holder = names_of({booking.holder}).get(booking.holder) or _somebody_online(booking.holder)
    form = known_titles([booking.form_slug]).get(booking.form_slug, "")
    return Appointment(booking, state, holder, form, callback, actions)


def _somebody_online(service: str) -> str:
    return gettext("somebody online (%(service)s)") % {"service": service} if service else gettext("somebody online")


def _state(booking: Booking, now: datetime.datetime) -> str:
    if booking.state == BookingState.HELD:
        return "held" if booking.expires_at is not None and booking.expires_at > now else "ended"
    return booking.state if booking.state in (BookingState.BOOKED, BookingState.CANCELLED) else "ended"


def _actions(booking: Booking, state: str, callback: Callback | None, shown: Agenda, access: Access) -> tuple[str, ...]:
    if state == "held":
        may_fill = shown.backoffice_booking_enabled and access.books(shown)
        return ("extend", "take-over", "release") if may_fill else ("extend", "release")
    found = ["cancel"] if state == "booked" else []
    if callback is not None and callback.state != CallbackState.DELIVERED:
        found.append("retry")
    return tuple(found)
