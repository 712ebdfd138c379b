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
    """What differs: :meth:`prepared_cursor`, and :meth:`is_usable` without a round trip."""

    ops_class = DatabaseOperations
    _last_used = 0.0

    def prepared_cursor(self) -> Any:
        """A cursor that sends parameters apart from the statement.

        Django puts parameters into the text, and PostgreSQL then plans each statement anew. Where the connection has a
        ``prepare_threshold``, statements of this cursor are planned once.
        """
        self.close_if_health_check_failed()
        self.ensure_connection()
        with self.wrap_database_errors:
            return self._prepare_cursor(psycopg.Cursor(self.connection))  # type: ignore[attr-defined]

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
