"""What all tests share."""

from __future__ import annotations

import os
import shutil
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
from tests.support import demo
from tests.support.databases import other_database
from tests.support.redis import RedisServer, redis_server
from tests.support.thorough import THOROUGH

BRIEF = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
hypothesis.settings.register_profile("quick", deadline=None, max_examples=25, database=None)
hypothesis.settings.register_profile("thorough", parent=hypothesis.settings.get_profile("quick"), max_examples=200)
# Where a failure is all that is asked for, nobody reads the smallest example: `make mutants`.
hypothesis.settings.register_profile(
    "mutants", parent=hypothesis.settings.get_profile("quick"), max_examples=60, phases=BRIEF
)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "thorough" if THOROUGH else "quick"))
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def pytest_configure() -> None:
    """Save time: the real hasher takes 0.3 s for a password, a scan of all static files 0.1 s for a test client."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.WHITENOISE_AUTOREFRESH = True


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is for the other database, and what is thorough unless that is asked for."""
    on_postgresql = connection.vendor == "postgresql"
    kept, left_out = [], []
    for item in items:
        marks = {mark.name for mark in item.iter_markers()}
        database = bool(marks & {"both_databases", "postgresql"}) if on_postgresql else "postgresql" not in marks
        (kept if database and (THOROUGH or "thorough" not in marks) else left_out).append(item)
    items[:] = kept
    config.hook.pytest_deselected(items=left_out)


@pytest.fixture(scope="session", autouse=True)
def _home_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Processes that test side by side are installations of their own."""
    settings.ADAPTER_HOME = tmp_path_factory.mktemp("home")


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
def running_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[demo.Demo]:
    """One demo for all tests of a process: it takes seconds to start."""
    with demo.running_demo(tmp_path_factory.mktemp("demo")) as running:
        yield running


@pytest.fixture(scope="session")
def wcs_exports() -> Path:
    """The folder of real exports; tests that need it are skipped where it is not there."""
    folder = Path(os.environ.get("WCS_EXPORTS", Path(__file__).resolve().parents[2] / "shared" / "wcs-exports"))
    if not folder.is_dir():
        pytest.skip("the folder of real exports is not there")
    return folder


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Path:
    """A migrated, empty SQLite file, to be copied: the migrations take a second."""
    path = tmp_path_factory.mktemp("migrated") / "adapter.sqlite3"
    with django_db_blocker.unblock(), other_database({**connections.settings["default"], "NAME": str(path)}):
        call_command("migrate", verbosity=0)
    return path


@pytest.fixture
def shared_database(request: pytest.FixtureRequest, transactional_db: None, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """Django's settings of a migrated, empty database that other processes can open.

    On PostgreSQL that is the test database; a SQLite one lives in memory, so a file takes its place meanwhile.
    """
    if connection.vendor == "postgresql":
        yield dict(connections.settings["default"])
        return
    path = tmp_path / "shared.sqlite3"
    shutil.copyfile(request.getfixturevalue("migrated_sqlite"), path)
    with other_database({**connections.settings["default"], "NAME": str(path)}) as config:
        yield config
