"""After an appointment: erasing what is personal in it, then deleting it, on the days that its agenda says.

Both are off unless the agenda says otherwise. In batches, a transaction each; what w.c.s. is still owed a call about
waits for that call. Locks that were never confirmed hold nothing personal, and are pruned apart.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from adapter.agendas.models import Agenda, Booking, BookingState, CallbackState
from adapter.agendas.services.actor import Actor
from adapter.agendas.services.audit import Entry, record
from adapter.agendas.services.forgetting import erased_columns, forget_traces
from adapter.agendas.services.guard import exclusive, take_all

BATCH = 500
ENDED_STATES = (BookingState.BOOKED, BookingState.CANCELLED)
Change = Callable[[list[int]], object]


def retention_problem(anonymize_after_days: int | None, purge_after_days: int | None) -> str:
    """What is wrong with these two days together, as a sentence; empty when nothing is."""
    if anonymize_after_days is None or purge_after_days is None or purge_after_days >= anonymize_after_days:
        return ""
    return _("Appointments cannot be deleted before their personal data is erased: give a later day.")


def anonymize_old(*, now: datetime.datetime, actor: Actor, batch: int = BATCH) -> int:
    """Erase what is personal in appointments that are over for long enough; returns how many."""

    def erase(ids: list[int]) -> None:
        Booking.objects.filter(pk__in=ids).update(**erased_columns(), anonymized_at=now)
        forget_traces(ids)

    return sum(
        _run(_over(agenda_id, now, days).filter(anonymized_at=None), erase, "booking.anonymized", now, actor, batch)
        for agenda_id, days in _days("anonymize_after_days")
    )


def purge_old(*, now: datetime.datetime, actor: Actor, batch: int = BATCH) -> int:
    """Delete appointments that are over for long enough; returns how many. The audit log outlives them."""

    def delete(ids: list[int]) -> None:
        Booking.objects.filter(pk__in=ids).delete()

    return sum(
        _run(_over(agenda_id, now, days), delete, "booking.purged", now, actor, batch)
        for agenda_id, days in _days("purge_after_days")
    )


def _days(column: str) -> Iterator[tuple[int, int]]:
    return Agenda.objects.exclude(**{column: None}).order_by("pk").values_list("pk", column).iterator()


def _over(agenda_id: int, now: datetime.datetime, days: int) -> QuerySet[Booking]:
    before = now - datetime.timedelta(days=days)
    return (
        Booking.objects.filter(agenda=agenda_id, state__in=ENDED_STATES, end__lt=before)
        .exclude(confirmed_at=None)
        .exclude(callbacks__state=CallbackState.PENDING)
    )


def _run(rows: QuerySet[Booking], change: Change, code: str, now: datetime.datetime, actor: Actor, batch: int) -> int:
    """Change all of ``rows``, going up by number: one pass, whatever happens to rows meanwhile."""
    total, last = 0, 0
    while True:
        with exclusive():
            found = rows.filter(pk__gt=last).order_by("pk")
            if connection.features.has_select_for_update_skip_locked:
                found = found.select_for_update(skip_locked=True, of=("self",))
            chosen = list(found.values_list("pk", "agenda_id", "desk_id")[:batch])
            if not chosen:
                return total
            change([pk for pk, _agenda, _desk in chosen])
            record(actor, now, [Entry(code, agenda_id, pk) for pk, agenda_id, _ in chosen])
        with exclusive():
            # Calendars show these days differently now. Apart, so that no hold waits for a batch.
            take_all(desk_id for _pk, _agenda, desk_id in chosen)
        total, last = total + len(chosen), chosen[-1][0]
