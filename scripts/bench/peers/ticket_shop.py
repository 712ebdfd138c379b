"""pretix: puts places into carts, which is a hold with an expiry."""

from __future__ import annotations

import os
import subprocess
import tempfile
from urllib.parse import urlsplit

import psycopg

from scripts.bench.effort import effort_of
from scripts.bench.load import post, run
from scripts.bench.peers.environment import SITES, PeerMissing, installed
from scripts.bench.site import Server

REQUIREMENTS = ("pretix==2026.8.0", "gunicorn==27.0.1", "psycopg2-binary==2.9.13")
HOLDS, WARM_UP = 160, 20
DATABASE = "peer_pretix"
CARTS = "http://127.0.0.1/api/v1/organizers/mairie/events/guichets/cartpositions/"


class Pretix:
    """pretix on our server of PostgreSQL, two workers as we have. Raises :class:`PeerMissing`.

    Each hold is a cart of its own with one place of a product of which there are ten million: nobody is refused.
    """

    def __init__(self, database_url: str) -> None:
        python = installed("pretix", REQUIREMENTS)
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {DATABASE}")
        parts = urlsplit(database_url)
        environment = {
            "DJANGO_SETTINGS_MODULE": "pretix_settings",
            "DATA_DIR": tempfile.mkdtemp(prefix="adapter-bench-pretix-"),
            "PRETIX_PRETIX_URL": "http://127.0.0.1",
            "PRETIX_DATABASE_BACKEND": "postgresql",
            "PRETIX_DATABASE_NAME": DATABASE,
            "PRETIX_DATABASE_USER": parts.username or "",
            "PRETIX_DATABASE_HOST": parts.hostname or "",
            "PRETIX_DATABASE_PORT": str(parts.port),
            "PYTHONWARNINGS": "ignore",
        }
        clean = {**os.environ, **environment, "PYTHONPATH": str(SITES)}
        made = subprocess.run([str(python), str(SITES / "pretix_site.py")], env=clean, capture_output=True, text=True)
        if made.returncode:
            raise PeerMissing(f"pretix cannot be set up: {made.stderr[-500:]}")
        product, self.token = made.stdout.split()[-2:]
        self.product = int(product)
        self.server = Server("pretix.wsgi", environment, python=python, folder=SITES, probe="/healthcheck/")
        try:
            self._send("warm-up", 2, WARM_UP)
        except BaseException:
            self.server.stop()
            raise

    def __enter__(self) -> Pretix:
        return self

    def __exit__(self, *_: object) -> None:
        self.server.stop()

    def holds(self, clients: int, below: list[int]) -> tuple[float, float]:
        """Holds a second with that many clients, and the processor time (ms) of one; ``below`` as for ours."""
        pids = [*below, self.server.process.pid]
        rate, effort = effort_of(pids, lambda: self._send(f"{clients}-clients", clients, HOLDS))
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
