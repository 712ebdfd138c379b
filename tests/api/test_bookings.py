"""Bookings after they were made."""

from __future__ import annotations

import datetime

import pytest
from icalendar import Calendar

from adapter.agendas.models import Booking, Category
from tests.agendas.builders import NOW

SLOT = "passeport:2026-11-24-0900"
STATE = {
    "in_waiting_list": False,
    "user_was_present": None,
    "user_absence_reason": "",
    "user_presence_reason": "",
    "extra_data": None,
}


@pytest.fixture
def booking(api, mairie) -> int:
    """A booking of Ada."""
    body = {"user_external_id": "ada", "label": "Dossier 42", "user_display_label": "Rendez-vous passeport"}
    return api.post(f"agenda/mairie/fillslot/{SLOT}/", body).json["booking_id"]


@pytest.fixture
def lock(api, mairie) -> int:
    """A held slot."""
    return api.post("agenda/mairie/fillslot/passeport:2026-11-24-1000/", {"lock_code": "K"}).json["booking_id"]


def test_reading_a_booking(api, booking) -> None:
    assert api.get(f"booking/{booking}/").json == {"err": 0, "data": {"booking_id": booking, **STATE}}


def test_a_record_cancels_what_it_has_without_knowing_a_number(api, mairie) -> None:
    record = {"backoffice_url": "https://wcs.test/backoffice/1/", "form_url": "https://wcs.test/1/"}
    number = api.post(f"agenda/mairie/fillslot/{SLOT}/", record).json["booking_id"]
    other = api.post(f"agenda/mairie/fillslot/{SLOT}/", {"form_url": "https://wcs.test/2/"}).json["booking_id"]
    assert api.post("bookings/cancel/", record).json == {"err": 0, "cancelled": [number]}
    assert api.post("bookings/cancel/", record).json == {"err": 0, "cancelled": []}
    assert api.get(f"booking/{other}/").json["err"] == 0
    for body in ({}, {"form_url": ""}, {"form_url": "nothing"}):
        assert api.post("bookings/cancel/", body).status == 400


def test_only_the_record_itself_reaches_what_it_has_moved(api, mairie) -> None:
    first, other = ({"form_url": f"https://wcs.test/{number}/"} for number in (1, 2))
    number = api.post(f"agenda/mairie/fillslot/{SLOT}/", first).json["booking_id"]
    there = "agenda/mairie/fillslot/passeport:2026-11-24-1000/"
    moved = api.post(there, {**first, "cancel_booking_id": number}).json
    assert moved["cancelled_booking_id"] == number
    again = api.post(there, {**first, "cancel_booking_id": number}).json
    assert (again["booking_id"], again["outcome"]) == (moved["booking_id"], "already_confirmed")
    for body in ({}, other):
        # Who does not say who it is means this booking and no other.
        assert api.post(f"booking/{number}/cancel/", body).json["err_code"] == "already-cancelled"
        refused = api.post(f"agenda/mairie/fillslot/{SLOT}/", {**body, "cancel_booking_id": number}).json
        assert refused["err_code"] == "already-cancelled"
    assert api.post(f"booking/{number}/cancel/", first).json == {"err": 0, "booking_id": moved["booking_id"]}


def test_the_bookings_of_a_user_are_listed_and_locks_are_not(api, booking, lock) -> None:
    assert api.get("bookings/", user_external_id="ada").json == {"err": 0, "data": [{"id": booking, **STATE}]}
    assert api.get("bookings/", user_external_id="bob").json["data"] == []


def test_bookings_need_a_user(api, booking) -> None:
    answer = api.get("bookings/")
    assert (answer.status, list(answer.json["errors"])) == (400, ["user_external_id"])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"agenda": "mairie"}, True),
        ({"agenda": "annexe"}, False),
        ({"category": "etat-civil"}, True),
        ({"category": "autre"}, False),
        ({"date_start": "2026-11-24"}, True),
        ({"date_start": "2026-11-25"}, False),
        ({"date_end": "2026-11-24"}, False),
        ({"date_end": "2026-11-25"}, True),
    ],
)
def test_the_filters_of_the_list(api, mairie, booking, query, found) -> None:
    mairie.category = Category.objects.create(slug="etat-civil", label="État civil")
    mairie.save()
    assert bool(api.get("bookings/", user_external_id="ada", **query).json["data"]) is found


def test_cancelling_twice(api, booking) -> None:
    assert api.post(f"booking/{booking}/cancel/").json == {"err": 0, "booking_id": booking}
    again = api.post(f"booking/{booking}/cancel/")
    assert (again.status, again.json["err"], again.json["reason"]) == (200, 1, "already cancelled")
    assert api.get("bookings/", user_external_id="ada").json["data"] == []


