"""Reminders by e-mail before appointments: sent once, whoever runs this how often.

A reminder is taken on by writing its row (there can be only one for a booking) with the end of a lease, and settled
when the mail server has taken the message. Who dies in between loses the lease when it ends, and a later run sends the
message with the same Message-ID: mail systems show one that came twice once.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db.models import F, QuerySet

from adapter.agendas.models import Agenda, Booking, BookingState, Reminder, ReminderState
from adapter.agendas.services.actor import Actor
from adapter.agendas.services.audit import Entry, record
from adapter.agendas.services.guard import exclusive
from adapter.agendas.services.reminder_messages import ReminderMessage, compose

logger = structlog.get_logger("adapter.reminders")

# Longer than a mail server may take for one message.
LEASE = datetime.timedelta(minutes=5)
FIRST_DELAY = datetime.timedelta(minutes=5)
LONGEST_DELAY = datetime.timedelta(hours=1)
# After so many failures in a row it is the mail server that is ill: the next run goes on.
PATIENCE = 3
# Rows read at once for one agenda.
LIMIT = 500


class ReminderRefused(Exception):
    """The mail server will never take this message, such as for an address that does not exist."""


Send = Callable[[ReminderMessage], None]


@dataclass(slots=True)
class ReminderRun:
    """How a run went."""

    sent: int = 0
    retried: int = 0
    failed: int = 0


def send_due(*, now: datetime.datetime, send: Send, actor: Actor, seconds: float | None = None) -> ReminderRun:
    """Send reminders that are due; any number of workers may do it at once. After ``seconds`` none is begun any more.

    ``send`` raises :class:`ReminderRefused` for a message that is refused for good; whatever else it raises is tried
    again with growing pauses, until the appointment begins. An appointment made later than its reminder would have
    been sent gets none: the person has just been told.
    """
    began = time.monotonic()
    run = ReminderRun()
    failures = 0
    for reminder in _claimed(now, began, seconds):
        moment = _later(now, began)
        booking = _still_wanted(reminder, moment)
        if booking is None:
            continue
        try:
            send(compose(booking))
        except ReminderRefused as refusal:
            _settle(reminder, ReminderState.FAILED, str(refusal), moment, actor)
            run.failed += 1
        except SoftTimeLimitExceeded:
            raise
        except Exception as problem:
            # Whatever a mail library raises; the address is in some of their messages, so only the kind is kept.
            _put_off(reminder, booking, type(problem).__name__, moment, actor)
            run.retried += 1
            failures += 1
            if failures >= PATIENCE:
                logger.warning("mail_server_unavailable", error=type(problem).__name__)
                break
            continue
        else:
            _settle(reminder, ReminderState.SENT, "", _later(now, began), actor)
            run.sent += 1
        failures = 0
    return run


def due_bookings(agenda: Agenda, now: datetime.datetime) -> Iterator[int]:
    """Numbers of the bookings whose reminder is due and not taken on, the first to begin first."""
    ahead = datetime.timedelta(hours=agenda.reminder_hours or 0)
    found = (
        Booking.objects.filter(
            agenda=agenda,
            state=BookingState.BOOKED,
            # ``end`` is what the index of standing rows begins with.
            end__gt=now,
            start__gt=now,
            start__lte=now + ahead,
            confirmed_at__lte=F("start") - ahead,
            reminder=None,
        )
        .exclude(user_email="", extra_emails=[])
        .order_by("start", "pk")
    )
    return iter(list(found.values_list("pk", flat=True)[:LIMIT]))


def _claimed(now: datetime.datetime, began: float, seconds: float | None) -> Iterator[Reminder]:
    """Reminders taken on one at a time, those to be tried again first."""

    def late() -> bool:
        return seconds is not None and time.monotonic() - began > seconds

    again = Reminder.objects.filter(state=ReminderState.PENDING, next_attempt_at__lte=now).order_by("next_attempt_at")
    for reminder in list(again[:LIMIT]):
        if late():
            return
        until = _later(now, began) + LEASE
        taken = Reminder.objects.filter(
            pk=reminder.pk, state=ReminderState.PENDING, next_attempt_at=reminder.next_attempt_at
        ).update(next_attempt_at=until, attempts=F("attempts") + 1)
        if taken:
            reminder.next_attempt_at, reminder.attempts = until, reminder.attempts + 1
            yield reminder
    for agenda in Agenda.objects.exclude(reminder_hours=None):
        for booking_id in due_bookings(agenda, now):
            if late():
                return
            until = _later(now, began) + LEASE
            reminder, created = Reminder.objects.get_or_create(
                booking_id=booking_id, defaults={"next_attempt_at": until, "attempts": 1}
            )
            if created:
                yield reminder


def _later(now: datetime.datetime, began: float) -> datetime.datetime:
    return now + datetime.timedelta(seconds=time.monotonic() - began)


def _still_wanted(reminder: Reminder, now: datetime.datetime) -> Booking | None:
    """The booking, unless it was cancelled or erased meanwhile, or has begun: then nothing is sent any more."""
    booking = Booking.objects.select_related("agenda", "desk", "meeting_type").get(pk=reminder.booking_id)
    if booking.state == BookingState.BOOKED and booking.start > now and compose(booking).recipients:
        return booking
    _leased(reminder).update(state=ReminderState.FAILED, last_error="not wanted any more")
    return None


def _leased(reminder: Reminder) -> QuerySet[Reminder]:
    """The row, as long as the lease is ours: another worker may have taken it over from a slow one."""
    return Reminder.objects.filter(
        pk=reminder.pk, state=ReminderState.PENDING, next_attempt_at=reminder.next_attempt_at
    )


def _settle(reminder: Reminder, state: ReminderState, error: str, now: datetime.datetime, actor: Actor) -> None:
    code = "reminder.sent" if state == ReminderState.SENT else "reminder.failed"
    with exclusive():
        # Whoever holds the lease now: what was sent is sent.
        rows = Reminder.objects.filter(pk=reminder.pk, state=ReminderState.PENDING)
        sent_at = now if state == ReminderState.SENT else None
        if rows.update(state=state, sent_at=sent_at, last_error=error[:100]):
            booking = Booking.objects.get(pk=reminder.booking_id)
            record(actor, now, [Entry(code, booking.agenda_id, booking.pk)])


def _put_off(reminder: Reminder, booking: Booking, error: str, now: datetime.datetime, actor: Actor) -> None:
    again_at = now + min(FIRST_DELAY * 2 ** min(reminder.attempts - 1, 10), LONGEST_DELAY)
    if again_at >= booking.start:
        _settle(reminder, ReminderState.FAILED, error, now, actor)
        return
    _leased(reminder).update(next_attempt_at=again_at, last_error=error[:100])
    logger.info("reminder_retried_later", booking=booking.pk, attempts=reminder.attempts, error=error)
