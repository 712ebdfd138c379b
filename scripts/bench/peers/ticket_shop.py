"""pretix: puts places into carts, which is a hold with an expiry."""

from __future__ import annotations

import tempfile

from scripts.bench.effort import effort_of
from scripts.bench.load import post, run
from scripts.bench.peers.environment import SITES, Peer, PeerMissing, empty_database, installed, words_of
from scripts.bench.site import Server

REQUIREMENTS = ("pretix==2026.8.0", "gunicorn==27.0.1", "psycopg2-binary==2.9.13")
HOLDS, WARM_UP = 160, 20
CARTS = "http://127.0.0.1/api/v1/organizers/mairie/events/guichets/cartpositions/"


class Pretix(Peer):
    """pretix on our server of PostgreSQL, two workers as we have. Raises :class:`PeerMissing`.

    Each hold is a cart of its own with one place of a product of which there are ten million: nobody is refused. As
    many are sold and in carts already as when its rate was recorded.
    """

    def __init__(self, database_url: str) -> None:
        python = installed("pretix", REQUIREMENTS)
        database = empty_database(database_url, "peer_pretix")
        environment = {
            "DJANGO_SETTINGS_MODULE": "pretix_settings",
            "DATA_DIR": tempfile.mkdtemp(prefix="adapter-bench-pretix-"),
            "PRETIX_PRETIX_URL": "http://127.0.0.1",
            "PRETIX_DATABASE_BACKEND": "postgresql",
            "PRETIX_DATABASE_NAME": database.path.strip("/"),
            "PRETIX_DATABASE_USER": database.username or "",
            "PRETIX_DATABASE_HOST": database.hostname or "",
            "PRETIX_DATABASE_PORT": str(database.port),
            "PYTHONWARNINGS": "ignore",
        }
        product, self.token = words_of(python, "pretix_site.py", environment)[-2:]
        self.product = int(product)
        self.rounds = 0
        self.server = Server("pretix.wsgi", environment, python=python, folder=SITES, probe="/healthcheck/")
        try:
            self._send("first", 2, WARM_UP)
        except BaseException:
            self.server.stop()
            raise

    def holds(self, clients: int, below: list[int]) -> tuple[float, float]:
        """Holds a second with that many clients, and the processor time (ms) of one; ``below`` as for ours."""
        pids = [*below, self.server.process.pid]
        self.rounds += 1
        self._send(f"warm-up-{self.rounds}", 2, WARM_UP)
        rate, effort = effort_of(pids, lambda: self._send(f"round-{self.rounds}", clients, HOLDS))
        return rate, effort / HOLDS

    def _send(self, name: str, clients: int, count: int) -> float:
        product = {"item": self.product, "variation": None, "price": "0.00"}
        shares = [
            [
                post(
                    CARTS,
                    {"cart_id": f"{name}-{client}-{number}@api", **product},
                    Authorization=f"Token {self.token}",
                )
                for number in range(count // clients)
            ]
            for client in range(clients)
        ]
        found = run(self.server.port, shares)
        if set(found.statuses) != {201}:
            raise PeerMissing(f"pretix answered {sorted(set(found.statuses))}")
        return found.rate
