"""A database that many processes share, of the kind the run is made on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections

from tests.races.processes import use_database


@pytest.fixture
def shared_database(transactional_db: None, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """Django's settings of a migrated, empty database that other processes can open.

    On PostgreSQL that is the test database; a SQLite one lives in memory, so a file takes its place meanwhile.
    """
    if connection.vendor == "postgresql":
        yield dict(connections.settings["default"])
        return
    before = connections["default"]
    config = {**connections.settings["default"], "NAME": str(tmp_path / "race.sqlite3")}
    kept = connections.settings["default"]
    try:
        use_database(config)
        call_command("migrate", verbosity=0)
        yield config
    finally:
        connections["default"].close()
        connections.settings["default"] = kept
        connections["default"] = before
