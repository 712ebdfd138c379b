"""Past one machine: what each server works for a call, and what follows from it for more of them.

A step that would be built when it is needed is measured here as far as one machine shows it: the work that it would
take off the others, what it costs by itself, and how it behaves.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import psycopg

from scripts.bench.effort import efforts_of
from scripts.bench.figures import Figure, percentile, show
from scripts.bench.holds import free_slots
from scripts.bench.limits import Pgbench
from scripts.bench.lists import FORGETFUL, PATH
from scripts.bench.load import Answers, get, post, run
from scripts.bench.queueing import Station, bound, throughput
from scripts.bench.site import AGENDA, Server
from scripts.bench.standby import Standby
from tests.support.pgbouncer import PgBouncer, PgBouncerMissing
from tests.support.postgres import PostgresServer

CLIENTS, EACH, ROUNDS = 2, 100, 3
# gunicorn's processes in :class:`Server`: so many calls are under way at most.
WORKERS, CORES = 2, 2
WEB_MACHINES = (1, 2, 4, 8)
WEB, DATABASE, REDIS = "web", "PostgreSQL", "Redis"
# Inserts watched on the way to the standby.
FOLLOWED = 300


@dataclass(frozen=True)
class Cost:
    """What one call costs: ``demand`` milliseconds of processor time by server, ``rate`` calls a second as measured."""

    demand: Mapping[str, float]
    rate: float
    alone: float

    @property
    def total(self) -> float:
        """All servers together."""
        return sum(self.demand.values())

    @property
    def elsewhere(self) -> float:
        """Milliseconds of a call that nobody works for: the disk, and ways between processes."""
        return max(0.0, self.alone - self.total)


def measure(values: Mapping[str, str], primary: PostgresServer, redis: int | None, rows: int) -> Iterator[Figure]:
    """``redis`` is its process, if there is one; ``rows`` fill a table for the question of partitions."""
    groups = {DATABASE: [primary.pid], **({REDIS: [redis]} if redis else {})}
    with ExitStack() as stack:
        server = stack.enter_context(Server("adapter.wsgi", dict(values)))
        forgetful = stack.enter_context(Server(FORGETFUL, {**values, "BENCH_FORGET": "desks"}))
        with_web = {**groups, WEB: [server.process.pid]}
        listed = _cost(server, with_web, lambda n: get(server.address(PATH)))
        forgotten = _cost(
            forgetful,
            {**groups, WEB: [forgetful.process.pid]},
            lambda n: get(forgetful.address(PATH, lock_code=f"beyond-{n}")),
        )
        held = _cost(server, with_web, _holds(server, "direct"))
        yield from _shares({"unchanged list": listed, "list with nothing kept": forgotten, "hold": held})
        yield from _model(held)
        yield from _more_machines(listed, held)
        yield from _through_pgbouncer(values, groups, held)
    yield from _standby(primary, forgotten)
    yield from _partitions(values["DATABASE_URL"], rows)


def _cost(server: Server, groups: Mapping[str, Sequence[int]], request: Callable[[str], bytes]) -> Cost:
    """Medians of some rounds with two clients, and the time of one call when there is no other."""
    rates: list[float] = []
    demands: dict[str, list[float]] = {name: [] for name in groups}
    alone: list[float] = []
    for number in range(ROUNDS + 1):
        requests = [[request(f"{number}-{client}-{count}") for count in range(EACH)] for client in range(CLIENTS)]
        answers, spent = efforts_of(groups, lambda ready=requests: run(server.port, ready))
        single: Answers = run(server.port, [[request(f"{number}-alone-{count}") for count in range(EACH)]])
        # The first round warms up.
        if number:
            rates.append(answers.rate)
            alone += single.latencies
            for name, effort in spent.items():
                demands[name].append(effort / len(answers.statuses))
    median = {name: statistics.median(items) for name, items in demands.items()}
    return Cost(median, statistics.median(rates), statistics.median(alone) * 1000)


def _holds(server: Server, prefix: str) -> Callable[[str], bytes]:
    slots = free_slots(server, AGENDA)
    chance = random.Random(prefix)

    def request(name: str) -> bytes:
        body: dict[str, Any] = {"lock_code": f"{prefix}-{name}"}
        return post(server.address(f"api/agenda/{AGENDA}/fillslot/{chance.choice(slots)}/"), body)

    return request


def _shares(costs: Mapping[str, Cost]) -> Iterator[Figure]:
    for what, cost in costs.items():
        for name, demand in cost.demand.items():
            if name != WEB:
                web = cost.demand[WEB]
                yield show(Figure(f"{name}, for one {what}", demand, "ms", "web process", web))


def _model(held: Cost) -> Iterator[Figure]:
    """Whether the model tells what this machine does, before it is asked about others."""
    expected = throughput(WORKERS, [Station(held.total, CORES)], held.elsewhere)
    note = f"{held.elsewhere:.2f} ms of a hold spent elsewhere"
    yield show(Figure("holds as the model expects them here", expected, "req/s", "measured", held.rate, note=note))


def _more_machines(listed: Cost, held: Cost) -> Iterator[Figure]:
    """For each hold, four lists: web machines of two cores and four processes, one database of two cores, one Redis."""
    parts = 5
    mixed = {name: (4 * listed.demand[name] + held.demand[name]) / parts for name in held.demand}
    away = (4 * listed.elsewhere + held.elsewhere) / parts

    def rate(machines: int) -> float:
        stations = [Station(mixed[WEB], CORES * machines), Station(mixed[DATABASE], CORES)]
        stations += [Station(mixed[REDIS])] if REDIS in mixed else []
        return throughput(4 * machines, stations, away)

    first = rate(WEB_MACHINES[0])
    for machines in WEB_MACHINES[1:]:
        name = f"calls a second with {machines} web machines, by the model"
        yield show(Figure(name, rate(machines), "req/s", "one web machine", first))
    for name, cores in ((DATABASE, CORES), (REDIS, 1)):
        if name in mixed:
            most = bound([Station(mixed[name], cores)])
            web = bound([Station(mixed[WEB], CORES)])
            yield show(
                Figure(f"calls a second that {name} can serve, {cores} cores", most, "req/s", "one web machine", web)
            )


def _through_pgbouncer(
    values: Mapping[str, str], groups: Mapping[str, Sequence[int]], direct: Cost
) -> Iterator[Figure]:
    try:
        pool = PgBouncer(values["DATABASE_URL"])
    except PgBouncerMissing as missing:
        print(f"*** {missing}: left out.", flush=True)
        return
    url = pool.start()
    try:
        with Server("adapter.wsgi", {**values, "DATABASE_URL": url, "DATABASE_PGBOUNCER": "on"}) as server:
            assert pool.process
            watched = {**groups, WEB: [server.process.pid], "PgBouncer": [pool.process.pid]}
            pooled = _cost(server, watched, _holds(server, "pooled"))
        yield show(Figure("hold through PgBouncer", pooled.rate, "req/s", "without it", direct.rate))
        spent = ", ".join(f"{name} {demand:.2f}" for name, demand in pooled.demand.items())
        yield show(Figure("processor time of it", pooled.total, "ms", "without it", direct.total, note=spent))
    finally:
        pool.stop()


def _standby(primary: PostgresServer, forgotten: Cost) -> Iterator[Figure]:
    """What a replica could take over of a list, and how far it lags behind the hold that was just answered."""
    reading = forgotten.demand[DATABASE]
    yield show(Figure("what a replica would take over of a list", reading, "ms", "the whole list", forgotten.total))
    standby = Standby(primary)
    follower = standby.start()
    try:
        source = f"postgres://postgres@127.0.0.1:{primary.port}/postgres"
        with psycopg.connect(source, autocommit=True) as write, psycopg.connect(follower, autocommit=True) as read:
            write.execute("CREATE TABLE IF NOT EXISTS limit_follow (id bigserial PRIMARY KEY)")
            lags, commits = [], []
            for _ in range(FOLLOWED):
                began = perf_counter()
                write.execute("INSERT INTO limit_follow DEFAULT VALUES")
                done = perf_counter()
                [position] = write.execute("SELECT pg_current_wal_lsn()").fetchone() or [None]
                while not _reached(read, position):
                    pass
                lags.append((perf_counter() - done) * 1000)
                commits.append((done - began) * 1000)
        for share, what in ((0.5, "median"), (0.99, "p99")):
            lag, commit = percentile(lags, share), percentile(commits, share)
            yield show(Figure(f"lag of a replica, {what}", lag, "ms", "one commit", commit))
    finally:
        standby.stop()


def _reached(connection: psycopg.Connection[Any], position: Any) -> bool:
    row = connection.execute("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", [position]).fetchone()
    return bool(row and row[0])


def _partitions(url: str, rows: int) -> Iterator[Figure]:
    """Whether a table that grows makes holds slower: what partitions by agenda could give back."""
    pgbench = Pgbench(url)
    found: dict[int, list[float]] = {0: [], rows: []}
    for _ in range(2):
        for size, rates in found.items():
            rates.append(pgbench.hold(2, filled=size))
    empty, full = (max(rates) for rates in found.values())
    name = f"inserts into a table of {rows:,} appointments"
    yield show(Figure(name, full, "holds/s", "into an empty one", empty, note="2 clients"))
