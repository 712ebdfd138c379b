"""A database that several processes share, and workers on it."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection

from adapter.clock import now
from tests.agendas.builders import make_agenda
from tests.support.celery import Worker
from tests.support.redis import RedisMissing, RedisServer, redis_server
from tests.support.wcs_double import FakeForm, WcsDouble


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    """A Redis of its own, which the test may kill."""
    try:
        server = redis_server()
    except RedisMissing as missing:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(missing))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def slot(shared_database) -> str:
    """A slot of *mairie*, eight days ahead."""
    make_agenda(weekdays=range(7))
    return f"passeport:{now().date() + datetime.timedelta(days=8)}-0900"


@pytest.fixture
def wcs() -> Iterator[WcsDouble]:
    """A w.c.s. that knows one form."""
    with WcsDouble(FakeForm("rendez-vous")) as double:
        yield double


@pytest.fixture
def worker_environment(shared_database) -> dict[str, str]:
    """Settings that make another process use the database of this test."""
    values = connection.settings_dict
    name = str(values["NAME"])
    if connection.vendor == "sqlite":
        url = f"sqlite:///{name}"
    else:
        url = f"postgres://{values['USER']}@{values['HOST']}:{values['PORT']}/{name}"
    return {"DATABASE_URL": url, "REDIS_URL": "", "CELERY_BROKER_URL": "", "LOG_LEVEL": "INFO"}


@pytest.fixture
def make_worker(tmp_path: Path, worker_environment: dict[str, str]) -> Iterator[Callable[..., Worker]]:
    """``make_worker(beat=…, **environment)`` starts a worker; it is stopped in the end."""
    workers: list[Worker] = []

    def make(*, beat: bool = False, queues: str = "", **environment: str) -> Worker:
        worker = Worker(tmp_path, {**worker_environment, **environment}, beat=beat, queues=queues)
        workers.append(worker)
        worker.start()
        return worker

    yield make
    for worker in workers:
        worker.stop()
