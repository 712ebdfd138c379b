"""Holding and booking: what may be sent, what is answered."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from adapter.agendas.models import Booking, BookingState, Callback
from adapter.api.reading.fields import OTHERS_MAX_BYTES
from tests.agendas.builders import NOW, make_agenda

SLOT = "passeport:2026-11-24-0900"
NEXT = "passeport:2026-11-24-0920"
PATH = f"agenda/mairie/fillslot/{SLOT}/"
RECORD = {"confirm_after_lock": True, "backoffice_url": "https://demarches.test/backoffice/management/rdv/1/"}
BASE = "https://agendas.test/api/booking/"


def test_as_many_additional_keys_as_a_form_has_fields_are_kept(api, mairie) -> None:
    fields = {f"champ_{number}": "Déménagement à Liège" * 5 for number in range(400)}
    number = api.post(PATH, fields).json["booking_id"]
    assert Booking.objects.get(pk=number).extra_data == fields
    assert api.get(f"booking/{number}/").json["data"]["extra_data"] == fields


def test_more_than_is_kept_is_refused_by_one_sentence_that_says_how_much(api, mairie) -> None:
    answer = api.post(PATH, {"photo": "x" * OTHERS_MAX_BYTES})
    assert (answer.status, answer.json["err_code"]) == (400, "invalid-payload")
    [[sentence]] = answer.json["errors"].values()
    assert str(OTHERS_MAX_BYTES) in sentence
    assert not Booking.objects.exists()


def test_two_forms_of_one_session_tell_themselves_apart(api, mairie) -> None:
    def fill(token: str, time: str, **body: object) -> Any:
        path = f"agenda/mairie/fillslot/passeport:2026-11-24-{time}/"
        return api.post(path, {"lock_code": "K", "lock_token": token, **body}).json

    def free(token: str) -> set[str]:
        listed = api.get("agenda/mairie/meetings/passeport/datetimes/", lock_code="K", lock_token=token).json["data"]
        return {slot["id"] for slot in listed if not slot["disabled"]}

    api.post("agenda/mairie/fillslot/passeport:2026-11-24-0900/")
    first, second = fill("a", "0900"), fill("b", "1000")
    assert (first["slot"] in free("a"), first["slot"] in free("b")) == (True, False)
    for token, time, held in (("a", "0900", first), ("b", "1000", second)):
        booked = fill(token, time, confirm_after_lock="true", form_url=f"https://wcs.test/{token}/")
        assert (booked["booking_id"], booked["outcome"]) == (held["booking_id"], "confirmed")
        assert Booking.objects.get(pk=booked["booking_id"]).extra_data is None
    assert fill("t" * 65, "1100")["errors"].keys() == {"lock_token"}


def test_a_hold_answers_like_a_booking_and_says_until_when(api, mairie) -> None:
    answer = api.post(PATH, {"lock_code": "K"}).json
    number = answer["booking_id"]
    assert answer == {
        "err": 0,
        "booking_id": number,
        "in_waiting_list": False,
        "slot": SLOT,
        "datetime": "2026-11-24 09:00:00",
        "end_datetime": "2026-11-24 09:20:00",
        "duration": 20,
        "desk": {"label": "Guichet 1", "slug": "guichet-1"},
        "agenda": {"label": "Mairie", "slug": "mairie"},
        "resources": [],
        "outcome": "held",
        "api": {
            "booking_url": f"{BASE}{number}/",
            "cancel_url": f"{BASE}{number}/cancel/",
            "ics_url": f"{BASE}{number}/ics/",
            "anonymize_url": f"{BASE}{number}/anonymize/",
            "suspend_url": f"{BASE}{number}/suspend/",
        },
        "expires_at": "2026-11-23T10:10:00+00:00",
    }


def test_confirming_keeps_number_and_desk(api, mairie) -> None:
    held = api.post(PATH, {"lock_code": "K"}).json
    booked = api.post(PATH, {"lock_code": "K", **RECORD}).json
    assert booked["outcome"] == "confirmed"
    assert (booked["booking_id"], booked["desk"]) == (held["booking_id"], held["desk"])
    assert "expires_at" not in booked
    again = api.post(PATH, {"lock_code": "K", **RECORD}).json
    assert again == {**booked, "outcome": "already_confirmed"}


def test_a_plain_booking_needs_no_code(api, mairie) -> None:
    answer = api.post(PATH, {"label": "Dossier 42"}).json
    assert answer["outcome"] == "confirmed"
    assert Booking.objects.get().label == "Dossier 42"


@pytest.mark.parametrize("blank", ["", "  ", None])
def test_a_blank_lock_code_is_no_lock(api, mairie, blank) -> None:
    assert api.post(PATH, {"lock_code": blank}).json["outcome"] == "confirmed"


def test_the_virtual_agenda_names_the_real_one(api, everywhere) -> None:
    answer = api.post(f"agenda/toutes-mairies/fillslot/{SLOT}/", {"lock_code": "K"}).json
    assert answer["agenda"]["slug"] in ("mairie", "annexe")


def test_a_full_slot_is_refused_with_the_nearest_free_ones(api, mairie) -> None:
    api.post(PATH, {"lock_code": "one"})
    api.post(PATH, {"lock_code": "two"})
    answer = api.post(PATH, {"lock_code": "three"})
    assert answer.status == 200
    assert answer.json["err"] == 1
    assert answer.json["err_class"] == answer.json["err_desc"] == answer.json["reason"] == "no more desk available"
    assert [item["id"] for item in answer.json["suggestions"]][0] == NEXT
    assert set(answer.json["suggestions"][0]) == {"id", "datetime", "date", "text", "disabled"}


def test_a_confirmation_after_the_lease_is_recaptured_or_lost(api, mairie, set_clock) -> None:
    api.post(PATH, {"lock_code": "K"})
    api.post(f"agenda/mairie/fillslot/{NEXT}/", {"lock_code": "L"})
    set_clock(NOW + datetime.timedelta(minutes=11))
    assert api.post(PATH, {"lock_code": "K", **RECORD}).json["outcome"] == "recaptured"
    for number in (2, 3):
        api.post(f"agenda/mairie/fillslot/{NEXT}/", {"label": str(number)})
    lost = api.post(f"agenda/mairie/fillslot/{NEXT}/", {"lock_code": "L", **RECORD, "backoffice_url": "https://d/2/"})
    assert lost.status == 200
    assert (lost.json["err"], lost.json["outcome"]) == (1, "lost")
    assert lost.json["suggestions"]


def test_everything_may_be_a_string(api, mairie) -> None:
    old = api.post(f"agenda/mairie/fillslot/{NEXT}/", {"label": "old"}).json["booking_id"]
    answer = api.post(
        PATH,
        {
            "lock_code": 12345,
            "confirm_after_lock": "True",
            "cancel_booking_id": str(old),
            "bypass_delays": "",
            "exclude_user": "false",
            "count": "1",
            "lock_duration": "",
            "label": 7,
            "user_name": None,
            "user_email": "nothing",
            "extra_emails": "a@example.org, b@example.org,",
            "extra_phone_numbers": ["0102", ""],
            "form_url": "",
        },
    ).json
    assert answer["cancelled_booking_id"] == old
    booking = Booking.objects.get(pk=answer["booking_id"])
    assert (booking.lock_code, booking.label, booking.user_name) == ("12345", "7", "")
    assert booking.extra_emails == ["a@example.org", "b@example.org"]
    assert booking.extra_phone_numbers == ["0102"]
    assert booking.user_email == "nothing"


def test_other_keys_are_kept_with_the_booking(api, mairie) -> None:
    others = {"color": "rouge", "number": 3, "nested": {"a": [1, 2]}, "empty": ""}
    number = api.post(PATH, {"label": "x", "lock_code": "K", "confirm_after_lock": True, **others}).json["booking_id"]
    assert api.get(f"booking/{number}/").json["data"]["extra_data"] == others


def test_a_lock_keeps_nothing_personal(api, mairie) -> None:
    api.post(PATH, {"lock_code": "K", "user_name": "Ada", "user_email": "ada@example.org", "color": "rouge"})
    lock = Booking.objects.get()
    assert (lock.user_name, lock.user_email, lock.label, lock.extra_data) == ("", "", "", None)


def test_a_lock_knows_its_form_and_the_booking_does_not_repeat_it(api, mairie) -> None:
    number = api.post(PATH, {"lock_code": "K", "form_slug": "rendez-vous"}).json["booking_id"]
    lock = Booking.objects.get(pk=number)
    assert (lock.form_slug, lock.state) == ("rendez-vous", BookingState.HELD)
    api.post(PATH, {"lock_code": "K", "form_slug": "rendez-vous", "other": "x", **RECORD})
    assert Booking.objects.get(pk=number).extra_data == {"other": "x"}
    plain = api.post(f"agenda/mairie/fillslot/{NEXT}/", {"lock_code": "L"}).json["booking_id"]
    assert Booking.objects.get(pk=plain).form_slug == ""


def test_a_form_is_read_like_json(api, mairie) -> None:
    answer = api.call(
        "POST",
        PATH,
        body="lock_code=K&confirm_after_lock=true&label=Dossier+42&color=rouge&color=vert",
        content_type="application/x-www-form-urlencoded",
    ).json
    # The code holds nothing: a confirmation that comes after its lease.
    assert answer["outcome"] == "recaptured"
    booking = Booking.objects.get()
    assert (booking.label, booking.extra_data) == ("Dossier 42", {"color": ["rouge", "vert"]})


def test_a_slot_id_may_be_percent_encoded(api, mairie) -> None:
    assert api.post(PATH.replace(":", "%3A"), {"lock_code": "K"}).json["slot"] == SLOT


def test_several_slots_are_one_booking(api, mairie) -> None:
    for slots in ([SLOT, NEXT], f"{NEXT},{SLOT}"):
        answer = api.post("agenda/mairie/fillslots/", {"slots": slots, "label": "x"}).json
        assert (answer["datetime"], answer["end_datetime"]) == ("2026-11-24 09:00:00", "2026-11-24 09:40:00")
        assert answer["duration"] == 40


def test_moving_cancels_the_old_booking_in_the_same_step(api, mairie) -> None:
    old = api.post(PATH, {"label": "x"}).json["booking_id"]
    for code in ("a", "b"):
        api.post(f"agenda/mairie/fillslot/{NEXT}/", {"lock_code": code})
    refused = api.post(f"agenda/mairie/fillslot/{NEXT}/", {"cancel_booking_id": old})
    assert refused.json["err"] == 1
    assert api.get(f"booking/{old}/").json["err"] == 0
    moved = api.post("agenda/mairie/fillslot/passeport:2026-11-24-0940/", {"cancel_booking_id": old}).json
    assert moved["cancelled_booking_id"] == old
    assert api.get(f"booking/{old}/").json["err_class"] == "booking is cancelled"
    again = api.post("agenda/mairie/fillslot/passeport:2026-11-24-1000/", {"cancel_booking_id": old}).json
    assert again["err_class"] == "cancellation booking: booking already cancelled"
    assert api.post(PATH, {"cancel_booking_id": 999999}).json["err"] == 1


def test_a_busy_user_is_refused_on_request(api, mairie) -> None:
    api.post(PATH, {"user_external_id": "ada"})
    assert api.post(PATH, {"user_external_id": "ada", "exclude_user": "true"}).json["err"] == 1
    assert api.post(PATH, {"user_external_id": "ada"}).json["err"] == 0


def test_delays_are_bypassed_on_request(api, mairie) -> None:
    today = "agenda/mairie/fillslot/passeport:2026-11-23-1330/"
    assert api.post(today, {"label": "x"}).json["err_class"] == "no more desk available"
    assert api.post(today, {"label": "x", "bypass_delays": "true"}).json["err"] == 0


def test_a_half_adapted_call_is_told_that_it_only_holds(api, mairie, settings) -> None:
    body = {"lock_code": "K", "backoffice_url": "https://demarches.test/1/"}
    held = api.post(PATH, body).json
    assert held["outcome"] == "held"
    assert "confirm_after_lock" in held["warning"]
    assert "warning" not in api.post(PATH, {"lock_code": "L"}).json
    settings.CONFIRM_WHEN_RECORD_KNOWN = True
    assert api.post(PATH, body).json["outcome"] == "confirmed"


@pytest.mark.parametrize(
    ("slot", "err_class"),
    [
        ("passeport", "invalid slot: passeport"),
        (":2026-11-24-0900", "invalid slot: :2026-11-24-0900"),
        ("passeport:2026-11-24", "bad datetime format: 2026-11-24"),
        ("passeport:2026-13-24-0900", "bad datetime format: 2026-13-24-0900"),
        ("passeport:9999-12-31-2359", "bad datetime format: 9999-12-31-2359"),
        ("passeport:0000-00-00-0000", "bad datetime format: 0000-00-00-0000"),
        ("inconnu:2026-11-24-0900", "invalid meeting type id: inconnu"),
        ("a%00b:2026-11-24-0900", "invalid meeting type id: a\0b"),
    ],
)
def test_a_slot_that_cannot_be_is_400(api, mairie, slot, err_class) -> None:
    answer = api.post(f"agenda/mairie/fillslot/{slot}/", {"lock_code": "K"})
    assert answer.status == 400
    assert answer.json["err_class"] == err_class
    assert not Booking.objects.exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"confirm_after_lock": "perhaps"}, "confirm_after_lock"),
        ({"confirm_after_lock": []}, "confirm_after_lock"),
        ({"cancel_booking_id": "soon"}, "cancel_booking_id"),
        ({"cancel_booking_id": 10**30}, "cancel_booking_id"),
        ({"cancel_booking_id": True}, "cancel_booking_id"),
        ({"lock_duration": "long"}, "lock_duration"),
        ({"lock_duration": -1}, "lock_duration"),
        ({"lock_code": "x" * 257}, "lock_code"),
        ({"lock_code": ["K"]}, "lock_code"),
        ({"label": "x" * 251}, "label"),
        ({"label": {"a": 1}}, "label"),
        ({"label": "a\0b"}, "label"),
        ({"user_phone_number": "0" * 51}, "user_phone_number"),
        ({"form_url": "javascript:alert(1)"}, "form_url"),
        ({"backoffice_url": "/management/1/"}, "backoffice_url"),
        ({"cancel_callback_url": "http://"}, "cancel_callback_url"),
        ({"extra_emails": {"a": 1}}, "extra_emails"),
        ({"extra_emails": ["a"] * 101}, "extra_emails"),
        ({"color": {"deep": ["a\0b"]}}, "color"),
        ({"key": "x" * OTHERS_MAX_BYTES}, "non_field_errors"),
    ],
)
def test_a_bad_value_is_400_named_and_changes_nothing(api, mairie, body, field) -> None:
    answer = api.post(PATH, body)
    assert answer.status == 400
    assert answer.json["err_class"] == answer.json["reason"] == "invalid payload"
    assert list(answer.json["errors"]) == [field]
    assert not Booking.objects.exists()


def test_all_bad_values_are_named_together(api, mairie) -> None:
    errors = api.post(PATH, {"label": "x" * 300, "count": "many", "form_url": "x"}).json["errors"]
    assert set(errors) == {"label", "count", "form_url"}


@pytest.mark.parametrize(
    ("slots", "err_class"),
    [
        ([], "invalid payload"),
        (None, "invalid payload"),
        ([SLOT, "mariage:2026-11-24-0920"], "all slots must have the same meeting type id (mariage, passeport)"),
        ([SLOT, "passeport:2026-11-24-1000"], "slots must follow each other"),
    ],
)
def test_several_slots_that_cannot_be_one_booking(api, mairie, slots, err_class) -> None:
    answer = api.post("agenda/mairie/fillslots/", {"slots": slots})
    assert (answer.status, answer.json["err_class"]) == (400, err_class)
    assert "slots" in answer.json["errors"]


def test_resources_are_refused_by_name(api, mairie) -> None:
    answer = api.post(PATH, {"label": "x"}, resources="borne")
    assert (answer.status, answer.json["err_class"]) == (400, "invalid resource: borne")


def test_control_characters_become_spaces(api, mairie) -> None:
    api.post(PATH, {"label": "a\x0bb\tc\nd"})
    assert Booking.objects.get().label == "a b\tc\nd"


def test_a_lock_duration_is_kept_within_the_bounds(api, mairie) -> None:
    for asked, minutes in ((1, 5), (900, 15), ("99999", 20)):
        if asked == "99999":
            asked = 80000
        expires = api.post(PATH, {"lock_code": f"K{asked}", "lock_duration": asked}).json
        if expires["err"] == 0:
            assert expires["expires_at"] == (NOW + datetime.timedelta(minutes=minutes)).isoformat()
        Booking.objects.all().delete()


@pytest.mark.parametrize("desks", [1, 8])
def test_the_number_of_queries_does_not_depend_on_sizes(api, desks) -> None:
    make_agenda("grande", desks=desks)
    for code in range(desks - 1):
        api.post(f"agenda/grande/fillslot/{SLOT}/", {"lock_code": f"other{code}"})
    path = f"agenda/grande/fillslot/{SLOT}/"
    # The settings of the agenda are read once by each process.
    api.get("agenda/grande/meetings/")
    with CaptureQueriesContext(connection) as hold:
        assert api.post(path, {"lock_code": "K"}).json["err"] == 0
    with CaptureQueriesContext(connection) as confirm:
        confirmed = api.post(path, {"lock_code": "K", **RECORD}).json
    assert confirmed["outcome"] == "confirmed"
    with CaptureQueriesContext(connection) as cancellation:
        assert api.post(f"booking/{confirmed['booking_id']}/cancel/").json["err"] == 0
    assert len(_statements(hold)) <= 8, _statements(hold)
    assert len(_statements(confirm)) <= 8, _statements(confirm)
    # The nonce, the row, that it was asked, and what is written: nothing is read of what belongs to the booking.
    assert len(_statements(cancellation)) <= 6, _statements(cancellation)
    assert not any("JOIN" in sql for sql in _statements(cancellation))


def _statements(captured: CaptureQueriesContext) -> list[str]:
    """Without the marks of transactions, which a test nests in its own."""
    return [
        item["sql"] for item in captured if "SAVEPOINT" not in item["sql"] and item["sql"] not in ("BEGIN", "COMMIT")
    ]


def test_an_api_cancellation_never_calls_back(api, mairie) -> None:
    body = {"cancel_callback_url": "https://demarches.test/api/forms/rdv/1/hooks/annuler/"}
    number = api.post(PATH, body).json["booking_id"]
    assert api.post(f"booking/{number}/cancel/").json == {"err": 0, "booking_id": number}
    assert not Callback.objects.exists()
    assert Booking.objects.get().state == BookingState.CANCELLED
