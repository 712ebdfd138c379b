"""The calendar's side of a booking: hold, draft, and what happens when w.c.s. says no."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache

from adapter.agendas.errors import SlotUnavailable, UnknownMeetingType
from adapter.agendas.models import Agenda, AuditEvent, Booking, BookingState
from adapter.agendas.services import BookingRequest, confirm
from adapter.manager.access import Access
from adapter.manager.models import AgentProfile
from adapter.manager.services.booking import Wanted, start_booking
from adapter.manager.services.choice import Asked, make_choice
from adapter.wcs.services import WcsError
from tests.agendas.builders import ALICE, NOW, make_agenda, make_virtual
from tests.support.signed import Api, known_services
from tests.support.wcs_double import CALLER, WcsDouble

SLOT = "passeport:2026-11-24-0900"
FIELDS = {
    "backoffice_booking_enabled": True,
    "form_slug": "rendez-vous",
    "slot_field": "creneau",
    "meeting_type_field": "meeting_type",
    "agenda_field": "agenda",
}


@pytest.fixture
def wcs(db, settings) -> Iterator[WcsDouble]:
    cache.clear()
    settings.BASE_URL = "https://agendas.test/"
    with WcsDouble() as double:
        settings.KNOWN_SERVICES = known_services(double.url)
        base = double.url
        addresses = {name: f"{base}{name}/12/" for name in ("url", "backoffice_url", "api_url")}
        double.answers = [(200, {"err": 0, "data": {"id": "12", **addresses}})]
        yield double


@pytest.fixture
def mairie(db) -> Agenda:
    return make_agenda(**FIELDS)


@pytest.fixture
def agent(db):
    user = get_user_model().objects.create_user("agent", "agent@example.org", "x")
    AgentProfile.objects.create(user=user, name_id="abc123")
    return user


def start(agenda: Agenda, agent, **values: str):
    wanted = Wanted(agenda, SLOT, return_url="https://agendas.test/manage/", cancel_url="https://x/{code}/", **values)
    return start_booking(agenda, wanted, agent, now=NOW)


def test_the_slot_is_held_by_the_agent_and_the_draft_carries_it(wcs, mairie, agent) -> None:
    started = start(mairie, agent, desk="guichet-2")
    lock = Booking.objects.get()
    assert (lock.state, lock.holder, lock.form_slug, lock.desk.slug) == ("held", "agent", "rendez-vous", "guichet-2")
    assert started.draft.backoffice_url == f"{wcs.url}backoffice_url/12/"
    [call] = wcs.calls
    assert call.signed_by == CALLER
    assert parse_qs(call.query)["NameID"] == ["abc123"]
    context = call.body["context"]
    assert context["lock_code"] == lock.lock_code
    assert re.fullmatch(r"[0-9a-f]{40}", lock.lock_code)
    assert (context["slot_id"], context["meeting_type_id"], context["agenda_id"]) == (SLOT, "passeport", "mairie")
    assert context["cancel_url"] == f"https://x/{lock.lock_code}/"
    assert AuditEvent.objects.get().actor == "agent"
    # So that the draft can be found should its lock lapse.
    assert lock.draft.api_url == started.draft.api_url


def test_the_draft_holds_exactly_what_the_lists_show_for_its_code(wcs, mairie, agent, settings, monkeypatch) -> None:
    from adapter.api import routing

    start(mairie, agent)
    data = wcs.calls[0].body["data"]
    monkeypatch.setattr(routing, "now", lambda: NOW)
    api = Api()
    code = wcs.calls[0].body["context"]["lock_code"]
    listed = api.get("agenda/mairie/meetings/passeport/datetimes/", lock_code=code).json["data"]
    [slot] = [item for item in listed if item["id"] == SLOT]
    expected = {
        "creneau": slot,
        "meeting_type": api.get("agenda/mairie/meetings/passeport/").json["data"],
        "agenda": api.get("agenda/mairie/").json["data"],
    }
    assert slot["disabled"] is False
    for varname, item in expected.items():
        assert data[f"{varname}_structured"] == item
        assert (data[varname], data[f"{varname}_raw"]) == (item["text"], item["id"])
    assert len(data) == 9


def test_only_the_fields_that_the_settings_name_are_sent(wcs, agent) -> None:
    agenda = make_agenda(**{**FIELDS, "meeting_type_field": "", "agenda_field": ""})
    start(agenda, agent)
    assert set(wcs.calls[0].body["data"]) == {"creneau", "creneau_raw", "creneau_structured"}


def test_a_virtual_agenda_is_named_in_the_draft_as_it_was_asked(wcs, mairie, agent) -> None:
    everywhere = make_virtual("toutes", mairie, **FIELDS)
    start(everywhere, agent)
    assert wcs.calls[0].body["data"]["agenda_raw"] == "toutes"
    assert Booking.objects.get().agenda.slug == "mairie"


@pytest.mark.parametrize("answer", [(403, {"err": 1, "err_code": "unknown-name-id"}), (500, "x"), (404, {"err": 1})])
def test_when_wcs_refuses_the_slot_is_free_at_once(wcs, mairie, agent, answer) -> None:
    wcs.answers = [answer]
    with pytest.raises(WcsError):
        start(mairie, agent)
    assert Booking.objects.get().state == BookingState.RELEASED
    assert not Booking.objects.live_locks(NOW).exists()


def test_a_slot_that_was_taken_meanwhile_asks_nothing_of_wcs(wcs, mairie, agent) -> None:
    for _ in range(2):
        confirm(BookingRequest("mairie", (SLOT,)), now=NOW, actor=ALICE)
    with pytest.raises(SlotUnavailable) as refusal:
        start(mairie, agent)
    assert refusal.value.nearest
    assert wcs.calls == []


def test_each_booking_has_a_code_of_its_own(wcs, mairie, agent) -> None:
    wcs.answers *= 2
    assert start(mairie, agent).lock.lock_code != start(mairie, agent).lock.lock_code


def test_a_form_for_one_type_is_offered_and_given_no_other(wcs, agent) -> None:
    only = make_agenda(**{**FIELDS, "meeting_type_field": ""}, fixed_meeting_type="mariage")
    access = Access(everything=True, groups=frozenset())
    choice = make_choice(only, Asked(meeting_type="passeport"), access, now=NOW)
    assert [item.slug for item in choice.types] == ["mariage"]
    assert choice.slot is not None and choice.slot.id.startswith("mariage:")
    with pytest.raises(UnknownMeetingType):
        start(only, agent)
    assert not Booking.objects.exists()
    start_booking(only, Wanted(only, choice.slot.id), agent, now=NOW)
    assert Booking.objects.get().meeting_type.slug == "mariage"
