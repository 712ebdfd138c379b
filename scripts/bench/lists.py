"""The list of free slots over HTTP, beside plain Django views that answer as many bytes."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator

from scripts.bench.figures import Figure, median_of, show
from scripts.bench.load import exchange, get, run
from scripts.bench.site import AGENDA, TYPE, Server, body_of

CLIENTS, REQUESTS, ROUNDS = 2, 60, 5
PATH = f"api/agenda/{AGENDA}/meetings/{TYPE}/datetimes/"


def measure(values: dict[str, str]) -> Iterator[Figure]:
    """Figures of the list: nothing cached, unchanged agenda, and unchanged since the caller's last call."""
    with Server("adapter.wsgi", values) as server:
        answer = body_of(exchange(server.port, get(server.address(PATH))))
        assert answer["err"] == 0, answer
        assert len(answer["data"]) > 900, "the list is shorter than the data promise"
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(answer, file)
            file.flush()
            with Server("scripts.bench.floor_app", {"FLOOR_ANSWER": file.name}) as floor:
                yield from _beside(server, floor, len(answer["data"]))


def _beside(server: Server, floor: Server, slots: int) -> Iterator[Figure]:
    def rate(port: int, address: str | None = None, **query: str) -> float:
        def one(client: int, number: int) -> bytes:
            own = {name: value.format(client=client, number=number) for name, value in query.items()}
            return get(address or server.address(PATH, **own))

        found = run(port, [[one(client, number) for number in range(REQUESTS)] for client in range(CLIENTS)])
        assert set(found.statuses) == {200}, set(found.statuses)
        return found.rate

    dumped = median_of(ROUNDS, lambda: rate(floor.port, f"http://127.0.0.1:{floor.port}/dumped"))
    ready = median_of(ROUNDS, lambda: rate(floor.port, f"http://127.0.0.1:{floor.port}/ready"))
    # A lock code of its own makes each answer one that was never given before.
    fresh = median_of(ROUNDS, lambda: rate(server.port, lock_code="code-{client}-{number}"))
    again = median_of(ROUNDS, lambda: rate(server.port))
    note = f"{slots} slots, signed, {CLIENTS} clients"
    yield show(Figure("list, nothing cached", fresh, "req/s", "json.dumps view", dumped, 0.5, note=note))
    yield show(Figure("list, agenda unchanged", again, "req/s", "view of ready bytes", ready, 0.6, note=note))
