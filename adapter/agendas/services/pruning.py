"""Forgetting what nobody asks for any more."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import QuerySet

from adapter.agendas.models import Booking, BookingState, Callback, CallbackState

LOCK_STATES = (BookingState.EXPIRED, BookingState.RELEASED)
BATCH = 5000


def prune(*, now: datetime.datetime, keep: datetime.timedelta) -> int:
    """Delete locks that lapsed or were released, and callbacks that ended, longer ago than ``keep``.

    In batches, a transaction each; returns how many rows went. Bookings and the audit log stay.
    """
    before = now - keep
    return _delete(Callback.objects.exclude(state=CallbackState.PENDING).filter(finished_at__lt=before)) + _delete(
        Booking.objects.filter(state__in=LOCK_STATES, ended_at__lt=before, confirmed_at=None)
    )


def _delete(rows: QuerySet[Any]) -> int:
    total = 0
    while True:
        ids = list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])
        if not ids:
            return total
        total += rows.model.objects.filter(pk__in=ids).delete()[0]
