"""The schedule is alive: each task runs when it should."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping

from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from adapter.ops.doctor.lines import Level, Line, age_in_words
from tasks.models import TaskRun
from tasks.schedule import BY_REHEARSALS, DAY, MINUTE, PERIODS, REHEARSALS

# Runs that may be missed before somebody should look, and before it is serious.
LATE, VERY_LATE = 3, 15
NIGHTLY_LATE, NIGHTLY_VERY_LATE = 1.25, 3
# Seconds that an installation, or a start, is given.
SOON = 15 * MINUTE
_START_REHEARSALS = f"See that the worker of rehearsals runs (celery worker -Q {REHEARSALS})."
START_BOTH = "start a worker and one scheduler (celery worker, beat)."


def schedule(now: datetime.datetime) -> Iterator[Line]:
    """Each task has run not long ago, and without failing since; what has just been started is given its time."""
    runs = {run.name: run for run in TaskRun.objects.filter(name__in=[*PERIODS, TaskRun.SCHEDULER])}
    start = runs.pop(TaskRun.SCHEDULER, None)
    started = (now - start.last_run_at).total_seconds() if start else None
    if not runs:
        yield _nothing_yet(started, now)
        return
    known_for = _known_for(runs)
    troubles = [line for name in PERIODS if (line := _task(name, runs.get(name), known_for, started, now))]
    yield from troubles
    if not troubles:
        counted = "All tasks" if len(runs) == len(PERIODS) else f"{len(runs)} of {len(PERIODS)} tasks"
        yield Line("schedule", Level.OK, f"{counted} have run, each when it should.")


def _nothing_yet(started: float | None, now: datetime.datetime) -> Line:
    """Right after an installation that is how it must be."""
    since, age = "the scheduler started", started
    if age is None:
        since, age = "the tables were made", _age_of_tables(now)
    if age is not None and age < SOON:
        return Line(
            "schedule",
            Level.WARNING,
            f"No task has run yet; {since} {age_in_words(age)} ago.",
            f"Some run each minute: look again in two minutes. If none has run by then, {START_BOTH}",
        )
    return Line("schedule", Level.CRITICAL, "No task has ever run.", START_BOTH[0].upper() + START_BOTH[1:])


def _age_of_tables(now: datetime.datetime) -> float | None:
    """Seconds since the tables of the tasks were made."""
    rows = MigrationRecorder(connection).migration_qs.filter(app="tasks").order_by("applied")
    applied = rows.values_list("applied", flat=True).first()
    return (now - applied).total_seconds() if applied else None


def _known_for(runs: Mapping[str, TaskRun]) -> float:
    """For how many seconds, about, the schedule has run here."""
    return max(run.runs * PERIODS[name] for name, run in runs.items())


def _task(
    name: str, run: TaskRun | None, known_for: float, started: float | None, now: datetime.datetime
) -> Line | None:
    period = PERIODS[name]
    late, very_late = (NIGHTLY_LATE, NIGHTLY_VERY_LATE) if period >= DAY else (LATE, VERY_LATE)
    if run is None:
        if known_for < max(late * period, SOON):
            return None
        return Line(
            f"schedule:{name}",
            Level.WARNING,
            f"{name} has never run.",
            _START_REHEARSALS if name in BY_REHEARSALS else "See that one scheduler (celery beat) runs.",
        )
    age = (now - run.last_run_at).total_seconds()
    if started is not None and started < age and age > late * period + MINUTE > started:
        return Line(
            f"schedule:{name}",
            Level.WARNING,
            f"{name} has not run since the scheduler started {age_in_words(started)} ago.",
            "Look again in two minutes; if it has not run by then, see that a worker runs."
            if period < DAY
            else "It runs at night; see tomorrow that it did.",
        )
    late_remedy = "See that a worker and one scheduler run, and that the broker answers."
    if name in BY_REHEARSALS:
        late_remedy = _START_REHEARSALS
    for moment, what, remedy in (
        (run.last_run_at, "last ran", late_remedy),
        (run.last_success_at, "last succeeded", f"Its last error is {run.last_error}; see the worker's log."),
    ):
        age = (now - moment).total_seconds() if moment else float("inf")
        if age > late * period + MINUTE:
            level = Level.CRITICAL if age > very_late * period else Level.WARNING
            when = f"{age_in_words(age)} ago" if moment else "never"
            return Line(f"schedule:{name}", level, f"{name} {what} {when}.", remedy)
    return None
