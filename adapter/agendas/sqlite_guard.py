"""SQLite's own guard against double booking: what the exclusion constraint is on PostgreSQL.

Triggers refuse a row that would stand on a desk where another one stands. They are made after each ``migrate``,
because Django rebuilds a SQLite table to change it and its triggers go with the old one.
"""

from __future__ import annotations

from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

NAMES = ("no_double_booking_insert", "no_double_booking_update")

CONFLICT = """
    SELECT RAISE(ABORT, 'no_double_booking')
    WHERE EXISTS (
        SELECT 1 FROM agendas_booking
        WHERE desk_id = NEW.desk_id AND state IN ('held', 'booked')
          AND "end" > NEW.start AND start < NEW."end" AND id <> NEW.id
    );
"""
INSERT = f"""
CREATE TRIGGER IF NOT EXISTS {NAMES[0]} BEFORE INSERT ON agendas_booking
WHEN NEW.state IN ('held', 'booked')
BEGIN {CONFLICT.replace("AND id <> NEW.id", "")} END
"""
UPDATE = f"""
CREATE TRIGGER IF NOT EXISTS {NAMES[1]} BEFORE UPDATE OF desk_id, state, start, "end" ON agendas_booking
WHEN NEW.state IN ('held', 'booked')
BEGIN {CONFLICT} END
"""


def install(connection: BaseDatabaseWrapper) -> None:
    """Make the triggers if they are missing; nothing on other databases."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(INSERT)
            cursor.execute(UPDATE)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers: only a negative control of the race tests wants that."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for name in NAMES:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


def install_after_migrate(using: str, **_: Any) -> None:
    """Receiver of ``post_migrate``."""
    install(connections[using])
