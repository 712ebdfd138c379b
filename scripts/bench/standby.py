"""A second PostgreSQL server that follows a first one, as a replica for reading does."""

from __future__ import annotations

from tests.support.postgres import PostgresServer


class Standby(PostgresServer):
    """Follows ``primary``, which must run; answers reading calls only."""

    def __init__(self, primary: PostgresServer) -> None:
        super().__init__(primary.options)
        self.primary = primary

    def start(self) -> str:
        """Copy the primary, follow it, and wait until it answers; returns its address."""
        source = ["-h", "127.0.0.1", "-p", str(self.primary.port), "-U", "postgres"]
        self._run("pg_basebackup", *source, "-D", str(self.home / "data"), "-c", "fast", "-X", "stream", "-R")
        return super().start()
