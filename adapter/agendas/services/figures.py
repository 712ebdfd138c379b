"""Figures for monitoring, read from the database: the same whichever process is asked."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.db.models import Count, Min, Q

from adapter.agendas.models import Booking, BookingState, Callback, CallbackState
from adapter.agendas.queries.locks import half_adapted_locks


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts, and ages in seconds (0 when there is nothing).

    ``half_adapted`` counts the holds of the lock log that named their record without asking to confirm: each is an
    appointment that somebody believes to have.
    """

    live_locks: int
    lapsed_locks: int
    oldest_lapsed_lock: float
    half_adapted: int
    outbox_pending: int
    outbox_failed: int
    oldest_owed: float


def figures(*, now: datetime.datetime) -> Figures:
    """What is there at ``now``. Three queries, each on an index of what stands or waits."""
    locks = Booking.objects.filter(state=BookingState.HELD).aggregate(
        live=Count("pk", filter=Q(expires_at__gt=now)),
        lapsed=Count("pk", filter=Q(expires_at__lte=now)),
        oldest=Min("expires_at"),
    )
    half_adapted = half_adapted_locks(None).count()
    outbox = Callback.objects.exclude(state=CallbackState.DELIVERED).aggregate(
        pending=Count("pk", filter=Q(state=CallbackState.PENDING)),
        failed=Count("pk", filter=Q(state=CallbackState.FAILED)),
        oldest=Min("created_at", filter=Q(state=CallbackState.PENDING)),
    )
    return Figures(
        live_locks=locks["live"],
        lapsed_locks=locks["lapsed"],
        oldest_lapsed_lock=_age(locks["oldest"], now),
        half_adapted=half_adapted,
        outbox_pending=outbox["pending"],
        outbox_failed=outbox["failed"],
        oldest_owed=_age(outbox["oldest"], now),
    )


def _age(moment: datetime.datetime | None, now: datetime.datetime) -> float:
    return max(0.0, (now - moment).total_seconds()) if moment else 0.0
