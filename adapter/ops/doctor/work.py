"""What runs by itself: does it, and has it something left that it should have done?"""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from django.conf import settings
from django.db.models import Q

from adapter.agendas.models import Agenda, Reminder, ReminderState
from adapter.agendas.queries.locks import half_adapted_locks
from adapter.agendas.queries.overlaps import overlaps
from adapter.agendas.services.figures import Figures, figures
from adapter.ops.doctor.lines import Level, Line
from tasks.models import TaskRun
from tasks.schedule import DAY, MINUTE, PERIODS

# Runs that may be missed before somebody should look, and before it is serious.
LATE, VERY_LATE = 3, 15
NIGHTLY_LATE, NIGHTLY_VERY_LATE = 1.25, 3
SOON, LONG = 15 * MINUTE, DAY
WEEK = datetime.timedelta(days=7)
NO_MAIL = ("console", "dummy", "locmem")


def schedule(now: datetime.datetime) -> Iterator[Line]:
    """Each task has run not long ago, and without failing since."""
    runs = {run.name: run for run in TaskRun.objects.filter(name__in=PERIODS)}
    if not runs:
        yield Line(
            "schedule",
            Level.CRITICAL,
            "No task has ever run.",
            "Start a worker and one scheduler (celery worker, beat).",
        )
        return
    troubles = [line for name in PERIODS if (line := _task(name, runs.get(name), _known_for(runs), now))]
    yield from troubles
    if not troubles:
        counted = "All tasks" if len(runs) == len(PERIODS) else f"{len(runs)} of {len(PERIODS)} tasks"
        yield Line("schedule", Level.OK, f"{counted} have run, each when it should.")


def _known_for(runs: dict[str, TaskRun]) -> float:
    """For how many seconds, about, the schedule has run here."""
    return max(run.runs * PERIODS[name] for name, run in runs.items())


def _task(name: str, run: TaskRun | None, known_for: float, now: datetime.datetime) -> Line | None:
    period = PERIODS[name]
    late, very_late = (NIGHTLY_LATE, NIGHTLY_VERY_LATE) if period >= DAY else (LATE, VERY_LATE)
    if run is None:
        if known_for < max(late * period, SOON):
            return None
        return Line(
            f"schedule:{name}", Level.WARNING, f"{name} has never run.", "See that one scheduler (celery beat) runs."
        )
    for moment, what, remedy in (
        (run.last_run_at, "last ran", "See that a worker and one scheduler run, and that the broker answers."),
        (run.last_success_at, "last succeeded", f"Its last error is {run.last_error}; see the worker's log."),
    ):
        age = (now - moment).total_seconds() if moment else float("inf")
        if age > late * period + MINUTE:
            level = Level.CRITICAL if age > very_late * period else Level.WARNING
            when = f"{_age(age)} ago" if moment else "never"
            return Line(f"schedule:{name}", level, f"{name} {what} {when}.", remedy)
    return None


def locks(now: datetime.datetime) -> Iterator[Line]:
    """Lapsed locks are marked. They block nothing meanwhile."""
    found = figures(now=now)
    counted = f"Live locks: {found.live_locks}; lapsed ones to be marked: {found.lapsed_locks}"
    if found.oldest_lapsed_lock > SOON:
        yield Line(
            "locks",
            Level.WARNING,
            f"{counted}, the oldest since {_age(found.oldest_lapsed_lock)}.",
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
        age = _age(found.oldest_owed)
        return Line("outbox", Level.CRITICAL, f"{counted} The oldest waits since {age}.", "See manage.py outbox list.")
    if found.outbox_failed:
        return Line(
            "outbox",
            Level.WARNING,
            f"{counted} Given up: {found.outbox_failed}.",
            "See manage.py outbox list; manage.py outbox retry sends them again.",
        )
    if found.oldest_owed > SOON:
        age = _age(found.oldest_owed)
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


def _age(seconds: float) -> str:
    if seconds < 2 * MINUTE:
        return f"{seconds:.0f} seconds"
    if seconds < 2 * 60 * MINUTE:
        return f"{seconds / MINUTE:.0f} minutes"
    return f"{seconds / 60 / MINUTE:.0f} hours" if seconds < 2 * DAY else f"{seconds / DAY:.0f} days"
