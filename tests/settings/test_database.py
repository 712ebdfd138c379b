"""Django's settings for a database, from its address."""

from __future__ import annotations

import socket

import psycopg
import pytest
from django.db import connections

from adapter.postgresql.base import DatabaseWrapper
from adapter.settings import database
from adapter.settings.database import database_from_url


@pytest.mark.parametrize(("pool_size", "behind_pgbouncer"), [(0, False), (4, False), (0, True)])
def test_a_call_asks_whether_its_connection_is_alive_whatever_age_is_allowed(
    pool_size: int, behind_pgbouncer: bool
) -> None:
    url = "postgres://adapter@127.0.0.1/adapter?conn_max_age=600"
    config = database_from_url(url, pool_size=pool_size, statement_timeout=20, behind_pgbouncer=behind_pgbouncer)
    assert config["CONN_HEALTH_CHECKS"] is True


def test_a_server_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "CONNECT_TIMEOUT", 2)
    # It accepts connections and says nothing, as one behind a firewall that drops what is sent.
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgres://adapter@127.0.0.1:{silent.getsockname()[1]}/adapter"
        config = database_from_url(url, pool_size=0, statement_timeout=20, behind_pgbouncer=False)
        with pytest.raises(psycopg.OperationalError):
            DatabaseWrapper({**connections.settings["default"], **config}).connect()


def test_the_address_may_say_how_long_a_server_is_waited_for() -> None:
    url = "postgres://adapter@127.0.0.1/adapter?connect_timeout=9"
    config = database_from_url(url, pool_size=0, statement_timeout=20, behind_pgbouncer=False)
    assert str(config["OPTIONS"]["connect_timeout"]) == "9"
