"""A signed caller, and a clock that stands still."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest

from adapter.agendas.models import Agenda
from adapter.agendas.queries.snapshot import cache
from adapter.api import routing
from tests.agendas.builders import NOW, make_agenda, make_virtual
from tests.support.signed import Api, known_services

SetClock = Callable[[datetime.datetime], None]


@pytest.fixture
def set_clock(monkeypatch) -> SetClock:
    """Set the time that views give to services; signatures are made and checked in real time."""

    def set_to(moment: datetime.datetime) -> None:
        monkeypatch.setattr(routing, "now", lambda: moment)

    return set_to


@pytest.fixture
def api(db, settings, set_clock) -> Api:
    """A caller that w.c.s. would be; it is Monday 23 November 2026, 11:00 in Paris."""
    settings.KNOWN_SERVICES = known_services()
    settings.BASE_URL = "https://agendas.test/"
    set_clock(NOW)
    cache.clear()
    return Api()


@pytest.fixture
def mairie(db) -> Agenda:
    """Two desks, open on weekdays, three meeting types."""
    return make_agenda()


@pytest.fixture
def everywhere(mairie) -> Agenda:
    """A virtual agenda over *mairie* and an annexe with one desk."""
    return make_virtual("toutes-mairies", mairie, make_agenda("annexe", desks=1))
