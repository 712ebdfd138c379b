"""Marking lapsed locks: which, in what batches, and what is told of it."""

from __future__ import annotations

import datetime
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from structlog.testing import capture_logs

from adapter.agendas.models import AuditEvent, Booking, BookingState, Desk
from adapter.agendas.services import Actor, HoldRequest, expire, expiring, hold
from tests.agendas.builders import ALICE, NOW, make_agenda

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

TASK = Actor.task("release_expired_locks")
LATER = NOW + timedelta(hours=1)
MARKING = "_mark_in_one" if connection.vendor == "postgresql" else "_mark"


def locks(count: int) -> list[Booking]:
    """Locks on one desk, of which each ends a second before the one that was made before it."""
    make_agenda(desks=1)
    made = []
    for number in range(count):
        slot = f"passeport:2026-11-24-{9 + number // 3:02}{number % 3 * 20:02}"
        request = HoldRequest("mairie", (slot,), f"K{number}", duration=600 - number)
        made.append(hold(request, now=NOW, actor=ALICE).lock)
    return made


def states() -> list[str]:
    return list(Booking.objects.order_by("pk").values_list("state", flat=True))


@pytest.fixture
def sizes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows each batch was asked for."""
    asked: list[int] = []
    marking = getattr(expiring, MARKING)

    def counting(now: datetime.datetime, actor: Actor, size: int) -> Any:
        asked.append(size)
        assert len(asked) < 9, "it never ends"
        return marking(now, actor, size)

    monkeypatch.setattr(expiring, MARKING, counting)
    return asked


def test_what_is_marked_says_when_it_ended_and_why() -> None:
    first, second = locks(2)
    booked = hold(HoldRequest("mairie", ("passeport:2026-11-24-1100",), "L"), now=NOW, actor=ALICE).lock
    Booking.objects.filter(pk=booked.pk).update(state=BookingState.BOOKED)
    assert expire(now=LATER, actor=TASK) == 2
    for lock in (first, second):
        lock.refresh_from_db()
        assert (lock.state, lock.ended_at, lock.ended_because) == (BookingState.EXPIRED, lock.expires_at, "lapsed")
        event = AuditEvent.objects.get(code="lock.expired", booking_id=lock.pk)
        assert (event.at, event.agenda_id, event.data) == (LATER, lock.agenda_id, {"because": "lapsed"})
        assert (event.actor_kind, event.actor) == (TASK.kind, TASK.name)
    assert states()[2] == BookingState.BOOKED


def test_the_oldest_are_marked_first() -> None:
    locks(3)
    assert expire(now=LATER, actor=TASK, most=1) == 1
    assert states() == [BookingState.HELD, BookingState.HELD, BookingState.EXPIRED]


@pytest.mark.parametrize(
    ("bounds", "asked", "done"),
    [
        ({}, [500], 5),
        ({"batch": 5}, [5, 5], 5),
        ({"batch": 2}, [2, 2, 2], 5),
        ({"batch": 2, "most": 4}, [2, 2], 4),
        ({"batch": 2, "most": 3}, [2, 1], 3),
        ({"batch": 9, "most": 3}, [3], 3),
        ({"most": 0}, [], 0),
    ],
)
def test_batches_stay_within_what_one_run_may_do(
    sizes: list[int], bounds: dict[str, int], asked: list[int], done: int
) -> None:
    locks(5)
    assert expire(now=LATER, actor=TASK, **bounds) == done
    assert sizes == asked
    assert Booking.objects.filter(state=BookingState.EXPIRED).count() == done


def test_a_run_is_one_line_of_the_logs_and_one_without_work_none() -> None:
    locks(3)
    with capture_logs() as logs:
        expire(now=LATER, actor=TASK, batch=2)
        expire(now=LATER, actor=TASK)
    assert logs == [{"event": "lock.expired", "count": 3, "actor_kind": "task", "log_level": "info"}]


def test_desks_move_on_once_in_a_run_and_only_those_of_lapsed_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    make_agenda("annexe")
    [lock, *_] = locks(4)
    before = dict(Desk.objects.values_list("pk", "version"))
    taken: list[set[int]] = []
    take_all = expiring.take_all
    monkeypatch.setattr(expiring, "take_all", lambda desks: (taken.append(set(desks)), take_all(desks)))
    expire(now=LATER, actor=TASK, batch=2)
    assert taken == [{lock.desk_id}]
    after = dict(Desk.objects.values_list("pk", "version"))
    assert {desk for desk in before if after[desk] != before[desk]} == {lock.desk_id}
    expire(now=LATER, actor=TASK)
    assert len(taken) == 1


def test_many_desks_move_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for one busy desk keeps few others waiting."""
    monkeypatch.setattr(expiring, "DESKS_AT_ONCE", 2)
    taken: list[list[int]] = []
    monkeypatch.setattr(expiring, "take_all", lambda desks: taken.append(list(desks)))
    agenda = make_agenda(desks=5)
    for desk in agenda.desks.all():
        hold(HoldRequest("mairie", ("passeport:2026-11-24-0900",), f"K{desk.pk}", desk=desk.slug), now=NOW, actor=ALICE)
    expire(now=LATER, actor=TASK)
    assert [len(desks) for desks in taken] == [2, 2, 1]
    assert sorted(desk for desks in taken for desk in desks) == sorted(agenda.desks.values_list("pk", flat=True))


def test_desks_that_cannot_be_had_are_told_and_the_locks_are_marked_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def busy(_desks: list[int]) -> None:
        raise OperationalError("lock timeout")

    locks(2)
    monkeypatch.setattr(expiring, "take_all", busy)
    with capture_logs() as logs:
        assert expire(now=LATER, actor=TASK) == 2
    assert logs[1:] == [{"event": "desks_not_moved", "error": "OperationalError", "log_level": "warning"}]


def test_a_run_that_fails_on_its_way_has_done_what_it_did(monkeypatch: pytest.MonkeyPatch) -> None:
    [lock, *_] = locks(4)
    before = Desk.objects.get(pk=lock.desk_id).version
    marking = getattr(expiring, MARKING)
    batches = [marking]

    def failing(*arguments: Any) -> Any:
        if not batches:
            raise OSError("gone")
        return batches.pop()(*arguments)

    monkeypatch.setattr(expiring, MARKING, failing)
    with capture_logs() as logs, pytest.raises(OSError):
        expire(now=LATER, actor=TASK, batch=3)
    assert states().count(BookingState.EXPIRED) == 3
    assert Desk.objects.get(pk=lock.desk_id).version != before
    assert [entry["count"] for entry in logs] == [3]


@pytest.mark.postgresql
def test_the_statement_waits_for_no_disk() -> None:
    locks(1)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = on")
        assert expire(now=LATER, actor=TASK) == 1
        cursor.execute("SHOW synchronous_commit")
        assert cursor.fetchone() == ("off",)
