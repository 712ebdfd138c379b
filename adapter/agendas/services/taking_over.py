"""Taking over a lock: an agent goes on where somebody else began, without the slot ever being free in between."""

from __future__ import annotations

import datetime

from adapter.agendas.errors import LockUnknown
from adapter.agendas.models import Booking, BookingState
from adapter.agendas.services.actor import Actor
from adapter.agendas.services.audit import Entry, record
from adapter.agendas.services.guard import exclusive, take_all, whole_seconds
from adapter.agendas.services.lock_rules import bounded_duration, clean_lock_code


def take_over(
    lock_id: int, lock_code: str, *, holder: str, form_slug: str, now: datetime.datetime, actor: Actor
) -> Booking:
    """End a live lock and hold the same desk and time anew under ``lock_code``, for ``holder``; returns the new lock.

    The old row stays in the log of locks as released, the new one has all its time and renewals before it. One
    transaction. Raises :class:`LockUnknown` when the lock lapsed, was released or became a booking.
    """
    now = whole_seconds(now)
    code = clean_lock_code(lock_code)
    with exclusive():
        old = Booking.objects.live_locks(now).filter(pk=lock_id).first()
        if old is None or not code:
            raise LockUnknown
        take_all([old.desk_id])
        # The same condition again: a confirmation may have been faster than the desk was taken.
        ended = (
            Booking.objects.live_locks(now)
            .filter(pk=lock_id)
            .update(state=BookingState.RELEASED, ended_at=now, ended_because="taken over")
        )
        if not ended:
            raise LockUnknown
        seconds = bounded_duration(old.lock_duration, None)
        lock = Booking.objects.create(
            agenda_id=old.agenda_id,
            asked_agenda_id=old.asked_agenda_id,
            desk_id=old.desk_id,
            meeting_type_id=old.meeting_type_id,
            start=old.start,
            end=old.end,
            slots=old.slots,
            state=BookingState.HELD,
            created_at=now,
            lock_code=code,
            lock_duration=seconds,
            expires_at=now + datetime.timedelta(seconds=seconds),
            holder=holder[:150],
            form_slug=form_slug[:250],
        )
        record(
            actor,
            now,
            [
                Entry("lock.taken_over", old.agenda_id, old.pk, {"by": lock.pk}),
                Entry("lock.created", lock.agenda_id, lock.pk, {"from": old.pk}),
            ],
        )
    return lock
