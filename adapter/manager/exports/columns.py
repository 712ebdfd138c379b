"""What a list of bookings says of each, as plain values for files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from adapter.agendas.models import Booking
from adapter.manager.words import booking_state

# Text, whole numbers, dates and times of day.
Value = object
Column = tuple[Promise, Callable[[Booking], Value]]

COLUMNS: list[Column] = [
    (_("Number"), lambda booking: booking.pk),
    (_("Date"), lambda booking: timezone.localtime(booking.start).date()),
    (_("Start"), lambda booking: timezone.localtime(booking.start).time()),
    (_("End"), lambda booking: timezone.localtime(booking.end).time()),
    (_("Agenda"), lambda booking: booking.agenda.label),
    (_("Desk"), lambda booking: booking.desk.label),
    (_("Meeting type"), lambda booking: booking.meeting_type.label),
    (_("State"), booking_state),
    (_("Label"), lambda booking: booking.label),
    (_("First name"), lambda booking: booking.user_first_name),
    (_("Last name"), lambda booking: booking.user_last_name or booking.user_name),
    (_("E-mail address"), lambda booking: booking.user_email),
    (_("Phone"), lambda booking: booking.user_phone_number),
    (_("Reason of absence"), lambda booking: booking.user_absence_reason),
    (_("Reason of presence"), lambda booking: booking.user_presence_reason),
    (_("Record"), lambda booking: booking.backoffice_url or booking.form_url),
]


def heading() -> list[str]:
    """The names of the columns, in the language of the page."""
    return [str(name) for name, _value in COLUMNS]


def rows(bookings: Iterable[Booking]) -> Iterator[list[Value]]:
    """One row a booking."""
    for booking in bookings:
        yield [value(booking) for _name, value in COLUMNS]
