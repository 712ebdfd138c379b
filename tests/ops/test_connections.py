"""A kept connection that went away between two calls is not used in the second."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import ProgrammingError, connections

from tests.support.databases import connected

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db]


@pytest.mark.parametrize("failed", [False, True], ids=["after a call without an error", "after one with an error"])
def test_a_connection_is_asked_again_in_the_next_call(failed: bool) -> None:
    kept: Any = connections.create_connection("default")
    # As for web processes (adapter.settings.database): tests close theirs with each call.
    kept.settings_dict = {**kept.settings_dict, "CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}
    kept.connect()
    try:
        if failed:
            with pytest.raises(ProgrammingError):
                kept.fetch_prepared("SELECT of_no_table", ())
        else:
            kept.fetch_prepared("SELECT 1", ())
        # What a web process does when a call is over: the connection works.
        kept.close_if_unusable_or_obsolete()
        pid = kept.connection.info.backend_pid
        with connected(autocommit=True) as other:
            assert other.execute("SELECT pg_terminate_backend(%s, 10000)", [pid]).fetchone() == (True,)
        assert kept.fetch_prepared("SELECT 1", ()) == [(1,)]
        assert kept.connection.info.backend_pid != pid
    finally:
        kept.close()
