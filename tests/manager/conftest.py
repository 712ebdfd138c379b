"""Agents of every role, and a stopped clock for the pages beside the calendar."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.test import Client

from adapter.agendas.models import Agenda
from adapter.manager.views import bookings, feeds, home, locks, printing, reconciliation, why
from tests.agendas.builders import NOW, make_agenda
from tests.support.signed import known_services
from tests.support.wcs_double import FakeForm, WcsDouble

ROLES: dict[str, tuple[str, ...]] = {
    "stranger": (),
    "viewer": ("voir",),
    "booker": ("voir", "réserver"),
    "editor": ("paramétrer",),
}
LogIn = Callable[[str], Client]


@pytest.fixture
def stopped_clock(monkeypatch, settings) -> None:
    """The pages believe that it is ``NOW``."""
    settings.BASE_URL = "https://agendas.test/"
    for module in (bookings, feeds, home, locks, reconciliation):
        monkeypatch.setattr(module, "now", lambda: NOW)
    for module in (printing, why):
        monkeypatch.setattr(module, "present", lambda: NOW)


@pytest.fixture
def town(db, stopped_clock) -> Agenda:
    """The agenda *mairie* with its three roles, and the agenda *cachee* that nobody but admins sees."""
    groups = {name: Group.objects.create(name=name) for name in ("voir", "réserver", "paramétrer")}
    make_agenda("cachee")
    return make_agenda(
        view_role=groups["voir"],
        booking_role=groups["réserver"],
        edit_role=groups["paramétrer"],
        backoffice_booking_enabled=True,
        form_slug="rendez-vous",
        slot_field="creneau",
    )


@pytest.fixture
def log_in(town) -> LogIn:
    """``log_in("viewer")``: a browser of that role; ``visitor`` is logged in as nobody, ``admin`` may do everything."""

    def as_role(role: str) -> Client:
        client = Client()
        if role == "visitor":
            return client
        user = get_user_model().objects.filter(username=role).first()
        if user is None:
            user = get_user_model().objects.create_user(role, is_superuser=role == "admin")
            user.groups.set(Group.objects.filter(name__in=ROLES.get(role, ())))
        client.force_login(user)
        return client

    return as_role


@pytest.fixture
def wcs_form(settings) -> Iterator[WcsDouble]:
    """A w.c.s. that has the form ``rendez-vous`` and makes as many drafts as it is asked for."""
    cache.clear()
    with WcsDouble(FakeForm(title="Prendre rendez-vous")) as double:
        settings.KNOWN_SERVICES = known_services(double.url)
        yield double
