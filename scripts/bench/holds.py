"""Hold, confirm and cancel: over HTTP, and the service alone beside pgbench."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from typing import Any

from scripts.bench.figures import Figure, percentile, show
from scripts.bench.limits import Pgbench
from scripts.bench.lists import PATH
from scripts.bench.load import CONTEXT, Answers, exchange, get, post, run
from scripts.bench.site import AGENDA, Server, body_of

# Holds a second over pretix's REST API on a 2-core machine, the better of the figures taken with 1, 2 and 8 clients.
PRETIX_REST = {2: 42.0, 8: 40.0}
EACH = 400


def over_http(values: dict[str, str]) -> Iterator[Figure]:
    """Holds on random and on contended slots, then confirmations and cancellations of what is held."""
    with Server("adapter.wsgi", values) as server:
        for clients in (2, 8):
            slots = _free_slots(server)
            number = EACH // clients
            held = run(server.port, _requests(server, clients, number, slots, "hold"))
            name = f"hold over HTTP, {clients} clients"
            yield show(
                Figure(name, held.rate, "req/s", "pretix REST, recorded", PRETIX_REST[clients], 20, note=_note(held))
            )
            yield show(_tail(name, held))
            crowd = run(server.port, _requests(server, clients, number, slots[:1], "crowd"))
            yield show(
                Figure(
                    f"contended slot, {clients} clients",
                    crowd.rate,
                    "req/s",
                    "random slots",
                    held.rate,
                    1.0,
                    note=_note(crowd),
                )
            )
            yield from _confirm_and_cancel(server, clients, number)


def _confirm_and_cancel(server: Server, clients: int, number: int) -> Iterator[Figure]:
    requests = _requests(server, clients, number, _free_slots(server), "keep")
    held = run(server.port, requests)
    confirmed = run(server.port, _requests(server, clients, number, _free_slots(server), "keep", confirm=True))
    yield show(
        Figure(
            f"confirm over HTTP, {clients} clients",
            confirmed.rate,
            "req/s",
            "hold",
            held.rate,
            0.9,
            note=_note(confirmed),
        )
    )
    yield show(_tail(f"confirm over HTTP, {clients} clients", confirmed))


def _tail(name: str, answers: Answers) -> Figure:
    p50, p99 = (percentile(answers.latencies, share) * 1000 for share in (0.5, 0.99))
    return Figure(f"{name}, p99", p99, "ms", "p50", p50, 10, at_least=False)


def _note(answers: Answers) -> str:
    failed = sum(status >= 500 for status in answers.statuses)
    return f"{answers.accepted} of {len(answers.statuses)} accepted" + (f", {failed} FAILED" if failed else "")


def _free_slots(server: Server) -> list[str]:
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


def by_service(url: str, processes: int = 8) -> Iterator[Figure]:
    """The service functions in ``processes`` processes, beside single statements of pgbench with as many clients."""
    pgbench = Pgbench(url)
    limit = pgbench.hold(processes)
    rate, taken = _hold_for(processes, seconds=4)
    yield show(
        Figure(
            f"hold, service alone, {processes} processes",
            rate,
            "holds/s",
            "pgbench insert",
            limit,
            0.25,
            note=f"{taken} held",
        )
    )


def confirm_by_service(url: str, processes: int = 8) -> Iterator[Figure]:
    """Confirmations of what was held before the clock started, beside updates of pgbench with as many clients."""
    limit = Pgbench(url).confirm(processes)
    rate, taken = _processes(processes, 0, _confirm_some)
    yield show(
        Figure(
            f"confirm, service alone, {processes} processes",
            rate,
            "bookings/s",
            "pgbench update",
            limit,
            note=f"{taken} confirmed",
        )
    )


def _hold_for(processes: int, seconds: float) -> tuple[float, int]:
    return _processes(processes, seconds, _hold_some)


def _processes(processes: int, seconds: float, job: Callable[[int, float], Any]) -> tuple[float, int]:
    """Rate and count of what ``job(number, until)`` did in all processes together.

    A job answers how many, or how many and in how many seconds when it does not count all its time.
    """
    from django.db import connections

    connections.close_all()
    start = CONTEXT.Barrier(processes)
    queue: Any = CONTEXT.Queue()

    def work(number: int) -> None:
        start.wait(60)
        began = time.perf_counter()
        done = job(number, began + seconds)
        queue.put(done if isinstance(done, tuple) else (done, time.perf_counter() - began))
        connections.close_all()

    workers = [CONTEXT.Process(target=work, args=(number,)) for number in range(processes)]
    for worker in workers:
        worker.start()
    found = [queue.get(timeout=120) for _ in workers]
    for worker in workers:
        worker.join()
    return sum(done / took for done, took in found), sum(done for done, _ in found)


def _hold_some(number: int, until: float) -> int:
    from adapter.agendas.errors import AgendaError
    from adapter.agendas.services import Actor, HoldRequest, SlotQuery, hold, list_slots
    from adapter.clock import now

    listing = list_slots(AGENDA, "court", SlotQuery(), now=now())
    slots = [listing.slot(start).id for start in sorted(listing.offer.free)]
    chance = random.Random(number)
    actor, done = Actor.service("bench"), 0
    while time.perf_counter() < until:
        request = HoldRequest(AGENDA, (chance.choice(slots),), f"service-{number}-{done}-{chance.random()}")
        try:
            hold(request, now=now(), actor=actor)
        except AgendaError:
            pass
        done += 1
    return done


CONFIRMATIONS = 60


def _confirm_some(number: int, until: float) -> tuple[int, float]:
    from adapter.agendas.errors import AgendaError
    from adapter.agendas.services import Actor, BookingRequest, HoldRequest, SlotQuery, confirm, hold, list_slots
    from adapter.clock import now

    listing = list_slots(AGENDA, "court", SlotQuery(), now=now())
    slots = [listing.slot(start).id for start in sorted(listing.offer.free)]
    chance, actor, held = random.Random(1000 + number), Actor.service("bench"), []
    while len(held) < CONFIRMATIONS:
        slot, code = chance.choice(slots), f"keep-{number}-{chance.random()}"
        try:
            hold(HoldRequest(AGENDA, (slot,), code), now=now(), actor=actor)
        except AgendaError:
            continue
        held.append((slot, code))
    began = time.perf_counter()
    for slot, code in held:
        confirm(BookingRequest(AGENDA, (slot,), code), now=now(), actor=actor)
    return len(held), time.perf_counter() - began
