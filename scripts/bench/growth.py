"""How the time of a listing grows with desks, days and bookings of the past; and a picture of it.

Processor time decides, which noise hardly touches; the clock's time is printed beside it.
"""

from __future__ import annotations

import os
import random
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from scripts.bench.effort import worked
from scripts.bench.figures import Figure, show
from scripts.bench.plot import Series, draw
from scripts.bench.site import ROOT, load_data

ROUNDS = 15
# Of the two that must differ by a tenth at most: many, so that what else runs falls on both alike.
PAIR_ROUNDS = 150
DESKS, DAYS = (5, 10, 20, 40), (14, 28, 56, 112)
SHARE_TAKEN = 0.2
PICTURE = ROOT / "docs" / "pictures" / "growth.svg"


@dataclass(frozen=True)
class Took:
    """Medians (ms) for one listing: ``work`` of the processors (Python and PostgreSQL), ``wall`` by the clock."""

    work: float
    wall: float


def measure(past: int) -> Iterator[Figure]:
    """With nothing kept but the settings; ``past`` bookings are added before the last measure."""
    for desks in DESKS:
        load_data(desks, 56, int(desks * 56 * 18 * SHARE_TAKEN), f"desks-{desks}")
    for days in DAYS:
        load_data(10, days, int(10 * days * 18 * SHARE_TAKEN), f"days-{days}")
    by_desks = [took.work for took in _times([f"desks-{desks}" for desks in DESKS])]
    by_days = [took.work for took in _times([f"days-{days}" for days in DAYS])]
    # Before and after: two agendas of the same shape in turn, one of which gets a past.
    twin, aged = "days-56", "desks-10"
    alike = _times([twin, aged], PAIR_ROUNDS)
    seconds = add_past(aged, past)
    before, after = _times([twin, aged], PAIR_ROUNDS)
    name = f"list with {past:,} past bookings more"
    note = f"written in {seconds:.0f} s; before, the two took {alike[0].work:.2f} and {alike[1].work:.2f} ms"
    yield show(
        Figure(
            f"processor time of a {name}", after.work, "ms", "without them", before.work, 1.1, at_least=False, note=note
        )
    )
    # Without a target: whatever else runs on the machine is in it.
    yield show(Figure(f"time of a {name}", after.wall, "ms", "without them", before.wall, at_least=False))
    for what, sizes, times in (("desks", DESKS, by_desks), ("days", DAYS, by_days)):
        # Linear: with twice the size, at no place more than twice the time.
        yield show(
            Figure(
                f"list, twice the {what}, at most",
                max(later / earlier for earlier, later in pairwise(times)),
                "times the time",
                "times the size",
                2.0,
                1.1,
                at_least=False,
                note=", ".join(f"{size}: {took:.2f} ms" for size, took in zip(sizes, times, strict=True)),
            )
        )
    PICTURE.write_text(
        draw(
            "Processor time of one listing with nothing kept but the settings (ms)",
            [
                Series("desks, 56 days", list(zip(DESKS, by_desks, strict=True))),
                Series("days, 10 desks", list(zip(DAYS, by_days, strict=True))),
                Series(f"10 desks, 56 days, {past:,} past bookings", [(56, after.work)]),
            ],
        ),
        encoding="utf-8",
    )
    print(f"Picture: {Path(PICTURE).relative_to(ROOT)}", flush=True)


def _times(slugs: Sequence[str], rounds: int = ROUNDS) -> list[Took]:
    """What a listing of each agenda takes: medians of rounds in which each comes, in an order of its own."""
    from django.db import connection

    from adapter.agendas.queries.kept import kept_desks
    from adapter.agendas.services import SlotQuery, list_slots
    from adapter.agendas.services.offering import offers
    from adapter.clock import now

    connection.ensure_connection()
    both = (os.getpid(), connection.connection.info.backend_pid)
    found: dict[str, list[tuple[float, float]]] = {slug: [] for slug in slugs}
    chance = random.Random(7)
    for number in range(rounds + 3):
        # Whoever came after the largest one each time would pay for what that left in the caches.
        for slug in chance.sample(slugs, len(slugs)):
            kept_desks.clear()
            offers.clear()
            before, began = sum(worked(pid) or 0 for pid in both), time.perf_counter()
            list_slots(slug, "court", SlotQuery(), now=now())
            wall = (time.perf_counter() - began) * 1000
            effort = sum(worked(pid) or 0 for pid in both) - before
            if number >= 3:
                found[slug].append((effort, wall))
    return [Took(*(statistics.median(column) for column in zip(*rows, strict=True))) for rows in found.values()]


def add_past(slug: str, rows: int) -> float:
    """``rows`` bookings on all desks, back to back until yesterday, by one statement; answers the seconds it took."""
    from django.db import connection

    began = time.perf_counter()
    with connection.cursor() as cursor:
        # Nobody waits for this statement, which takes longer than any call may.
        cursor.execute("SET statement_timeout = 0")
        of_agenda = "(SELECT id FROM agendas_agenda WHERE slug = %s)"
        cursor.execute(f"SELECT min(id) FROM agendas_booking WHERE agenda_id = {of_agenda}", [slug])
        [template] = cursor.fetchone()
        cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = 'agendas_booking'")
        columns = [row[0] for row in cursor.fetchall() if row[0] not in ("id", "desk_id", "start", "end")]
        names = ", ".join(f'"{column}"' for column in columns)
        cursor.execute(
            f'INSERT INTO agendas_booking ({names}, desk_id, start, "end")'
            f" SELECT {names}, desk.id, date_trunc('day', now()) - n * interval '20 min',"
            " date_trunc('day', now()) - (n - 1) * interval '20 min'"
            " FROM (SELECT * FROM agendas_booking WHERE id = %s) template,"
            f" (SELECT id FROM agendas_desk WHERE agenda_id = {of_agenda}) desk,"
            " generate_series(1, %s) n",
            [template, slug, rows // 10],
        )
        assert cursor.rowcount == rows
    with connection.cursor() as cursor:
        # What autovacuum does within a minute.
        cursor.execute("VACUUM ANALYZE agendas_booking")
        cursor.execute("RESET statement_timeout")
    return time.perf_counter() - began
