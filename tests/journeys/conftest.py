"""The adapter behind a real HTTP server."""

from __future__ import annotations

import pytest

from adapter.agendas.queries.snapshot import cache
from tests.agendas.builders import make_agenda, make_virtual
from tests.support.signed import HttpApi, known_services


@pytest.fixture
def http(live_server, settings, transactional_db) -> HttpApi:
    """A signed caller of a running server with the agendas *mairie*, *annexe* and *toutes-mairies*, open every day."""
    settings.KNOWN_SERVICES = known_services()
    settings.BASE_URL = f"{live_server.url}/"
    cache.clear()
    mairie = make_agenda(weekdays=range(7))
    make_virtual("toutes-mairies", mairie, make_agenda("annexe", desks=1, weekdays=range(7)))
    return HttpApi(live_server.url)
