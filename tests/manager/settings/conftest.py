"""Agents with roles, at a stopped clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.test import Client

from adapter.agendas.models import Agenda
from adapter.manager.settings.views import agenda, booking, exceptions, lifecycle, page, periods, places, transfer
from tests.agendas.builders import NOW, make_agenda, make_virtual
from tests.support.signed import known_services
from tests.support.wcs_double import FakeForm, WcsDouble

VIEWS = (agenda, booking, exceptions, lifecycle, page, periods, places, transfer)
EXPRESSION = "{% firstof form_submission_context_lock_code session_hash_id %}"
PLACE = "https://agendas.test/api/agenda/mairie/meetings/{{ form_var_meeting_type_raw }}/datetimes/"


@pytest.fixture(autouse=True)
def _stopped_clock(db, monkeypatch, settings) -> None:
    cache.clear()
    settings.BASE_URL = "https://agendas.test/"
    settings.KNOWN_SERVICES = known_services()
    for module in VIEWS:
        monkeypatch.setattr(module, "now", lambda: NOW)


@pytest.fixture
def mairie() -> Agenda:
    return make_agenda(
        view_role=Group.objects.create(name="voir"),
        edit_role=Group.objects.create(name="régler"),
        booking_role=Group.objects.create(name="réserver"),
    )


@pytest.fixture
def toutes(mairie) -> Agenda:
    return make_virtual("toutes", mairie, edit_role=mairie.edit_role)


@pytest.fixture
def log_in() -> Callable[..., Client]:
    """``log_in("name", "role", …)``; ``admin=True`` for a superuser."""

    def logged_in(name: str, *groups: str, admin: bool = False) -> Client:
        user = get_user_model().objects.create_user(name, f"{name}@example.org", is_superuser=admin)
        user.groups.set(Group.objects.filter(name__in=groups))
        client = Client()
        client.force_login(user)
        return client

    return logged_in


@pytest.fixture
def editor(mairie, log_in) -> Client:
    return log_in("editor", "régler")


@pytest.fixture
def admin(log_in) -> Client:
    return log_in("admin", admin=True)


def choice(varname: str, **source: str) -> dict[str, object]:
    return {"type": "item", "label": varname, "varname": varname, "data_source": source or None}


@pytest.fixture
def form() -> FakeForm:
    """A form as it should be."""
    slot = choice("creneau", type="json", value=f"{PLACE}?lock_code={EXPRESSION}")
    return FakeForm(title="Prendre rendez-vous", fields=[slot, choice("meeting_type"), choice("agenda")])


@pytest.fixture
def wcs(settings, form) -> Iterator[WcsDouble]:
    with WcsDouble(form, FakeForm(slug="inscription", title="Inscription")) as double:
        settings.KNOWN_SERVICES = known_services(double.url)
        yield double
