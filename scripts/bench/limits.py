"""What PostgreSQL itself can do, with pgbench on a table of its own in the same server, in the same run."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import psycopg

SCHEMA = """
CREATE EXTENSION IF NOT EXISTS btree_gist;
DROP TABLE IF EXISTS limit_hold;
CREATE TABLE limit_hold (
  id bigserial PRIMARY KEY, desk int NOT NULL, begins timestamptz NOT NULL, finishes timestamptz NOT NULL,
  lapses timestamptz, EXCLUDE USING gist (desk WITH =, tstzrange(begins, finishes) WITH &&));
CREATE INDEX ON limit_hold (lapses) WHERE lapses IS NOT NULL;
"""
# A hold as pgbench and as Python send it.
INSERT = """
INSERT INTO limit_hold (desk, begins, finishes, lapses)
VALUES ({desk}, '2031-01-01 00:00+00'::timestamptz + {place} * interval '20 min',
        '2031-01-01 00:20+00'::timestamptz + {place} * interval '20 min', now() + interval '10 min')
ON CONFLICT DO NOTHING"""
DESKS, PLACES = 50, 200_000
HOLD = f"""
\\set desk random(1, {DESKS})
\\set place random(0, {PLACES - 1})
{INSERT.format(desk=":desk", place=":place")};
"""
HOLD_FROM_PYTHON = INSERT.format(desk="%(desk)s::int", place="%(place)s::int") + " RETURNING id"
CONFIRM = """
\\set row random(1, :rows)
UPDATE limit_hold SET lapses = NULL WHERE id = :row;
"""


class Inserts:
    """The statement of :meth:`Pgbench.hold` from Python, prepared, on a connection of its own; the table is there."""

    def __init__(self, url: str) -> None:
        self.connection = psycopg.connect(url, autocommit=True, prepare_threshold=0)
        self.cursor = self.connection.cursor()

    def one(self) -> int:
        """Insert on a random slot; the number of the row, 0 when the slot is taken."""
        slot = {"desk": random.randrange(1, DESKS + 1), "place": random.randrange(PLACES)}
        row = self.cursor.execute(HOLD_FROM_PYTHON, slot).fetchone()
        return int(row[0]) if row else 0


class Executes(Protocol):
    """A connection, or a cursor, outside of a transaction."""

    def execute(self, query: Any, /) -> Any: ...


class Pgbench:
    """Rates of single statements, in transactions a second."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.program = shutil.which("pgbench") or str(_newest("pgbench"))

    def hold(self, clients: int, seconds: int = 3, *, filled: int = 0) -> float:
        """Insert on a random slot under an exclusion constraint, into a table of ``filled`` appointments."""
        self.schema()
        if filled:
            self._fill(filled)
        return self._run(HOLD, clients, seconds)

    def confirm(self, clients: int, seconds: int = 3) -> float:
        """Update of one row found by its key."""
        self.schema()
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(
                "INSERT INTO limit_hold (desk, begins, finishes, lapses) SELECT 1, '2031-01-01'::timestamptz + n *"
                " interval '20 min', '2031-01-01'::timestamptz + (n + 1) * interval '20 min', now()"
                " FROM generate_series(1, 20000) n"
            )
        return self._run(CONFIRM, clients, seconds, rows=20000)

    def expire(self, rows: int) -> float:
        """One UPDATE of ``rows`` rows of which an index knows that they lapsed, in rows a second."""
        self.schema()
        self._fill(rows)
        with psycopg.connect(self.url, autocommit=True) as connection:
            settle(connection, "limit_hold")
            began = _clock(connection)
            connection.execute("UPDATE limit_hold SET lapses = NULL WHERE lapses < now()")
            rate = rows / (_clock(connection) - began)
            # Nothing is left to be tidied while something else is measured.
            connection.execute("DROP TABLE limit_hold")
            return rate

    def _fill(self, rows: int) -> None:
        """Appointments of the past, on 50 desks."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(
                "INSERT INTO limit_hold (desk, begins, finishes, lapses) SELECT n %% 50, '1990-01-01'::timestamptz + n"
                " / 50 * interval '20 min', '1990-01-01'::timestamptz + (n / 50 + 1) * interval '20 min', now()"
                " FROM generate_series(1, %s) n",
                [rows],
            )

    def schema(self) -> None:
        """An empty table."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(SCHEMA)

    def _run(self, script: str, clients: int, seconds: int, **variables: int) -> float:
        parts = urlsplit(self.url)
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
            file.write(script)
            file.flush()
            command = [self.program, "-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(seconds)]
            command += [f"-D{name}={value}" for name, value in variables.items()]
            command += ["-h", parts.hostname or "", "-p", str(parts.port), "-U", parts.username or "", "-f", file.name]
            output = subprocess.run(
                [*command, parts.path.lstrip("/")], check=True, capture_output=True, text=True, env={**os.environ}
            ).stdout
        found = re.search(r"^tps = ([\d.]+)", output, re.MULTILINE)
        assert found, output
        return float(found[1])


def settle(connection: Executes, table: str) -> None:
    """What a server that has run for a while did long ago: the rows of ``table`` are looked through and written out,
    files of its journal are there to be used again. Else what is measured next pays for what was inserted.
    """
    connection.execute(f"VACUUM ANALYZE {table}")
    connection.execute("CHECKPOINT")


def _clock(connection: psycopg.Connection[tuple[float]]) -> float:
    row = connection.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchone()
    assert row
    return row[0]


def _newest(program: str) -> Path:
    return max(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
