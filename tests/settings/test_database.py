"""Django's settings for a database, from its address."""

from __future__ import annotations

import pytest

from adapter.settings.database import database_from_url


@pytest.mark.parametrize(("pool_size", "behind_pgbouncer"), [(0, False), (4, False), (0, True)])
def test_a_call_asks_whether_its_connection_is_alive_whatever_age_is_allowed(
    pool_size: int, behind_pgbouncer: bool
) -> None:
    url = "postgres://adapter@127.0.0.1/adapter?conn_max_age=600"
    config = database_from_url(url, pool_size=pool_size, statement_timeout=20, behind_pgbouncer=behind_pgbouncer)
    assert config["CONN_HEALTH_CHECKS"] is True
