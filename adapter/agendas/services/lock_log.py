"""The log of locks: live ones, and what became of the others."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from adapter.agendas.errors import LockUnknown
from adapter.agendas.models import Booking, BookingState
from adapter.agendas.services.actor import Actor
from adapter.agendas.services.holding import release_locks

LIVE, LAPSED = "held", "expired"


@dataclass(frozen=True, slots=True)
class LoggedLock:
    """A lock as admins see it. ``outcome``: ``held``, ``expired``, ``released``, or how it was confirmed."""

    lock: Booking
    outcome: str

    @property
    def never_confirms(self) -> bool:
        """Held by a call that named its record without asking to confirm, and never confirmed."""
        return self.lock.half_adapted and self.lock.confirmed_at is None

    @property
    def ended(self) -> bool:
        """Whether it ended as a lock; what was confirmed may have ended as an appointment since."""
        return self.outcome in (LAPSED, str(BookingState.RELEASED))

    def as_json(self, *, with_outcome: bool = False) -> dict[str, object]:
        """The keys of ``locks list --json``; with ``outcome`` and ``half_adapted`` for the whole log."""
        lock = self.lock
        more = {"outcome": self.outcome, "half_adapted": self.never_confirms} if with_outcome else {}
        return {
            "lock_code": lock.lock_code,
            "agenda": lock.agenda.slug,
            "desk": lock.desk.slug,
            "meeting_type": lock.meeting_type.slug,
            "start": lock.start.isoformat(),
            "end": lock.end.isoformat(),
            "expires_at": lock.expires_at.isoformat() if lock.expires_at else None,
            "renewals": lock.renewals,
            "holder": lock.holder,
            **more,
        }


def logged_locks(*, now: datetime.datetime, include_lapsed: bool = False, limit: int = 10_000) -> list[LoggedLock]:
    """Live locks by their end; with ``include_lapsed`` also those that ended or became bookings, newest first."""
    live = Booking.objects.live_locks(now).order_by("expires_at", "pk")
    found = [LoggedLock(lock, LIVE) for lock in live.select_related("agenda", "desk", "meeting_type")[:limit]]
    if not include_lapsed:
        return found
    ended = Booking.objects.exclude(lock_code="").exclude(pk__in=[item.lock.pk for item in found])
    rows = ended.select_related("agenda", "desk", "meeting_type").order_by("-pk")[:limit]
    return found + [logged(row, now=now) for row in rows]


def logged(row: Booking, *, now: datetime.datetime) -> LoggedLock:
    """A row of the log of locks with what became of it."""
    return LoggedLock(row, _outcome(row, now))


def _outcome(row: Booking, now: datetime.datetime) -> str:
    if row.state == BookingState.HELD:
        # Past its time it has lapsed, though no task may have marked it yet.
        return LIVE if row.expires_at is not None and row.expires_at > now else LAPSED
    if row.confirmed_at is not None:
        return row.outcome or str(BookingState.BOOKED)
    return row.state


def release_code(lock_code: str, *, now: datetime.datetime, actor: Actor) -> int:
    """Release what a code holds on any agenda; returns how many locks. Raises ``LockUnknown`` when nothing is held."""
    ids = list(Booking.objects.live_locks(now).filter(lock_code=lock_code.strip()).values_list("pk", flat=True))
    released = release_locks(ids, now=now, actor=actor, because="released by an admin")
    if not released:
        raise LockUnknown
    return released
