"""Tidying lapsed locks. Nothing depends on it: a lapsed lock blocks nothing even if this never runs."""

from __future__ import annotations

import datetime

from django.db import connection
from django.db.models import F

from adapter.agendas.models import Booking, BookingState
from adapter.agendas.services.actor import Actor
from adapter.agendas.services.audit import Entry, record
from adapter.agendas.services.guard import exclusive, take_all

BATCH = 2000


def expire(*, now: datetime.datetime, actor: Actor, batch: int = BATCH, most: int | None = None) -> int:
    """Mark locks past their end as lapsed; returns how many. Their rows stay: they are the log of locks.

    In batches of ``batch`` rows, a transaction each, skipping rows that another worker is marking: any number of
    workers may run it at the same time. ``most`` bounds the rows of one run.
    """
    total = 0
    while most is None or total < most:
        size = batch if most is None else min(batch, most - total)
        done = _expire_batch(now, actor, size)
        total += done
        if done < size:
            break
    return total


def _expire_batch(now: datetime.datetime, actor: Actor, size: int) -> int:
    with exclusive():
        lapsed = Booking.objects.lapsed_locks(now).order_by("expires_at")
        if connection.features.has_select_for_update_skip_locked:
            lapsed = lapsed.select_for_update(skip_locked=True)
        rows = list(lapsed.values_list("pk", "agenda_id", "desk_id")[:size])
        if not rows:
            return 0
        Booking.objects.filter(pk__in=[pk for pk, _, _ in rows]).update(
            state=BookingState.EXPIRED, ended_at=F("expires_at"), ended_because="lapsed"
        )
        record(actor, now, [Entry("lock.expired", agenda_id, pk, {"because": "lapsed"}) for pk, agenda_id, _ in rows])
        desks = {desk_id for _, _, desk_id in rows}
    with exclusive():
        # What stands on these desks looks different now: calendars refetch. Apart, so that no hold waits for a batch.
        take_all(desks)
    return len(rows)
