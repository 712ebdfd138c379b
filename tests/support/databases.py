"""Switching the database of a process."""

from __future__ import annotations

import math
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection, connections


def use_database(config: dict[str, Any]) -> None:
    """Make this process talk to that database; an inherited connection is left alone, it is its parent's."""
    connections.settings["default"] = config
    connections["default"] = connections.create_connection("default")


@contextmanager
def other_database(config: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Make this process talk to that database meanwhile."""
    kept, settings = connections["default"], connections.settings["default"]
    use_database(config)
    try:
        yield config
    finally:
        connections["default"].close()
        connections.settings["default"] = settings
        connections["default"] = kept


class SavedDatabase:
    """A copy of this process's SQLite database, which takes milliseconds to bring back."""

    def __init__(self) -> None:
        self._copy = sqlite3.connect(":memory:", check_same_thread=False)
        self._copied_at: float | None = None

    @property
    def age(self) -> float:
        """Seconds since it was taken; endless when it was not."""
        return math.inf if self._copied_at is None else time.monotonic() - self._copied_at

    def take(self) -> None:
        """Copy what is there now."""
        connection.connection.backup(self._copy)
        self._copied_at = time.monotonic()

    def bring_back(self) -> None:
        """Replace everything by the copy."""
        self._copy.backup(connection.connection)

    def close(self) -> None:
        """Forget it."""
        self._copy.close()


def connected(**options: Any) -> psycopg.Connection[Any]:
    """A connection to the same PostgreSQL database that Django knows nothing of."""
    values = connection.settings_dict
    place = {name: values[name.upper()] for name in ("host", "port", "user")}
    return psycopg.connect(**place, dbname=values["NAME"], **options)


def waiting_for_locks(look: psycopg.Connection[Any]) -> int:
    """How many connections wait for a lock that another one has; ``look`` must be outside of a transaction, in which
    what others do is seen once.
    """
    [[waiting]] = look.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    ).fetchall()
    return int(waiting)
