"""SQLite, the embedded choice: a mixed load of eight processes. Runs as a program of its own (other database)."""

from __future__ import annotations

import random
import sys
import time
from typing import Any

from scripts.bench.figures import Figure, percentile, show
from scripts.bench.holds import CONTEXT
from scripts.bench.site import AGENDA, set_up, settings_for

# Holds a second of pretix's service function with 8 processes on PostgreSQL (half of its answers fail on SQLite).
PRETIX = 31.0
PROCESSES, SECONDS = 8, 6


def main() -> None:
    """Hold, confirm, cancel and list at random; every error and the longest wait are told."""
    values = settings_for("")
    values["DATABASE_URL"] = f"sqlite:///{values['ADAPTER_HOME']}/bench.sqlite3"
    set_up(values)
    from django.db import connections

    connections.close_all()
    start = CONTEXT.Barrier(PROCESSES)
    queue: Any = CONTEXT.Queue()
    workers = [CONTEXT.Process(target=_work, args=(number, start, queue)) for number in range(PROCESSES)]
    for worker in workers:
        worker.start()
    found = [queue.get(timeout=300) for _ in workers]
    for worker in workers:
        worker.join()
    times = [took for rows, _ in found for took in rows]
    failures = sum((failed for _, failed in found), [])
    note = f"p99 {percentile(times, 0.99) * 1000:.0f} ms, longest wait {max(times):.2f} s (limit 3 s), errors: "
    note += ", ".join(sorted(set(failures))) if failures else "none"
    rate = len(times) / SECONDS
    show(Figure("SQLite, mixed load, 8 processes", rate, "calls/s", "pretix, recorded", PRETIX, 20, note=note))


def _work(number: int, start: Any, queue: Any) -> None:
    from adapter.agendas.errors import AgendaError
    from adapter.agendas.services import Actor, BookingRequest, HoldRequest, SlotQuery, cancel, confirm, hold
    from adapter.agendas.services import list_slots as listed
    from adapter.clock import now

    chance, actor = random.Random(number), Actor.service("bench")
    listing = listed(AGENDA, "court", SlotQuery(), now=now())
    slots = [listing.slot(begin).id for begin in sorted(listing.offer.free)]
    start.wait(60)
    until, times, failures, count = time.perf_counter() + SECONDS, [], [], 0
    while time.perf_counter() < until:
        count += 1
        slot, code = chance.choice(slots), f"mixed-{number}-{count}"
        steps: list[Any] = [
            lambda slot=slot, code=code: hold(HoldRequest(AGENDA, (slot,), code), now=now(), actor=actor)
        ]
        if count % 2:
            steps.append(
                lambda slot=slot, code=code: confirm(BookingRequest(AGENDA, (slot,), code), now=now(), actor=actor)
            )
        if count % 10 == 0:
            steps.append(lambda: listed(AGENDA, "court", SlotQuery(), now=now()))
        made = None
        for step in steps:
            began = time.perf_counter()
            try:
                made = step()
            except AgendaError as refusal:
                if refusal.http_status >= 500:
                    failures.append(refusal.code)
                times.append(time.perf_counter() - began)
                break
            except Exception as error:
                failures.append(type(error).__name__)
            times.append(time.perf_counter() - began)
        if count % 4 == 1 and getattr(made, "booking", None) is not None:
            began = time.perf_counter()
            cancel(made.booking.pk, now=now(), actor=actor)
            times.append(time.perf_counter() - began)
    queue.put((times, failures))


if __name__ == "__main__":
    sys.exit(main())
