"""A backlog of lapsed locks is cleared in short transactions, while people go on booking."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import OperationalError, connection, connections, transaction

from adapter.agendas.models import Agenda, AuditEvent, Booking, BookingState
from adapter.agendas.services import Actor, BookingRequest, HoldRequest, confirm, expire, expiring, hold
from adapter.clock import now
from tasks.models import TaskRun
from tests.agendas.builders import ALICE, make_agenda

pytestmark = [pytest.mark.both_databases, pytest.mark.servers]

TASK = Actor.task("release_expired_locks")
MINUTE = datetime.timedelta(minutes=1)
COUNT = 4500


@pytest.fixture
def mairie(shared_database) -> Agenda:
    return make_agenda(weekdays=range(7))


def backlog(agenda: Agenda, count: int = COUNT) -> None:
    """Locks that lapsed an hour ago, far ahead on both desks."""
    desks, meeting_type = list(agenda.desks.all()), agenda.meeting_types.get(slug="passeport")
    first, lapsed = now().replace(microsecond=0) + datetime.timedelta(days=400), now() - 60 * MINUTE
    Booking.objects.bulk_create(
        (
            Booking(
                agenda=agenda,
                asked_agenda=agenda,
                desk=desks[number % 2],
                meeting_type=meeting_type,
                start=first + number // 2 * 20 * MINUTE,
                end=first + (number // 2 + 1) * 20 * MINUTE,
                state=BookingState.HELD,
                created_at=lapsed - 10 * MINUTE,
                lock_code=f"K{number}",
                expires_at=lapsed,
            )
            for number in range(count)
        ),
        batch_size=500,
    )


def slot(time: str) -> str:
    return f"passeport:{now().date() + datetime.timedelta(days=8)}-{time}"


class Elsewhere(threading.Thread):
    """``work`` in a thread with a database connection of its own; :meth:`result` raises what it raised."""

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__()
        self.work, self.answer, self.problem = work, None, None
        self.start()

    def run(self) -> None:
        try:
            self.answer = self.work()
        except BaseException as problem:
            self.problem = problem
        finally:
            connections.close_all()

    def result(self) -> object:
        self.join(60)
        assert not self.is_alive()
        if self.problem:
            raise self.problem
        return self.answer


@contextmanager
def uncommitted(work: Callable[[], object]) -> Iterator[Elsewhere]:
    """``work`` was done in a transaction elsewhere, which commits when this ends."""
    inside, go_on = threading.Event(), threading.Event()

    def slowly() -> object:
        with transaction.atomic():
            answer = work()
            inside.set()
            assert go_on.wait(60)
        return answer

    worker = Elsewhere(slowly)
    assert inside.wait(60)
    try:
        yield worker
        assert worker.is_alive()
    finally:
        go_on.set()


def test_thousands_are_cleared_while_others_book(mairie) -> None:
    backlog(mairie)
    worker = Elsewhere(lambda: expire(now=now(), actor=TASK, batch=500))
    for hour in (9, 10, 11):
        for minute in (0, 20, 40):
            time = f"{hour:02}{minute:02}"
            hold(HoldRequest("mairie", (slot(time),), f"L{time}"), now=now(), actor=ALICE)
            confirm(BookingRequest("mairie", (slot(time),), f"L{time}"), now=now(), actor=ALICE)
    assert worker.result() == COUNT
    assert Booking.objects.filter(state=BookingState.BOOKED).count() == 9
    expired = Booking.objects.filter(state=BookingState.EXPIRED)
    assert expired.count() == AuditEvent.objects.filter(code="lock.expired").count() == COUNT
    # The log says when they lapsed, not when they were tidied.
    assert not expired.exclude(ended_at=expired[0].expires_at).exists()


def test_two_workers_share_it(mairie) -> None:
    backlog(mairie)
    workers = [Elsewhere(lambda: expire(now=now(), actor=TASK, batch=250)) for _ in range(2)]
    done = [worker.result() for worker in workers]
    # Rows that one is marking are skipped by the other, which may so end early: the next run finds nothing.
    assert sum(done) + expire(now=now(), actor=TASK) == COUNT
    assert AuditEvent.objects.filter(code="lock.expired").count() == COUNT


@pytest.mark.postgresql
def test_nobody_waits_for_a_batch(mairie) -> None:
    backlog(mairie, 50)
    with uncommitted(lambda: len(expiring._mark_in_one(now(), TASK, 100))) as worker:
        # The batch is written; its desks are those on which people book now.
        hold(HoldRequest("mairie", (slot("0900"),), "L"), now=now(), actor=ALICE)
        confirm(BookingRequest("mairie", (slot("0900"),), "L"), now=now(), actor=ALICE)
    assert worker.result() == 50


@pytest.mark.postgresql
def test_what_somebody_is_changing_is_passed_over(mairie) -> None:
    backlog(mairie, 3)
    confirming = Booking.objects.filter(lock_code="K1")
    with uncommitted(lambda: confirming.update(state=BookingState.BOOKED)) as worker:
        assert expire(now=now(), actor=TASK) == 2
    assert worker.result() == 1
    assert Booking.objects.get(lock_code="K1").state == BookingState.BOOKED
    assert expire(now=now(), actor=TASK) == 0


@pytest.mark.postgresql
def test_later_commits_of_the_connection_wait_for_the_disk(mairie) -> None:
    backlog(mairie, 1)
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = on")
        assert expire(now=now(), actor=TASK) == 1
        cursor.execute("SHOW synchronous_commit")
        assert cursor.fetchone() == ("on",)
        cursor.execute("RESET synchronous_commit")


def test_a_lock_lapses_at_its_second_and_not_before(mairie) -> None:
    lock = hold(HoldRequest("mairie", (slot("0900"),), "K"), now=now(), actor=ALICE).lock
    assert lock.expires_at is not None
    assert expire(now=lock.expires_at - datetime.timedelta(seconds=1), actor=TASK) == 0
    assert expire(now=lock.expires_at, actor=TASK) == 1
    lock.refresh_from_db()
    assert (lock.state, lock.ended_at) == (BookingState.EXPIRED, lock.expires_at)


def test_one_run_can_be_bounded(mairie) -> None:
    backlog(mairie, 50)
    assert expire(now=now(), actor=TASK, batch=20, most=30) == 30
    assert expire(now=now(), actor=TASK, batch=20) == 20


def test_the_task_clears_all_of_it_and_leaves_other_tasks_their_turn(mairie, monkeypatch) -> None:
    from tasks import jobs

    monkeypatch.setattr(jobs, "EXPIRED_AT_ONCE", 20)
    backlog(mairie, 50)
    monkeypatch.setattr(jobs, "RUN_SECONDS", -1)
    jobs.release_expired_locks()
    assert Booking.objects.filter(state=BookingState.HELD).count() == 50
    monkeypatch.setattr(jobs, "RUN_SECONDS", 45)
    jobs.release_expired_locks()
    assert not Booking.objects.filter(state=BookingState.HELD).exists()
    run = TaskRun.objects.get(name="release_expired_locks")
    assert (run.runs, run.last_result) == (2, 50)


def test_a_release_whose_desks_are_busy_has_marked_what_it_says(mairie, monkeypatch) -> None:
    backlog(mairie, 3)

    def busy(_desks: object) -> None:
        raise OperationalError("canceling statement due to lock timeout")

    said: list[str] = []
    monkeypatch.setattr(expiring, "take_all", busy)
    monkeypatch.setattr(expiring.logger, "warning", lambda event, **_: said.append(event))
    assert expire(now=now(), actor=TASK) == 3
    assert said == ["desks_not_moved"]
    assert Booking.objects.filter(state=BookingState.EXPIRED).count() == 3


@pytest.mark.postgresql
def test_lines_of_the_audit_log_do_not_wait_for_their_agenda(mairie) -> None:
    backlog(mairie, 1)
    with transaction.atomic():
        Agenda.objects.select_for_update().get(pk=mairie.pk)
        worker = Elsewhere(lambda: expiring._mark_in_one(now(), TASK, 1))
        assert len(worker.result()) == 1
