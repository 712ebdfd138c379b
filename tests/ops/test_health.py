"""What supervisors and Prometheus see."""

from __future__ import annotations

import datetime

import pytest
from django.db import OperationalError, connection
from django.test import Client

from adapter.agendas.models import Booking
from adapter.agendas.queries.overlaps import Overlap
from adapter.agendas.services import (
    BookingDetails,
    BookingRequest,
    FillslotRequest,
    HoldRequest,
    cancel,
    fillslot,
    hold,
)
from adapter.clock import now
from adapter.ops import metrics
from tasks.recording import recorded
from tests.agendas.builders import ALICE, make_agenda

pytestmark = pytest.mark.django_db
HOUR = datetime.timedelta(hours=1)


def scraped() -> dict[str, float]:
    text = Client().get("/metrics").content.decode()
    lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    return {name.removeprefix("booking_adapter_"): float(value) for name, _, value in lines}


def test_the_process_answers() -> None:
    assert Client().get("/healthz").json() == {"status": "ok"}


def test_it_is_ready_when_the_database_is(monkeypatch) -> None:
    assert Client().get("/readyz").json() == {"status": "ok"}

    def away(*_: object, **__: object) -> None:
        raise OperationalError

    monkeypatch.setattr(connection, "cursor", away)
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["database"]) == (503, "unreachable")


def test_it_is_not_ready_with_migrations_to_apply() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'agendas'")
    assert Client().get("/readyz").status_code == 503


def test_locks_and_the_outbox_are_measured() -> None:
    make_agenda(weekdays=range(7))
    day = now().date() + datetime.timedelta(days=8)
    first, second, third = (f"passeport:{day}-{time}" for time in ("0900", "0920", "0940"))
    hold(HoldRequest("mairie", (first,), "live"), now=now(), actor=ALICE)
    hold(HoldRequest("mairie", (second,), "lapsed"), now=now() - HOUR, actor=ALICE)
    details = BookingDetails(backoffice_url="https://d.test/1/", cancel_callback_url="https://d.test/hooks/x/")
    half = BookingRequest("mairie", (third,), "half", details=details)
    fillslot(FillslotRequest(half), now=now(), actor=ALICE)
    found = scraped()
    assert (found["live_locks"], found["lapsed_locks"], found["half_adapted_holds"]) == (2, 1, 1)
    assert 2900 < found["oldest_lapsed_lock_seconds"] < 3600
    fillslot(FillslotRequest(half, confirm_after_lock=True), now=now(), actor=ALICE)
    cancel(Booking.objects.get(label="", state="booked").pk, now=now(), actor=ALICE, call_back=True)
    found = scraped()
    assert (found["half_adapted_holds"], found["outbox_pending"], found["outbox_failed"]) == (0, 1, 0)


def test_runs_of_tasks_are_measured() -> None:
    with recorded("release_expired_locks") as handled:
        handled(3)
    with pytest.raises(RuntimeError), recorded("release_expired_locks"):
        raise RuntimeError
    found = scraped()
    assert found['task_runs_total{task="release_expired_locks"}'] == 2
    assert found['task_failures_total{task="release_expired_locks"}'] == 1
    assert found['task_last_result{task="release_expired_locks"}'] == 3


def test_double_bookings_are_measured(monkeypatch) -> None:
    assert scraped()["overlaps"] == 0
    # The query itself is tested where its guards are taken away (tests/agendas/test_sentinel.py).
    double = Overlap(12, "mairie", "guichet-1", now())
    monkeypatch.setattr(metrics, "overlaps", lambda **_: [double, double])
    assert scraped()["overlaps"] == 2


def test_figures_are_for_this_machine_or_for_who_has_the_token(settings) -> None:
    client = Client()
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.1").status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 404
    settings.METRICS_TOKEN = "token"
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer token"}).status_code == 200
