"""Forgetting what nobody asks for any more."""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from adapter.agendas.models import (
    Booking,
    BookingState,
    Callback,
    CallbackState,
    HeldDraft,
    RecordCancellation,
    Refusal,
    Reminder,
)

LOCK_STATES = (BookingState.EXPIRED, BookingState.RELEASED)
BATCH = 5000
# Signatures are good for a minute.
CALLS_ARE_LATE = datetime.timedelta(hours=1)


def prune(*, now: datetime.datetime, keep: datetime.timedelta) -> int:
    """Delete what is over for longer than ``keep``: locks that lapsed or were released, callbacks that ended, notes of
    reminders and drafts of past appointments. Refusals go after ``REFUSAL_LOG_DAYS``, cancellations by record once no
    call from before them can arrive. Bookings and the audit log stay.

    Works in batches, a transaction each; returns the number of rows.
    """
    before = now - keep
    rows: tuple[QuerySet[Any], ...] = (
        Callback.objects.exclude(state=CallbackState.PENDING).filter(finished_at__lt=before),
        # Nobody is reminded of what has begun: without its note nothing is sent again.
        Reminder.objects.filter(booking__end__lt=before),
        HeldDraft.objects.filter(booking__end__lt=before),
        Booking.objects.filter(state__in=LOCK_STATES, ended_at__lt=before, confirmed_at=None),
        Refusal.objects.filter(at__lt=now - datetime.timedelta(days=settings.REFUSAL_LOG_DAYS)),
        RecordCancellation.objects.filter(noted_at__lt=now - CALLS_ARE_LATE),
    )
    return sum(_delete(each) for each in rows)


def _delete(rows: QuerySet[Any]) -> int:
    total = 0
    while True:
        ids = list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])
        if not ids:
            return total
        total += rows.model.objects.filter(pk__in=ids).delete()[0]
