"""Holds by one statement meet inside of PostgreSQL, where all wait for the same desk: exact counts, each guard alone,
and a negative control without any.
"""

from __future__ import annotations

import multiprocessing
import time
from contextlib import nullcontext
from typing import Any

import psycopg
import pytest
from django.db import connections

from adapter.agendas.errors import AgendaError
from adapter.agendas.models import Agenda, Booking, Desk
from adapter.agendas.queries.snapshot import load_snapshot
from adapter.agendas.services import changing, direct_hold
from adapter.agendas.services.direct_hold import hold_directly
from adapter.agendas.services.guard import next_step
from tests.agendas.builders import NOW, make_agenda
from tests.races.processes import everywhere, without_database_guard
from tests.races.test_slots_for_many import hold_as, overlaps
from tests.support.databases import connected, use_database, waiting_for_locks

CLIENTS = 12
PATIENCE = 60.0

pytestmark = [pytest.mark.postgresql, pytest.mark.servers, pytest.mark.usefixtures("shared_database")]


def meet_at_the_desks(config: dict[str, Any], count: int, *, guarded: bool = True) -> list[tuple[str, bool]]:
    """Hold the same slot in so many processes that know the settings, until each waits for a desk; then let go.

    Answers what became of each (``ok``, or the code of a refusal), and whether its one statement was enough.
    """
    context = multiprocessing.get_context("fork")
    answers: Any = context.Queue()
    with connected() as keeper, connected(autocommit=True) as look:
        keeper.execute("SELECT id FROM agendas_desk FOR UPDATE")
        workers = [
            context.Process(target=hold_and_tell, args=(config, f"code-{number}", answers, guarded))
            for number in range(count)
        ]
        for worker in workers:
            worker.start()
        wait_for_a_desk(look, count)
        keeper.rollback()
    found = [answers.get(timeout=PATIENCE) for _ in workers]
    for worker in workers:
        worker.join(timeout=30)
    return found


def hold_and_tell(config: dict[str, Any], code: str, answers: Any, guarded: bool = True) -> None:
    """In a process of its own. Without the service's own guard versions of desks never move."""
    use_database(config)
    direct_hold.forget_vain()
    direct: list[bool] = []
    work = hold_directly

    def noting(*args: Any, **kwargs: Any) -> Any:
        found = work(*args, **kwargs)
        direct.append(found is not None)
        return found

    with (
        nullcontext() if guarded else everywhere(next_step, lambda: 0),
        everywhere(hold_directly, noting),
    ):
        load_snapshot("mairie")
        try:
            hold_as(code)
            answer = "ok"
        except AgendaError as refusal:
            answer = refusal.code
        except Exception as error:
            answer = f"crashed: {error!r}"
    connections["default"].close()
    answers.put((answer, direct[0]))


def wait_for_a_desk(look: psycopg.Connection[Any], count: int) -> None:
    """Until so many processes wait for a row that is locked."""
    until = time.monotonic() + PATIENCE
    while (waiting := waiting_for_locks(look)) < count:
        assert time.monotonic() < until, f"{waiting} of {count} wait for a desk"


@pytest.mark.parametrize(
    ("service", "database"),
    [(True, True), (True, False), (False, True)],
    ids=["both guards", "the service alone", "the database alone"],
)
def test_whoever_waits_for_the_same_desk_gets_no_more_than_there_is(
    shared_database: dict[str, Any], service: bool, database: bool
) -> None:
    make_agenda(desks=2)
    with nullcontext() if database else without_database_guard():
        answers = meet_at_the_desks(shared_database, CLIENTS, guarded=service)
        assert sorted(answer for answer, _ in answers) == ["ok"] * 2 + ["slot-unavailable"] * (CLIENTS - 2)
        # All of them wanted the fairest desk: one got it at once, the others looked again.
        assert sum(direct for _, direct in answers) == 1 or not service
        assert Booking.objects.live_locks(NOW).count() == 2
        assert overlaps() == 0
        Booking.objects.all().delete()


def test_without_any_guard_the_statement_gives_one_desk_to_many(shared_database: dict[str, Any]) -> None:
    make_agenda(desks=2)
    with without_database_guard():
        meet_at_the_desks(shared_database, CLIENTS, guarded=False)
        assert overlaps() > 0
        Booking.objects.all().delete()


def test_settings_that_change_while_it_waits_are_looked_at_again(shared_database: dict[str, Any]) -> None:
    agenda = make_agenda(desks=2)
    context = multiprocessing.get_context("fork")
    changed, commit, answers = context.Event(), context.Event(), context.Queue()

    def close() -> None:
        use_database(shared_database)
        with changing(Agenda.objects.get(pk=agenda.pk)):
            Desk.objects.filter(agenda=agenda).update(enabled=False)
            changed.set()
            assert commit.wait(PATIENCE)
        connections["default"].close()

    closing = context.Process(target=close)
    closing.start()
    assert changed.wait(PATIENCE)
    # The change is made and cannot be seen yet: the hold gets as far as the desk.
    holding = context.Process(target=hold_and_tell, args=(shared_database, "alice", answers))
    holding.start()
    with connected(autocommit=True) as look:
        wait_for_a_desk(look, 1)
    commit.set()
    assert answers.get(timeout=PATIENCE) == ("slot-unavailable", False)
    for process in (closing, holding):
        process.join(timeout=30)
    assert not Booking.objects.exists()
