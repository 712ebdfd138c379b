"""Many processes that do one thing at the same moment."""

from __future__ import annotations

import datetime
import multiprocessing
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any
from unittest import mock

from django.db import connections

from adapter.agendas import sqlite_guard
from adapter.agendas.models import Booking
from adapter.agendas.services import bookings, configuration, confirming, expiring, guard, holding, situation, writing
from adapter.agendas.services.setup import rows
from adapter.agendas.services.transfer import importing
from tests.support.databases import use_database

# How long a process waits, inside the critical section, for the others to get there too. Where one of them was refused
# before, it goes on without.
MEETING = 5
# Where: what a hold, a confirmation and a cancellation read; the desks taken by a change of settings; before a batch of
# lapsed locks, which is one statement, is marked.
BATCH = (expiring, "is_postgres")
PLACES = (
    (situation, "read_standing"),
    (bookings, "_standing_row"),
    (configuration, "touch_agendas"),
    (rows, "touch_agendas"),
    (importing, "touch_agendas"),
    BATCH,
)
# Without compare-and-swap a batch is read first and written afterwards: this is asked for between the two.
BATCH_READ_FIRST = (expiring, "F")


@dataclass(frozen=True)
class Guards:
    """Which guards stand: versions of desks and transactions (``service``), the constraint or the triggers
    (``database``), and that a row changes only while it is what was read (``swap``).
    """

    service: bool = True
    database: bool = True
    swap: bool = True


NO_GUARD = Guards(service=False, database=False, swap=False)


@dataclass(frozen=True)
class Points:
    """Where processes wait for each other: at the start, inside the critical section, and (in turn) to go on there."""

    start: Any
    inside: Any
    turns: list[Any]


def race(
    config: dict[str, Any],
    jobs: Sequence[Callable[[], Any]],
    guards: Guards,
    *,
    meet: bool = True,
    in_turn: bool = False,
) -> list[tuple[str, Any]]:
    """Run each of ``jobs`` in a process of its own, all at once; answers ``("ok", value)`` or ``("refused", code)``.

    With ``meet`` the processes wait for each other after they have read and before they write: it is an error when none
    did. ``in_turn``: all meet there, then they go on one after the other, and the answers are in the order of ``jobs``.
    """
    context = multiprocessing.get_context("fork")
    points = Points(
        start=context.Barrier(len(jobs)),
        inside=context.Barrier(len(jobs)) if meet else None,
        turns=[context.Event() for _ in jobs] if in_turn else [],
    )
    answers: Any = context.Queue()
    workers = [
        context.Process(target=_work, args=(config, job, guards, points, number, answers))
        for number, job in enumerate(jobs)
    ]
    for worker in workers:
        worker.start()
    found = sorted((answers.get(timeout=120) for _ in workers), key=lambda answer: answer[0])
    for worker in workers:
        worker.join(timeout=30)
    crashes = [answer for _, answer, _ in found if answer[0] == "crashed"]
    assert not crashes, crashes
    late = [number for number, _, met in found if not met]
    assert not (meet and late), f"never inside the critical section: {late}"
    return [answer for _, answer, _ in found]


def _work(
    config: dict[str, Any], job: Callable[[], Any], guards: Guards, points: Points, number: int, answers: Any
) -> None:
    meeting = Meeting(points, number)
    answer: tuple[str, Any]
    try:
        use_database(config)
        with _step_by_step(), _without(guards), meeting.at(PLACES if guards.swap else (*PLACES[:-1], BATCH_READ_FIRST)):
            connections["default"].ensure_connection()
            points.start.wait(60)
            try:
                answer = ("ok", job())
            except Exception as error:
                code = getattr(error, "code", None)
                answer = ("refused", code) if code else ("crashed", f"{type(error).__name__}: {error}")
    except BaseException as error:
        answer = ("crashed", f"{type(error).__name__}: {error}")
    finally:
        connections["default"].close()
        if points.turns:
            points.turns[number].set()
    answers.put((number, answer, meeting.met))


