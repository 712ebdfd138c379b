"""A throw-away adapter: database, data, web server, and addresses signed as w.c.s. signs them."""

from __future__ import annotations

import datetime
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from scripts.bench.load import exchange, get
from tests.support.servers import free_port

ROOT = Path(__file__).resolve().parents[2]
SECRET = "bench-key"
ORIG = "wcs.bench"
SERVICE = {"title": "w.c.s.", "url": "http://127.0.0.1:9/", "orig": "bench", "secret": SECRET, "verif_orig": ORIG}
AGENDA, TYPE = "bench", "court"
DESKS, DAYS, BOOKINGS = 10, 56, 2000


def settings_for(database_url: str, redis_url: str | None = None) -> dict[str, str]:
    """Environment of the adapter for benchmarks."""
    values = {
        "DATABASE_URL": database_url,
        "ADAPTER_HOME": tempfile.mkdtemp(prefix="adapter-bench-"),
        "SECRET_KEY": "bench" * 12,
        "KNOWN_SERVICES": json.dumps({"wcs": {"bench": SERVICE}}),
        "LOG_LEVEL": "ERROR",
        "LOCKS_PER_CODE_MAX": "1000",
        # One caller as fast as it can: what is measured is not the budget.
        "CALLS_PER_MINUTE_MAX": "0",
        "LOCKS_PER_CALLER_MAX": "0",
        "DJANGO_SETTINGS_MODULE": "adapter.settings",
    }
    return {**values, "REDIS_URL": redis_url} if redis_url else values


def set_up(values: dict[str, str]) -> None:
    """Make this process an adapter with that environment; migrate and load the data."""
    os.environ.update(values)
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    load_data()


def load_data(desks: int = DESKS, days: int = DAYS, bookings: int = BOOKINGS, slug: str = AGENDA) -> None:
    """An agenda open on every day, ``desks`` desks, ``bookings`` appointments of 20 minutes spread over ``days``."""
    from django.db import connection

    from adapter.agendas.models import Agenda, Booking, BookingState, Desk, MeetingType, OpeningPeriod

    agenda = Agenda.objects.create(slug=slug, label=slug, minimal_booking_delay=1, maximal_booking_delay=days)
    made = [
        Desk.objects.create(agenda=agenda, slug=f"guichet-{number}", label=f"Guichet {number}", position=number)
        for number in range(desks)
    ]
    OpeningPeriod.objects.bulk_create(
        OpeningPeriod(desk=desk, weekday=weekday, start_time=datetime.time(begin), end_time=datetime.time(end))
        for desk in made
        for weekday in range(7)
        for begin, end in ((9, 12), (14, 17))
    )
    kind = MeetingType.objects.create(agenda=agenda, slug=TYPE, label="Court", duration=20)
    MeetingType.objects.create(agenda=agenda, slug="long", label="Long", duration=40, position=1)
    places = [
        (desk, start)
        for desk in made
        for start in _starts(datetime.datetime.now(datetime.UTC).date(), range(1, days + 1))
    ]
    chosen = random.Random(7).sample(places, min(bookings, len(places)))
    now = datetime.datetime.now(datetime.UTC)
    Booking.objects.bulk_create(
        Booking(
            agenda=agenda,
            asked_agenda=agenda,
            desk=desk,
            meeting_type=kind,
            start=start,
            end=start + datetime.timedelta(minutes=20),
            state=BookingState.BOOKED,
            created_at=now,
            confirmed_at=now,
        )
        for desk, start in chosen
    )
    with connection.cursor() as cursor:
        # What autovacuum does within a minute: without it, plans are made for an empty table.
        cursor.execute("ANALYZE")


def slots_to_hold(slug: str) -> list[str]:
    """Ids of the slots of an agenda that can be held now, as the service lists them."""
    from adapter.agendas.services import SlotQuery, list_slots
    from adapter.clock import now

    listing = list_slots(slug, TYPE, SlotQuery(), now=now())
    return [listing.slot(start).id for start in sorted(listing.offer.free)]


def _starts(today: datetime.date, days: range) -> list[datetime.datetime]:
    from django.utils.timezone import get_default_timezone

    zone = get_default_timezone()
    return [
        datetime.datetime.combine(today + datetime.timedelta(days=day), datetime.time(hour, minute), zone)
        for day in days
        for hour in (9, 10, 11, 14, 15, 16)
        for minute in (0, 20, 40)
    ]


class Server:
    """gunicorn with two workers on a free port; ``python`` and ``folder`` are a peer's, ours by default."""

    def __init__(
        self,
        application: str,
        environment: dict[str, str],
        *,
        python: Path = Path(sys.executable),
        folder: Path = ROOT,
        probe: str = "/healthz",
    ) -> None:
        self.port = free_port()
        bind = f"127.0.0.1:{self.port}"
        environment = {**os.environ, **environment, "BASE_URL": f"http://{bind}/", "PYTHONPATH": str(folder)}
        command = [str(python), "-m", "gunicorn", application, "--bind", bind, "--workers", "2"]
        command += ["--no-control-socket", "--log-level", "error", "--worker-tmp-dir", "/dev/shm"]
        self.process = subprocess.Popen(command, cwd=folder, env=environment)
        request = get(f"http://{bind}{probe}")
        while self.process.poll() is None:
            try:
                if exchange(self.port, request):
                    return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"{application} did not start")

    def address(self, path: str, **query: str) -> str:
        """An address of this server, signed just now, with a nonce of its own."""
        from adapter.wcs.signature import sign_url

        pairs = "&".join(f"{name}={value}" for name, value in query.items())
        url = f"http://127.0.0.1:{self.port}/{path}" + (f"?{pairs}" if pairs else "")
        return sign_url(url, SECRET, orig=ORIG, now=datetime.datetime.now(datetime.UTC))

    def stop(self) -> None:
        """Stop it and wait."""
        self.process.terminate()
        self.process.wait()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: Any) -> None:
        self.stop()


def body_of(answer: bytes) -> Any:
    """The JSON body of a whole HTTP answer."""
    return json.loads(answer.split(b"\r\n\r\n", 1)[1])
