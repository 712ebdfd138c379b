"""Over real HTTP, signed, call by call: what w.c.s. sends while a form is filled and its workflow runs."""

from __future__ import annotations

import datetime
import re
import time
from pathlib import Path
from typing import Any

import pytest

from adapter.agendas.models import Booking, BookingState
from adapter.agendas.services import Actor, expire
from adapter.clock import now
from tests.support.signed import HttpApi
from workflows.reader import load_many
from workflows.reader.model.actions import WebserviceCall

pytestmark = pytest.mark.servers

RECORD = "https://demarches.test/backoffice/management/rendez-vous/{}/"
LIST = "agenda/mairie/meetings/passeport/datetimes/"


def refresh(http: HttpApi) -> dict[str, Any]:
    """What w.c.s. reads each hour: agendas, then the meeting types of each; the addresses it keeps."""
    sources: dict[str, Any] = {}
    for agenda in http.get("agenda/").json["data"]:
        assert agenda["kind"] in ("meetings", "virtual")
        assert agenda["free_range"] is False
        for found in http.get(agenda["api"]["meetings_url"]).json["data"]:
            assert found["text"]
            assert found["duration"] > 0
            assert found["api"]["datetimes_url"] == f"{agenda['api']['meetings_url']}{found['id']}/datetimes/"
            sources[f"{agenda['id']}-{found['id']}"] = found["api"]["datetimes_url"]
    return sources


def free_slots(http: HttpApi, source: str = LIST, **query: str) -> list[dict[str, Any]]:
    return [item for item in http.get(source, **query).json["data"] if not item["disabled"]]


def confirmation(code: str, record: int) -> dict[str, Any]:
    return {
        "lock_code": code,
        "confirm_after_lock": "true",
        "label": f"Passeport {record}",
        "user_first_name": "Ada",
        "user_last_name": "L.",
        "user_email": "",
        "backoffice_url": RECORD.format(record),
        "cancel_callback_url": f"https://demarches.test/api/forms/rendez-vous/{record}/hooks/annuler/",
    }


def hold_all_but(http: HttpApi, slot: dict[str, Any]) -> None:
    """Fill what is left of a slot."""
    for code in ("filler-1", "filler-2"):
        http.post(slot["api"]["fillslot_url"], {"lock_code": code})


def test_the_whole_journey(http) -> None:
    sources = refresh(http)
    assert len(sources) == 9
    slot = free_slots(http, sources["mairie-passeport"], lock_code="K")[0]

    # The page's exit condition holds the slot, at each submit anew.
    held = http.post(slot["api"]["fillslot_url"], {"lock_code": "K"}).json
    assert held["err"] == 0
    assert http.post(slot["api"]["fillslot_url"], {"lock_code": "K"}).json["booking_id"] == held["booking_id"]
    hold_all_but(http, slot)
    assert http.post(slot["api"]["fillslot_url"], {"lock_code": "other"}).json["err"] == 1
    assert slot["id"] not in [item["id"] for item in free_slots(http)]
    assert slot["id"] in [item["id"] for item in free_slots(http, lock_code="K")]

    # The workflow's booking action; after a time-out it is sent again.
    booked = http.post(slot["api"]["fillslot_url"], confirmation("K", 1)).json
    again = http.post(slot["api"]["fillslot_url"], confirmation("K", 1)).json
    assert (booked["outcome"], again["outcome"]) == ("confirmed", "already_confirmed")
    assert booked["booking_id"] == again["booking_id"] == held["booking_id"]
    assert booked["desk"] == held["desk"]

    # A citizen cancels from the record; the place is free at once.
    assert http.post(booked["api"]["cancel_url"]).json == {"err": 0, "booking_id": booked["booking_id"]}
    assert slot["id"] in [item["id"] for item in free_slots(http)]
    assert http.post(booked["api"]["cancel_url"]).json["reason"] == "already cancelled"


def test_two_records_of_one_session_get_two_bookings(http) -> None:
    first, second = free_slots(http, lock_code="S")[:2]
    http.post(first["api"]["fillslot_url"], {"lock_code": "S"})
    one = http.post(first["api"]["fillslot_url"], confirmation("S", 1)).json
    http.post(second["api"]["fillslot_url"], {"lock_code": "S"})
    two = http.post(second["api"]["fillslot_url"], confirmation("S", 2)).json
    assert one["booking_id"] != two["booking_id"]
    # Even for the same slot, which has two desks.
    http.post(first["api"]["fillslot_url"], {"lock_code": "S"})
    three = http.post(first["api"]["fillslot_url"], confirmation("S", 3)).json
    assert three["outcome"] == "confirmed"
    assert three["booking_id"] not in (one["booking_id"], two["booking_id"])
    assert http.post(first["api"]["fillslot_url"], confirmation("S", 1)).json["booking_id"] == one["booking_id"]


def test_choosing_another_slot_moves_the_hold(http) -> None:
    first, second = free_slots(http)[:2]
    http.post(first["api"]["fillslot_url"], {"lock_code": "K"})
    http.post(second["api"]["fillslot_url"], {"lock_code": "K"})
    [lock] = http.get("agenda/mairie/locks/K/").json["data"]
    assert lock["slot"] == second["id"]


