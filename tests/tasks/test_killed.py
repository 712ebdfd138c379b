"""A worker killed with ``kill -9`` in the middle of each task: nothing is lost, nothing that matters is done twice."""

from __future__ import annotations

import datetime
import signal
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from adapter.agendas.models import (
    Agenda,
    AuditEvent,
    Booking,
    BookingState,
    Callback,
    CallbackState,
    Closure,
    ExceptionSource,
    Reminder,
    ReminderState,
)
from adapter.agendas.services import BookingDetails, BookingRequest, confirm, expire
from adapter.agendas.services.callbacks import LEASE as CALLBACK_LEASE
from adapter.agendas.services.reminders import LEASE as REMINDER_LEASE
from adapter.clock import now
from tests.agendas.builders import ALICE
from tests.support.celery import Worker, eventually
from tests.support.smtp_double import SmtpDouble
from tests.support.thorough import THOROUGH
from tests.support.wcs_double import SLOW
from tests.tasks.blocking import nobody_writes
from tests.tasks.scenes import lapsed_lock, owe_a_callback, runs, services

# In short on PostgreSQL, where writers do not wait for each other.
DATABASES = pytest.mark.both_databases if THOROUGH else pytest.mark.postgresql
pytestmark = [DATABASES, pytest.mark.servers, pytest.mark.worker]
DAY = datetime.timedelta(days=1)
TIMES = ("0900", "0920", "0940")
Start = Callable[..., Worker]
Queue = Callable[[str], None]


@pytest.fixture
def queue(redis, monkeypatch) -> Queue:
    """``queue(name)`` puts a task into the queue of the workers made by ``start``."""
    from tasks import jobs
    from tasks.app import app

    monkeypatch.setattr(app.conf, "broker_url", f"redis://127.0.0.1:{redis.port}/0")

    def put(name: str) -> None:
        with app.connection_for_write() as link, app.amqp.Producer(link) as producer:
            getattr(jobs, name).apply_async(producer=producer)

    return put


@pytest.fixture
def start(make_worker, redis) -> Start:
    """A worker on the Redis of the test, without schedule."""
    return lambda **environment: make_worker(REDIS_URL=f"redis://127.0.0.1:{redis.port}/0", **environment)


def old_bookings(slot: str) -> list[int]:
    """Appointments of six weeks ago."""
    day = now().date() - 42 * DAY
    then = now() - 50 * DAY
    details = BookingDetails(label="Zoé", user_email="zoe@example.org")
    return [
        confirm(
            BookingRequest("mairie", (f"passeport:{day}-{time}",), details=details), now=then, actor=ALICE
        ).booking.pk
        for time in TIMES
    ]


def kill_while_writing(table: str, name: str, start: Start, queue: Queue, **environment: str) -> None:
    """Start a worker on the task ``name``, and kill it when it cannot go on writing."""
    with nobody_writes(table) as is_waited_for:
        queue(name)
        worker = start(**environment)
        eventually(lambda: is_waited_for(worker), worker)
        worker.stop(signal.SIGKILL)


def finish(name: str, start: Start, queue: Queue, **environment: str) -> Worker:
    """What the schedule does next: the same task again, by another worker."""
    before = runs(name)
    queue(name)
    worker = start(**environment)
    eventually(lambda: runs(name) > before, worker)
    return worker


def happened(code: str) -> list[int | None]:
    return sorted(AuditEvent.objects.filter(code=code).values_list("booking_id", flat=True))


def test_releasing_locks(start, queue, slot) -> None:
    locks = sorted(lapsed_lock(slot.replace("0900", time), time).pk for time in TIMES)
    kill_while_writing("agendas_auditevent", "release_expired_locks", start, queue)
    # One statement on PostgreSQL: whole or not at all, and the server may still finish it for a client that is gone.
    assert len(set(Booking.objects.values_list("state", flat=True))) == 1
    finish("release_expired_locks", start, queue)
    assert set(Booking.objects.values_list("state", flat=True)) == {BookingState.EXPIRED}
    assert happened("lock.expired") == locks


def test_erasing_personal_data(start, queue, slot) -> None:
    bookings = old_bookings(slot)
    Agenda.objects.update(anonymize_after_days=30)
    kill_while_writing("agendas_auditevent", "apply_retention", start, queue)
    assert set(Booking.objects.values_list("label", flat=True)) == {"Zoé"}
    finish("apply_retention", start, queue)
    assert set(Booking.objects.values_list("label", flat=True)) == {""}
    assert happened("booking.anonymized") == bookings


def test_deleting_appointments(start, queue, slot) -> None:
    bookings = old_bookings(slot)
    Agenda.objects.update(purge_after_days=30)
    kill_while_writing("agendas_auditevent", "apply_retention", start, queue)
    assert Booking.objects.count() == len(TIMES)
    finish("apply_retention", start, queue)
    assert not Booking.objects.exists()
    assert happened("booking.purged") == bookings


def test_pruning_the_log_of_locks(start, queue, slot) -> None:
    for time in TIMES:
        lapsed_lock(slot.replace("0900", time), time)
    expire(now=now(), actor=ALICE)
    Booking.objects.update(ended_at=now() - 9 * DAY)
    kill_while_writing("agendas_booking", "prune", start, queue, LOCK_LOG_DAYS="5")
    assert Booking.objects.count() == len(TIMES)
    finish("prune", start, queue, LOCK_LOG_DAYS="5")
    assert not Booking.objects.exists()


