"""django-appointment: lists free times."""

from __future__ import annotations

import datetime
import sys

from scripts.bench.load import get, run
from scripts.bench.peers.environment import SITES, Peer, empty_database, installed, words_of
from scripts.bench.site import BOOKINGS, DAYS, Server

REQUIREMENTS = ("django-appointment==3.12.0", "gunicorn==27.0.1", "psycopg[binary]==3.3.9")


class DjangoAppointment(Peer):
    """django-appointment on our server of PostgreSQL: one staff member with our opening periods and bookings.

    It lists a day a request: a listing is as many requests as there are days. Raises :class:`PeerMissing`.
    """

    def __init__(self, database_url: str) -> None:
        python = installed("django-appointment", REQUIREMENTS)
        environment = {
            "PEER_DATABASE": empty_database(database_url, "peer_django_appointment").geturl(),
            "PEER_DAYS": str(DAYS),
            "PEER_BOOKINGS": str(BOOKINGS),
        }
        self.query = words_of(python, "appointment_site.py", environment)[-1]
        self.server = Server("appointment_site", environment, python=python, folder=SITES, probe="/")

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
