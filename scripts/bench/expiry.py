"""Release of lapsed locks with their log kept, beside one bare UPDATE of as many rows."""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterator

from scripts.bench.figures import Figure, show
from scripts.bench.limits import Pgbench
from scripts.bench.site import AGENDA

INSERT = """
INSERT INTO agendas_booking ({columns})
SELECT {values} FROM generate_series(0, %s - 1) n
"""


def measure(url: str, rows: int) -> Iterator[Figure]:
    """``rows`` lapsed locks: how many the task marks a second."""
    from adapter.agendas.services import Actor, expire
    from adapter.clock import now

    limit = Pgbench(url).expire(rows)
    _lapse(rows)
    began = time.perf_counter()
    done = expire(now=now(), actor=Actor.task("bench"))
    rate = done / (time.perf_counter() - began)
    assert done == rows, f"{done} of {rows} released"
    yield show(
        Figure(
            f"release of {rows:,} lapsed locks",
            rate,
            "rows/s",
            "bare UPDATE",
            limit,
            note="log of locks and audit trail kept; target 50,000 rows/s",
        )
    )


def _lapse(rows: int) -> None:
    """Insert locks of twenty years ago, side by side on all desks, without Python objects."""
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
    with connection.cursor() as cursor:
        cursor.execute(INSERT.format(columns=columns, values=", ".join(values)), [*parameters, rows])
        cursor.execute("ANALYZE agendas_booking")
