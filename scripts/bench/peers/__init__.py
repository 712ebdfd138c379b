"""Peers measured live (``PEERS=1``): each in a virtual environment of its own, outside the project's dependencies."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
import venv
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from scripts.bench.load import get, run
from scripts.bench.site import BOOKINGS, DAYS, ROOT, Server

KEPT = ROOT / "var" / "bench"
SITE = Path(__file__).with_name("appointment_site.py")
REQUIREMENTS = ("django-appointment==3.12.0", "gunicorn==27.0.1", "psycopg[binary]==3.3.9")


class PeerMissing(Exception):
    """It cannot be installed here."""


def installed(name: str, requirements: tuple[str, ...]) -> Path:
    """The Python of the peer's environment below ``var/bench``, made once for these versions."""
    folder = KEPT / name
    python, stamp = folder / "bin" / "python", folder / "requirements.txt"
    wanted = "\n".join(requirements)
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    print(f"Installing {' '.join(requirements)} in {folder.relative_to(ROOT)}…", flush=True)
    venv.create(folder, with_pip=True, clear=True)
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements]
    if subprocess.run(command, stderr=subprocess.DEVNULL).returncode:
        raise PeerMissing(f"{name} cannot be installed")
    stamp.write_text(wanted)
    return python


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
