"""Keeping the last run of each task."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from django.db import DatabaseError
from django.db.models import F

from adapter.clock import now
from tasks.models import TaskRun

logger = structlog.get_logger("adapter.tasks")


@contextmanager
def recorded(name: str) -> Iterator[Callable[[int], None]]:
    """Record that ``name`` runs, and how it ends; the block calls what it is given with the number of things done.

    An error goes on to the caller. The record itself is no reason to fail: without a database it is left out.
    """
    began = time.monotonic()
    result: list[int] = []
    error = ""
    try:
        yield result.append
    except BaseException as problem:
        error = type(problem).__name__
        raise
    finally:
        milliseconds = round((time.monotonic() - began) * 1000)
        handled = result[-1] if result else None
        logger.info("task_run", task=name, handled=handled, error=error, ms=milliseconds)
        try:
            _save(name, handled, error, milliseconds)
        except DatabaseError as problem:
            logger.warning("task_run_not_recorded", task=name, error=type(problem).__name__)


def scheduler_started() -> None:
    """Note when the scheduler began; without a database nothing is noted.

    A start after one that no task has followed does not count: a scheduler that dies again and again began once.
    """
    try:
        known = TaskRun.objects.filter(name=TaskRun.SCHEDULER).values_list("last_run_at", flat=True).first()
        if known is None or TaskRun.objects.filter(last_run_at__gt=known).exists():
            _save(TaskRun.SCHEDULER, None, "", 0)
    except DatabaseError as problem:
        logger.warning("scheduler_start_not_recorded", error=type(problem).__name__)


def _save(name: str, handled: int | None, error: str, milliseconds: int) -> None:
    moment = now()
    TaskRun.objects.get_or_create(name=name, defaults={"last_run_at": moment})
    changes = {
        "last_run_at": moment,
        "duration_ms": milliseconds,
        "runs": F("runs") + 1,
        "last_error": error,
    }
    if error:
        changes["failures"] = F("failures") + 1
    else:
        changes.update(last_success_at=moment, last_result=handled)
    TaskRun.objects.filter(name=name).update(**changes)
