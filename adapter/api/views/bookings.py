"""Bookings after they were made (chrono-api §9)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from adapter.agendas.errors import AlreadyCancelled, BookingIsCancelled, InvalidPayload, NotForMeetings
from adapter.agendas.models import Booking
from adapter.agendas.services import (
    active_booking,
    anonymize,
    bookings_of_user,
    cancel,
    cancel_for_record,
    record_presence,
)
from adapter.api.answers import BadCall, success
from adapter.api.calendar_files import calendar_of
from adapter.api.calls import Call

PRESENCE = frozenset({"user_was_present", "user_absence_reason", "user_presence_reason"})


def list_bookings(call: Call) -> HttpResponse:
    """Bookings of a user; locks are never among them."""
    return success(data=[_item("id", booking) for booking in _bookings(call)])


def bookings_calendar(call: Call) -> HttpResponse:
    """The same as an iCalendar file."""
    return calendar_of(list(_bookings(call)), now=call.now)


def _bookings(call: Call) -> list[Booking]:
    user = call.query.text("user_external_id")
    if not user and "user_external_id" not in call.query.errors:
        call.query.refuse("user_external_id", "This field is required.")
    agenda, category = call.query.text("agenda"), call.query.text("category")
    begin, end = call.query.moment("date_start"), call.query.moment("date_end")
    call.query.check()
    return list(bookings_of_user(user, agenda=agenda, category=category, date_start=begin, date_end=end))


def read_booking(call: Call, booking: int) -> HttpResponse:
    """One booking that stands."""
    return success(data=_item("booking_id", active_booking(booking, now=call.now)))


def change_booking(call: Call, booking: int) -> HttpResponse:
    """Attendance and its reason; any other key goes to the extra data."""
    changes: dict[str, Any] = {}
    if "user_was_present" in call.body:
        changes["user_was_present"] = call.body.maybe_boolean("user_was_present")
    for name in ("user_absence_reason", "user_presence_reason"):
        if name in call.body:
            changes[name] = call.body.text(name)
    others = call.body.others(PRESENCE)
    if isinstance(others.get("extra_data"), dict):
        # An older form of the call names the object itself.
        others |= others.pop("extra_data")
    try:
        call.body.check()
    except InvalidPayload as error:
        error.err = 4
        raise
    changed = record_presence(booking, changes, others, now=call.now, actor=call.actor)
    return success(booking_id=changed.pk)


def delete_booking(call: Call, booking: int) -> HttpResponse:
    """Cancel, with the words of this address when it is cancelled already."""
    try:
        return cancel_booking(call, booking)
    except AlreadyCancelled:
        raise BookingIsCancelled from None


def cancel_booking(call: Call, booking: int) -> HttpResponse:
    """Cancel without a callback: the caller knows. A record that names itself reaches the booking it was moved to."""
    try:
        records = _records(call)
    except BadCall:
        # Callers send all kinds of bodies here.
        records = set()
    cancelled = cancel(booking, now=call.now, actor=call.actor, records=records, asked_at=call.asked_at)
    return success(booking_id=cancelled.pk)


def cancel_for_the_record(call: Call) -> HttpResponse:
    """Cancel what a record has, also when the answers that gave its number were lost. Doing it twice is no error."""
    records = _records(call)
    if not records and not call.body.errors:
        call.body.refuse("backoffice_url", "This field or form_url is required.")
    call.body.check()
    return success(cancelled=cancel_for_record(records, now=call.now, actor=call.actor, asked_at=call.asked_at))


def _records(call: Call) -> set[str]:
    """The addresses of the record that calls, as far as it names them."""
    return {call.body.url("backoffice_url"), call.body.url("form_url")} - {""}


def accept_booking(call: Call, booking: int) -> HttpResponse:
    """Leaving a waiting list: appointments have none."""
    active_booking(booking, now=call.now)
    raise NotForMeetings("booking is not in waiting list")


def suspend_booking(call: Call, booking: int) -> HttpResponse:
    """Going to a waiting list: appointments have none."""
    active_booking(booking, now=call.now)
    raise NotForMeetings("bookings of meetings have no waiting list")


def resize_booking(call: Call, booking: int) -> HttpResponse:
    """Changing the number of places: appointments have one."""
    active_booking(booking, now=call.now)
    raise NotForMeetings("bookings of meetings cannot be resized")


def anonymize_booking(call: Call, booking: int) -> HttpResponse:
    """Erase what is personal."""
    return success(booking_id=anonymize(booking, now=call.now, actor=call.actor).pk)


def booking_calendar(call: Call, booking: int) -> HttpResponse:
    """One booking as an iCalendar file; ``description``, ``location``, ``comment`` and ``url`` are copied into it."""
    found = active_booking(booking, now=call.now)
    copied = {name: call.query.text(name, 2000) for name in ("description", "location", "comment")}
    copied["url"] = call.query.url("url")
    call.query.check()
    return calendar_of([found], now=call.now, copied=copied)


def _item(key: str, booking: Booking) -> dict[str, Any]:
    return {
        key: booking.pk,
        "in_waiting_list": False,
        "user_was_present": booking.user_was_present,
        "user_absence_reason": booking.user_absence_reason,
        "user_presence_reason": booking.user_presence_reason,
        "extra_data": booking.extra_data,
    }
