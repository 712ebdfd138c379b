"""Forms and drafts of w.c.s. over real HTTP: what is sent, and what each refusal means."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest
from django.core.cache import cache

from adapter.wcs import forms
from adapter.wcs.services import (
    AgentIdentity,
    DraftRequest,
    FormChoice,
    FormField,
    FormSchema,
    WcsError,
    create_draft,
    form_schema,
    forms_for_agent,
)
from tests.support.servers import free_port
from tests.support.signed import known_services
from tests.support.wcs_double import CALLER, WcsDouble

AGENT = AgentIdentity(name_id="0123456789abcdef0123456789abcdef")
REQUEST = DraftRequest(
    "rendez-vous",
    AGENT,
    {
        "creneau": "24 novembre 2026 09:00",
        "creneau_raw": "passeport:2026-11-24-0900",
        "creneau_structured": {"id": "x"},
    },
    {"lock_code": "K", "slot_id": "passeport:2026-11-24-0900"},
)


@pytest.fixture
def wcs(settings) -> Iterator[WcsDouble]:
    cache.clear()
    with WcsDouble() as double:
        settings.KNOWN_SERVICES = known_services(double.url)
        yield double


def draft(wcs: WcsDouble, **changes: str) -> dict[str, object]:
    base = wcs.url
    data = {
        "id": "12",
        "url": f"{base}rendez-vous/12/",
        "backoffice_url": f"{base}backoffice/management/rendez-vous/12/",
        "api_url": f"{base}api/forms/rendez-vous/12/",
    }
    return {"err": 0, "data": {**data, **changes}}


def test_a_draft_is_made_in_the_name_of_the_agent(wcs) -> None:
    wcs.answers = [(200, draft(wcs))]
    made = create_draft(REQUEST)
    assert (made.id, made.backoffice_url) == ("12", f"{wcs.url}backoffice/management/rendez-vous/12/")
    [call] = wcs.calls
    assert (call.method, call.path, call.signed_by) == ("POST", "/api/formdefs/rendez-vous/submit", CALLER)
    assert parse_qs(call.query)["NameID"] == [AGENT.name_id]
    assert call.body == {
        "meta": {"draft": True, "backoffice-submission": True},
        "data": dict(REQUEST.data),
        "context": dict(REQUEST.context),
    }


def test_an_agent_without_a_name_id_is_named_by_e_mail(wcs) -> None:
    wcs.answers = [(200, draft(wcs))]
    create_draft(DraftRequest("rendez-vous", AgentIdentity(email="agnès@example.org"), {}))
    assert parse_qs(wcs.calls[0].query)["email"] == ["agnès@example.org"]
    assert wcs.calls[0].signed_by == CALLER


@pytest.mark.parametrize(
    ("status", "answer", "code"),
    [
        (403, {"err": 1, "err_code": "no-backoffice-submission-role"}, "no-submission-role"),
        (403, {"err": 1, "err_code": "user-not-allowed-backoffice-submission"}, "agent-not-allowed"),
        (403, {"err": 1, "err_code": "unknown-name-id"}, "agent-unknown"),
        (403, {"err": 1, "err_code": "access-denied", "err_desc": "Unknown email."}, "agent-unknown"),
        (403, {"err": 1, "err_code": "access-denied", "err_desc": "User not authenticated."}, "agent-unknown"),
        (403, {"err": 1, "err_code": "access-denied", "err_desc": "Disabled form."}, "form-disabled"),
        (403, {"err": 1, "err_code": "access-denied", "err_desc": "Invalid signature."}, "signature"),
        (403, {"err": 1, "err_code": "access-denied", "err_desc": "Unsigned API call."}, "signature"),
        (403, {"err": 1, "err_desc": "Invalid timestamp field; timestamp is too far in the past"}, "clock"),
        (403, {"err": 1, "err_desc": "Something else."}, "bad-answer"),
        (404, {"err": 1, "err_desc": "Page not found"}, "unknown-form"),
        (500, "<h1>Oops</h1>", "bad-answer"),
        (503, "Service unavailable", "bad-answer"),
        (200, "<html>maintenance</html>", "bad-answer"),
        (200, {"err": 1, "err_desc": "no"}, "bad-answer"),
        (200, {"err": 0}, "bad-answer"),
        (200, [], "bad-answer"),
        (302, "", "bad-answer"),
    ],
)
def test_each_refusal_has_its_code_and_a_reference_for_support(wcs, status, answer, code) -> None:
    wcs.answers = [(status, answer)]
    with pytest.raises(WcsError) as refusal:
        create_draft(REQUEST)
    assert refusal.value.code == code
    assert len(refusal.value.reference) == 8


@pytest.mark.parametrize("url", ["https://evil.example.org/", "javascript:alert(1)", "", "//evil.example.org/"])
def test_an_agent_is_only_sent_to_the_known_wcs(wcs, url) -> None:
    wcs.answers = [(200, draft(wcs, backoffice_url=url))]
    with pytest.raises(WcsError):
        create_draft(REQUEST)


def test_the_forms_of_an_agent_by_title_asked_once_a_minute(wcs) -> None:
    listed = [{"slug": "b", "title": "Rendez-vous"}, {"slug": "a", "title": "acte", "category": "État civil"}, {"x": 1}]
    wcs.answers = [(200, {"err": 0, "data": listed})]
    expected = [FormChoice("a", "acte", "État civil"), FormChoice("b", "Rendez-vous")]
    assert forms_for_agent(AGENT) == forms_for_agent(AGENT) == expected
    [call] = wcs.calls
    assert call.path == "/api/formdefs/"
    assert parse_qs(call.query)["backoffice-submission"] == ["on"]


def test_the_fields_of_a_form_that_have_an_identifier(wcs) -> None:
    source = {"type": "json", "value": "https://agendas.test/api/?lock_code=x"}
    fields = [
        {"type": "page", "label": "P"},
        {"type": "item", "label": "Créneau", "varname": "creneau", "data_source": source},
        {"type": "string", "label": "Nom", "varname": "nom", "data_source": None},
    ]
    wcs.answers = [(200, {"name": "Rendez-vous", "fields": fields})]
    assert form_schema("rendez-vous") == FormSchema(
        "rendez-vous",
        "Rendez-vous",
        (
            FormField("creneau", "Créneau", "item", "json", "https://agendas.test/api/?lock_code=x"),
            FormField("nom", "Nom", "string"),
        ),
    )
    assert wcs.calls[0].path == "/api/formdefs/rendez-vous/schema"


@pytest.mark.parametrize("slug", ["../users", "a/b", "a?x=1", "é"])
def test_a_slug_cannot_lead_elsewhere(wcs, slug) -> None:
    wcs.answers = [(404, {"err": 1})]
    with pytest.raises(WcsError):
        form_schema(slug)
    assert wcs.calls[0].path.startswith("/api/formdefs/")
    assert wcs.calls[0].path.count("/") == 4
    assert wcs.calls[0].signed_by == CALLER


@pytest.mark.parametrize(("failure", "code"), [("slow", "timeout"), ("drip", "timeout"), ("down", "unreachable")])
def test_no_page_hangs_on_a_wcs_that_does_not_answer(monkeypatch, wcs, failure, code) -> None:
    monkeypatch.setattr(forms, "DRAFT", 0.2)
    wcs.fail_next(failure)
    with pytest.raises(WcsError) as refusal:
        create_draft(REQUEST)
    assert refusal.value.code == code


def test_a_server_that_is_down_is_told(settings) -> None:
    settings.KNOWN_SERVICES = known_services(f"http://127.0.0.1:{free_port()}/")
    with pytest.raises(WcsError) as down:
        create_draft(REQUEST)
    assert down.value.code == "unreachable"


def test_without_a_wcs_nothing_is_asked(settings) -> None:
    settings.KNOWN_SERVICES = known_services().__class__([])
    cache.clear()
    with pytest.raises(WcsError) as refusal:
        forms_for_agent(AGENT)
    assert refusal.value.code == "not-configured"
