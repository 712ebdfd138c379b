"""Queries, slot ids, dates and bodies: an answer in the contract's shape, whatever comes."""

from __future__ import annotations

import datetime
import json

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from adapter.agendas.slots.ids import BadSlotId, parse_slot_id
from adapter.api.reading.fields import Fields
from adapter.wcs.signature import SignatureRefused, sign_query, verify_query
from tests.agendas.builders import make_agenda
from tests.fuzz.corpora import files, lines
from tests.support.signed import Api, known_services
from tests.support.thorough import at_length

pytestmark = pytest.mark.both_databases

NOW = datetime.datetime(2026, 11, 24, tzinfo=datetime.UTC)
KEPT = {kind: lines(kind) for kind in ("queries", "slots", "moments")}
ALLOWED = (200, 400, 403, 404, 405, 413)


@pytest.fixture
def api(db, settings) -> Api:
    settings.KNOWN_SERVICES = known_services()
    settings.CALLS_PER_MINUTE_MAX = 0
    make_agenda()
    return Api()


def verified(query: str) -> None:
    with pytest.raises(SignatureRefused):
        verify_query(query, {"a": "key"}.get, now=NOW, first_use=lambda *_: True)


@pytest.mark.parametrize("query", KEPT["queries"])
def test_kept_queries(query) -> None:
    verified(query)


PARTS = st.sampled_from(
    [
        *(
            "orig=a",
            "algo=sha256",
            "timestamp=2026-11-24T00:00:00Z",
            "nonce=1",
            "signature=",
            "&",
            "=",
            "%",
            "%00",
            ";",
            "+",
        )
    ]
)


@given(st.lists(PARTS | st.text(max_size=5), max_size=12).map("".join))
def test_no_query_that_nobody_signed_is_accepted(query: str) -> None:
    verified(query)


@given(st.text(max_size=40), st.integers(0, 200), st.characters())
def test_a_signed_query_with_one_other_character_is_refused(query: str, place: int, other: str) -> None:
    signed = sign_query(query.replace("&", ""), "key", orig="a", now=NOW)
    place %= len(signed)
    changed = signed[:place] + other + signed[place + 1 :]
    base, given = signed.rpartition("&signature=")[::2]
    from urllib.parse import unquote

    changed_base, changed_given = changed.rpartition("&signature=")[::2]
    # Another way to write the same signature is the same signature.
    if changed_base == base and unquote(changed_given) == unquote(given):
        return
    verified(changed)


def slot_is_read_back(text: str) -> None:
    try:
        slot = parse_slot_id(text)
    except BadSlotId:
        return
    assert str(slot) == text
    slot.start("Europe/Paris")


@pytest.mark.parametrize("text", KEPT["slots"])
def test_kept_slots(text) -> None:
    slot_is_read_back(text)


@given(st.text(max_size=30) | st.from_regex(r"\w{0,3}:[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9]{4}", fullmatch=True))
@example("a:2026-03-29-0230")
def test_any_slot(text: str) -> None:
    slot_is_read_back(text)


def moment_is_aware(value: object) -> None:
    fields = Fields({"date": value})
    found = fields.moment("date")
    assert (found is None) or (found.tzinfo is not None and not fields.errors)
    if found is not None:
        found.astimezone(datetime.UTC)


@pytest.mark.parametrize("text", KEPT["moments"])
def test_kept_moments(text) -> None:
    moment_is_aware(text)


@given(st.text(max_size=30) | st.datetimes().map(str) | st.dates().map(str) | st.integers() | st.floats())
def test_any_moment(value: object) -> None:
    moment_is_aware(value)


@pytest.mark.parametrize("file", files("bodies"), ids=lambda file: file.stem)
@pytest.mark.parametrize(
    "path", ["agenda/mairie/fillslot/passeport:2026-11-25-0900/", "agenda/mairie/fillslots/", "booking/1/"]
)
def test_kept_bodies(api, file, path) -> None:
    method = "PATCH" if path.startswith("booking") else "POST"
    for content_type in (
        "application/json",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ):
        answer = api.call(method, path, body=file.read_bytes(), content_type=content_type)
        assert answer.status in ALLOWED, answer.content
        assert "err" in answer.json


NAMES = st.sampled_from(
    [
        *(
            "lock_code",
            "slots",
            "confirm_after_lock",
            "label",
            "user_email",
            "extra_emails",
            "count",
            "cancel_booking_id",
        ),
        *("backoffice_url", "form_url", "lock_duration", "bypass_delays", "exclude_user", "user_external_id", "autre"),
    ]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(["true", "", "passeport:2026-11-25-0900", "https://d.test/1/", "1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(NAMES, VALUES, max_size=8))
@settings(max_examples=at_length(20, 80), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_body(api, body) -> None:
    path = "agenda/mairie/fillslot/passeport:2026-11-25-0900/"
    answer = api.call("POST", path, body=json.dumps(body))
    assert answer.status in ALLOWED, answer.content
    assert answer.json["err"] in (0, 1)


@given(st.binary(max_size=200))
@settings(max_examples=at_length(15, 60), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes(api, body) -> None:
    answer = api.call("POST", "agenda/mairie/fillslots/", body=body)
    assert answer.status in ALLOWED
    assert "err" in answer.json


@given(
    st.text(max_size=30),
    st.dictionaries(st.sampled_from(["lock_code", "date_start", "date_end", "resources"]), st.text(max_size=20)),
)
@settings(max_examples=at_length(20, 80), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_address(api, text, query) -> None:
    from urllib.parse import quote

    for path in (
        f"agenda/{quote(text)}/",
        f"agenda/mairie/meetings/{quote(text)}/datetimes/",
        f"agenda/mairie/fillslot/{quote(text)}/",
    ):
        for method in ("GET", "POST"):
            answer = api.call(method, path.replace("//", "/"), query=query)
            assert answer.status in ALLOWED, (path, answer.content)
            assert "err" in answer.json
