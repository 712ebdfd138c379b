"""Stopping a worker in the middle of its writes: another connection holds what it needs."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from django.db import connection

from tests.support.celery import Worker


@contextmanager
def nobody_writes(table: str) -> Iterator[Callable[[Worker], bool]]:
    """Until the block ends no other process writes ``table`` (on SQLite: anything).

    Gives a function that tells whether a worker is waiting for that: on PostgreSQL the server says so, inside the
    worker's transaction; on SQLite the worker has taken its task and cannot have finished it.
    """
    if connection.vendor == "postgresql":
        values = connection.settings_dict
        place = {"host": values["HOST"], "port": values["PORT"], "user": values["USER"], "dbname": values["NAME"]}
        # What others do is seen once in a transaction: a second connection looks, without one.
        with psycopg.connect(**place) as link, psycopg.connect(**place, autocommit=True) as look:
            link.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            yield lambda worker: _is_waited_for(look)
            link.rollback()
        return
    link = sqlite3.connect(str(connection.settings_dict["NAME"]), isolation_level=None)
    link.execute("BEGIN IMMEDIATE")
    try:
        yield lambda worker: "received" in worker.log
    finally:
        link.rollback()
        link.close()


def _is_waited_for(look: psycopg.Connection) -> bool:
    [[waiting]] = look.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    ).fetchall()
    return bool(waiting)
