"""Delivering the calls that are owed to w.c.s. (the outbox): at least once, in order for one booking.

A callback is claimed by moving its ``next_attempt_at`` on, by compare-and-swap: that is a lease. Who dies with a lease
loses it when it ends, and the call is made again. Contract: wcs-runtime §8, chrono-api §10.
"""

from __future__ import annotations

import datetime
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.dispatch import Signal

from adapter.agendas.models import Callback, CallbackState
from adapter.agendas.services.actor import Actor
from adapter.agendas.services.audit import Entry, record
from adapter.agendas.services.guard import exclusive

logger = structlog.get_logger("adapter.callbacks")

# Sent after the transaction that owes a callback is committed. Whoever listens must be quick and never fail.
callback_owed = Signal()

# Longer than any attempt may take.
LEASE = datetime.timedelta(minutes=2)
GIVE_UP_AFTER = datetime.timedelta(days=3)
FIRST_DELAY = datetime.timedelta(seconds=30)
# A record that is running its workflow is free again soon.
FIRST_DELAY_PROCESSING = datetime.timedelta(seconds=10)
LONGEST_DELAY = datetime.timedelta(hours=1)
LONGEST_DELAY_PROCESSING = datetime.timedelta(minutes=5)
JITTER = 0.25
GONE = (404, 410)
PROCESSING = "processing"
ATTENDANCE = (Callback.Kind.PRESENCE, Callback.Kind.ABSENCE)


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of one attempt: the HTTP status (``None``: no answer) and a short text without personal data."""

    status: int | None
    error: str = ""

    @property
    def delivered(self) -> bool:
        """Any 2xx: w.c.s. ran the actions."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def processing(self) -> bool:
        """The record was busy with its own workflow (wcs-runtime §8.1)."""
        return self.status == 403 and PROCESSING in self.error.lower()


class AddressNotKnown(Exception):
    """The address is not one of a known service: it is never called."""


Send = Callable[[Callback], Sent]


@dataclass(slots=True)
class Delivery:
    """How a run went."""

    delivered: int = 0
    retried: int = 0
    failed: int = 0

    @property
    def attempts(self) -> int:
        """Calls made."""
        return self.delivered + self.retried + self.failed


def announce_owed(callback: Callback) -> None:
    """Tell listeners about ``callback`` once the running transaction is committed."""
    transaction.on_commit(lambda: _announce(callback.pk), robust=True)


def _announce(callback_id: int) -> None:
    for _receiver, answer in callback_owed.send_robust(sender=Callback, callback_id=callback_id):
        if isinstance(answer, Exception):
            logger.warning("callback_not_announced", callback=callback_id, error=type(answer).__name__)


def due(now: datetime.datetime) -> QuerySet[Callback]:
    """Callbacks to be tried at ``now``, the one that waits longest first.

    Presence and absence of one booking go out in the order in which they were recorded: a late retry must not undo
    what came after it.
    """
    earlier = Callback.objects.filter(
        booking=OuterRef("booking"), pk__lt=OuterRef("pk"), state=CallbackState.PENDING, kind__in=ATTENDANCE
    )
    return (
        Callback.objects.filter(state=CallbackState.PENDING, next_attempt_at__lte=now)
        .exclude(Q(kind__in=ATTENDANCE) & Exists(earlier))
        .order_by("next_attempt_at", "pk")
    )


def deliver_due(
    *, now: datetime.datetime, send: Send, actor: Actor, limit: int = 200, seconds: float | None = None
) -> Delivery:
    """Send up to ``limit`` callbacks that are due, one at a time; any number of workers may do it at once.

    After ``seconds`` no further call is begun: a slow w.c.s. must not keep a worker from everything else.

    ``send`` makes the call and raises :class:`AddressNotKnown` for an address that may not be called; whatever else it
    raises counts as no answer. ``now`` goes on with the clock while calls are made.
    """
    began = time.monotonic()

    def moment() -> datetime.datetime:
        return now + datetime.timedelta(seconds=time.monotonic() - began)

    run = Delivery()
    while run.attempts < limit and (seconds is None or time.monotonic() - began < seconds):
        claimed = _claim(moment())
        if claimed is None:
            break
        try:
            sent = send(claimed)
        except AddressNotKnown as refusal:
            _fail(claimed, Sent(None, str(refusal) or "address not known"), moment(), actor)
            run.failed += 1
            continue
        except SoftTimeLimitExceeded:
            raise
        except Exception as error:
            # An attempt that breaks is an attempt that failed: the others must still go out.
            logger.exception("callback_send_broke", callback=claimed.pk)
            sent = Sent(None, type(error).__name__)
        _settle(claimed, sent, moment(), actor, run)
    return run


