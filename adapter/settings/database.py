"""Database settings: SQLite as embedded default, PostgreSQL for production."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

# Writers queue up to this long (seconds) before SQLite gives up.
SQLITE_BUSY_TIMEOUT = 20
# A server that does not answer is given up after this long (seconds): w.c.s. waits 28 for all of a call.
CONNECT_TIMEOUT = 5
# PostgreSQL plans a statement once when it comes for this time on one connection.
PREPARE_FROM = 2
SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; "
    f"PRAGMA busy_timeout={SQLITE_BUSY_TIMEOUT * 1000};"
)


def database_from_url(url: str, *, pool_size: int, statement_timeout: int, behind_pgbouncer: bool) -> dict[str, Any]:
    """Django's settings for the database at ``url`` (``sqlite:///PATH`` or ``postgres://…``).

    SQLite takes its write lock when a transaction begins (``IMMEDIATE``): a transaction that reads and then
    writes can then never be refused half-way. Raises ``ImproperlyConfigured`` for any other kind of database.
    """
    try:
        config: dict[str, Any] = environ.Env.db_url_config(url)
    except Exception as error:
        raise ImproperlyConfigured(f"DATABASE_URL: cannot be read ({error}).") from None
    engine = config.get("ENGINE", "")
    options: dict[str, Any] = config.setdefault("OPTIONS", {})
    if engine == "django.db.backends.sqlite3":
        if config["NAME"] != ":memory:":
            Path(config["NAME"]).parent.mkdir(parents=True, exist_ok=True)
        options.update(
            transaction_mode="IMMEDIATE",
            timeout=SQLITE_BUSY_TIMEOUT,
            init_command=SQLITE_PRAGMAS,
        )
        config["CONN_MAX_AGE"] = None
    elif engine == "django.db.backends.postgresql":
        config["ENGINE"] = "adapter.postgresql"
        options.setdefault("options", f"-c statement_timeout={statement_timeout}s -c lock_timeout=10s -c jit=off")
        options.setdefault("connect_timeout", CONNECT_TIMEOUT)
        options["prepare_threshold"] = None if behind_pgbouncer else PREPARE_FROM
        if behind_pgbouncer:
            # Transaction pooling: no session state may be kept, so no start-up options and no server-side cursors.
            options.pop("options")
            config["DISABLE_SERVER_SIDE_CURSORS"] = True
        elif pool_size:
            options["pool"] = {"min_size": 1, "max_size": pool_size, "timeout": 10}
        else:
            config["CONN_MAX_AGE"] = None
        # Whatever age the address allows: a call asks before its first statement.
        config["CONN_HEALTH_CHECKS"] = True
    else:
        raise ImproperlyConfigured("DATABASE_URL: only sqlite:///PATH and postgres://… are supported.")
    return config
