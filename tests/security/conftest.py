"""A town hall with one agent of each role."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.test import Client

from adapter import budgets
from adapter.agendas.models import Agenda
from adapter.agendas.services import Actor, BookingDetails, BookingRequest, confirm
from adapter.agendas.services.lock_budget import forget_counts
from adapter.api import routing
from adapter.manager.views import appointments, booking, calendar
from tests.agendas.builders import NOW, make_agenda
from tests.support.signed import Api, known_services

GROUPS = {
    "stranger": (),
    "viewer": ("voir",),
    "booker": ("voir", "réserver"),
    "editor": ("configurer",),
}


@pytest.fixture(autouse=True)
def _fresh(monkeypatch, settings) -> None:
    cache.clear()
    budgets.forget()
    forget_counts()
    settings.BASE_URL = "https://agendas.test/"
    settings.KNOWN_SERVICES = known_services()
    for module, name in ((appointments, "present"), (calendar, "present"), (booking, "now"), (routing, "now")):
        monkeypatch.setattr(module, name, lambda: NOW)


@pytest.fixture
def mairie(db) -> Agenda:
    made = {name: Group.objects.create(name=name) for name in ("voir", "réserver", "configurer")}
    return make_agenda(
        view_role=made["voir"],
        booking_role=made["réserver"],
        edit_role=made["configurer"],
        backoffice_booking_enabled=True,
        form_slug="rendez-vous",
        slot_field="creneau",
    )


@pytest.fixture
def appointment(mairie) -> int:
    """The number of an appointment."""
    request = BookingRequest(mairie.slug, ("passeport:2026-11-24-1000",), details=BookingDetails(label="Ada"))
    return confirm(request, now=NOW, actor=Actor.command("tests")).booking.pk


@pytest.fixture
def client_of(mairie) -> Callable[[str], Client]:
    """The browser of somebody with that role."""

    def make(role: str) -> Client:
        client = Client(raise_request_exception=False)
        if role == "visitor":
            return client
        users = get_user_model().objects
        if role == "admin":
            user = users.create_superuser(role, "admin@mairie.test", "x")
        else:
            user = users.create_user(role, f"{role}@mairie.test", "x")
            user.groups.set(Group.objects.filter(name__in=GROUPS[role]))
        client.force_login(user)
        return client

    return make


@pytest.fixture
def api(mairie) -> Api:
    return Api()
