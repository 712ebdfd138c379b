"""Has what runs by itself something left that it should have done?"""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from django.conf import settings
from django.db.models import Q

from adapter.agendas.models import Agenda, Reminder, ReminderState
from adapter.agendas.queries.locks import half_adapted_locks
from adapter.agendas.queries.overlaps import overlaps
from adapter.agendas.services.figures import Figures, figures
from adapter.ops.doctor.lines import Level, Line, age_in_words
from tasks.models import TaskRun
from tasks.schedule import DAY, MINUTE

# Seconds.
SOON, LONG = 15 * MINUTE, DAY
WEEK = datetime.timedelta(days=7)
NO_MAIL = ("console", "dummy", "locmem")


def locks(now: datetime.datetime) -> Iterator[Line]:
    """Lapsed locks are marked. They block nothing meanwhile."""
    found = figures(now=now)
    counted = f"Live locks: {found.live_locks}; lapsed ones to be marked: {found.lapsed_locks}"
    if found.oldest_lapsed_lock > SOON:
        yield Line(
            "locks",
            Level.WARNING,
            f"{counted}, the oldest since {age_in_words(found.oldest_lapsed_lock)}.",
            "They block nothing; see “schedule”, or run manage.py locks expire.",
        )
    else:
        yield Line("locks", Level.OK, f"{counted}.")
    believed = half_adapted_locks(Q(start__gt=now)).count()
    if believed:
        yield Line(
            "locks",
            Level.WARNING,
            f"Holds to come that named their record and were never confirmed: {believed}.",
            "A workflow is only half adapted: run manage.py wcs check on it, and manage.py reconcile.",
        )


def outbox(now: datetime.datetime) -> Iterator[Line]:
    """What is owed to w.c.s. gets there."""
    found = figures(now=now)
    yield _outbox(found)


def _outbox(found: Figures) -> Line:
    counted = f"Calls owed to w.c.s.: {found.outbox_pending}."
    if found.oldest_owed > LONG:
        age = age_in_words(found.oldest_owed)
        return Line("outbox", Level.CRITICAL, f"{counted} The oldest waits since {age}.", "See manage.py outbox list.")
    if found.outbox_failed:
        return Line(
            "outbox",
            Level.WARNING,
            f"{counted} Given up: {found.outbox_failed}.",
            "See manage.py outbox list; manage.py outbox retry sends them again.",
        )
    if found.oldest_owed > SOON:
        age = age_in_words(found.oldest_owed)
        return Line("outbox", Level.WARNING, f"{counted} The oldest waits since {age}.", "See manage.py outbox list.")
    return Line("outbox", Level.OK, counted)


def reminders(now: datetime.datetime) -> Iterator[Line]:
    """Reminders can leave, and do."""
    asking = Agenda.objects.exclude(reminder_hours=None).count()
    if not asking:
        yield Line("reminders", Level.OK, "No agenda sends reminders.")
        return
    if any(word in settings.EMAIL_BACKEND for word in NO_MAIL):
        yield Line("reminders", Level.WARNING, "Reminders go nowhere: no mail server is set.", "Set EMAIL_URL.")
        return
    failed = Reminder.objects.filter(state=ReminderState.FAILED, next_attempt_at__gt=now - WEEK)
    lost = failed.exclude(last_error="not wanted any more").count()
    if lost:
        yield Line(
            "reminders",
            Level.WARNING,
            f"Reminders of the last week that were given up: {lost}.",
            "See the worker's log.",
        )
    else:
        yield Line("reminders", Level.OK, f"Agendas that send reminders: {asking}.")


def no_overlaps(now: datetime.datetime) -> Iterator[Line]:
    """The rule that never breaks: appointments to come now, past ones by what the sentinel found at night."""
    remedy = "Call one of both, and report this with the audit log of both bookings: it must never happen."
    found = overlaps(now=now, only_to_come=True)
    for overlap in found[:10]:
        place = f"{overlap.agenda}/{overlap.desk}, {overlap.start.isoformat()}"
        text = f"Booking {overlap.booking_id} stands where another one stands ({place})."
        yield Line("overlaps", Level.CRITICAL, text, remedy)
    night = TaskRun.objects.filter(name="watch_overlaps", last_result__gt=0).first()
    if not found and night is not None:
        text = f"Bookings that stood where another one stood, last night: {night.last_result}."
        yield Line("overlaps", Level.CRITICAL, text, f"They are in the worker's log. {remedy}")
    elif not found:
        yield Line("overlaps", Level.OK, "No desk is booked twice at one time.")
