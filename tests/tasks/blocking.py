"""Stopping a worker in the middle of its writes: another connection holds what it needs."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection

from tests.support.celery import Worker
from tests.support.databases import connected, waiting_for_locks


@contextmanager
def nobody_writes(table: str) -> Iterator[Callable[[Worker], bool]]:
    """Until the block ends no other process writes ``table`` (on SQLite: anything).

    Gives a function that tells whether a worker is waiting for that: on PostgreSQL the server says so, inside the
    worker's transaction; on SQLite the worker has taken its task and cannot have finished it.
    """
    if connection.vendor == "postgresql":
        # A second connection looks, outside of the transaction.
        with connected() as link, connected(autocommit=True) as look:
            link.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            yield lambda worker: bool(waiting_for_locks(look))
            link.rollback()
        return
    link = sqlite3.connect(str(connection.settings_dict["NAME"]), isolation_level=None)
    link.execute("BEGIN IMMEDIATE")
    try:
        yield lambda worker: "received" in worker.log
    finally:
        link.rollback()
        link.close()
