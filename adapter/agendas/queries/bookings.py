"""Finding bookings among many."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db.models import F, Q, QuerySet, TextField, Value
from django.db.models.functions import Concat

from adapter.agendas.models import Agenda, Booking, BookingState
from adapter.agendas.queries.availability import zone_name
from adapter.agendas.queries.folding import folded_pattern

# What a word of a search is looked for in.
SEARCHED = (
    "label",
    "user_display_label",
    "user_name",
    "user_first_name",
    "user_last_name",
    "user_email",
    "user_phone_number",
)
# Ids, or a query for them.
Ids = Collection[int] | QuerySet[Agenda, int]
MOST_WORDS = 8
GREATEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class BookingSearch:
    """What is looked for; empty values ask for nothing. Days are local, both included.

    ``state`` is ``booked``, ``cancelled``, ``present``, ``absent`` or empty; ``agenda`` a slug (of the real agenda or
    of the virtual one that was asked for), ``meeting_type`` a slug, ``desk`` an id.
    """

    text: str = ""
    agenda: str = ""
    desk: int | None = None
    meeting_type: str = ""
    state: str = ""
    first_day: datetime.date | None = None
    last_day: datetime.date | None = None
    latest_first: bool = False


def visible_through(agendas: Ids) -> Q:
    """Rows of these agendas (ids), or asked for through one of them."""
    return Q(agenda__in=agendas) | Q(asked_agenda__in=agendas)


def search_bookings(search: BookingSearch, within: Q | None = None) -> QuerySet[Booking]:
    """Bookings, cancelled ones included, in order of time; locks are no bookings. ``within`` bounds what is seen."""
    found = Booking.objects.filter(state__in=[BookingState.BOOKED, BookingState.CANCELLED])
    if within is not None:
        found = found.filter(within)
    if search.text:
        # One text for all columns: each word is looked for once in a row and not seven times.
        found = found.alias(searched=Concat(*_searched(), output_field=TextField()))
    for condition in _conditions(search):
        found = found.filter(condition)
    order = ("-start", "-id") if search.latest_first else ("start", "id")
    return found.select_related("agenda", "asked_agenda", "desk", "meeting_type").order_by(*order)


def _searched() -> Iterator[F | Value]:
    for name in SEARCHED:
        yield F(name)
        yield Value("\n")


def _conditions(search: BookingSearch) -> list[Q]:
    conditions = [_word(word) for word in search.text.replace("\0", " ").split()[:MOST_WORDS]]
    if search.agenda:
        conditions.append(Q(agenda__slug=search.agenda) | Q(asked_agenda__slug=search.agenda))
    if search.desk is not None:
        conditions.append(Q(desk=search.desk))
    if search.meeting_type:
        conditions.append(Q(meeting_type__slug=search.meeting_type))
    if search.state in (BookingState.BOOKED, BookingState.CANCELLED):
        conditions.append(Q(state=search.state))
    elif search.state:
        conditions.append(Q(state=BookingState.BOOKED, user_was_present=search.state == "present"))
    if search.first_day:
        conditions.append(Q(start__gte=_midnight(search.first_day)))
    if search.last_day:
        conditions.append(Q(start__lt=_midnight(search.last_day + datetime.timedelta(days=1))))
    return conditions


def _word(word: str) -> Q:
    condition = Q(searched__iregex=folded_pattern(word))
    if word.isascii() and word.isdigit() and int(word) <= GREATEST_ID:
        condition |= Q(pk=int(word))
    return condition


def _midnight(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time.min, ZoneInfo(zone_name()))
