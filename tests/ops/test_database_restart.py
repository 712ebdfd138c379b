"""PostgreSQL crashes and comes back under load: requests fail cleanly, then work again; no booking is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
import requests

from tests.support.celery import Worker, eventually
from tests.support.gunicorn import ROOT, Gunicorn
from tests.support.postgres import PostgresMissing, PostgresServer
from tests.support.signed import KEY, ORIG, HttpApi

pytestmark = pytest.mark.servers
PATIENCE = 90
CALLERS = 4
SERVICE = {"title": "w.c.s.", "url": "http://127.0.0.1:9/", "orig": "agendas.test", "secret": KEY, "verif_orig": ORIG}


@pytest.fixture
def postgres() -> Iterator[PostgresServer]:
    try:
        # Unlike those of other tests this one waits for its disk: it must keep what it commits.
        server = PostgresServer("-c shared_buffers=64MB -c max_connections=50")
    except PostgresMissing as missing:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(missing))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def environment(postgres, tmp_path: Path) -> dict[str, str]:
    """Settings of processes on that server, where the demo is loaded."""
    values = {
        "DATABASE_URL": f"postgres://postgres@127.0.0.1:{postgres.port}/postgres",
        "KNOWN_SERVICES": json.dumps({"wcs": {"test": SERVICE}}),
        "REDIS_URL": "",
        "CELERY_BROKER_URL": "",
        "SECRET_KEY": "x" * 60,
        "LOG_LEVEL": "WARNING",
        "DJANGO_SETTINGS_MODULE": "adapter.settings",
    }
    for command in ("migrate", "demo_data"):
        subprocess.run(
            [sys.executable, "manage.py", command, "-v", "0"],
            cwd=ROOT,
            env={**os.environ, **values, "ADAPTER_HOME": str(tmp_path)},
            check=True,
        )
    return values


@pytest.fixture
def web(environment, tmp_path: Path) -> Iterator[Gunicorn]:
    """The adapter behind gunicorn."""
    server = Gunicorn(tmp_path, environment)
    server.wait()
    yield server
    server.stop()


@dataclass
class Load:
    """Callers that list, hold, confirm and look, again and again; every answer is kept."""

    url: str
    stopping: threading.Event = field(default_factory=threading.Event)
    answers: list[tuple[str, int, str, str]] = field(default_factory=list)
    booked: list[int] = field(default_factory=list)
    problems: list[BaseException] = field(default_factory=list)

    def run(self, number: int) -> None:
        api = HttpApi(self.url)
        try:
            while not self.stopping.is_set():
                self._journey(api, number)
        except BaseException as problem:
            self.problems.append(problem)

    def _journey(self, api: HttpApi, number: int) -> None:
        path = "agenda/mairie/meetings/passeport/datetimes/"
        listed = self._call(api, "GET", path, {"lock_code": f"K{number}"})
        free = [item for item in listed.get("data", []) if not item["disabled"]]
        if free:
            # Each caller has days of its own: they meet in the database, not on a slot.
            slot = free[number * 50 % len(free)]["id"]
            body = {"lock_code": f"K{number}", "form_url": f"https://d.test/{number}/{slot}/"}
            self._call(api, "POST", f"agenda/mairie/fillslot/{slot}/", body={"lock_code": f"K{number}"})
            made = self._call(api, "POST", f"agenda/mairie/fillslot/{slot}/", body={**body, "confirm_after_lock": True})
            if made.get("err") == 0:
                self.booked.append(made["booking_id"])
                if number:
                    self._call(api, "POST", f"booking/{made['booking_id']}/cancel/")
        # With a session, which is looked up in the database.
        page = requests.get(f"{self.url}manage/", timeout=28, cookies={"wcs-booking-session": "k" * 32})
        self.answers.append(("page", page.status_code, page.headers["Content-Type"], page.text))

    def _call(self, api: HttpApi, method: str, path: str, query: dict | None = None, body: dict | None = None) -> dict:
        answer = api.call(method, path, query=query, body=body)
        text = answer.content.decode()
        self.answers.append(("api", answer.status, answer.headers["Content-Type"], text))
        return json.loads(text)

    def count(self, status: int) -> int:
        return sum(answer[1] == status for answer in list(self.answers))


def until(condition) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_requests_fail_cleanly_while_the_database_is_away_and_work_again_afterwards(postgres, web) -> None:
    load = Load(web.url)
    callers = [threading.Thread(target=load.run, args=(number,)) for number in range(CALLERS)]
    for caller in callers:
        caller.start()
    try:
        until(lambda: len(load.booked) > CALLERS)
        for _ in range(2):
            postgres.halt()
            failed = load.count(503)
            until(lambda before=failed: load.count(503) > before + CALLERS)
            ready = requests.get(f"{web.url}readyz", timeout=28)
            assert (ready.status_code, ready.json()["status"]) == (503, "unavailable")
            postgres.start()
            booked = len(load.booked)
            until(lambda before=booked: len(load.booked) > before + CALLERS)
    finally:
        load.stopping.set()
        for caller in callers:
            caller.join()
    assert load.problems == []
    assert {answer[0] for answer in load.answers if answer[1] == 503} == {"api", "page"}
    assert requests.get(f"{web.url}readyz", timeout=28).status_code == 200
    for kind, status, content_type, text in load.answers:
        assert status in ((200, 503) if kind == "api" else (200, 302, 503)), (kind, status, text[:300])
        assert content_type.startswith("application/json" if kind == "api" else "text/html")
        assert "Traceback" not in text and "psycopg" not in text
        if kind == "api" and status == 503:
            assert json.loads(text)["err_class"]
    # What was told to be booked is booked: the server kept what it had committed.
    with psycopg.connect(host="127.0.0.1", port=postgres.port, user="postgres", dbname="postgres") as link:
        rows = dict(link.execute("SELECT id, state FROM agendas_booking WHERE id = ANY(%s)", [load.booked]).fetchall())
    assert rows.keys() == set(load.booked)
    assert set(rows.values()) <= {"booked", "cancelled"}


@pytest.mark.thorough
def test_a_worker_goes_on_by_itself_when_the_database_is_back(postgres, environment, tmp_path) -> None:
    def runs() -> int:
        with psycopg.connect(host="127.0.0.1", port=postgres.port, user="postgres", dbname="postgres") as link:
            found = link.execute("SELECT runs FROM tasks_taskrun WHERE name = 'release_expired_locks'").fetchone()
        return found[0] if found else 0

    worker = Worker(tmp_path, {**environment, "SCHEDULE_EVERY": "1", "LOG_LEVEL": "INFO"}, beat=True)
    worker.start()
    try:
        eventually(runs, worker)
        postgres.halt()
        # Tasks fail meanwhile, which is no incident.
        eventually(lambda: "raised expected: OperationalError" in worker.log, worker)
        postgres.start()
        before = runs()
        eventually(lambda: runs() > before + 2, worker)
    finally:
        worker.stop()
    assert "Traceback" not in worker.log
