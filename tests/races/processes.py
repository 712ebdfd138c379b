"""Many processes that do one thing at the same moment."""

from __future__ import annotations

import datetime
import multiprocessing
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any
from unittest import mock

from django.db import connections

from adapter.agendas import sqlite_guard
from adapter.agendas.models import Booking, BookingState
from adapter.agendas.queries.availability import read_standing
from adapter.agendas.services import expire, guard
from adapter.agendas.services.configuration import touch_agendas
from adapter.agendas.services.direct_hold import hold_directly
from adapter.agendas.services.guard import exclusive, next_step
from adapter.agendas.services.situation import end_rows
from adapter.agendas.services.writing import change
from tests.support.databases import use_database

# How long a process waits, inside the critical section, for the others to get there too.
MEETING = 60
# After a hold or a confirmation has read, or a change of settings has taken the desks.
AFTER = (read_standing, touch_agendas)
# Before a cancellation writes what it has decided, and before lapsed locks are marked.
BEFORE = (change, expire)


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
        with _step_by_step(), _without(guards, meeting), meeting.at_its_place():
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
        if points.inside and not meeting.met:
            # Nobody waits for a process that never comes.
            points.inside.abort()
        if points.turns:
            points.turns[number].set()
    answers.put((number, answer, meeting.met))


class Meeting:
    """Stops once inside the critical section: what was read is read, and nothing that depends on it is written."""

    def __init__(self, points: Points, number: int) -> None:
        self.points = points
        self.number = number
        self.met = False

    def meet(self) -> None:
        """Wait for the others, once, and then for one's turn."""
        if self.met or not self.points.inside:
            return
        self.met = True
        try:
            self.points.inside.wait(MEETING)
        except threading.BrokenBarrierError:
            pass
        if self.points.turns and self.number:
            assert self.points.turns[self.number - 1].wait(60)

    def _after(self, work: Callable[..., Any]) -> Callable[..., Any]:
        def stopping(*args: Any, **kwargs: Any) -> Any:
            found = work(*args, **kwargs)
            self.meet()
            return found

        return stopping

    def _before(self, work: Callable[..., Any]) -> Callable[..., Any]:
        def stopping(*args: Any, **kwargs: Any) -> Any:
            self.meet()
            return work(*args, **kwargs)

        return stopping

    @contextmanager
    def at_its_place(self) -> Iterator[None]:
        """Meet at the first place that comes."""
        with ExitStack() as stack:
            for work in AFTER:
                stack.enter_context(everywhere(work, self._after(work)))
            for work in BEFORE:
                stack.enter_context(everywhere(work, self._before(work)))
            yield


@contextmanager
def everywhere(work: Callable[..., Any], other: Callable[..., Any]) -> Iterator[None]:
    """``other`` in place of ``work`` in each module that has imported it."""
    with ExitStack() as stack:
        for name, module in list(sys.modules.items()):
            if name.split(".")[0] in ("adapter", "tests") and name != __name__:
                for attribute in [key for key, value in vars(module).items() if value is work]:
                    stack.enter_context(mock.patch.object(module, attribute, other))
        yield


def _step_by_step() -> AbstractContextManager[None]:
    """Holds read, then write, so that they can meet in between: by one statement they only meet in the database."""
    return everywhere(hold_directly, lambda *_, **__: None)


@contextmanager
def _without(guards: Guards, meeting: Meeting) -> Iterator[None]:
    with ExitStack() as stack:
        if not guards.service:
            stack.enter_context(_without_service_guard())
        if not guards.swap:
            stack.enter_context(_without_compare_and_swap(meeting))
        yield


@contextmanager
def _without_service_guard() -> Iterator[None]:
    """No transaction, each statement on its own; versions of desks never move, and no attempt takes desks first."""
    never = mock.patch.object(guard, "CAUTIOUS_FROM", 10**6)
    with everywhere(exclusive, nullcontext), everywhere(next_step, lambda: 0), never:
        yield


@contextmanager
def _without_compare_and_swap(meeting: Meeting) -> Iterator[None]:
    """What was read is believed: rows are written by their number, whatever has become of them."""

    def change_anyway(booking_id: int, *args: Any, **kwargs: Any) -> bool:
        meeting.meet()
        return change(booking_id, *args, **{**kwargs, "expected": {"id": booking_id}, "live": False})

    def end_anyway(found: Iterable[Any], state: str, because: str, now: datetime.datetime) -> int:
        ids = [row.id for row in found]
        return Booking.objects.filter(pk__in=ids).update(state=state, ended_at=now, ended_because=because)

    def expire_anyway(*, now: datetime.datetime, **_: Any) -> int:
        ids = list(Booking.objects.lapsed_locks(now).values_list("pk", flat=True))
        meeting.meet()
        return Booking.objects.filter(pk__in=ids).update(state=BookingState.EXPIRED, ended_at=now)

    with everywhere(change, change_anyway), everywhere(end_rows, end_anyway), everywhere(expire, expire_anyway):
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
