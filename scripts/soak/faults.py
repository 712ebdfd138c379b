"""What is done to the site, in turn."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from scripts.soak.course import Course
from scripts.soak.site import Site
from scripts.soak.wcs import FAILS, LATE, TWICE

# Seconds.
BETWEEN = 3.0
CONTENTION = 11.5
FROZEN = 6.0
AWAY = 3.0
MOOD = 6.0
CLOCK = 60
# As long as the longest lasts on a machine that has other work; a run goes on so long for its first turn only.
LONGEST = 60.0
# How long a mood may wait for a hook.
MEETING = 30.0
# Part of the run after which web processes are left alone: their memory is looked at.
WEB_SETTLES = 0.6


@dataclass(frozen=True)
class Fault:
    """``inject`` returns when the fault is over and everything runs again."""

    name: str
    inject: Callable[[Site, Course], None]
    ends_web: bool = False


def kill_web_process(site: Site, course: Course) -> None:
    """kill -9 of one process that answers."""
    _kill(random.choice(site.web_processes()))


def kill_web(site: Site, course: Course) -> None:
    """kill -9 of the whole web server."""
    site.web.kill()
    site.web.start()


def kill_worker(site: Site, course: Course) -> None:
    """kill -9 of the Celery worker and the scheduler."""
    site.worker.stop(signal.SIGKILL)
    site.worker.start()


def kill_redis(site: Site, course: Course) -> None:
    """kill -9 of Redis: everything in it is lost."""
    site.redis.kill()
    course.pause(AWAY)
    site.redis.start()


def kill_postgres_process(site: Site, course: Course) -> None:
    """kill -9 of one process of PostgreSQL: it ends all connections and recovers."""
    with psycopg.connect(site.database_url) as connection:
        row = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            " ORDER BY random() LIMIT 1"
        ).fetchone()
    if row:
        _kill(row[0])


def kill_postgres(site: Site, course: Course) -> None:
    """kill -9 of all of PostgreSQL."""
    site.postgres.kill(site.postgres_processes())
    course.pause(AWAY)
    site.postgres.start()


def contention(site: Site, course: Course) -> None:
    """Somebody sits on all desks for longer than anybody waits for a lock."""
    with psycopg.connect(site.database_url) as connection:
        connection.execute("SELECT id FROM agendas_desk FOR UPDATE")
        course.pause(CONTENTION)
        connection.rollback()


def freeze_postgres(site: Site, course: Course) -> None:
    """The database stands still, as with a disk that does not answer."""
    pids = site.postgres_processes()
    try:
        for pid in pids:
            _signal(pid, signal.SIGSTOP)
        course.pause(FROZEN)
    finally:
        for pid in pids:
            _signal(pid, signal.SIGCONT)


def freeze_redis(site: Site, course: Course) -> None:
    """Redis takes connections and answers nothing."""
    assert site.redis.process is not None
    try:
        site.redis.process.send_signal(signal.SIGSTOP)
        course.pause(FROZEN)
    finally:
        site.redis.process.send_signal(signal.SIGCONT)


def step_clock(site: Site, course: Course) -> None:
    """Clocks jump a minute ahead, then a minute behind, then back."""
    for offset in (CLOCK, -CLOCK, 0):
        site.start_adapter(offset)
        course.pause(AWAY)


def wcs_mood(mood: str) -> Callable[[Site, Course], None]:
    """w.c.s. in that mood for a while."""

    def inject(site: Site, course: Course) -> None:
        try:
            before, until = site.wcs.met[mood], time.monotonic() + MEETING
            site.wcs.mood = mood
            course.pause(MOOD)
            # Until some hook has met it: a worker that was killed takes a while to come back.
            while site.wcs.met[mood] == before and time.monotonic() < until and not course.over():
                course.pause(0.2)
        finally:
            site.wcs.mood = ""

    return inject


FAULTS = (
    Fault("web process killed", kill_web_process, ends_web=True),
    Fault("web server killed", kill_web, ends_web=True),
    Fault("clock ±60 s", step_clock, ends_web=True),
    Fault("worker killed", kill_worker),
    Fault("w.c.s. fails after success", wcs_mood(FAILS)),
    Fault("Redis killed", kill_redis),
    Fault("PostgreSQL process killed", kill_postgres_process),
    Fault("PostgreSQL killed", kill_postgres),
    Fault("w.c.s. late", wcs_mood(LATE)),
    Fault("lock contention", contention),
    Fault("w.c.s. calls twice", wcs_mood(TWICE)),
    Fault("PostgreSQL frozen", freeze_postgres),
    Fault("Redis frozen", freeze_redis),
)


def inject_in_turn(site: Site, course: Course, faults: tuple[Fault, ...] = FAULTS) -> Counter[str]:
    """Each at least once, and until the run is over; how often each was injected.

    Web processes are left alone in the last part of the run.
    """
    done: Counter[str] = Counter()
    settles = course.began + WEB_SETTLES * (course.until - course.began)
    while not course.over():
        for fault in faults:
            if not done[fault.name]:
                # A short run, or a slow machine, injects each once all the same.
                course.go_on(LONGEST)
            course.pause(BETWEEN)
            if course.over():
                break
            if fault.ends_web and done[fault.name] and time.monotonic() > settles:
                continue
            print(f"  {time.monotonic() - course.began:4.0f} s  {fault.name}", flush=True)
            fault.inject(site, course)
            done[fault.name] += 1
            if len(done) == len(faults):
                course.go_on_no_longer()
    return done


def _kill(pid: int) -> None:
    _signal(pid, signal.SIGKILL)


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
