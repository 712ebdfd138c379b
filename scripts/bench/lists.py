"""The list of free slots over HTTP, beside plain Django views that answer as many bytes."""

from __future__ import annotations

import json
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack

from scripts.bench.effort import effort_of
from scripts.bench.figures import Figure, show
from scripts.bench.load import Answers, exchange, get, run
from scripts.bench.peers import DjangoAppointment
from scripts.bench.site import AGENDA, TYPE, Server, body_of

CLIENTS, REQUESTS, ROUNDS = 2, 40, 5


def slots_path(agenda: str) -> str:
    """Address of the list of slots of an agenda."""
    return f"api/agenda/{agenda}/meetings/{TYPE}/datetimes/"


PATH = slots_path(AGENDA)
# Milliseconds that django-appointment took for the free slots of 56 days with 2,000 bookings on PostgreSQL, one request
# a day, and of a json.dumps view on the same machine: the second one tells how fast the machine is.
PEER_MS, PEER_DUMPED = 1386.0, 866.0
WAYS = {
    "desks": "nothing of the agenda kept",
    "all": "settings forgotten too",
    "desk": "after a change on one of 10 desks",
    "again": "unchanged",
    "code": "unchanged, own lock code",
    "answers": "unchanged, made by another process",
    "304": "unchanged since the caller asked",
}
FORGETFUL = "scripts.bench.forgetful_app"


def measure(values: dict[str, str], below: list[int], peer: DjangoAppointment | None = None) -> Iterator[Figure]:
    """Each way an answer can come about; all of them in turn, round after round, so that noise falls on all alike.

    ``below`` are the processes of the database and of Redis; the web servers are ours. ``peer``: in turn too.
    """
    with ExitStack() as stack:

        def serve(application: str, **environment: str) -> Server:
            return stack.enter_context(Server(application, {**values, **environment}))

        server = serve("adapter.wsgi")
        answer = exchange(server.port, get(server.address(PATH)))
        content = body_of(answer)
        assert content["err"] == 0, content
        assert len(content["data"]) > 900, "the list is shorter than the data promise"
        [etag] = [line.partition(b": ")[2].decode() for line in answer.split(b"\r\n") if line.startswith(b"ETag")]
        file = stack.enter_context(tempfile.NamedTemporaryFile("w", suffix=".json"))
        json.dump(content, file)
        file.flush()
        floor = stack.enter_context(Server("scripts.bench.floor_app", {"FLOOR_ANSWER": file.name}))
        forgetful = {what: serve(FORGETFUL, BENCH_FORGET=what) for what in ("answers", "desk", "desks", "all")}

        def own_codes(target: Server) -> Callable[[], float]:
            return lambda: _rate(target, lambda n: get(target.address(PATH, lock_code=f"code-{n}")))

        below = [*below, *(one.process.pid for one in (server, floor, *forgetful.values()))]
        ways: dict[str, Callable[[], float]] = {
            "dumped": lambda: _rate(floor, lambda _: get(f"http://127.0.0.1:{floor.port}/dumped")),
            "ready": lambda: _rate(floor, lambda _: get(f"http://127.0.0.1:{floor.port}/ready")),
            "again": lambda: _rate(server, lambda _: get(server.address(PATH))),
            "code": own_codes(server),
            "304": lambda: _rate(server, lambda _: get(server.address(PATH), If_None_Match=etag), status=304),
            **{what: own_codes(target) for what, target in forgetful.items()},
        }
        if peer is not None:
            ways["peer"] = lambda: peer.listings(CLIENTS)
            below.append(peer.server.process.pid)
        for way in ways.values():
            way()
        found: dict[str, list[float]] = {name: [] for name in ways}
        efforts: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(ROUNDS):
            for name, way in ways.items():
                rate, effort = effort_of(below, way)
                found[name].append(rate)
                efforts[name].append(effort / (CLIENTS * REQUESTS))
    rates, work = ({name: statistics.median(items) for name, items in table.items()} for table in (found, efforts))
    yield from _figures(rates, len(content["data"]))
    yield from _efforts(work)


def _figures(rate: dict[str, float], slots: int) -> Iterator[Figure]:
    note = f"{slots} slots, signed, {CLIENTS} clients"
    dumped, ready = ("json.dumps view", rate["dumped"]), ("view of ready bytes", rate["ready"])
    yield show(Figure("list, nothing of the agenda kept", rate["desks"], "req/s", *dumped, 0.5, note=note))
    yield show(Figure("list, settings forgotten too", rate["all"], "req/s", *dumped))
    yield show(Figure("list, after a change on one of 10 desks", rate["desk"], "req/s", *dumped))
    yield show(Figure("list, agenda unchanged", rate["again"], "req/s", *ready, 0.6, note=note))
    yield show(Figure("list, agenda unchanged, each caller its own lock code", rate["code"], "req/s", *ready, 0.6))
    yield show(Figure("list, unchanged, made by another process", rate["answers"], "req/s", *ready, note="from Redis"))
    yield show(Figure("list, unchanged since the caller asked (304)", rate["304"], "req/s", *ready))
    live = rate.get("peer")
    recorded = CLIENTS * 1000 / PEER_MS * rate["dumped"] / PEER_DUMPED
    how = "recorded, scaled by the json.dumps view" if live is None else "live, a request a day"
    yield show(
        Figure(
            "list, nothing of the agenda kept",
            rate["desks"],
            "req/s",
            f"django-appointment, {how}",
            recorded if live is None else live,
            100,
            note="the peer for one desk",
        )
    )


def _efforts(work: dict[str, float]) -> Iterator[Figure]:
    """Processor time of all servers together (web, PostgreSQL, Redis): the same targets, whatever else is running."""
    dumped, ready = ("json.dumps view", work["dumped"]), ("view of ready bytes", work["ready"])
    for name, against, most in (
        ("desks", dumped, 1 / 0.5),
        ("all", dumped, None),
        ("desk", dumped, None),
        ("again", ready, 1 / 0.6),
        ("code", ready, 1 / 0.6),
        ("answers", ready, None),
        ("304", ready, None),
    ):
        yield show(Figure(f"processor time of a list ({WAYS[name]})", work[name], "ms", *against, most, at_least=False))


def _rate(server: Server, request: Callable[[str], bytes], status: int = 200) -> float:
    clients = [[request(f"{client}-{number}") for number in range(REQUESTS)] for client in range(CLIENTS)]
    found: Answers = run(server.port, clients)
    assert set(found.statuses) == {status}, set(found.statuses)
    return found.rate
