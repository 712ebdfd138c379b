"""Nothing personal, no code and no secret reaches a log, whoever writes it and whatever happens."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator

import pytest
import structlog
from django.contrib.auth import get_user_model
from django.db import IntegrityError, OperationalError
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from adapter.agendas.models import Booking
from adapter.agendas.privacy import lock_fingerprint
from adapter.api.views import agendas, bookings
from adapter.ops.scrubbing import fingerprint, one_line, scrub, scrub_text
from adapter.settings.logs import configure_logging
from tests.agendas.builders import make_agenda
from tests.support.signed import KEY, Api, known_services, signed_query

CODE = "c0de5ecre7c0de5ecre7"
PERSON = {
    "label": "Dossier Zyxwv",
    "user_first_name": "Adalbertine",
    "user_last_name": "Lovelacova",
    "user_email": "adalbertine@lovelacova.example",
    "user_phone_number": "+32470998877",
    "user_external_id": "nameid-778899",
    "backoffice_url": "https://demarches.test/backoffice/management/secret-form/77/",
    "cancel_callback_url": "https://demarches.test/api/forms/secret-form/77/hooks/annuler/",
    "extra_key": "Extravagant",
}
NEVER = (
    *(CODE, KEY, "Zyxwv", "Adalbertine", "Lovelacova", "adalbertine", "lovelacova", "470998877", "nameid-778899"),
    *("secret-form", "Extravagant", "pass-word-of-agent", "signature=", "nonce="),
)


@pytest.fixture
def written(settings) -> Iterator[Callable[[], str]]:
    """Everything that is logged, at the most talkative level, in the format of production."""
    root = logging.getLogger()
    kept, level = root.handlers[:], root.level
    stream = io.StringIO()
    levels = {name: logging.getLogger(name).level for name in ("django.request", "django.security", "asyncio")}
    configure_logging(level="DEBUG", json=True)
    # SQL with its values is what DEBUG shows of Django; nobody runs production that way, see adapter.E004.
    logging.getLogger("django.db.backends").setLevel(logging.INFO)
    root.handlers[0].setStream(stream)  # type: ignore[attr-defined]
    structlog.reset_defaults()
    configure_logging(level="DEBUG", json=True)
    root.handlers[0].setStream(stream)  # type: ignore[attr-defined]
    for name in levels:
        logging.getLogger(name).setLevel(logging.DEBUG)
    try:
        yield stream.getvalue
    finally:
        root.handlers[:] = kept
        root.setLevel(level)
        for name, number in levels.items():
            logging.getLogger(name).setLevel(number)


@pytest.fixture
def api(settings) -> Api:
    settings.KNOWN_SERVICES = known_services()
    return Api()


def check(text: str) -> None:
    assert text
    for word in NEVER:
        assert word not in text, [line for line in text.splitlines() if word in line][0]


@pytest.mark.django_db
def test_the_whole_life_of_a_booking_names_nobody(api, written) -> None:
    make_agenda(weekdays=range(7), hours=[("00:00", "24:00")])
    slots = api.get("agenda/mairie/meetings/passeport/datetimes/", lock_code=CODE).json["data"]
    slot = slots[30]["id"]
    fill = f"agenda/mairie/fillslot/{slot}/"
    for body in ({"lock_code": CODE}, {"lock_code": CODE, **PERSON}):
        assert api.post(fill, body).json["err"] == 0
    assert api.get(f"agenda/mairie/locks/{CODE}/").json["data"]
    assert api.post(f"agenda/mairie/locks/{CODE}/renew/", {}).status == 200
    booked = api.post(fill, {"lock_code": CODE, "confirm_after_lock": True, **PERSON}).json
    api.get("bookings/", user_external_id=PERSON["user_external_id"])
    api.call("PATCH", f"booking/{booked['booking_id']}/", body={"user_absence_reason": "Zyxwv"})
    api.post(f"booking/{booked['booking_id']}/cancel/")
    api.post(fill, {"lock_code": CODE, "user_email": ["Lovelacova"]})
    api.call("DELETE", f"agenda/mairie/locks/{CODE}/")
    api.call("GET", f"nowhere/{PERSON['user_email']}/", query={"lock_code": CODE})
    text = written()
    check(text)
    assert f"/locks/~{lock_fingerprint(CODE)}/renew/" in text
    assert all(isinstance(json.loads(line), dict) for line in text.splitlines())


@pytest.mark.django_db
@pytest.mark.parametrize(
    "failure",
    [
        IntegrityError(f"DETAIL: Failing row contains (Adalbertine, {CODE})"),
        ValueError(f"bad value: Lovelacova {CODE}"),
        KeyError("Adalbertine"),
        RuntimeError(json.dumps({**PERSON, "lock_code": CODE})),
        OperationalError("server closed the connection, password=pass-word-of-agent"),
    ],
    ids=lambda failure: type(failure).__name__,
)
def test_errors_tell_where_and_not_what(api, written, monkeypatch, failure) -> None:
    make_agenda()

    def fail(*_: object, **__: object) -> None:
        raise failure

    monkeypatch.setattr(agendas, "agenda_item", fail)
    monkeypatch.setattr(bookings, "active_booking", lambda *_, **__: fail())
    answer = api.get("agenda/", user_external_id="Adalbertine")
    assert answer.status in (500, 503)
    text = written()
    check(text)
    if answer.status == 500:
        assert "test_logs.py" in text
        assert type(failure).__name__ in text


@pytest.mark.django_db
def test_pages_that_break_name_nobody(written, monkeypatch, settings) -> None:
    make_agenda()
    user = get_user_model().objects.create_superuser("chef", "adalbertine@lovelacova.example", "pass-word-of-agent")
    client = Client(raise_request_exception=False)
    client.post("/login/", {"username": "Lovelacova", "password": "pass-word-of-agent"})
    client.force_login(user)

    def fail(*_: object, **__: object) -> None:
        raise ValueError("Adalbertine Lovelacova")

    monkeypatch.setattr("adapter.manager.views.home.render", fail)
    assert client.get("/manage/?name=Lovelacova").status_code == 500
    client.get(f"/manage/agendas/mairie/given-up/{CODE}/?back=/manage/")
    client.get(f"/manage/feeds/{CODE}.ics")
    client.post("/manage/agendas/mairie/book/", {"slot": "Zyxwv"}, headers={"Referer": "https://x.test/Lovelacova"})
    text = written()
    check(text)
    assert f"/given-up/~{lock_fingerprint(CODE)}/" in text
    assert '"/manage/feeds/~' in text


@pytest.mark.django_db
def test_a_refused_signature_gives_nothing_away(api, written) -> None:
    make_agenda()
    query = signed_query(f"lock_code={CODE}")
    for _ in range(2):
        Client().get(f"/api/agenda/?{query}")
    Client().get(f"/api/agenda/?{query[:-4]}AAA%3D")
    Client().get("/api/agenda/", headers={"Host": "evil.example", "Cookie": "a=pass-word-of-agent"})
    check(written())


@pytest.mark.django_db
@pytest.mark.parametrize("json_lines", [True, False])
def test_nobody_writes_lines_of_our_logs(written, json_lines) -> None:
    stream = logging.getLogger().handlers[0].stream  # type: ignore[attr-defined]
    structlog.reset_defaults()
    configure_logging(level="INFO", json=json_lines)
    logging.getLogger().handlers[0].setStream(stream)  # type: ignore[attr-defined]
    before = len(written().splitlines())
    for ending in ("%0a", "%0d%0a", "%E2%80%A8", "%C2%85", "%1b%5b2J", "%E2%80%AE"):
        Client().get(f"/nowhere{ending}2026-11-24T00:00:00Z%20[info]%20login%20user=1/")
    logging.getLogger("a.library").warning("two\nlines of %s", "somebody\r\nelse")
    lines = written().splitlines()[before:]
    assert len(lines) == 7
    assert not any(character in "\x1b\u2028\x85\u202e\r" for line in lines for character in line)


def test_codes_in_addresses_show_as_the_hash_that_the_services_log() -> None:
    assert fingerprint(CODE) == lock_fingerprint(CODE)
    for path in (
        f"/api/agenda/a/locks/{CODE}/",
        f"/api/agenda/a/locks/{CODE}/renew/",
        f"/x/given-up/{CODE}/",
        f"/locks/{CODE}",
    ):
        assert CODE not in scrub_text(path)
        assert lock_fingerprint(CODE) in scrub_text(path)
    assert CODE not in scrub_text(f"/api/agenda/a/locks/with/slashes/{CODE}/")
    assert CODE not in scrub_text(f"/manage/feeds/{CODE}.ics")


@given(st.text(max_size=300))
def test_any_text_becomes_one_line(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1
    assert len(scrub_text(text).splitlines()) <= 1


@given(
    st.recursive(
        st.text() | st.integers() | st.none() | st.binary(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_values_under_private_keys_are_hidden_at_any_depth(value: object) -> None:
    found = scrub({"a": [{"user_email": "ada@lovelace.example", "inner": value}]})
    assert "ada@" not in json.dumps(found)


def test_bookings_log_their_number_only(db, api, written) -> None:
    make_agenda(weekdays=range(7), hours=[("00:00", "24:00")])
    slot = api.get("agenda/mairie/meetings/passeport/datetimes/").json["data"][40]["id"]
    api.post(f"agenda/mairie/fillslot/{slot}/", PERSON)
    (booking,) = Booking.objects.all()
    events = [json.loads(line) for line in written().splitlines()]
    (made,) = [event for event in events if event["event"] == "booking.confirmed"]
    assert made["booking"] == booking.pk
