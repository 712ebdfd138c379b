"""Release of lapsed locks with their log kept, beside one bare UPDATE of as many rows."""

from __future__ import annotations

import datetime
import random
import time
from collections.abc import Callable, Iterator
from typing import Any

from scripts.bench.figures import Figure, percentile, show
from scripts.bench.limits import Pgbench, settle
from scripts.bench.load import CONTEXT
from scripts.bench.site import load_data, slots_to_hold

HOLD_SECONDS = 4.0
# An agenda that nothing else filled, for the holds before and during the release, and that they do not fill either.
AGENDA = "expiry"
HOLD_DAYS = 280
INSERTED_AT_ONCE = 50_000

INSERT = """
INSERT INTO agendas_booking ({columns})
SELECT {values} FROM generate_series(%s, %s - 1) n
"""


def measure(url: str, rows: int) -> Iterator[Figure]:
    """``rows`` lapsed locks: how many the task marks a second, and what holds made meanwhile feel of it."""
    from adapter.agendas.services import Actor, expire
    from adapter.clock import now
    from tasks.jobs import EXPIRED_AT_ONCE

    load_data(days=HOLD_DAYS, slug=AGENDA)
    limit = Pgbench(url).expire(rows)
    _lapse(rows)
    # Beside the lapsed locks, as the release finds them.
    alone = _holds_while("alone", lambda: time.sleep(HOLD_SECONDS))
    done, seconds = 0, 0.0

    def release() -> None:
        nonlocal done, seconds
        began = time.perf_counter()
        # Part by part, as the task does.
        while part := expire(now=now(), actor=Actor.task("bench"), most=EXPIRED_AT_ONCE):
            done += part
        seconds = time.perf_counter() - began

    meanwhile = _holds_while("meanwhile", release)
    assert done == rows, f"{done} of {rows} released"
    name = f"release of {rows:,} lapsed locks"
    note = "log of locks and audit trail kept, holds going on"
    yield show(Figure(name, rows / seconds, "rows/s", "target", 50_000, 1.0, note=note))
    yield show(Figure(name, rows / seconds, "rows/s", "bare UPDATE", limit))
    yield show(
        Figure(
            "hold during a release, p99",
            percentile(meanwhile, 0.99) * 1000,
            "ms",
            "p99 without",
            percentile(alone, 0.99) * 1000,
            3,
            at_least=False,
            note=f"{len(meanwhile)} holds, {len(alone)} without",
        )
    )


def _holds_while(name: str, work: Callable[[], None]) -> list[float]:
    """Seconds of each hold that another process made while ``work`` ran; their codes begin with ``name``."""
    from django.db import connections

    connections.close_all()
    ready, stop = CONTEXT.Event(), CONTEXT.Event()
    queue: Any = CONTEXT.Queue()
    holder = CONTEXT.Process(target=_hold_until, args=(name, ready, stop, queue))
    holder.start()
    ready.wait(60)
    work()
    stop.set()
    found: list[float] = queue.get(timeout=60)
    holder.join()
    return found


def _hold_until(name: str, ready: Any, stop: Any, queue: Any) -> None:
    from django.db import connections

    from adapter.agendas.errors import AgendaError
    from adapter.agendas.services import Actor, HoldRequest, hold
    from adapter.clock import now

    slots = slots_to_hold(AGENDA)
    chance, actor, times = random.Random(name), Actor.service("bench"), []
    ready.set()
    while not stop.is_set():
        began = time.perf_counter()
        try:
            hold(HoldRequest(AGENDA, (chance.choice(slots),), f"{name}-{chance.random()}"), now=now(), actor=actor)
            times.append(time.perf_counter() - began)
        except AgendaError:
            pass
    queue.put(times)
    connections.close_all()


def _lapse(rows: int) -> None:
    """Insert locks that lapsed in 1960, side by side on all desks, without Python objects."""
    from django.db import connection

    from adapter.agendas.models import Agenda, Booking, BookingState, Desk, MeetingType

    agenda = Agenda.objects.get(slug=AGENDA)
    desks = list(Desk.objects.filter(agenda=agenda).values_list("pk", flat=True))
    kind = MeetingType.objects.get(agenda=agenda, slug="court")
    past = datetime.datetime(1960, 1, 1, tzinfo=datetime.UTC)
    template = Booking(
        agenda=agenda,
        asked_agenda=agenda,
        desk_id=desks[0],
        meeting_type=kind,
        start=past,
        end=past,
        state=BookingState.HELD,
        created_at=past,
        lock_code="lapsed",
        expires_at=past,
        lock_duration=600,
    )
    fields = [field for field in Booking._meta.concrete_fields if not field.primary_key]
    step = "interval '20 min'"
    computed = {
        "desk_id": f"(ARRAY{desks})[1 + n %% {len(desks)}]",
        "start": f"'1960-01-01'::timestamptz + n / {len(desks)} * {step}",
        "end": f"'1960-01-01'::timestamptz + (n / {len(desks)} + 1) * {step}",
    }
    values, parameters = [], []
    for field in fields:
        if field.column in computed:
            values.append(computed[field.column])
        else:
            values.append("%s")
            parameters.append(field.get_db_prep_save(getattr(template, field.attname), connection))
    columns = ", ".join(f'"{field.column}"' for field in fields)
    insert = INSERT.format(columns=columns, values=", ".join(values))
    with connection.cursor() as cursor:
        # In parts: no statement may take longer than the settings allow.
        for first in range(0, rows, INSERTED_AT_ONCE):
            cursor.execute(insert, [*parameters, first, min(rows, first + INSERTED_AT_ONCE)])
        settle(cursor, "agendas_booking")