def test_working_out_holidays(start, queue, slot) -> None:
    agenda = Agenda.objects.get()
    source = ExceptionSource.objects.create(agenda=agenda, label="Fériés", kind="holidays", country="FR")
    source.desks.set(agenda.desks.all())
    kill_while_writing("agendas_closure", "refresh_holidays", start, queue)
    assert not Closure.objects.exists()
    finish("refresh_holidays", start, queue)
    years = {closure.start.year for closure in Closure.objects.all()}
    assert len(years) >= 3
    # None is there twice.
    assert Closure.objects.count() == len(set(Closure.objects.values_list("start", flat=True)))


def test_looking_for_overlaps(start, queue, slot) -> None:
    kill_while_writing("agendas_booking", "watch_overlaps", start, queue)
    finish("watch_overlaps", start, queue)


@pytest.fixture
def calendar() -> Iterator[tuple[str, threading.Event, threading.Event]]:
    """A calendar at an address; while ``silent`` is set it keeps its readers waiting, and ``asked`` tells of one."""
    silent, asked, closing = threading.Event(), threading.Event(), threading.Event()
    day = (now() + 20 * DAY).strftime("%Y%m%d")
    event = f"BEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:{day}T000000Z\r\nDTSTART:{day}T080000Z\r\nDTEND:{day}T090000Z\r\n"
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:test\r\n{event}SUMMARY:Travaux\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            if silent.is_set():
                asked.set()
                closing.wait()
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/fermetures.ics", silent, asked
    closing.set()
    server.shutdown()
    server.server_close()
    thread.join()


def test_reading_calendars(start, queue, slot, calendar) -> None:
    url, silent, asked = calendar
    agenda = Agenda.objects.get()
    source = ExceptionSource.objects.create(agenda=agenda, label="Site", kind="ics_url", ics_url=url)
    source.desks.set(agenda.desks.all())
    silent.set()
    queue("refresh_calendars")
    worker = start(ICS_PRIVATE_HOSTS_ALLOWED="127.0.0.1")
    eventually(asked.is_set, worker)
    worker.stop(signal.SIGKILL)
    silent.clear()
    finish("refresh_calendars", start, queue, ICS_PRIVATE_HOSTS_ALLOWED="127.0.0.1")
    assert [closure.label for closure in Closure.objects.all()] == ["Travaux"]


def test_calling_wcs(start, queue, slot, wcs) -> None:
    owed = owe_a_callback(wcs, slot)
    wcs.answers = [SLOW]
    queue("deliver_callbacks")
    worker = start(KNOWN_SERVICES=services(wcs))
    eventually(lambda: wcs.calls, worker)
    worker.stop(signal.SIGKILL)
    # Its lease holds: nobody calls a second time while the first call may still be answered.
    finish("deliver_callbacks", start, queue, KNOWN_SERVICES=services(wcs)).stop()
    assert len(wcs.calls) == 1
    ahead = str(int(CALLBACK_LEASE.total_seconds()) + 5)
    finish("deliver_callbacks", start, queue, KNOWN_SERVICES=services(wcs), CLOCK_OFFSET=ahead)
    assert Callback.objects.get(pk=owed.pk).state == CallbackState.DELIVERED
    assert len(wcs.calls) == 2
    assert len(happened("callback.delivered")) == 1


def test_sending_a_reminder(start, queue, slot) -> None:
    Agenda.objects.update(reminder_hours=24 * 9)
    details = BookingDetails(user_email="zoe@example.org")
    booking = confirm(BookingRequest("mairie", (slot,), details=details), now=now() - 2 * DAY, actor=ALICE).booking
    with SmtpDouble() as mail:
        mail.silent.set()
        queue("send_reminders")
        worker = start(EMAIL_URL=mail.url)
        eventually(mail.waiting.is_set, worker)
        worker.stop(signal.SIGKILL)
        assert Reminder.objects.get().state == ReminderState.PENDING
        mail.silent.clear()
        finish("send_reminders", start, queue, EMAIL_URL=mail.url).stop()
        assert mail.messages == []
        ahead = str(int(REMINDER_LEASE.total_seconds()) + 5)
        for _ in range(2):
            finish("send_reminders", start, queue, EMAIL_URL=mail.url, CLOCK_OFFSET=ahead).stop()
        assert [message["To"] for message in mail.messages] == ["zoe@example.org"]
    assert happened("reminder.sent") == [booking.pk]


def test_comparing_with_wcs(start, queue, slot, wcs) -> None:
    details = BookingDetails(backoffice_url=f"{wcs.url}backoffice/management/rendez-vous/1/")
    confirm(BookingRequest("mairie", (slot,), details=details), now=now(), actor=ALICE)
    wcs.answers = [SLOW]
    queue("reconcile")
    worker = start(KNOWN_SERVICES=services(wcs))
    eventually(lambda: wcs.calls, worker)
    worker.stop(signal.SIGKILL)
    finish("reconcile", start, queue, KNOWN_SERVICES=services(wcs))
    # The record is gone, and the task only says so.
    assert Booking.objects.get().state == BookingState.BOOKED
