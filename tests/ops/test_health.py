"""What supervisors and Prometheus see."""

from __future__ import annotations

import datetime
import os

import pytest
from django.db import OperationalError, connection
from django.test import Client

from adapter.agendas.errors import SlotUnavailable
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
from tasks.models import TaskRun
from tasks.recording import recorded, scheduler_started
from tests.agendas.builders import ALICE, make_agenda
from tests.support.servers import free_port

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
HOUR = datetime.timedelta(hours=1)


def scraped() -> dict[str, float]:
    text = Client().get("/metrics", **{"wsgi.multiprocess": False}).content.decode()
    lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    return {name.removeprefix("booking_adapter_"): float(value) for name, _, value in lines}


def test_the_process_answers() -> None:
    assert Client().get("/healthz").json() == {"status": "ok"}


def test_it_is_ready_when_the_database_is(monkeypatch) -> None:
    assert Client().get("/readyz").json() == {"status": "ok", "database": "ok", "migrations": "ok", "broker": "ok"}

    def away(*_: object, **__: object) -> None:
        raise OperationalError

    monkeypatch.setattr(connection, "cursor", away)
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["database"]) == (503, "unreachable")


def test_it_is_not_ready_with_migrations_to_apply() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'agendas'")
    assert Client().get("/readyz").status_code == 503


def test_tables_of_a_newer_version_are_no_reason_to_leave() -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('agendas', '9999_x', '2026-01-01')")
    assert Client().get("/readyz").status_code == 200


def test_without_its_broker_it_is_degraded_and_still_serves(settings) -> None:
    settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{free_port()}/0"
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["status"], answer.json()["broker"]) == (200, "degraded", "unreachable")
    assert scraped()["broker_up"] == 0


def test_the_broker_is_redis_when_it_is_redis(settings) -> None:
    url = os.environ.get("TEST_REDIS_URL")
    if not url:
        pytest.skip("no Redis")
    settings.CELERY_BROKER_URL = url
    assert Client().get("/readyz").json()["broker"] == "ok"


def test_without_a_database_the_metrics_still_answer_and_say_so(monkeypatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise OperationalError

    assert scraped()["database_up"] == 1
    monkeypatch.setattr(connection, "cursor", away)
    found = scraped()
    assert found["database_up"] == 0
    assert "live_locks" not in found


def test_answers_are_counted_by_route_method_and_status() -> None:
    before = scraped()
    Client().get("/login/")
    Client().get("/api/agenda/")
    Client().generic("BREW", "/nowhere/ada@example.org/")
    found = scraped()

    def more(name: str) -> float:
        return found.get(name, 0) - before.get(name, 0)

    assert more('requests_total{method="GET",route="login",status="200"}') == 1
    assert more('requests_total{method="GET",route="agendas",status="403"}') == 1
    assert more('requests_total{method="OTHER",route="unknown",status="404"}') == 1
    assert more('request_seconds_count{route="login"}') == 1
    assert not any("example" in name for name in found)


def test_outcomes_of_holds_and_confirmations_are_counted() -> None:
    make_agenda(weekdays=range(7), desks=1)
    day = now().date() + datetime.timedelta(days=8)
    slot = f"passeport:{day}-0900"
    before = scraped()
    hold(HoldRequest("mairie", (slot,), "K"), now=now(), actor=ALICE)
    hold(HoldRequest("mairie", (slot,), "K"), now=now(), actor=ALICE)
    with pytest.raises(SlotUnavailable):
        hold(HoldRequest("mairie", (slot,), "L"), now=now(), actor=ALICE)
    mine = BookingRequest("mairie", (slot,), "K", details=BookingDetails(backoffice_url="https://d.test/1/"))
    for _ in range(2):
        fillslot(FillslotRequest(mine, confirm_after_lock=True), now=now(), actor=ALICE)
    lost = BookingRequest("mairie", (slot,), "L", details=BookingDetails(backoffice_url="https://d.test/2/"))
    with pytest.raises(SlotUnavailable):
        fillslot(FillslotRequest(lost, confirm_after_lock=True), now=now(), actor=ALICE)
    found = scraped()
    expected = {
        ("hold", "held"): 1,
        ("hold", "repeated"): 1,
        ("hold", "slot-unavailable"): 1,
        ("confirm", "confirmed"): 1,
        ("confirm", "already_confirmed"): 1,
        ("confirm", "lost"): 1,
    }
    names = {pair: f'outcomes_total{{action="{pair[0]}",outcome="{pair[1]}"}}' for pair in expected}
    assert {pair: found.get(name, 0) - before.get(name, 0) for pair, name in names.items()} == expected


def test_a_process_that_sees_only_its_own_requests_does_not_give_them_for_all() -> None:
    text = Client().get("/metrics", **{"wsgi.multiprocess": True}).content.decode()
    assert "booking_adapter_requests_counted 0.0" in text
    assert "booking_adapter_requests_total" not in text


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
    # The start of the scheduler is no run of a task: alerts about late ones would ring for it.
    scheduler_started()
    assert not [name for name in scraped() if TaskRun.SCHEDULER in name]


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


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_probes_call_by_address_and_need_no_name(path) -> None:
    answer = Client().get(path, headers={"Host": "10.1.2.3:8000"})
    assert answer.status_code == 200
    assert Client().post(path, headers={"Host": "10.1.2.3:8000"}).status_code == 405
