"""Everything that a town hall would run, on this machine only, and thrown away afterwards."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

from scripts.processes import tree_of
from scripts.soak.wcs import MoodyWcs
from tests.support.celery import Worker
from tests.support.postgres import PostgresServer
from tests.support.redis import redis_server
from tests.support.signed import KEY, ORIG
from tests.support.wcs_double import CALLER
from tests.support.web import WebServer

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "soak"
# Durable, as in production: what was answered survives the end of every process.
DURABLE = "-c shared_buffers=128MB -c max_connections=60"
# Seconds between two runs of what is due each minute elsewhere.
SCHEDULE = 2
WEB_PROCESSES = 2


class Site:
    """``with Site() as site``: PostgreSQL, Redis, w.c.s., the web server and a worker with its schedule, all running.

    Everything ends with it, whatever happened; ``keep_logs`` leaves its folder ``home``.
    """

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="adapter-soak-"))
        self.keep_logs = False
        self._stack = ExitStack()

    def __enter__(self) -> Site:
        try:
            self._start()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _start(self) -> None:
        stack = self._stack
        stack.callback(self._remove)
        self.postgres = PostgresServer(DURABLE)
        stack.callback(self.postgres.clean)
        self.redis = redis_server()
        stack.callback(self.redis.stop)
        self.wcs = stack.enter_context(MoodyWcs())
        self.database_url = self.postgres.start()
        stack.callback(self._end_postgres)
        service = {"title": "w.c.s.", "url": self.wcs.url, "orig": CALLER, "secret": KEY, "verif_orig": ORIG}
        self.environment = {
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis.start(),
            "CELERY_BROKER_URL": "",
            "ADAPTER_HOME": str(self.home),
            "SECRET_KEY": "soak" * 16,
            "KNOWN_SERVICES": json.dumps({"wcs": {"soak": service}}),
            "LOG_LEVEL": "WARNING",
            "LOCK_DURATION_MIN": "5",
            "SCHEDULE_EVERY": str(SCHEDULE),
            # Each caller asks as much as it can: what is tried is not the budget.
            "CALLS_PER_MINUTE_MAX": "0",
            "LOCKS_PER_CALLER_MAX": "0",
            "DEMO_PASSWORD": PASSWORD,
        }
        self._load()
        self.web = WebServer(self.home, self.environment, workers=WEB_PROCESSES)
        # A server that is killed leaves its counters behind: they go with everything else.
        self.web.environment["PROMETHEUS_MULTIPROC_DIR"] = str(self.home / "metrics")
        stack.callback(self.web.kill)
        self.worker = Worker(self.home, self.environment, beat=True)
        stack.callback(self.worker.stop)
        self.start_adapter(0)

    def _load(self) -> None:
        """This process looks into the same database."""
        os.environ.update({**self.environment, "DJANGO_SETTINGS_MODULE": "adapter.settings"})
        import django
        from django.core.management import call_command
        from django.db import connections

        django.setup()
        call_command("migrate", verbosity=0, interactive=False)
        call_command("demo_data", verbosity=0)
        connections.close_all()

    def start_adapter(self, clock_offset: int, *, worker: bool = True) -> None:
        """Start web and worker, again if they run, with their clocks so many seconds ahead."""
        self.web.stop()
        self.worker.stop()
        for part in (self.web, self.worker):
            part.environment["CLOCK_OFFSET"] = str(clock_offset)
        self.web.start()
        if worker:
            self.worker.start()

    def web_processes(self) -> list[int]:
        """The processes that answer, without the one that watches them."""
        watcher = self.web.process
        return sorted(tree_of([watcher.pid]) - {watcher.pid}) if watcher else []

    def postgres_processes(self) -> list[int]:
        """The first process of PostgreSQL and then all of its own."""
        first = self.postgres.pid
        return [first, *sorted(tree_of([first]) - {first})]

    def _end_postgres(self) -> None:
        from django.db import connections

        connections.close_all()
        try:
            self.postgres.kill(self.postgres_processes())
        except (OSError, ValueError):
            # It is not running: a fault has killed it.
            pass

    def _remove(self) -> None:
        if not self.keep_logs:
            shutil.rmtree(self.home, ignore_errors=True)
