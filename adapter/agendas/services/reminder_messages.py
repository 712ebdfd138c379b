"""The e-mail of a reminder: to whom, and with which words."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import translation
from django.utils.crypto import salted_hmac
from django.utils.timezone import localtime

from adapter.agendas.models import Agenda, Booking
from adapter.agendas.reminder_texts import (
    DEFAULT_BODY,
    DEFAULT_BODY_WITHOUT_LINK,
    DEFAULT_SUBJECT,
    FIELDS,
    fill_in,
)
from adapter.dates import date_text


@dataclass(frozen=True, slots=True)
class ReminderMessage:
    """A message ready to go. ``recipients`` do not see each other; ``message_id`` is the same at each attempt."""

    recipients: tuple[str, ...]
    subject: str
    body: str
    message_id: str


def compose(booking: Booking) -> ReminderMessage:
    """The reminder of ``booking``, in the agenda's own words or the usual ones, in the language of the site."""
    agenda = booking.agenda
    with translation.override(settings.LANGUAGE_CODE):
        values = _values(booking)
        usual_body = DEFAULT_BODY if values["link"] else DEFAULT_BODY_WITHOUT_LINK
        subject = fill_in(agenda.reminder_subject.strip() or str(DEFAULT_SUBJECT), values)
        body = fill_in(agenda.reminder_body.strip() or str(usual_body), values)
    return ReminderMessage(
        recipients=_recipients(booking),
        # A header is one line.
        subject=" ".join(subject.split())[:250],
        body=body,
        message_id=_message_id(booking),
    )


def preview(agenda: Agenda, now: datetime.datetime) -> ReminderMessage | None:
    """What the reminder of an invented appointment says; ``None`` while the agenda has no desk or no meeting type."""
    desk, meeting_type = agenda.desks.first(), agenda.meeting_types.first()
    if desk is None or meeting_type is None:
        return None
    hours = datetime.timedelta(hours=agenda.reminder_hours or 24)
    start = (now + hours).replace(minute=0, second=0, microsecond=0)
    invented = Booking(
        agenda=agenda,
        desk=desk,
        meeting_type=meeting_type,
        start=start,
        label=meeting_type.label,
        user_first_name="Camille",
        user_last_name="Martin",
        user_email="camille.martin@example.org",
        form_url="https://demarches.example.org/rendez-vous/12/",
    )
    return compose(invented)


def _values(booking: Booking) -> dict[str, str]:
    start = localtime(booking.start)
    named = booking.user_name or f"{booking.user_first_name} {booking.user_last_name}".strip()
    values = {
        "name": named or booking.user_display_label,
        "label": booking.label,
        "agenda": booking.agenda.label,
        "desk": booking.desk.label,
        "meeting_type": booking.meeting_type.label,
        "date": _day(start),
        "time": f"{start:%H:%M}",
        # The page of the record for citizens, with what its workflow offers; never the one for agents.
        "link": booking.form_url if urlsplit(booking.form_url).scheme in ("http", "https") else "",
    }
    assert values.keys() == FIELDS.keys()
    return values


def _day(start: datetime.datetime) -> str:
    if settings.LANGUAGE_CODE.startswith("fr"):
        # Names of days have no capital inside a French sentence.
        return date_text(start, "l j F Y").lower()
    return date_text(start, "l, F j, Y")


def _recipients(booking: Booking) -> tuple[str, ...]:
    found: list[str] = []
    for given in [booking.user_email, *booking.extra_emails]:
        address = str(given).strip()
        try:
            validate_email(address)
        except ValidationError:
            continue
        if address not in found:
            found.append(address)
    return tuple(found)


def _message_id(booking: Booking) -> str:
    host = urlsplit(settings.BASE_URL).hostname or "localhost"
    token = salted_hmac("adapter.agendas.reminder", f"{booking.pk} {booking.start.isoformat()}").hexdigest()[:20]
    return f"<reminder-{booking.pk}-{token}@{host}>"