class Meeting:
    """Stops once inside the critical section: after the rows were read, or the desks taken to change settings."""

    def __init__(self, points: Points, number: int) -> None:
        self.points = points
        self.number = number
        self.met = False

    def _meet(self) -> None:
        if self.met:
            return
        self.met = True
        try:
            self.points.inside.wait(MEETING)
        except threading.BrokenBarrierError:
            pass
        if self.points.turns and self.number:
            assert self.points.turns[self.number - 1].wait(60)

    def _and_meet(self, work: Callable[..., Any]) -> Callable[..., Any]:
        def stopping(*args: Any, **kwargs: Any) -> Any:
            found = work(*args, **kwargs)
            self._meet()
            return found

        return stopping

    @contextmanager
    def at(self, places: Sequence[tuple[Any, str]]) -> Iterator[None]:
        """Meet there, whichever comes first."""
        with ExitStack() as stack:
            for module, name in places if self.points.inside else ():
                stack.enter_context(mock.patch.object(module, name, self._and_meet(getattr(module, name))))
            yield


def _step_by_step() -> AbstractContextManager[Any]:
    """Holds read, then write, so that they can meet in between: by one statement they only meet in the database."""
    return mock.patch.object(holding, "hold_directly", return_value=None)


@contextmanager
def _without(guards: Guards) -> Iterator[None]:
    with ExitStack() as stack:
        if not guards.service:
            stack.enter_context(_without_service_guard())
        if not guards.swap:
            stack.enter_context(_without_compare_and_swap())
        yield


@contextmanager
def _without_service_guard() -> Iterator[None]:
    """No transaction, no versions: each statement on its own."""

    def take_nothing(*_: Any) -> dict[int, int]:
        return {}

    nothing = "SELECT %(desk)s::bigint AS id"
    with ExitStack() as stack:
        for module in (guard, holding, confirming, bookings, situation, writing, expiring):
            stack.enter_context(mock.patch.object(module, "exclusive", nullcontext))
        for module, name in ((holding, "take_desks"), (confirming, "take_desks"), (writing, "take_desks")):
            stack.enter_context(mock.patch.object(module, name, take_nothing))
        for module in (holding, confirming, writing, situation, expiring):
            stack.enter_context(mock.patch.object(module, "take_all", take_nothing))
        stack.enter_context(mock.patch.object(guard, "CAUTIOUS_FROM", 10**6))
        stack.enter_context(mock.patch.object(writing, "TAKE_SEEN", nothing))
        stack.enter_context(mock.patch.object(writing, "TAKE_ANY", nothing))
        yield


@contextmanager
def _without_compare_and_swap() -> Iterator[None]:
    """What was read is believed: rows are written by their number, whatever has become of them."""

    def change(booking_id: int, *args: Any, **kwargs: Any) -> bool:
        return writing.change(booking_id, *args, **{**kwargs, "expected": {"id": booking_id}, "live": False})

    def end_rows(found: Iterable[Any], state: str, because: str, now: datetime.datetime) -> int:
        ids = [row.id for row in found]
        return Booking.objects.filter(pk__in=ids).update(state=state, ended_at=now, ended_because=because)

    def read_first() -> bool:
        return False

    with ExitStack() as stack:
        for module in (holding, confirming, bookings):
            stack.enter_context(mock.patch.object(module, "change", change))
        for module in (holding, confirming):
            stack.enter_context(mock.patch.object(module, "end_rows", end_rows))
        stack.enter_context(mock.patch.object(expiring, "is_postgres", read_first))
        yield


@contextmanager
def without_database_guard() -> Iterator[None]:
    """Drop the constraint or the triggers. Rows that conflict must be gone before it ends."""
    connection = connections["default"]
    if connection.vendor == "sqlite":
        sqlite_guard.remove(connection)
        try:
            yield
        finally:
            sqlite_guard.install(connection)
        return
    [constraint] = [item for item in Booking._meta.constraints if item.name == "no_double_booking"]
    with connection.schema_editor() as editor:
        editor.remove_constraint(Booking, constraint)
    try:
        yield
    finally:
        Booking.objects.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(Booking, constraint)
