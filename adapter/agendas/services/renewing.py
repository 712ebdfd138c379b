"""Renewing locks: never for ever."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from django.conf import settings

from adapter.agendas.errors import LockUnknown, RenewalsExhausted
from adapter.agendas.models import Booking, BookingState
from adapter.agendas.queries.kept import KeptLock
from adapter.agendas.queries.snapshot import load_snapshot
from adapter.agendas.services.actor import Actor
from adapter.agendas.services.audit import Entry
from adapter.agendas.services.guard import exclusive, whole_seconds
from adapter.agendas.services.lock_rules import bounded_duration, clean_lock_code, longest_end
from adapter.agendas.services.writing import change


def renew(
    agenda: str, lock_code: str, *, now: datetime.datetime, actor: Actor, duration: int | None = None
) -> list[Booking]:
    """Renew what ``lock_code`` holds on ``agenda``; returns the locks with their new ends.

    Raises ``UnknownAgenda``, :class:`LockUnknown` when nothing is held, :class:`RenewalsExhausted` at the ceiling.
    """
    snapshot, _versions = load_snapshot(agenda)
    now = whole_seconds(now)
    with exclusive():
        locks = list(
            Booking.objects.live_locks(now).filter(
                lock_code=clean_lock_code(lock_code), agenda__in=[item.id for item in snapshot.real_agendas]
            )
        )
        if not locks:
            raise LockUnknown
        renewed = [lock for lock in locks if _extend(lock, now, actor, duration)]
        if not renewed:
            raise RenewalsExhausted
    return renewed


def renew_when_half_spent(locks: Sequence[KeptLock], *, now: datetime.datetime, actor: Actor | None) -> None:
    """Renew those of the locks that are past half their life: writes at most twice a life."""
    now = whole_seconds(now)
    spent = [lock.id for lock in locks if lock.expires_at - now.timestamp() < lock.duration / 2]
    if spent:
        for lock in Booking.objects.live_locks(now).filter(id__in=spent):
            _extend(lock, now, actor or Actor.service(""), None)


def _extend(lock: Booking, now: datetime.datetime, actor: Actor, duration: int | None) -> bool:
    """Compare-and-swap: a lock that was renewed, confirmed or released meanwhile is left as it is."""
    if lock.renewals >= settings.LOCK_RENEWALS_MAX:
        return False
    seconds = bounded_duration(duration if duration is not None else lock.lock_duration, None)
    assert lock.expires_at is not None
    ends = max(lock.expires_at, min(now + datetime.timedelta(seconds=seconds), longest_end(lock)))
    changed = change(
        lock.pk,
        lock.desk_id,
        {"expires_at": ends, "renewals": lock.renewals + 1},
        Entry("lock.renewed", lock.agenda_id, data={"renewals": lock.renewals + 1}),
        actor=actor,
        now=now,
        expected={"state": BookingState.HELD, "expires_at": lock.expires_at, "renewals": lock.renewals},
    )
    if changed:
        lock.expires_at, lock.renewals = ends, lock.renewals + 1
    return changed
