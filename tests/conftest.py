"""What all tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections

from adapter.shared import reconnect
from tasks import nudging
from tests.support.databases import use_database
from tests.support.redis import RedisServer, redis_server

BRIEF = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
hypothesis.settings.register_profile("project", deadline=None, max_examples=60, database=None)
# Where a failure is all that is asked for, nobody reads the smallest example: `make mutants`.
hypothesis.settings.register_profile("mutants", parent=hypothesis.settings.get_profile("project"), phases=BRIEF)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "project"))
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def pytest_configure() -> None:
    """Save time: the real hasher takes 0.3 s for a password, a scan of all static files 0.1 s for a test client."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(scope="session", autouse=True)
def _connections_end_with_their_request() -> None:
    """Threads of live servers outlive their tests; kept connections would keep the test database from being dropped."""
    connections.settings["default"]["CONN_MAX_AGE"] = 0


@pytest.fixture(autouse=True)
def _nothing_is_queued(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reaches for a broker unless it runs a worker (marked ``worker``)."""
    if request.node.get_closest_marker("worker") is None:
        monkeypatch.setattr(nudging, "publish", lambda *_arguments, **_options: None)


@pytest.fixture
def redis(settings: Any) -> Iterator[RedisServer]:
    """A Redis of the test's own, that the adapter uses in this process."""
    server = redis_server()
    settings.REDIS_URL = server.start()
    reconnect()
    yield server
    reconnect()
    server.stop()


@pytest.fixture(scope="session")
def wcs_exports() -> Path:
    """The folder of real exports; tests that need it are skipped where it is not there."""
    folder = Path(os.environ.get("WCS_EXPORTS", Path(__file__).resolve().parents[2] / "shared" / "wcs-exports"))
    if not folder.is_dir():
        pytest.skip("the folder of real exports is not there")
    return folder


@pytest.fixture
def shared_database(transactional_db: None, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """Django's settings of a migrated, empty database that other processes can open.

    On PostgreSQL that is the test database; a SQLite one lives in memory, so a file takes its place meanwhile.
    """
    if connection.vendor == "postgresql":
        yield dict(connections.settings["default"])
        return
    before = connections["default"]
    config = {**connections.settings["default"], "NAME": str(tmp_path / "shared.sqlite3")}
    kept = connections.settings["default"]
    try:
        use_database(config)
        call_command("migrate", verbosity=0)
        yield config
    finally:
        connections["default"].close()
        connections.settings["default"] = kept
        connections["default"] = before
