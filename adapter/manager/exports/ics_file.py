"""An agenda as an iCalendar file: bookings are confirmed, locks are tentative and say nothing of anybody.

What the reader may not look at is busy time and nothing more.
"""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import get_language, gettext
from icalendar import Calendar, Event

from adapter.agendas.models import Agenda, Booking, BookingState
from adapter.agendas.queries.snapshot import load_snapshot
from adapter.manager.access import Access

PRODUCT = "-//wcs-booking-adapter//FR"
BEFORE, AFTER = datetime.timedelta(days=31), datetime.timedelta(days=366)
REFRESH = datetime.timedelta(minutes=15)
# Whatever an event shows of its row.
SHOWN = (
    "pk",
    "state",
    "start",
    "end",
    "created_at",
    "confirmed_at",
    "expires_at",
    "label",
    "user_display_label",
    "user_name",
    "user_first_name",
    "user_last_name",
    "backoffice_url",
    "desk__label",
    "meeting_type__label",
    "agenda__label",
)


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed holds, the rows (ids) that are only busy time, and a tag that changes when the file would."""

    agenda: Agenda
    rows: list[Booking]
    busy: frozenset[int]
    tag: str


def read_rows(agenda: Agenda, access: Access, *, now: datetime.datetime) -> Feed:
    """What stands on the desks of ``agenda`` from a month ago to a year ahead, as far as ``access`` may look at it.

    Two queries, and one for a virtual agenda.
    """
    snapshot, _versions = load_snapshot(agenda.slug)
    # Whole days: the window must not change the file at each reading.
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    rows = list(
        Booking.objects.live(now)
        .filter(agenda__in=[real.id for real in snapshot.real_agendas])
        .overlapping(today - BEFORE, today + AFTER)
        .select_related("agenda", "desk", "meeting_type")
        .order_by("start", "id")
    )
    digest = hashlib.sha256(f"{get_language()} {agenda.label} {settings.BASE_URL}".encode())
    visible = access.visible_in(snapshot)
    hidden = [row for row in rows if visible is not None and not {row.agenda_id, row.asked_agenda_id} & visible]
    busy = frozenset(row.pk for row in hidden)
    for row in rows:
        digest.update(repr([row.pk in busy, *_shown(row)]).encode())
    return Feed(agenda, rows, busy, digest.hexdigest()[:32])


def _shown(row: Booking) -> list[object]:
    values: list[object] = []
    for name in SHOWN:
        value: object = row
        for part in name.split("__"):
            value = getattr(value, part)
        values.append(value)
    return values


def ics_file(feed: Feed) -> bytes:
    """The file; the same rows give the same bytes."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", feed.agenda.label)
    calendar.add("x-wr-calname", feed.agenda.label)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    host = settings.BASE_URL.split("/")[2]
    for row in feed.rows:
        calendar.add_component(_event(row, host, busy=row.pk in feed.busy))
    return calendar.to_ical()


def _event(row: Booking, host: str, *, busy: bool) -> Event:
    held = row.state == BookingState.HELD
    event = Event()
    event.add("uid", f"booking-{row.pk}@{host}")
    event.add("dtstamp", (row.confirmed_at or row.created_at).astimezone(datetime.UTC))
    event.add("dtstart", row.start.astimezone(datetime.UTC))
    event.add("dtend", row.end.astimezone(datetime.UTC))
    event.add("status", "TENTATIVE" if held and not busy else "CONFIRMED")
    event.add("location", f"{row.agenda.label}, {row.desk.label}")
    if busy:
        event.add("summary", gettext("Busy"))
        return event
    if held:
        event.add("summary", f"{gettext('Held')} · {row.meeting_type.label}")
        return event
    name = f"{row.user_first_name} {row.user_last_name}".strip() or row.user_name or row.user_display_label
    label = row.label or name
    event.add("summary", f"{label} · {row.meeting_type.label}" if label else row.meeting_type.label)
    if name and name not in label:
        event.add("description", name)
    if row.backoffice_url.startswith(("http://", "https://")):
        event.add("url", row.backoffice_url)
    return event
