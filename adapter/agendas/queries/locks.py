"""Finding locks among live ones and those that ended."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from adapter.agendas.models import Booking, BookingState
from adapter.agendas.queries.statements import epoch, fetch, moments, one_of

NEVER_CONFIRMED = (BookingState.HELD, BookingState.EXPIRED, BookingState.RELEASED)


@dataclass(frozen=True, slots=True)
class LockSearch:
    """What is looked for; empty values ask for nothing.

    ``state``: ``live``, ``lapsed``, ``released``, ``confirmed``, ``half-adapted`` or empty (all). ``agenda`` is a slug,
    of the real agenda or of the one that was asked for; ``holder`` and ``code`` must be the whole text.
    """

    state: str = "live"
    agenda: str = ""
    holder: str = ""
    code: str = ""


def next_lapse(agenda_ids: Iterable[int], now: datetime.datetime) -> int | None:
    """When the next live lock of these agendas lapses (UTC epoch seconds); ``None`` when nothing is held. One query.

    Read in the order of ends, and no further than the first one of these agendas: the plus keeps SQLite from reading
    everything that ever stood there.
    """
    agendas, values = one_of("+agenda_id", agenda_ids)
    sql = (
        f"SELECT {epoch('expires_at')} FROM agendas_booking WHERE state = 'held' AND expires_at > %s AND {agendas}"  # noqa: S608
        " ORDER BY expires_at LIMIT 1"
    )
    rows = fetch(sql, [*moments(now), *values])
    return rows[0][0] if rows else None


def search_locks(search: LockSearch, within: Q | None, *, now: datetime.datetime) -> QuerySet[Booking]:
    """Locks, and bookings that were locks before. Live ones by their end, the others from the newest."""
    found = Booking.objects.exclude(lock_code="")
    if within is not None:
        found = found.filter(within)
    if search.state:
        found = found.filter(_state(search.state, now))
    if search.agenda:
        found = found.filter(Q(agenda__slug=search.agenda) | Q(asked_agenda__slug=search.agenda))
    if search.holder:
        found = found.filter(holder=search.holder)
    if search.code:
        found = found.filter(lock_code=search.code)
    order = ("expires_at", "pk") if search.state == "live" else ("-pk",)
    return found.select_related("agenda", "desk", "meeting_type").order_by(*order)


def half_adapted_locks(within: Q | None) -> QuerySet[Booking]:
    """Holds that named their record without asking to confirm: somebody believes to have an appointment."""
    found = Booking.objects.filter(half_adapted=True, state__in=NEVER_CONFIRMED)
    return found if within is None else found.filter(within)


def _state(state: str, now: datetime.datetime) -> Q:
    if state == "live":
        return Q(state=BookingState.HELD, expires_at__gt=now)
    if state == "lapsed":
        return Q(state=BookingState.HELD, expires_at__lte=now) | Q(state=BookingState.EXPIRED)
    if state == "released":
        return Q(state=BookingState.RELEASED)
    if state == "confirmed":
        return Q(confirmed_at__isnull=False)
    return Q(half_adapted=True, state__in=NEVER_CONFIRMED)
