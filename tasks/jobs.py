"""The tasks. Each may run twice, late, or in several workers at once: the services see to that."""

from __future__ import annotations

import datetime
import time

import structlog
from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError

from adapter.accounts.guesses import forget_guesses
from adapter.agendas.errors import Busy
from adapter.agendas.models import ExceptionSource
from adapter.agendas.services import Actor, expire
from adapter.agendas.services.callbacks import deliver_due
from adapter.agendas.services.pruning import prune as prune_agendas
from adapter.agendas.services.reminders import send_due
from adapter.agendas.services.retention import anonymize_old, purge_old
from adapter.agendas.services.sentinel import watch
from adapter.agendas.services.sources import refresh_due
from adapter.clock import now, real_now
from adapter.manager.services.titles import learn_titles
from adapter.reconciliation.services import compare, keep
from adapter.wcs.errors import NotConfigured
from adapter.wcs.services import prune_nonces
from tasks.mailing import mail_sender
from tasks.recording import recorded
from tasks.sending import send_to_wcs

logger = structlog.get_logger("adapter.tasks")

# No incident: the database is away or busy, or there is more to do than one run may; the next run goes on.
EXPECTED = (DatabaseError, Busy, SoftTimeLimitExceeded)
CALENDARS = (ExceptionSource.Kind.ICS_URL,)
# An ICS file is read again at night: its endless recurrences must reach further ahead every day.
LOCAL = (ExceptionSource.Kind.HOLIDAYS, ExceptionSource.Kind.ICS_FILE)
# What runs each minute begins nothing new after this: the next run goes on, and other tasks get their turn.
RUN_SECONDS = 45
EXPIRED_AT_ONCE = 20_000
# Less than the time after which a broker gives a message to another worker.
RECONCILE_SECONDS = 600
HOURLY = datetime.timedelta(minutes=55)
DAILY = datetime.timedelta(hours=12)


@shared_task(throws=EXPECTED)
def release_expired_locks() -> None:
    """Mark the locks whose time is over."""
    began, total = time.monotonic(), 0
    with recorded("release_expired_locks") as handled:
        while time.monotonic() - began < RUN_SECONDS:
            done = expire(now=now(), actor=Actor.task("release_expired_locks"), most=EXPIRED_AT_ONCE)
            total += done
            if done < EXPIRED_AT_ONCE:
                break
        handled(total)


@shared_task(throws=EXPECTED)
def deliver_callbacks() -> None:
    """Make the calls that are owed to w.c.s. and due."""
    with recorded("deliver_callbacks") as handled:
        actor = Actor.task("deliver_callbacks")
        run = deliver_due(now=now(), send=send_to_wcs, actor=actor, seconds=RUN_SECONDS)
        handled(run.delivered)


@shared_task(throws=EXPECTED)
def send_reminders() -> None:
    """Send the reminders of appointments that are due."""
    with recorded("send_reminders") as handled, mail_sender() as send:
        actor = Actor.task("send_reminders")
        handled(send_due(now=now(), send=send, actor=actor, seconds=RUN_SECONDS).sent)


@shared_task(throws=EXPECTED)
def learn_form_titles() -> None:
    """Ask w.c.s. what the forms are called in which agents book; each once a day."""
    with recorded("learn_form_titles") as handled:
        handled(learn_titles(now=now()))


@shared_task(throws=EXPECTED)
def refresh_calendars() -> None:
    """Read the calendars of other servers again."""
    with recorded("refresh_calendars") as handled:
        run = refresh_due(CALENDARS, now=now(), actor=Actor.task("refresh_calendars"), older_than=HOURLY)
        handled(run.refreshed)


@shared_task(throws=EXPECTED)
def refresh_holidays() -> None:
    """Work out public holidays, and the recurrences of ICS files, further ahead."""
    with recorded("refresh_holidays") as handled:
        run = refresh_due(LOCAL, now=now(), actor=Actor.task("refresh_holidays"), older_than=DAILY)
        handled(run.refreshed)


@shared_task(throws=EXPECTED)
def apply_retention() -> None:
    """Erase what is personal, and delete appointments, after the days that each agenda says."""
    with recorded("apply_retention") as handled:
        actor = Actor.task("apply_retention")
        handled(anonymize_old(now=now(), actor=actor) + purge_old(now=now(), actor=actor))


@shared_task(throws=EXPECTED)
def watch_overlaps() -> None:
    """Look for two live rows on one desk at one time: there must be none."""
    with recorded("watch_overlaps") as handled:
        handled(len(watch(now=now())))


@shared_task(
    throws=(*EXPECTED, NotConfigured), soft_time_limit=RECONCILE_SECONDS + 60, time_limit=RECONCILE_SECONDS + 120
)
def reconcile() -> None:
    """Compare bookings with the records of w.c.s.; changes nothing, an admin decides."""
    with recorded("reconcile") as handled:
        report = compare(now=now(), seconds=RECONCILE_SECONDS)
        keep(report, now=now(), actor=Actor.task("reconcile"))
        for finding in report.findings:
            logger.warning(
                "does_not_agree", kind=str(finding.kind), repair=str(finding.repair), booking=finding.booking_id
            )
        if report.unreadable:
            logger.warning("not_compared", number=len(report.unreadable), reason=report.unreadable[0].reason)
        handled(len(report.findings))


@shared_task(throws=EXPECTED)
def prune() -> None:
    """Forget used nonces, sessions that ended, and old locks and callbacks."""
    with recorded("prune") as handled:
        call_command("clearsessions")
        keep = datetime.timedelta(days=settings.LOCK_LOG_DAYS)
        handled(prune_nonces(real_now()) + forget_guesses() + prune_agendas(now=now(), keep=keep))
