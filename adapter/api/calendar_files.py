"""Bookings as iCalendar files."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping

from django.conf import settings
from django.http import HttpResponse
from icalendar import Calendar, Event

from adapter.agendas.models import Booking

PRODUCT = "-//wcs-booking-adapter//FR"


def calendar_of(
    bookings: Iterable[Booking], *, now: datetime.datetime, copied: Mapping[str, str] | None = None
) -> HttpResponse:
    """One event a booking, in UTC; ``copied`` are properties that the caller wants on each."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    for booking in bookings:
        event = Event()
        event.add("uid", f"booking-{booking.pk}@{settings.BASE_URL.split('/')[2]}")
        event.add("dtstamp", now)
        event.add("dtstart", booking.start.astimezone(datetime.UTC))
        event.add("dtend", booking.end.astimezone(datetime.UTC))
        event.add("summary", booking.user_display_label or booking.label or booking.agenda.label)
        if booking.form_url:
            event.add("url", booking.form_url)
        for name, value in (copied or {}).items():
            if value:
                event.pop(name, None)
                event.add(name, value)
        calendar.add_component(event)
    answer = HttpResponse(calendar.to_ical(), content_type="text/calendar; charset=utf-8")
    answer["Cache-Control"] = "no-store"
    return answer
