"""Many processes that do one thing at the same moment."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any
from unittest import mock

from django.db import connections

from adapter.agendas import sqlite_guard
from adapter.agendas.services import bookings, configuration, confirming, expiring, guard, holding, situation, writing
from adapter.agendas.services.transfer import importing
from tests.support.databases import use_database

# How long a process waits, inside the critical section, for the others to get there too. Where one of them was refused
# before, it goes on without.
MEETING = 5
# Where: what a hold, a confirmation and a cancellation read; the desks taken by a change of settings; before a batch of
# lapsed locks, which is one statement, is marked.
PLACES = (
    (situation, "read_standing"),
    (bookings, "find_booking"),
    (configuration, "touch_agendas"),
    (importing, "touch_agendas"),
    (expiring, "is_postgres"),
)


@dataclass(frozen=True)
class Guards:
    """Which of the two guards stand."""

    service: bool = True
    database: bool = True


def race(
    config: dict[str, Any], jobs: Sequence[Callable[[], Any]], guards: Guards, *, meet: bool = True
) -> list[tuple[str, Any]]:
    """Run each of ``jobs`` in a process of its own, all at once; answers ``("ok", value)`` or ``("refused", code)``.

    With ``meet`` the processes wait for each other after they have read and before they write.
    """
    context = multiprocessing.get_context("fork")
    start = context.Barrier(len(jobs))
    inside = context.Barrier(len(jobs)) if meet else None
    answers: Any = context.Queue()
    workers = [context.Process(target=_work, args=(config, job, guards, start, inside, answers)) for job in jobs]
    for worker in workers:
        worker.start()
    found = [answers.get(timeout=120) for _ in workers]
    for worker in workers:
        worker.join(timeout=30)
    crashes = [answer for answer in found if answer[0] == "crashed"]
    assert not crashes, crashes
    return found


def _work(
    config: dict[str, Any], job: Callable[[], Any], guards: Guards, start: Any, inside: Any, answers: Any
) -> None:
    try:
        use_database(config)
        with _without_service_guard() if not guards.service else nullcontext(), _meeting(inside):
            connections["default"].ensure_connection()
            start.wait(60)
            try:
                answers.put(("ok", job()))
            except Exception as error:
                code = getattr(error, "code", None)
                answers.put(("refused", code) if code else ("crashed", f"{type(error).__name__}: {error}"))
    except BaseException as error:
        answers.put(("crashed", f"{type(error).__name__}: {error}"))
    finally:
        connections["default"].close()


@contextmanager
def _meeting(inside: Any) -> Iterator[None]:
    """Stop once inside the critical section: after the rows were read, or the desks taken to change settings."""
    if inside is None:
        yield
        return
    met = False

    def meet() -> None:
        nonlocal met
        if not met:
            met = True
            try:
                inside.wait(MEETING)
            except threading.BrokenBarrierError:
                pass

    def and_meet(work: Callable[..., Any]) -> Callable[..., Any]:
        def stopping(*args: Any, **kwargs: Any) -> Any:
            found = work(*args, **kwargs)
            meet()
            return found

        return stopping

    with ExitStack() as stack:
        for module, name in PLACES:
            stack.enter_context(mock.patch.object(module, name, and_meet(getattr(module, name))))
        yield


@contextmanager
def _without_service_guard() -> Iterator[None]:
    """No transaction, no versions: each statement on its own."""

    def take_nothing(*_: Any) -> dict[int, int]:
        return {}

    nothing = "SELECT %(desk)s::bigint AS id"
    with ExitStack() as stack:
        for module in (guard, holding, confirming, bookings, situation, writing):
            stack.enter_context(mock.patch.object(module, "exclusive", nullcontext))
        for module, name in ((holding, "take_desks"), (confirming, "take_desks"), (writing, "take_desks")):
            stack.enter_context(mock.patch.object(module, name, take_nothing))
        for module in (holding, confirming, writing):
            stack.enter_context(mock.patch.object(module, "take_all", take_nothing))
        stack.enter_context(mock.patch.object(guard, "CAUTIOUS_FROM", 10**6))
        stack.enter_context(mock.patch.object(writing, "TAKE_SEEN", nothing))
        stack.enter_context(mock.patch.object(writing, "TAKE_ANY", nothing))
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
    from adapter.agendas.models import Booking

    [constraint] = [item for item in Booking._meta.constraints if item.name == "no_double_booking"]
    with connection.schema_editor() as editor:
        editor.remove_constraint(Booking, constraint)
    try:
        yield
    finally:
        Booking.objects.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(Booking, constraint)