def _claim(now: datetime.datetime) -> Callback | None:
    """Take the lease of one callback that is due; ``None`` when none is left."""
    while True:
        callback = due(now).first()
        if callback is None:
            return None
        until = now + LEASE
        taken = Callback.objects.filter(
            pk=callback.pk, state=CallbackState.PENDING, next_attempt_at=callback.next_attempt_at
        ).update(next_attempt_at=until, attempts=F("attempts") + 1)
        if taken:
            callback.next_attempt_at = until
            callback.attempts += 1
            return callback


def _settle(callback: Callback, sent: Sent, now: datetime.datetime, actor: Actor, run: Delivery) -> None:
    if sent.delivered:
        _deliver(callback, sent, now, actor)
        run.delivered += 1
        return
    again_at = now + back_off(callback.attempts, sent)
    if sent.status in GONE or again_at > callback.created_at + GIVE_UP_AFTER:
        _fail(callback, sent, now, actor)
        run.failed += 1
        return
    _leased(callback).update(next_attempt_at=again_at, last_status=sent.status, last_error=sent.error[:300])
    logger.info("callback_retried_later", callback=callback.pk, status=sent.status, attempts=callback.attempts)
    run.retried += 1


def back_off(attempts: int, sent: Sent, chance: Callable[[], float] = random.random) -> datetime.timedelta:
    """How long to wait after the attempt of that number: doubling, bounded, a quarter more or less by chance."""
    first, longest = (
        (FIRST_DELAY_PROCESSING, LONGEST_DELAY_PROCESSING) if sent.processing else (FIRST_DELAY, LONGEST_DELAY)
    )
    # The exponent is bounded before it is used: attempts may be many.
    delay = min(first * 2 ** min(attempts - 1, 16), longest)
    return delay * (1 - JITTER + 2 * JITTER * chance())


def _leased(callback: Callback) -> QuerySet[Callback]:
    """The row, as long as the lease is ours: another worker may have taken it over from a slow one."""
    return Callback.objects.filter(
        pk=callback.pk, state=CallbackState.PENDING, next_attempt_at=callback.next_attempt_at
    )


def _deliver(callback: Callback, sent: Sent, now: datetime.datetime, actor: Actor) -> None:
    with exclusive():
        # Whoever holds the lease now: it is delivered.
        done = Callback.objects.filter(pk=callback.pk, state=CallbackState.PENDING).update(
            state=CallbackState.DELIVERED, finished_at=now, last_status=sent.status, last_error=""
        )
        if done:
            record(actor, now, [_entry("callback.delivered", callback)])


def _fail(callback: Callback, sent: Sent, now: datetime.datetime, actor: Actor) -> None:
    with exclusive():
        done = _leased(callback).update(
            state=CallbackState.FAILED, finished_at=now, last_status=sent.status, last_error=sent.error[:300]
        )
        if done:
            record(actor, now, [_entry("callback.failed", callback, status=sent.status, attempts=callback.attempts)])
    logger.warning("callback_given_up", callback=callback.pk, status=sent.status, attempts=callback.attempts)


def retry(callback_id: int, *, now: datetime.datetime, actor: Actor) -> bool:
    """Try a callback again at once, with three new days before it is given up.

    ``False`` when it was delivered, or would tell a presence or absence that was corrected since.

    One that is being sent at this moment may be sent twice, as any callback may.
    """
    with exclusive():
        callback = Callback.objects.select_related("booking").filter(pk=callback_id).first()
        if callback is None or callback.outdated:
            return False
        changed = (
            Callback.objects.filter(pk=callback_id)
            .exclude(state=CallbackState.DELIVERED)
            .update(state=CallbackState.PENDING, created_at=now, next_attempt_at=now, attempts=0, finished_at=None)
        )
        if not changed:
            return False
        record(actor, now, [_entry("callback.retried", callback)])
        announce_owed(callback)
    return True


def _entry(code: str, callback: Callback, **data: object) -> Entry:
    booking = callback.booking
    return Entry(code, booking.agenda_id, booking.pk, {"callback": callback.pk, "kind": str(callback.kind), **data})
