"""A town hall with one agent of each role."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.test import Client

from adapter import budgets
from adapter.agendas.models import Agenda, Callback, ExceptionSource, ExcludedPeriod
from adapter.agendas.services import Actor, BookingDetails, BookingRequest, HoldRequest, cancel, confirm, hold
from adapter.agendas.services.lock_budget import forget_counts
from adapter.api import routing
from adapter.manager.views import (
    appointments,
    booking,
    bookings,
    calendar,
    feeds,
    home,
    locks,
    printing,
    reconciliation,
    why,
)
from tests.agendas.builders import ALICE, NOW, close, make_agenda, make_virtual
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
    for module in (appointments, calendar, printing, why):
        monkeypatch.setattr(module, "present", lambda: NOW)
    for module in (booking, bookings, feeds, home, locks, reconciliation, routing):
        monkeypatch.setattr(module, "now", lambda: NOW)


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
def numbers(mairie, appointment) -> dict[str, object]:
    """What addresses name: of *mairie*, of the virtual agenda above it, and of *cachee*, which only admins see."""
    toutes, cachee = make_virtual("toutes", mairie, edit_role=mairie.edit_role), make_agenda("cachee")

    def booked(agenda: Agenda, time: str) -> int:
        details = BookingDetails(cancel_callback_url="https://demarches.test/hook/")
        request = BookingRequest(agenda.slug, (f"passeport:2026-11-24-{time}",), details=details)
        return confirm(request, now=NOW, actor=ALICE).booking.pk

    def held(agenda: Agenda) -> int:
        return hold(HoldRequest(agenda.slug, ("passeport:2026-11-24-0920",), "K"), now=NOW, actor=ALICE).lock.pk

    cancelled = booked(mairie, "1020")
    cancel(cancelled, now=NOW, actor=ALICE, call_back=True)
    desk = mairie.desks.all()[0]
    source = ExceptionSource.objects.create(agenda=mairie, kind="holidays", label="Fériés", country="FR")
    source.desks.add(desk)
    nine, ten = datetime.time(9), datetime.time(10)
    excluded = ExcludedPeriod.objects.create(agenda=toutes, weekday=0, start_time=nine, end_time=ten)
    return {
        "booking": booked(mairie, "0900"),
        "cancelled": cancelled,
        "callback": Callback.objects.get().pk,
        "lock": held(mairie),
        "hidden": booked(cachee, "0900"),
        "hidden_lock": held(cachee),
        "rehearsal": uuid.UUID(int=1),
        "type": mairie.meeting_types.all()[0].pk,
        "desk": desk.pk,
        "opening": desk.openings.all()[0].pk,
        "closure": close(mairie, NOW, NOW + datetime.timedelta(hours=1)).pk,
        "source": source.pk,
        "excluded": excluded.pk,
    }


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
