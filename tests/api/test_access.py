"""Who may call, and that whatever goes wrong is answered in JSON."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.db import OperationalError, connection

from adapter.agendas.models import Booking
from adapter.api import calls
from adapter.api.reading.fields import Fields
from adapter.api.routes import ROUTES
from adapter.api.views import agendas
from tests.support.signed import Api, known_services, signed_query

SLOT = "passeport:2026-11-24-0900"
READS = [
    "agenda/",
    "agenda/mairie/",
    "agenda/mairie/meetings/",
    "agenda/mairie/meetings/passeport/",
    "agenda/mairie/meetings/passeport/datetimes/",
    "agenda/mairie/resources/",
    "agenda/mairie/shared-resources/",
]
FOR_ANYBODY = frozenset(
    {"q", "category", "kind", "with_open_events", "date_start", "date_end", "hide_disabled", "resources"}
)
PRIVATE = [
    ("GET", "agenda/mairie/desks/"),
    ("POST", f"agenda/mairie/fillslot/{SLOT}/"),
    ("POST", "agenda/mairie/fillslots/"),
    ("GET", "bookings/?user_external_id=ada"),
    ("GET", "booking/1/"),
    ("DELETE", "booking/1/"),
    ("POST", "booking/1/cancel/"),
    ("GET", "agenda/mairie/locks/K/"),
    ("DELETE", "agenda/mairie/locks/K/"),
]


@pytest.mark.parametrize("path", READS)
def test_reads_need_a_signature_unless_availability_is_public(api, mairie, settings, path) -> None:
    assert api.call("GET", path, signed=False).status == 403
    settings.PUBLIC_AVAILABILITY = True
    assert api.call("GET", path, signed=False).json["err"] == 0


class Reading(dict[str, object]):
    """Values of a query that notes every name that is asked for."""

    def __init__(self, *values: object) -> None:
        super().__init__(*values)
        self.asked: set[str] = set()

    def get(self, name: str, default: object = None) -> object:
        self.asked.add(name)
        return super().get(name, default)

    def __contains__(self, name: object) -> bool:
        self.asked.add(str(name))
        return super().__contains__(name)


def test_what_is_not_said_to_be_for_anybody_needs_a_signature(api, mairie, settings, monkeypatch) -> None:
    """Every parameter that a public read looks at, as its code names them: documented or not, an alias or a new one."""
    settings.PUBLIC_AVAILABILITY = True
    values = Reading()

    class Noting(Fields):
        def __init__(self, given: object) -> None:
            values.update(given)  # type: ignore[call-overload]
            super().__init__(values)

    with monkeypatch.context() as patch:
        patch.setattr(calls, "Fields", Noting)
        for path in READS:
            assert api.get(path).status == 200
    assert {"lock_code", "user_external_id", "exclude_user", "bypass_delays", "date_start"} <= values.asked
    for name in sorted(values.asked | {"whatever"}):
        for path in READS:
            answer = api.call("GET", path, query={name: ""}, signed=False)
            assert answer.status == (200 if name in FOR_ANYBODY else 403), (name, path)


def test_an_anonymous_read_names_no_role(api, mairie, settings) -> None:
    settings.PUBLIC_AVAILABILITY = True
    mairie.view_role, mairie.edit_role = (Group.objects.create(name=name) for name in ("Voir", "Configurer"))
    mairie.save()
    for path in READS:
        content = api.call("GET", path, signed=False).content
        assert b"Voir" not in content and b"Configurer" not in content
    assert api.get("agenda/mairie/").json["data"]["view_role"] == "Voir"


def test_the_appointments_of_a_person_are_not_seen_in_an_anonymous_list(api, mairie, settings) -> None:
    settings.PUBLIC_AVAILABILITY = True
    body = {"user_external_id": "victim", "confirm_after_lock": "true", "lock_code": "K"}
    assert api.post(f"agenda/mairie/fillslot/{SLOT}/", body).json["err"] == 0
    path = "agenda/mairie/meetings/passeport/datetimes/"
    for name in ("exclude_user", "exclude_user_external_id", "user_external_id"):
        for query in ({name: "victim"}, {"date_start": "2026-11-24", name: "victim"}):
            assert api.call("GET", path, query=query, signed=False).status == 403
            assert api.get(path, **query).status == 200


def test_a_bad_signature_is_refused_even_where_none_is_needed(api, mairie, settings) -> None:
    settings.PUBLIC_AVAILABILITY = True
    assert api.call("GET", "agenda/", query={"signature": "x"}, signed=False).status == 403


@pytest.mark.parametrize("public", [True, False])
@pytest.mark.parametrize(("method", "path"), PRIVATE)
def test_an_unsigned_call_is_refused_and_changes_nothing(api, mairie, settings, method, path, public) -> None:
    settings.PUBLIC_AVAILABILITY = public
    api.post(f"agenda/mairie/fillslot/{SLOT}/", {"lock_code": "K"})
    before = list(Booking.objects.values())
    answer = api.call(method, path, body={"lock_code": "L"}, signed=False)
    assert answer.status == 403
    assert answer.json["err"] == 1
    assert answer.json["err_class"] == "access denied"
    assert list(Booking.objects.values()) == before


def test_a_signed_address_works_once(api, mairie) -> None:
    query = signed_query()
    first, second = (api.client.get(f"/api/agenda/?{query}") for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 403)


def test_nobody_may_call_when_no_service_is_known(api, mairie, settings) -> None:
    settings.KNOWN_SERVICES = known_services().__class__([])
    assert api.get("agenda/").status == 403


def test_what_services_do_is_in_the_audit_log_under_their_name(api, mairie) -> None:
    from adapter.agendas.models import AuditEvent

    api.post(f"agenda/mairie/fillslot/{SLOT}/", {"lock_code": "K"})
    assert AuditEvent.objects.get().actor == "wcs.test"


@pytest.mark.parametrize("accept", ["text/html", "*/*", "application/xml", ""])
@pytest.mark.parametrize("path", ["agenda/", "agenda/inconnue/", "nowhere/", "agenda"])
def test_answers_are_json_whatever_is_accepted(api, mairie, path, accept) -> None:
    answer = api.call("GET", path, Accept=accept)
    assert "err" in answer.json


def test_a_missing_slash_is_explained(api, mairie) -> None:
    answer = api.get("agenda")
    assert (answer.status, answer.json["err_class"]) == (404, "unknown address: addresses end with /")


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_other_methods_are_405(api, mairie, route) -> None:
    path = route.address.replace("<slug:agenda>", "mairie").replace("<slug:meeting_type>", "passeport")
    path = path.replace("<str:slot>", SLOT).replace("<path:code>", "K").replace("<int:booking>", "1")
    answer = api.call("PUT", path, body={})
    assert answer.status == 405
    assert set(answer.headers["Allow"].split(", ")) - {"HEAD"} == set(route.operations)
    assert answer.json["err"] == 1


def test_head_is_a_get_without_body(api, mairie) -> None:
    answer = api.call("HEAD", "agenda/")
    assert (answer.status, answer.content) == (200, b"")


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'"text"', "application/json", 400),
        (b'{"a": NaN}', "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b'{"label": "\\ud800"}', "application/json", 400),
        (b'{"a":' * 100_000, "application/json", 400),
        (b'{"lock_code": "K"}', "text/plain", 200),
        (b"", "application/json", 200),
        (b"  ", "", 200),
        (b"x", "multipart/form-data", 400),
        (b"a=1" + b"&a=1" * 2000, "application/x-www-form-urlencoded", 400),
        (b'{"label": "' + b"x" * 1024 * 1024 + b'"}', "application/json", 413),
    ],
)
def test_any_body_is_answered(api, mairie, body, content_type, status) -> None:
    answer = api.call("POST", f"agenda/mairie/fillslot/{SLOT}/", body=body, content_type=content_type)
    assert answer.status == status, answer.content
    assert answer.json["err"] == (0 if status == 200 else 1)


def test_no_trace_of_a_failure_reaches_the_caller(api, mairie, monkeypatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(agendas, "agenda_item", fail)
    answer = api.get("agenda/")
    assert (answer.status, answer.json["err_class"]) == (500, "internal error")
    assert b"secret" not in answer.content


def test_a_database_that_is_away_is_503_and_can_be_repeated(api, mairie, monkeypatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(agendas, "agenda_item", fail)
    answer = api.get("agenda/")
    # Whether it was carried out nobody knows.
    assert (answer.status, answer.json["err_code"], answer.headers["Retry-After"]) == (503, "interrupted", "1")


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_a_database_that_only_reads_is_503_and_said_to_who_watches(api, mairie) -> None:
    name = "SET default_transaction_read_only" if connection.vendor == "postgresql" else "PRAGMA query_only"
    with connection.cursor() as cursor:
        cursor.execute(f"{name} = on")
    try:
        answers = [api.post(f"agenda/mairie/fillslot/{SLOT}/", body) for body in ({}, {"lock_code": "K"})]
        ready = api.client.get("/readyz").json()
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"{name} = off")
    assert [(answer.status, answer.json["err"]) for answer in answers] == [(503, 1)] * 2
    assert (ready["status"], ready["database"]) == ("degraded", "read-only")


def test_an_unknown_host_is_answered_in_json(api, mairie) -> None:
    answer = Api().client.get("/api/agenda/", headers={"Host": "evil.example.org"})
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/json")


def test_the_documentation_is_for_everybody(api) -> None:
    page = api.client.get("/api/docs/")
    assert page.status_code == 200
    assert b"/api/agenda/{agenda}/fillslot/{slot}/" in page.content
    assert b"<script" not in page.content
    document = api.client.get("/api/openapi.json").json()
    assert {f"/api/{route.address}".count("<") for route in ROUTES}
    assert len(document["paths"]) == len(ROUTES)
