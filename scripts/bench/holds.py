"""Hold, confirm and cancel: over HTTP, and the service alone beside pgbench."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from math import inf
from statistics import median
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from scripts.bench.effort import effort_of
from scripts.bench.figures import Figure, percentile, show
from scripts.bench.growth import add_past
from scripts.bench.limits import Inserts, Pgbench
from scripts.bench.lists import slots_path
from scripts.bench.load import CONTEXT, Answers, exchange, get, post, run
from scripts.bench.peers import Pretix
from scripts.bench.site import BOOKINGS, Server, body_of, load_data, slots_to_hold

if TYPE_CHECKING:
    from adapter.agendas.services import HoldRequest

# Holds a second over pretix's REST API with 2 and 8 clients: the best that was recorded, on another 2-core machine.
PRETIX_REST = {2: 42.0, 8: 40.0}
HELD_OVER_HTTP = "held-over-http"
# As it was recorded, pretix has so many places sold and in carts: so many of ours are booked and held.
BOOKED_BEFORE, HELD_BEFORE = 10_000, 1_000
EACH = 400
# Peer and adapter come in turn, each so often: the machine is quicker in one minute than in the next.
ROUNDS = 5
# Calls of each of two clients before a clock starts: the first ones make each worker connect, prepare its statements
# and read the settings, and later ones find the caches filled by the peer.
WARM_UP = 40


@dataclass
class Measured:
    """What one kind of call did in all rounds: answers, and the processor time (ms) of one."""

    answers: list[Answers] = field(default_factory=list)
    efforts: list[float] = field(default_factory=list)

    def add(self, answers: Answers, effort: float) -> None:
        """One more round."""
        self.answers.append(answers)
        self.efforts.append(effort / len(answers.statuses))

    @property
    def rate(self) -> float:
        """Answers a second, median of the rounds."""
        return median(found.rate for found in self.answers)

    @property
    def effort(self) -> float:
        """Processor time of one call, median of the rounds."""
        return median(self.efforts)

    def latency(self, share: float) -> float:
        """Milliseconds in which ``share`` (0 to 1) of all calls were answered."""
        return percentile([took for found in self.answers for took in found.latencies], share) * 1000

    @property
    def note(self) -> str:
        """How many were accepted, and how many failed."""
        statuses = [status for found in self.answers for status in found.statuses]
        failed = sum(status >= 500 for status in statuses)
        accepted = sum(found.accepted for found in self.answers)
        return f"{accepted} of {len(statuses)} accepted" + (f", {failed} FAILED" if failed else "")


@dataclass(frozen=True)
class Reference:
    """What pretix does: holds a second, and the processor time (ms) of one."""

    name: str
    rate: float
    effort: float


def over_http(values: dict[str, str], below: list[int], shop: Pretix | None = None) -> Iterator[Figure]:
    """Holds on random and on contended slots, then confirmations and cancellations of what is held.

    ``below`` are the processes of the database and of Redis; without a ``shop`` its recorded rates stand in.
    """
    load_data(slug=HELD_OVER_HTTP)
    add_past(HELD_OVER_HTTP, BOOKED_BEFORE - BOOKINGS)
    Pgbench(values["DATABASE_URL"]).schema()
    with Server("adapter.wsgi", values) as server, Server("scripts.bench.floor_app", values) as bare:
        run(server.port, _requests(server, 2, HELD_BEFORE // 2, free_slots(server), "before"))
        for clients in (2, 8):
            yield from _with_clients(clients, server, bare, below, shop)


def _with_clients(
    clients: int, server: Server, bare: Server, below: list[int], shop: Pretix | None
) -> Iterator[Figure]:
    kinds = ("hold", "contended slot", "confirm", "cancel")
    found, least, pretix = {kind: Measured() for kind in kinds}, Measured(), []
    inserts = [[post(f"http://127.0.0.1:{bare.port}/hold", {"lock_code": "none"})] * (EACH // clients)] * clients
    for number in range(ROUNDS):
        if shop:
            pretix.append(shop.holds(clients, below))
        run(bare.port, [inserts[0][:WARM_UP]] * 2)
        least.add(*effort_of([*below, bare.process.pid], lambda: run(bare.port, inserts)))
        for kind, requests in _round(f"{clients}-{number}", clients, server):
            found[kind].add(*effort_of([*below, server.process.pid], lambda ready=requests: run(server.port, ready)))
        _forget_holds()
    if shop:
        peer = Reference("pretix REST, live", median(rate for rate, _ in pretix), median(work for _, work in pretix))
    else:
        # What the two cores of its machine worked, which it kept busy.
        peer = Reference("pretix REST, recorded", PRETIX_REST[clients], 2000 / PRETIX_REST[clients])
    hold = found["hold"].rate
    bare_view = f"bare view, one INSERT, {clients} clients"
    yield show(Figure(bare_view, least.rate, "req/s", peer.name, peer.rate, note=least.note))
    yield show(Figure(f"hold over HTTP, {clients} clients", hold, "req/s", "bare view, one INSERT", least.rate))
    against = {"hold": (peer.name, peer.rate, 20.0), "contended slot": ("random slots", hold, 1.0)}
    for kind, measured in found.items():
        name = f"{kind} over HTTP, {clients} clients"
        peer_name, reference, target = against.get(kind, ("hold", hold, 0.9))
        yield show(Figure(name, measured.rate, "req/s", peer_name, reference, target, note=measured.note))
        p50, p99 = measured.latency(0.5), measured.latency(0.99)
        yield show(Figure(f"{name}, p99", p99, "ms", "p50", p50, 10, at_least=False))
        yield _effort(f"{kind}, {clients} clients", measured.effort, peer)


def _round(name: str, clients: int, server: Server) -> Iterator[tuple[str, list[list[bytes]]]]:
    """The kinds of calls, each with the requests of all clients: each is made when the one before was sent."""
    each = EACH // clients
    slots = free_slots(server)
    run(server.port, _requests(server, 2, WARM_UP, slots, f"warm-{name}"))
    yield "hold", _requests(server, clients, each, slots, f"hold-{name}")
    yield "contended slot", _requests(server, clients, each, slots[:1], f"crowd-{name}")
    free = free_slots(server)
    run(server.port, _requests(server, clients, each, free, f"keep-{name}"))
    yield "confirm", _requests(server, clients, each, free, f"keep-{name}", confirm=True)
    booked = _bookings(f"keep-{name}")
    yield (
        "cancel",
        [
            [post(server.address(f"api/booking/{booking}/cancel/"), {}) for booking in booked[client::clients]]
            for client in range(clients)
        ],
    )


def _effort(what: str, effort: float, peer: Reference) -> Figure:
    """Beside what all servers of the peer work for one hold."""
    name, against, note = f"processor time of a {what}", f"hold of {peer.name}", "web, PostgreSQL, Redis"
    return show(Figure(name, effort, "ms", against, peer.effort, 1 / 20, at_least=False, note=note))


def _bookings(prefix: str) -> list[int]:
    from adapter.agendas.models import Booking, BookingState

    made = Booking.objects.filter(lock_code__startswith=f"{prefix}-", state=BookingState.BOOKED)
    return list(made.values_list("pk", flat=True))


def _forget_holds() -> None:
    """Let each round begin with the same places free: of what was held, only what was there before stays."""
    from django.db import connection

    from adapter.agendas.models import Booking, BookingState

    Booking.objects.filter(state=BookingState.HELD).exclude(lock_code__startswith="before-").delete()
    with connection.cursor() as cursor:
        # What autovacuum does. A checkpoint would make each page be written out whole once more.
        cursor.execute("VACUUM ANALYZE agendas_booking")


def free_slots(server: Server, agenda: str = HELD_OVER_HTTP) -> list[str]:
    """Ids of the slots that can be held now."""
    listed = body_of(exchange(server.port, get(server.address(slots_path(agenda)))))["data"]
    return [item["id"] for item in listed if not item["disabled"]]


def _requests(
    server: Server, clients: int, number: int, slots: list[str], prefix: str, *, confirm: bool = False
) -> list[list[bytes]]:
    chance = random.Random(f"{prefix}{clients}")
    found = []
    for client in range(clients):
        requests = []
        for count in range(number):
            body: dict[str, Any] = {"lock_code": f"{prefix}-{clients}-{client}-{count}"}
            if confirm:
                body |= {"confirm_after_lock": True, "backoffice_url": f"http://127.0.0.1:9/{client}/{count}/"}
            requests.append(post(server.address(f"api/agenda/{HELD_OVER_HTTP}/fillslot/{chance.choice(slots)}/"), body))
        found.append(requests)
    return found


# Agendas that nothing else filled: a refused hold, which looks for the nearest free slots, costs more than one. With
# ten desks each they have as many as the table of pgbench, whose random places are hardly ever asked for twice either.
ALONE = tuple(f"service-alone-{number}" for number in range(5))


def by_service(url: str, processes: int = 8) -> Iterator[Figure]:
    """The service functions in ``processes`` processes, beside single statements of pgbench with as many clients."""
    for slug in ALONE:
        load_data(slug=slug)
    pgbench = Pgbench(url)
    found = []
    for number in range(ROUNDS):
        limit = pgbench.hold(processes, filled=10_000)
        least, _effort = _processes(processes, lambda _number: _insert_some(url))
        ready, _effort = _processes(processes, partial(_send_ready, again=number))
        _forget_holds()
        found.append((limit, least, ready, *_processes(processes, partial(_hold_some, again=number))))
        _forget_holds()
    limit, least, ready, rate, effort = (median(column) for column in zip(*found, strict=True))
    yield show(Figure(f"one INSERT from Python, {processes} processes", least, "holds/s", "pgbench insert", limit))
    name = f"statements of holds, ready to be sent, {processes} processes"
    yield show(Figure(name, ready, "holds/s", "pgbench insert", limit, note="a service that costs nothing"))
    name = f"hold, service alone, {processes} processes"
    yield show(Figure(name, rate, "holds/s", "one INSERT from Python", least))
    note = f"{effort:.2f} ms of Python each"
    yield show(Figure(name, rate, "holds/s", "pgbench insert", limit, 0.25, note=note))


def confirm_by_service(url: str, processes: int = 8) -> Iterator[Figure]:
    """Confirmations of what was held before the clock started, beside updates of pgbench with as many clients."""
    limit = Pgbench(url).confirm(processes)
    rate, effort = _processes(processes, _confirm_some)
    name = f"confirm, service alone, {processes} processes"
    note = f"{effort:.2f} ms of Python each"
    yield show(Figure(name, rate, "bookings/s", "pgbench update", limit, note=note))


SECONDS = 3.0
CONFIRMATIONS = 60
# What a process does once everything is prepared; answers how many it did.
Job = Callable[[], int]


def _processes(processes: int, prepare: Callable[[int], Job]) -> tuple[float, float]:
    """Rate of what the jobs of all processes did together, and the processor time (ms) of each in Python."""
    from django.db import connections

    connections.close_all()
    start = CONTEXT.Barrier(processes)
    queue: Any = CONTEXT.Queue()

    def work(number: int) -> None:
        job = prepare(number)
        start.wait(120)
        began, worked = time.perf_counter(), time.process_time()
        done = job()
        queue.put((done, time.perf_counter() - began, time.process_time() - worked))
        connections.close_all()

    workers = [CONTEXT.Process(target=work, args=(number,)) for number in range(processes)]
    for worker in workers:
        worker.start()
    found = [queue.get(timeout=180) for _ in workers]
    for worker in workers:
        worker.join()
    done = sum(count for count, _, _ in found)
    return sum(count / took for count, took, _ in found), sum(worked for _, _, worked in found) / done * 1000


def _hold_some(number: int, again: int) -> Job:
    return _for_some_time(_holds(f"{number} {again}"))


def _holds(seed: str) -> Callable[[], HoldRequest | None]:
    """Holds a slot by chance, each time it is called, and gives what it held; other codes with another ``seed``."""
    from adapter.agendas.errors import AgendaError
    from adapter.agendas.services import Actor, HoldRequest, hold
    from adapter.clock import now

    slots = {slug: slots_to_hold(slug) for slug in ALONE}
    chance, actor = random.Random(seed), Actor.service("bench")

    def try_one() -> HoldRequest | None:
        slug, code = chance.choice(ALONE), f"service-{seed}-{chance.random()}"
        request = HoldRequest(slug, (chance.choice(slots[slug]),), code)
        try:
            hold(request, now=now(), actor=actor)
        except AgendaError:
            return None
        return request

    return try_one


# Statements that each process makes ready: rather more than it can send while it is measured.
READY = 4000


class _NotSent(Exception):
    """Stands in for what the database would answer."""


def _send_ready(number: int, again: int) -> Job:
    """The statements of holds, made before the clock starts: what no service can be quicker than."""
    from adapter.agendas.queries.statements import fetch
    from adapter.agendas.services import direct_hold

    statements: list[tuple[Any, ...]] = []

    def keep(*statement: Any) -> list[tuple[Any, ...]]:
        statements.append(statement)
        raise _NotSent

    hold_one = _holds(f"ready {number} {again}")
    for _ in range(WARM_UP):
        hold_one()
    with patch.object(direct_hold, "fetch", keep):
        for _ in range(READY):
            with suppress(_NotSent):
                hold_one()
    return _for_some_time(lambda: fetch(*statements.pop()), most=len(statements) - WARM_UP)


def _insert_some(url: str) -> Job:
    inserts = Inserts(url)
    return _for_some_time(inserts.one)


def _for_some_time(work: Callable[[], object], most: float = inf) -> Job:
    """At most so often; counted is what gave something."""

    def job() -> int:
        until, tried, done = time.perf_counter() + SECONDS, 0, 0
        while time.perf_counter() < until and tried < most:
            done += bool(work())
            tried += 1
        return done

    for _ in range(WARM_UP):
        work()
    return job


def _confirm_some(number: int) -> Job:
    from adapter.agendas.services import Actor, BookingRequest, confirm
    from adapter.clock import now

    hold_one, actor, held = _holds(f"keep {number}"), Actor.service("bench"), []
    while len(held) < CONFIRMATIONS:
        if request := hold_one():
            held.append(BookingRequest(request.agenda, request.slots, request.lock_code))

    def job() -> int:
        for request in held:
            confirm(request, now=now(), actor=actor)
        return len(held)

    return job
