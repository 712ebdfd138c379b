"""Switching the database of a process."""

from __future__ import annotations

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
