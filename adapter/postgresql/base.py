"""The database backend; settings name its package as ``ENGINE``."""

from __future__ import annotations

import select
import time
from typing import Any

import psycopg
from django.db.backends.postgresql import base, operations

# Seconds. A connection that was idle for longer is asked: a firewall may have forgotten it without a word.
ASK_AFTER = 30.0


class DatabaseOperations(operations.DatabaseOperations):
    """What differs: the text of a statement whose parameters went apart, for logs of queries."""

    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> str:
        """With the parameters in it where they were sent so, else as it was written."""
        return super().last_executed_query(cursor, sql, params) or str(sql)


class DatabaseWrapper(base.DatabaseWrapper):
    """What differs: :meth:`fetch_prepared`, :meth:`is_usable` without a round trip, and when it is asked."""

    ops_class = DatabaseOperations
    _last_used = 0.0
    _cursor_kept: psycopg.Cursor[tuple[Any, ...]] | None = None

    def fetch_prepared(self, sql: str, parameters: Any) -> list[tuple[Any, ...]]:
        """All rows of a statement whose parameters are sent apart from it; errors are Django's.

        Django puts parameters into the text, and PostgreSQL then plans each statement anew. Where the connection has a
        ``prepare_threshold``, these statements are planned once.
        """
        self.close_if_health_check_failed()
        self.ensure_connection()
        with self.wrap_database_errors:
            if self.execute_wrappers or self.queries_logged:
                # Somebody wants to see each statement: tests, traces.
                with self._prepare_cursor(psycopg.Cursor(self.connection)) as seen:  # type: ignore[attr-defined]
                    seen.execute(sql, parameters)
                    return list(seen.fetchall())
            self.validate_no_broken_transaction()
            cursor = self._cursor_kept
            if cursor is None or cursor.connection is not self.connection:
                # A new cursor has to find out anew how values are written and read, which costs more than a statement.
                cursor = self._cursor_kept = psycopg.Cursor(self.connection)
            return cursor.execute(sql, parameters).fetchall()

    def close_if_unusable_or_obsolete(self) -> None:
        """At the end of a call. The next one asks anew before its first statement: a connection that was found to work
        after an error may be gone by then.
        """
        super().close_if_unusable_or_obsolete()
        self.health_check_done = False

    def is_usable(self) -> bool:
        """Whether the connection still works.

        A server that closed it has left word in the socket; when nothing waits there and it was used a moment ago, it
        is not asked.
        """
        now = time.monotonic()
        recent, self._last_used = now - self._last_used < ASK_AFTER, now
        return (recent and self._is_quiet()) or super().is_usable()

    def _is_quiet(self) -> bool:
        try:
            poll = select.poll()
            poll.register(self.connection.fileno(), select.POLLIN | select.POLLHUP | select.POLLERR)
            return not poll.poll(0)
        except (psycopg.Error, OSError, ValueError):
            return False