def test_deleting_is_cancelling_in_other_words(api, booking) -> None:
    assert api.call("DELETE", f"booking/{booking}/").json == {"err": 0, "booking_id": booking}
    assert api.call("DELETE", f"booking/{booking}/").json["err_class"] == "booking is cancelled"


def test_cancelling_a_lock_releases_it(api, lock) -> None:
    assert api.post(f"booking/{lock}/cancel/").json["err"] == 0
    assert api.get("agenda/mairie/locks/K/").json["data"] == []


def test_a_lapsed_lock_is_like_a_cancelled_booking(api, lock, set_clock) -> None:
    set_clock(NOW + datetime.timedelta(minutes=11))
    assert api.get(f"booking/{lock}/").json["err_class"] == "booking is cancelled"
    assert api.post(f"booking/{lock}/cancel/").json["err_class"] == "already cancelled"


@pytest.mark.parametrize(("value", "stored"), [(True, True), ("false", False), ("", None), (None, None)])
def test_attendance_is_recorded(api, booking, value, stored) -> None:
    body = {"user_was_present": value, "user_absence_reason": "malade", "note": "x"}
    assert api.call("PATCH", f"booking/{booking}/", body=body).json == {"err": 0, "booking_id": booking}
    data = api.get(f"booking/{booking}/").json["data"]
    assert (data["user_was_present"], data["user_absence_reason"]) == (stored, "malade")
    assert data["extra_data"] == {"note": "x"}


def test_extra_data_may_be_given_as_an_object_and_is_added(api, booking) -> None:
    api.call("PATCH", f"booking/{booking}/", body={"a": 1})
    api.call("PATCH", f"booking/{booking}/", body={"extra_data": {"b": 2}})
    assert api.get(f"booking/{booking}/").json["data"]["extra_data"] == {"a": 1, "b": 2}


def test_a_bad_change_is_400_and_changes_nothing(api, booking) -> None:
    answer = api.call("PATCH", f"booking/{booking}/", body={"user_was_present": "perhaps", "a": 1})
    assert (answer.status, answer.json["err"]) == (400, 4)
    assert Booking.objects.get().extra_data is None


@pytest.mark.parametrize("action", ["accept", "suspend", "resize"])
def test_what_only_makes_sense_for_events_is_refused(api, booking, action) -> None:
    answer = api.post(f"booking/{booking}/{action}/")
    assert (answer.status, answer.json["err"]) == (200, 3)
    api.post(f"booking/{booking}/cancel/")
    assert api.post(f"booking/{booking}/{action}/").json["err_class"] == "booking is cancelled"


def test_anonymising_erases_who_it_was(api, booking) -> None:
    assert api.post(f"booking/{booking}/anonymize/").json == {"err": 0, "booking_id": booking}
    found = Booking.objects.get()
    assert (found.label, found.user_external_id, found.user_display_label) == ("", "", "")
    assert found.anonymized_at
    assert api.get("bookings/", user_external_id="ada").json["data"] == []


def test_a_booking_as_a_calendar(api, booking) -> None:
    answer = api.get(f"booking/{booking}/ics/", location="Mairie", description="Apportez\nvos photos")
    assert answer.headers["Content-Type"].startswith("text/calendar")
    [event] = Calendar.from_ical(answer.content).walk("VEVENT")
    assert event["SUMMARY"] == "Rendez-vous passeport"
    assert event["LOCATION"] == "Mairie"
    assert event["DESCRIPTION"] == "Apportez\nvos photos"
    assert event.decoded("DTSTART") == datetime.datetime(2026, 11, 24, 8, 0, tzinfo=datetime.UTC)
    assert event.decoded("DTEND") == datetime.datetime(2026, 11, 24, 8, 20, tzinfo=datetime.UTC)


def test_a_users_bookings_as_a_calendar(api, booking, lock) -> None:
    calendar = Calendar.from_ical(api.get("bookings/ics/", user_external_id="ada").content)
    assert len(calendar.walk("VEVENT")) == 1
    assert api.get("bookings/ics/").status == 400


def test_no_calendar_of_a_cancelled_booking(api, booking) -> None:
    api.post(f"booking/{booking}/cancel/")
    assert api.get(f"booking/{booking}/ics/").json["err_class"] == "booking is cancelled"


@pytest.mark.parametrize("number", ["999999", str(2**63), str(10**40)])
@pytest.mark.parametrize(("method", "action"), [("GET", ""), ("POST", "cancel/"), ("GET", "ics/"), ("PATCH", "")])
def test_an_unknown_booking_is_404(api, mairie, number, method, action) -> None:
    answer = api.call(method, f"booking/{number}/{action}")
    assert (answer.status, answer.json["err_class"]) == (404, "unknown booking")
