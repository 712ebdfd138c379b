"""The list of slots: its keys, each of its parameters, its meta."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from adapter.agendas.services import BookingDetails, BookingRequest, HoldRequest, confirm, hold
from tests.agendas.builders import ALICE, NOW, make_agenda

pytestmark = pytest.mark.both_databases

PATH = "agenda/mairie/meetings/passeport/datetimes/"
FIRST = "passeport:2026-11-24-0900"


def ids(answer) -> list[str]:
    return [item["id"] for item in answer.json["data"]]


def disabled(answer) -> set[str]:
    return {item["id"] for item in answer.json["data"] if item["disabled"]}


def fill_desks(slot: str = FIRST, **details: str) -> None:
    for code in ("one", "two"):
        request = BookingRequest("mairie", (slot,), details=BookingDetails(label=code, **details))
        confirm(request, now=NOW, actor=ALICE)


@pytest.mark.parametrize("chosen", ["", "None"])
def test_before_a_choice_there_are_no_slots_and_no_error(api, mairie, chosen) -> None:
    answer = api.get(f"agenda/mairie/meetings/{chosen}/datetimes/", lock_code="K")
    assert (answer.status, answer.json["err"], answer.json["data"]) == (200, 0, [])
    assert answer.json["meta"]["no_bookable_datetimes"] is True
    assert api.get(f"agenda/elsewhere/meetings/{chosen}/datetimes/").status == 404
    for path in (f"agenda/{chosen}/meetings/{chosen}/datetimes/", f"agenda/{chosen}/meetings/"):
        without_agenda = api.get(path)
        assert (without_agenda.status, without_agenda.json["err"], without_agenda.json["data"]) == (200, 0, [])
    assert api.call("GET", f"agenda/mairie/meetings/{chosen}/datetimes/", signed=False).status == 403


def test_a_slot_and_the_meta(api, mairie) -> None:
    answer = api.get(PATH).json
    slot = {
        "id": FIRST,
        "datetime": "2026-11-24 09:00:00",
        "date": "2026-11-24",
        "text": "24 novembre 2026 09:00",
        "disabled": False,
        "api": {"fillslot_url": f"https://agendas.test/api/agenda/mairie/fillslot/{FIRST}/"},
    }
    assert answer["data"][0] == slot
    assert len(answer["data"]) == len(set(ids(api.get(PATH)))) == answer["meta"]["bookable_datetimes_number_total"]
    assert answer["meta"] == {
        "no_bookable_datetimes": False,
        "bookable_datetimes_number_total": len(answer["data"]),
        "bookable_datetimes_number_available": len(answer["data"]),
        "first_bookable_slot": slot,
    }
    assert [item["datetime"] for item in answer["data"]] == sorted(item["datetime"] for item in answer["data"])


def test_a_full_slot_is_kept_and_disabled(api, mairie) -> None:
    total = len(ids(api.get(PATH)))
    fill_desks()
    answer = api.get(PATH)
    assert disabled(answer) == {FIRST}
    assert answer.json["meta"]["bookable_datetimes_number_total"] == total
    assert answer.json["meta"]["bookable_datetimes_number_available"] == total - 1
    assert answer.json["meta"]["first_bookable_slot"]["id"] == "passeport:2026-11-24-0920"
    hidden = api.get(PATH, hide_disabled="true")
    assert FIRST not in ids(hidden)
    assert len(ids(hidden)) == hidden.json["meta"]["bookable_datetimes_number_total"] == total - 1


def test_nothing_to_book(api, mairie) -> None:
    assert api.get(PATH, date_end="2026-01-01").json == {
        "err": 0,
        "data": [],
        "meta": {
            "no_bookable_datetimes": True,
            "bookable_datetimes_number_total": 0,
            "bookable_datetimes_number_available": 0,
            "first_bookable_slot": None,
        },
    }


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ({"date_start": "2026-12-01"}, "2026-12-01-0900", None),
        ({"date_start": "2026-12-01 10:10"}, "2026-12-01-1020", None),
        ({"date_start": "2026-12-01T10:00:00+01:00"}, "2026-12-01-1000", None),
        ({"date_start": "2026-12-01T09:00:00Z"}, "2026-12-01-1000", None),
        ({"date_end": "2026-12-01"}, "2026-11-24-0900", "2026-11-30-1630"),
        ({"date_start": "", "date_end": ""}, "2026-11-24-0900", None),
        ({"date_start": "2026-12-01", "date_end": "2026-12-02"}, "2026-12-01-0900", "2026-12-01-1630"),
    ],
)
def test_date_start_is_included_and_date_end_is_not(api, mairie, query, first, last) -> None:
    found = ids(api.get(PATH, **query))
    assert found[0] == f"passeport:{first}"
    if last:
        assert found[-1] == f"passeport:{last}"


def test_a_plus_that_was_not_encoded_is_understood(api, mairie) -> None:
    found = ids(api.get(PATH, date_start="2026-12-01T10:00:00 01:00"))
    assert found[0] == "passeport:2026-12-01-1000"


def test_delays_are_bypassed_on_request(api, mairie) -> None:
    assert ids(api.get(PATH, bypass_delays="true"))[0] == "passeport:2026-11-23-1100"


@pytest.mark.parametrize("value", ["false", "", "0", "no"])
def test_delays_stand_otherwise(api, mairie, value) -> None:
    assert ids(api.get(PATH, bypass_delays=value))[0] == FIRST


def test_what_the_own_code_holds_stays_free(api, mairie) -> None:
    for code in ("mine", "other"):
        hold(HoldRequest("mairie", (FIRST,), code), now=NOW, actor=ALICE)
    assert disabled(api.get(PATH)) == {FIRST}
    assert disabled(api.get(PATH, lock_code="third")) == {FIRST}
    assert disabled(api.get(PATH, lock_code=" mine ")) == set()
    assert disabled(api.get(PATH, lock_code="other")) == set()


def test_a_blank_lock_code_is_none(api, mairie) -> None:
    hold(HoldRequest("mairie", (FIRST,), "one"), now=NOW, actor=ALICE)
    hold(HoldRequest("mairie", (FIRST,), "two"), now=NOW, actor=ALICE)
    assert disabled(api.get(PATH, lock_code="  ")) == {FIRST}


def test_bookings_of_a_user_are_told_and_excluded(api, mairie) -> None:
    request = BookingRequest("mairie", (FIRST,), details=BookingDetails(user_external_id="ada"))
    confirm(request, now=NOW, actor=ALICE)
    told = api.get(PATH, user_external_id="ada").json["data"]
    assert [item["id"] for item in told if item["booked_for_external_user"]] == [FIRST]
    assert "booked_for_external_user" not in api.get(PATH).json["data"][0]
    assert disabled(api.get(PATH, exclude_user_external_id="ada")) == {FIRST}
    assert disabled(api.get(PATH, exclude_user="ada")) == {FIRST}
    assert disabled(api.get(PATH, exclude_user_external_id="bob")) == set()
    assert FIRST not in ids(api.get(PATH, exclude_user_external_id="ada", hide_disabled="1"))


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"date_start": "yesterday"}, "date_start"),
        ({"date_start": "2026-02-30"}, "date_start"),
        ({"date_end": "0001-01-01"}, "date_end"),
        ({"date_end": "9999-12-31"}, "date_end"),
        ({"bypass_delays": "perhaps"}, "bypass_delays"),
        ({"hide_disabled": "perhaps"}, "hide_disabled"),
        ({"lock_code": "x" * 257}, "lock_code"),
        ({"lock_code": "a\0b"}, "lock_code"),
        ({"resources": "borne"}, "resources"),
    ],
)
def test_a_bad_parameter_is_400_and_named(api, mairie, query, field) -> None:
    answer = api.get(PATH, **query)
    assert answer.status == 400
    assert list(answer.json["errors"]) == [field]
    assert answer.json["err"] == 1


def test_a_virtual_agenda_offers_the_union(api, everywhere) -> None:
    path = "agenda/toutes-mairies/meetings/passeport/datetimes/"
    fill_desks()
    answer = api.get(path)
    assert disabled(answer) == set()
    assert "/api/agenda/toutes-mairies/fillslot/" in answer.json["data"][0]["api"]["fillslot_url"]
    hold(HoldRequest("annexe", (FIRST,), "K"), now=NOW, actor=ALICE)
    assert disabled(api.get(path)) == {FIRST}
    assert disabled(api.get(path, lock_code="K")) == set()


def test_a_day_that_clocks_change_has_each_slot_once(api, set_clock) -> None:
    make_agenda("nuit", hours=(("00:00", "24:00"),), weekdays=range(7), types={"court": 30})
    set_clock(datetime.datetime(2026, 10, 20, 10, 0, tzinfo=datetime.UTC))
    autumn = ids(api.get("agenda/nuit/meetings/court/datetimes/", date_start="2026-10-25", date_end="2026-10-26"))
    assert len(autumn) == len(set(autumn)) == 48
    set_clock(datetime.datetime(2026, 3, 20, 10, 0, tzinfo=datetime.UTC))
    spring = ids(api.get("agenda/nuit/meetings/court/datetimes/", date_start="2026-03-29", date_end="2026-03-30"))
    assert len(spring) == 46
    assert not [item for item in spring if "-02" in item[-5:-2]]


@pytest.mark.parametrize("desks", [1, 10])
def test_the_number_of_queries_does_not_depend_on_sizes(api, desks) -> None:
    make_agenda("grande", desks=desks)
    for slot in range(desks * 3):
        start = 9 * 60 + slot // desks * 20
        request = BookingRequest("grande", (f"passeport:2026-11-24-{start // 60:02}{start % 60:02}",))
        confirm(request, now=NOW, actor=ALICE)
    path = "agenda/grande/meetings/passeport/datetimes/"
    api.get(path)
    with CaptureQueriesContext(connection) as warm:
        assert api.get(path, lock_code="K").status == 200
    assert len(warm) <= 4, [query["sql"] for query in warm]
