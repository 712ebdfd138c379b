"""Hold, confirm and cancel: over HTTP, and the service alone beside pgbench."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from scripts.bench.effort import effort_of
from scripts.bench.figures import Figure, percentile, show
from scripts.bench.limits import Pgbench
from scripts.bench.lists import PATH
from scripts.bench.load import CONTEXT, Answers, exchange, get, post, run
from scripts.bench.peers import Pretix
from scripts.bench.site import AGENDA, Server, body_of, load_data, slots_to_hold

# Holds a second over pretix's REST API with 2 and 8 clients: the best that was recorded, on another 2-core machine.
PRETIX_REST = {2: 42.0, 8: 40.0}
EACH = 800
# Calls of each of two clients before the clock starts: the first ones make each worker connect, prepare its statements
# and read the settings.
WARM_UP = 40


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
    with Server("adapter.wsgi", values) as server:
        run(server.port, _requests(server, 2, WARM_UP, free_slots(server), "warm"))
        for clients in (2, 8):
            peer = _live(shop, clients, below) if shop else _recorded(clients)
            yield from _with_clients(clients, server, [*below, server.process.pid], peer)


def _live(shop: Pretix, clients: int, below: list[int]) -> Reference:
    rate, effort = shop.holds(clients, below)
    return Reference("pretix REST, live", rate, effort)


def _recorded(clients: int) -> Reference:
    # What the two cores of its machine worked, which it kept busy.
    return Reference("pretix REST, recorded", PRETIX_REST[clients], 2000 / PRETIX_REST[clients])


def _with_clients(clients: int, server: Server, below: list[int], peer: Reference) -> Iterator[Figure]:
    number = EACH // clients

    def send(requests: list[list[bytes]]) -> tuple[Answers, float]:
        """The answers, and the processor time of one."""
        answers, effort = effort_of(below, lambda: run(server.port, requests))
        return answers, effort / len(answers.statuses)

    slots = free_slots(server)
    held, effort = send(_requests(server, clients, number, slots, "hold"))
    yield from _rates(f"hold over HTTP, {clients} clients", held, (peer.name, peer.rate, 20.0))
    yield _effort("hold", clients, effort, peer)
    crowd, effort = send(_requests(server, clients, number, slots[:1], "crowd"))
    yield from _rates(f"contended slot, {clients} clients", crowd, ("random slots", held.rate, 1.0))
    yield _effort("refused hold", clients, effort, peer)
    free = free_slots(server)
    kept = run(server.port, _requests(server, clients, number, free, "keep"))
    confirmed, effort = send(_requests(server, clients, number, free, "keep", confirm=True))
    yield from _rates(f"confirm over HTTP, {clients} clients", confirmed, ("hold", kept.rate, 0.9))
    yield _effort("confirmation", clients, effort, peer)
    cancelled, effort = send(
        [
            [post(server.address(f"api/booking/{booking}/cancel/"), {}) for booking in share]
            for share in _shares(_bookings(clients), clients)
        ]
    )
    yield from _rates(f"cancel over HTTP, {clients} clients", cancelled, ("hold", kept.rate, 0.9))
    yield _effort("cancellation", clients, effort, peer)


def _rates(name: str, answers: Answers, against: tuple[str, float, float]) -> Iterator[Figure]:
    peer, reference, target = against
    yield show(Figure(name, answers.rate, "req/s", peer, reference, target, note=_note(answers)))
    p50, p99 = (percentile(answers.latencies, share) * 1000 for share in (0.5, 0.99))
    yield show(Figure(f"{name}, p99", p99, "ms", "p50", p50, 10, at_least=False))


def _effort(what: str, clients: int, effort: float, peer: Reference) -> Figure:
    """Beside what all servers of the peer work for one hold."""
    return show(
        Figure(
            f"processor time of a {what}, {clients} clients",
            effort,
            "ms",
            f"hold of {peer.name}",
            peer.effort,
            1 / 20,
            at_least=False,
            note="web, PostgreSQL, Redis",
        )
    )


def _bookings(clients: int) -> list[int]:
    from adapter.agendas.models import Booking, BookingState

    made = Booking.objects.filter(lock_code__startswith=f"keep-{clients}-", state=BookingState.BOOKED)
    return list(made.values_list("pk", flat=True))


def _shares(items: list[int], parts: int) -> list[list[int]]:
    return [items[number::parts] for number in range(parts)]


def _note(answers: Answers) -> str:
    failed = sum(status >= 500 for status in answers.statuses)
    return f"{answers.accepted} of {len(answers.statuses)} accepted" + (f", {failed} FAILED" if failed else "")


def free_slots(server: Server) -> list[str]:
    """Ids of the slots that can be held now."""
    listed = body_of(exchange(server.port, get(server.address(PATH))))["data"]
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
            requests.append(post(server.address(f"api/agenda/{AGENDA}/fillslot/{chance.choice(slots)}/"), body))
        found.append(requests)
    return found


# An agenda that nothing else filled: a refused hold, which looks for the nearest free slots, costs more than one.
ALONE = "service-alone"


def by_service(url: str, processes: int = 8) -> Iterator[Figure]:
    """The service functions in ``processes`` processes, beside single statements of pgbench with as many clients."""
    load_data(slug=ALONE)
    pgbench = Pgbench(url)
    limit = pgbench.hold(processes)
    rate, taken, effort = _processes(processes, _hold_some)
    name = f"hold, service alone, {processes} processes"
    note = f"{taken} asked, {effort:.2f} ms of Python each"
    yield show(Figure(name, rate, "holds/s", "pgbench insert", limit, 0.25, note=note))


def confirm_by_service(url: str, processes: int = 8) -> Iterator[Figure]:
    """Confirmations of what was held before the clock started, beside updates of pgbench with as many clients."""
    limit = Pgbench(url).confirm(processes)
    rate, taken, effort = _processes(processes, _confirm_some)
    name = f"confirm, service alone, {processes} processes"
    note = f"{taken} confirmed, {effort:.2f} ms of Python each"
    yield show(Figure(name, rate, "bookings/s", "pgbench update", limit, note=note))


SECONDS = 4.0
CONFIRMATIONS = 60
# What a process does once everything is prepared; answers how many it did.
Job = Callable[[], int]


def _processes(processes: int, prepare: Callable[[int], Job]) -> tuple[float, int, float]:
    """Rate and count of what the jobs of all processes did together, and the processor time (ms) of each in Python."""
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
    return sum(count / took for count, took, _ in found), done, sum(worked for _, _, worked in found) / done * 1000


def _hold_some(number: int) -> Job:
    from adapter.agendas.errors import AgendaError
    from adapter.agendas.services import Actor, HoldRequest, hold
    from adapter.clock import now

    slots = slots_to_hold(ALONE)
    chance, actor = random.Random(number), Actor.service("bench")

    def try_one() -> None:
        code = f"service-{number}-{chance.random()}"
        try:
            hold(HoldRequest(ALONE, (chance.choice(slots),), code), now=now(), actor=actor)
        except AgendaError:
            pass

    def job() -> int:
        until, done = time.perf_counter() + SECONDS, 0
        while time.perf_counter() < until:
            try_one()
            done += 1
        return done

    for _ in range(5):
        try_one()
    return job


def _confirm_some(number: int) -> Job:
    from adapter.agendas.errors import AgendaError
    from adapter.agendas.services import Actor, BookingRequest, HoldRequest, confirm, hold
    from adapter.clock import now

    slots = slots_to_hold(ALONE)
    chance, actor, held = random.Random(1000 + number), Actor.service("bench"), []
    while len(held) < CONFIRMATIONS:
        slot, code = chance.choice(slots), f"keep-{number}-{chance.random()}"
        try:
            hold(HoldRequest(ALONE, (slot,), code), now=now(), actor=actor)
        except AgendaError:
            continue
        held.append((slot, code))

    def job() -> int:
        for slot, code in held:
            confirm(BookingRequest(ALONE, (slot,), code), now=now(), actor=actor)
        return len(held)

    return job
