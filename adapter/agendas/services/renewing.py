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
from adapter.agendas.services.guard import StaleRead, attempt, exclusive, take_all, whole_seconds
from adapter.agendas.services.lock_rules import bounded_duration, clean_lock_code, longest_end
from adapter.agendas.services.writing import change


def renew(
    agenda: str, lock_code: str, *, now: datetime.datetime, actor: Actor, duration: int | None = None
) -> list[Booking]:
    """Renew what ``lock_code`` holds on ``agenda``; returns the locks with their new ends.

    Raises ``UnknownAgenda``, :class:`LockUnknown` when nothing is held, :class:`RenewalsExhausted` at the ceiling,
    ``Busy``.
    """
    snapshot, _versions = load_snapshot(agenda)
    moment, code = whole_seconds(now), clean_lock_code(lock_code)
    agendas = [item.id for item in snapshot.real_agendas]

    def renew_once(cautious: bool) -> list[Booking]:
        found = Booking.objects.live_locks(moment).filter(lock_code=code, agenda__in=agendas)
        if cautious:
            take_all(found.values_list("desk", flat=True))
        locks = list(found)
        if not locks:
            raise LockUnknown
        with exclusive():
            renewed = [lock for lock in locks if _extend(lock, moment, actor, duration)]
        if not renewed:
            raise RenewalsExhausted
        return renewed

    return attempt(renew_once)


def renew_when_half_spent(locks: Sequence[KeptLock], *, now: datetime.datetime, actor: Actor | None) -> None:
    """Renew those of the locks that are past half their life: writes at most twice a life."""
    now = whole_seconds(now)
    spent = [lock.id for lock in locks if lock.expires_at - now.timestamp() < lock.duration / 2]
    if spent:
        for lock in Booking.objects.live_locks(now).filter(id__in=spent):
            try:
                _extend(lock, now, actor or Actor.service(""), None)
            except StaleRead:
                # Renewed, confirmed or released meanwhile: it needs nothing more.
                continue


def _extend(lock: Booking, now: datetime.datetime, actor: Actor, duration: int | None) -> bool:
    """Begin a new life; ``False`` at the ceiling. Raises :class:`StaleRead` when the lock has changed meanwhile."""
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
    if not changed:
        raise StaleRead
    lock.expires_at, lock.renewals = ends, lock.renewals + 1
    return True
