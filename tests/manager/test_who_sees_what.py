"""One policy for what stands on the desks: view × role × where it was booked.

``toutes`` is a virtual agenda over *mairie*, ``autres`` another one. What the agent may not look at shows as busy time
in calendars, on paper and in feeds, and not at all in lists.
"""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client

from adapter.agendas.models import Agenda, AuditEvent, Booking, Callback
from adapter.agendas.services import BookingDetails, BookingRequest, HoldRequest, cancel, confirm, hold
from adapter.manager.views import appointments, calendar
from tests.agendas.builders import ALICE, NOW, make_agenda, make_virtual

THROUGH = {"mairie": "0900", "toutes": "0920", "autres": "0940"}
# Roles on agendas, and what was booked through which agenda they may look at.
ROLES = {
    "toutes": {"toutes"},
    "autres": {"autres"},
    "mairie": {"mairie", "toutes", "autres"},
    "toutes mairie": {"mairie", "toutes", "autres"},
    "toutes autres": {"toutes", "autres"},
    "annexe toutes": {"toutes"},
    "admin": {"mairie", "toutes", "autres"},
}
# Views of an agenda, and whether they show what is hidden as busy.
OF_AGENDAS = {
    "day/2026/11/24/": True,
    "week/2026/11/24/": True,
    "day/2026/11/24/print/": True,
    "month/2026/11/24/": False,
    "why/?day=2026-11-24&type=passeport": False,
    "feed": True,
}
LISTS = ("bookings/?state=", "bookings/export/csv/?state=", "bookings/export/ods/?state=", "", "locks/")


@pytest.fixture
def rows(db, stopped_clock, monkeypatch) -> dict[tuple[str, str], Booking]:
    """A booking, a cancelled booking whose call failed, and a lock of each agenda, on *mairie*'s desks."""
    for module in (appointments, calendar):
        monkeypatch.setattr(module, "present", lambda: NOW)
    groups = {name: Group.objects.create(name=name) for name in ("mairie", "annexe", "toutes", "autres")}
    mairie = make_agenda("mairie", desks=3, view_role=groups["mairie"])
    annexe = make_agenda("annexe", desks=0, view_role=groups["annexe"])
    make_virtual("toutes", mairie, annexe, view_role=groups["toutes"])
    make_virtual("autres", mairie, view_role=groups["autres"])
    made = {}
    for agenda, start in THROUGH.items():
        slot = f"passeport:2026-11-24-{start}"
        for kind in ("booked", "cancelled"):
            secret = f"{kind}-{agenda}-secret"
            details = BookingDetails(
                label=f"label-{secret}",
                user_first_name=f"first-{secret}",
                user_last_name=f"last-{secret}",
                user_phone_number=f"phone-{secret}",
                backoffice_url=f"https://demarches.test/{secret}/",
                cancel_callback_url="https://demarches.test/hook/",
            )
            made[kind, agenda] = confirm(BookingRequest(agenda, (slot,), details=details), now=NOW, actor=ALICE).booking
            if kind == "cancelled":
                cancel(made[kind, agenda].pk, now=NOW, actor=ALICE, call_back=True)
        held = HoldRequest(agenda, (slot,), f"K-{agenda}", holder=f"holder-{agenda}", form_slug=f"form-{agenda}")
        made["held", agenda] = hold(held, now=NOW, actor=ALICE).lock
    get_user_model().objects.bulk_create(
        get_user_model()(username=f"holder-{agenda}", last_name=f"held-{agenda}-secret") for agenda in THROUGH
    )
    assert {row.agenda.slug for row in made.values()} == {"mairie"}
    assert Callback.objects.count() == 3
    return made


def browser(role: str) -> Client:
    client = Client()
    user = get_user_model().objects.create_user("agent", is_superuser=role == "admin")
    user.groups.set(Group.objects.filter(name__in=role.split()))
    client.force_login(user)
    return client


def shown_by(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    content = answer.getvalue()
    if "/ods/" in path:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return archive.read("content.xml").decode()
    return content.decode().replace("\r\n ", "")


def secrets_in(text: str) -> set[str]:
    return set(re.findall(r"(?:booked|cancelled|held)-(\w+)-secret", text))


def viewed(role: str) -> list[str]:
    return [slug for slug in ("mairie", "toutes", "autres") if role == "admin" or slug in role.split()]


@pytest.mark.parametrize("view", OF_AGENDAS)
@pytest.mark.parametrize("role", ROLES)
def test_views_of_an_agenda(rows, role, view) -> None:
    client = browser(role)
    for slug in viewed(role):
        path = f"/manage/agendas/{slug}/{view}"
        if view == "feed":
            page = client.post(f"/manage/agendas/{slug}/feed/make/").content.decode()
            path = re.findall(r'value="https://agendas\.test(/manage/feeds/[^"]+)"', page)[0]
        text = shown_by(client, path)
        hidden = set(THROUGH) - ROLES[role]
        assert secrets_in(text) <= ROLES[role]
        if OF_AGENDAS[view]:
            assert secrets_in(text) == ROLES[role]
            # A booking and a lock of each, but no lock on paper.
            assert text.count("Occupé") == len(hidden) * (1 if "print" in view else 2)
            if view == "feed":
                assert text.count("TENTATIVE") == len(ROLES[role])
        for agenda in hidden:
            for kind in ("booked", "held", "cancelled"):
                assert f"/appointments/{rows[kind, agenda].pk}/" not in text
                assert f"/bookings/{rows[kind, agenda].pk}/" not in text
            assert f"holder-{agenda}" not in text and f"form-{agenda}" not in text


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("role", ROLES)
def test_lists(rows, role, path) -> None:
    text = shown_by(browser(role), f"/manage/{path}")
    assert secrets_in(text) == ROLES[role]


@pytest.mark.parametrize("kind", ["booked", "held", "cancelled"])
@pytest.mark.parametrize("role", ROLES)
def test_the_page_and_the_pop_up_of_one(rows, role, kind) -> None:
    client = browser(role)
    for agenda in THROUGH:
        number = rows[kind, agenda].pk
        status = 200 if agenda in ROLES[role] else 403
        assert client.get(f"/manage/bookings/{number}/").status_code == status
        for slug in viewed(role):
            for headers in ({}, {"X-Fragment": "pop-up"}):
                answer = client.get(f"/manage/agendas/{slug}/appointments/{number}/", headers=headers)
                assert answer.status_code == status
                assert status == 200 or not secrets_in(answer.content.decode())


def test_the_history_of_one_names_no_other_that_is_hidden(rows) -> None:
    client = browser("toutes")
    own, other = rows["held", "toutes"], rows["held", "mairie"]
    agenda = Agenda.objects.get(slug="mairie")
    AuditEvent.objects.create(agenda=agenda, booking_id=own.pk, at=NOW, code="lock.taken_over", data={"by": other.pk})
    text = client.get(f"/manage/bookings/{own.pk}/").content.decode()
    assert f"/bookings/{other.pk}/" not in text and "holder-mairie" not in text


def test_a_feed_changes_when_what_may_be_seen_changes(rows) -> None:
    client = browser("toutes")
    page = client.post("/manage/agendas/toutes/feed/make/").content.decode()
    path = re.findall(r'value="https://agendas\.test(/manage/feeds/[^"]+)"', page)[0]
    tag = Client().get(path)["ETag"]
    get_user_model().objects.get(username="agent").groups.add(Group.objects.get(name="mairie"))
    answer = Client().get(path, headers={"If-None-Match": tag})
    assert answer.status_code == 200 and b"secret" in answer.content
