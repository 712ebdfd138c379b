"""django-appointment: lists free times."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
from urllib.parse import urlsplit, urlunsplit

import psycopg

from scripts.bench.load import get, run
from scripts.bench.peers.environment import SITES, PeerMissing, installed
from scripts.bench.site import BOOKINGS, DAYS, Server

REQUIREMENTS = ("django-appointment==3.12.0", "gunicorn==27.0.1", "psycopg[binary]==3.3.9")
SITE = SITES / "appointment_site.py"


class DjangoAppointment:
    """django-appointment on our server of PostgreSQL: one staff member with our opening periods and bookings.

    It lists a day a request: a listing is as many requests as there are days. Raises :class:`PeerMissing`.
    """

    def __init__(self, database_url: str) -> None:
        python = installed("django-appointment", REQUIREMENTS)
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE peer_django_appointment")
        parts = urlsplit(database_url)
        environment = {
            "PEER_DATABASE": urlunsplit(parts._replace(path="/peer_django_appointment")),
            "PEER_DAYS": str(DAYS),
            "PEER_BOOKINGS": str(BOOKINGS),
        }
        # Not our packages: only the site itself.
        clean = {**os.environ, **environment, "PYTHONPATH": str(SITE.parent)}
        made = subprocess.run([str(python), str(SITE)], env=clean, capture_output=True, text=True)
        if made.returncode:
            raise PeerMissing(f"django-appointment cannot be set up: {made.stderr[-500:]}")
        self.query = made.stdout.split()[-1]
        self.server = Server("appointment_site", environment, python=python, folder=SITE.parent, probe="/")

    def __enter__(self) -> DjangoAppointment:
        return self

    def __exit__(self, *_: object) -> None:
        self.server.stop()

    def listings(self, clients: int) -> float:
        """Listings a second with that many clients; each asks for all days once."""
        days = [datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=day) for day in range(1, DAYS + 1)]
        asked = [
            get(
                f"http://127.0.0.1:{self.server.port}/appointment/ajax/available_slots/?selected_date={day}&{self.query}",
                X_Requested_With="XMLHttpRequest",
            )
            for day in days
        ]
        found = run(self.server.port, [asked] * clients)
        if set(found.statuses) != {200}:
            print(f"*** django-appointment answered {sorted(set(found.statuses))}", file=sys.stderr)
            return 0.0
        return found.rate / DAYS
