"""The day view of the calendar, beside an empty page of the same template."""

from __future__ import annotations

import datetime
import statistics
import time
from collections.abc import Iterator

from scripts.bench.figures import Figure, show
from scripts.bench.site import load_data

ROUNDS = 15


def measure() -> Iterator[Figure]:
    """20 desks and 400 bookings on one day; the empty page is that of an agenda without desks."""
    from django.contrib.auth import get_user_model
    from django.test import Client
    from django.utils.timezone import localdate

    from adapter.agendas.models import Agenda, Booking

    load_data(desks=25, days=1, bookings=400, slug="full-day")
    booked = Booking.objects.filter(agenda__slug="full-day").count()
    Agenda.objects.create(slug="empty-day", label="empty-day")
    user = get_user_model().objects.create_superuser("bench", "bench@example.com", "bench")
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(user)
    day = localdate() + datetime.timedelta(days=1)
    found: dict[str, list[float]] = {"full-day": [], "empty-day": []}
    for number in range(ROUNDS + 2):
        for slug, times in found.items():
            began = time.perf_counter()
            answer = client.get(f"/manage/agendas/{slug}/day/{day:%Y/%m/%d}/")
            took = (time.perf_counter() - began) * 1000
            assert answer.status_code == 200, answer
            if number >= 2:
                times.append(took)
    full, empty = (statistics.median(times) for times in found.values())
    yield show(
        Figure(
            "day view of the calendar",
            full,
            "ms",
            "empty page of the same template",
            empty,
            3,
            at_least=False,
            note=f"25 desks, {booked} bookings",
        )
    )