def test_moving_an_appointment(http) -> None:
    first, second = free_slots(http)[:2]
    http.post(first["api"]["fillslot_url"], {"lock_code": "K"})
    old = http.post(first["api"]["fillslot_url"], confirmation("K", 1)).json
    http.post(second["api"]["fillslot_url"], {"lock_code": "L"})
    body = {**confirmation("L", 1), "cancel_booking_id": str(old["booking_id"])}
    moved = http.post(second["api"]["fillslot_url"], body).json
    assert moved["cancelled_booking_id"] == old["booking_id"]
    # The workflow repeats it: nothing more is cancelled, nothing more is booked.
    assert http.post(second["api"]["fillslot_url"], body).json["booking_id"] == moved["booking_id"]
    assert http.get(old["api"]["booking_url"]).json["err_class"] == "booking is cancelled"
    assert Booking.objects.filter(state=BookingState.BOOKED).count() == 1


def test_a_hold_lapses_by_itself(http, settings) -> None:
    settings.LOCK_DURATION_MIN = settings.LOCK_DURATION = 1
    slot = free_slots(http)[0]
    held = [http.post(slot["api"]["fillslot_url"], {"lock_code": code}).json for code in ("K", "L")]
    first_end = min(datetime.datetime.fromisoformat(item["expires_at"]) for item in held)
    deadline = time.monotonic() + 60
    while slot["id"] not in [item["id"] for item in free_slots(http)]:
        assert time.monotonic() < deadline, "the hold never lapsed"
    # Not before its end: however slow this machine is, a slot that is listed was given back by the clock.
    assert now() >= first_end


def test_a_lapsed_hold_is_recaptured_or_lost(http, settings) -> None:
    kept, taken = free_slots(http)[:2]
    for code, slot in (("K", kept), ("L", taken)):
        http.post(slot["api"]["fillslot_url"], {"lock_code": code})
    settings.CLOCK_OFFSET = 601
    for record in (8, 9):
        http.post(taken["api"]["fillslot_url"], {"backoffice_url": RECORD.format(record)})
    late = http.post(kept["api"]["fillslot_url"], confirmation("K", 1)).json
    assert (late["err"], late["outcome"]) == (0, "recaptured")
    lost = http.post(taken["api"]["fillslot_url"], confirmation("L", 2))
    assert (lost.status, lost.json["err"], lost.json["outcome"]) == (200, 1, "lost")
    suggested = lost.json["suggestions"][0]["id"]
    assert http.post(f"agenda/mairie/fillslot/{suggested}/", confirmation("L", 2)).json["err"] == 0


def test_the_task_records_what_lapsed_and_nothing_depends_on_it(http, settings) -> None:
    slot = free_slots(http)[0]
    http.post(slot["api"]["fillslot_url"], {"lock_code": "K"})
    settings.CLOCK_OFFSET = 601
    assert http.get("agenda/mairie/locks/K/").json["data"] == []
    assert expire(now=now(), actor=Actor.task("release_expired_locks")) == 1
    assert Booking.objects.get().state == BookingState.EXPIRED
    assert http.post(slot["api"]["fillslot_url"], confirmation("K", 1)).json["outcome"] == "recaptured"


def test_a_virtual_agenda_from_list_to_booking(http) -> None:
    slot = free_slots(http, "agenda/toutes-mairies/meetings/mariage/datetimes/", lock_code="K")[0]
    held = [http.post(slot["api"]["fillslot_url"], {"lock_code": code}).json for code in ("K", "L", "M", "N")]
    assert [item["err"] for item in held] == [0, 0, 0, 1]
    assert {item["agenda"]["slug"] for item in held[:3]} == {"mairie", "annexe"}
    booked = http.post(slot["api"]["fillslot_url"], confirmation("K", 1)).json
    assert (booked["agenda"], booked["desk"]) == (held[0]["agenda"], held[0]["desk"])


def test_a_call_that_is_not_signed_changes_nothing(http) -> None:
    slot = free_slots(http)[0]
    assert http.call("POST", slot["api"]["fillslot_url"], body={"lock_code": "K"}, signed=False).status == 403
    assert not Booking.objects.exists()


# -- Bodies of real booking actions ---------------------------------------------------------------------------

EXPRESSION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\[[\w.]+\]", re.DOTALL)


def rendered(name: str, template: str) -> Any:
    """What w.c.s. would send for a template: an address, a number or a text, by the name of the key."""
    if not EXPRESSION.search(template):
        return template
    if name.endswith("_url"):
        return "https://demarches.test/rendez-vous/1/"
    return EXPRESSION.sub("7", template)


def booking_actions(folder: Path) -> list[WebserviceCall]:
    """Every action of the real exports that posts to a fillslot address, literal or in a variable."""
    library = load_many([folder])
    found = []
    for definition in library:
        for element in definition.element.iter("item"):
            if element.get("type") != "webservice_call":
                continue
            action = WebserviceCall(definition.document, element)
            if action.method == "POST" and "fillslot" in action.url:
                found.append(action)
    return found


def test_the_bodies_of_real_booking_actions_are_accepted(http, wcs_exports) -> None:
    actions = booking_actions(wcs_exports)
    if not actions:
        pytest.skip("no booking action in these exports")
    slots = iter(free_slots(http))
    for action in actions:
        body = {pair.name: rendered(pair.name, pair.value) for pair in action.post_data}
        # This number is of the other site's bookings.
        body.pop("cancel_booking_id", None)
        slot = next(slots)
        answer = http.post(slot["api"]["fillslot_url"], body)
        assert answer.json["err"] == 0, (action.url, answer.json)
        booking = Booking.objects.get(pk=answer.json["booking_id"])
        if booking.state == BookingState.BOOKED and body.get("label"):
            assert booking.label == str(body["label"]).strip()
