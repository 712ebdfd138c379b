"""Drafts made by API: checks in the order of w.c.s., and what is stored (wcs-runtime.md §1). Over HTTP, signed."""

from __future__ import annotations

import datetime
import hashlib
import json
from typing import Any

import pytest
import requests

from adapter.wcs.signature import sign_url
from workflows import builder as b
from workflows.rehearsal.site import Site

from .double import Double
from .making import KEY, form_of, notices, served, site_of, workflow_of

AGENT, CITIZEN, READER = "a" * 32, "c" * 32, "b" * 32


def submit(
    site: Site,
    body: Any = None,
    *,
    query: str = "",
    slug: str = "demande",
    orig: str = "agendas.test",
    key: str = KEY,
    content_type: str = "application/json",
    raw: bytes | None = None,
) -> tuple[int, dict[str, Any]]:
    """Status and JSON of a call of the API; without `orig` it is not signed."""
    with served(site) as base:
        url = f"{base}api/formdefs/{slug}/submit{'?' if query else ''}{query}"
        if orig:
            url = sign_url(url, key, orig=orig, now=datetime.datetime.now(datetime.UTC))
        data = json.dumps(body).encode() if raw is None else raw
        answer = requests.post(
            url, data=data, headers={"Content-Type": content_type} if content_type else {}, timeout=10
        )
    return answer.status_code, answer.json()


def simple(**more: Any) -> Site:
    return site_of(form_of(b.text_field("Nom", "nom"), **more), workflow_of())


DRAFT = {"meta": {"draft": True, "backoffice-submission": True}}
AS_AGENT = f"NameID={AGENT}"


def test_1_1_a_disabled_form_is_refused_before_the_signature_is_looked_at() -> None:
    node = form_of(b.text_field("Nom", "nom"))
    node.find("disabled").text = "true"
    status, answer = submit(site_of(node, workflow_of()), {}, orig="")
    assert (status, answer["err_desc"]) == (403, "Disabled form.")


def test_1_1_an_unsigned_call_is_refused_before_its_body_is_looked_at() -> None:
    status, answer = submit(simple(), raw=b"{", orig="")
    assert (status, answer["err_class"], answer["err_code"]) == (403, "Access denied", "access-denied")
    assert answer["err_desc"] == "Unsigned API call."


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        ("NameID=nobody", "unknown-name-id", ""),
        ("email=nobody@example.net", "access-denied", "Unknown email."),
        ("NameID=", "access-denied", "User not authenticated."),
        ("email=&NameID=nobody", "access-denied", "User not authenticated."),
        ("", "access-denied", "User not authenticated."),
        (f"NameID={READER}", "user-not-allowed-backoffice-submission", ""),
    ],
)
def test_1_1_who_acts(query: str, code: str, message: str) -> None:
    status, answer = submit(simple(), DRAFT, query=query)
    assert (status, answer["err"], answer["err_code"]) == (403, 1, code)
    assert message in answer["err_desc"]


def test_1_1_an_unknown_person_is_refused_before_the_body_is_looked_at() -> None:
    assert submit(simple(), raw=b"{", query="NameID=nobody")[1]["err_code"] == "unknown-name-id"


def test_1_1_a_form_without_submission_roles_is_refused() -> None:
    status, answer = submit(simple(submission_roles=()), DRAFT, query=AS_AGENT)
    assert (status, answer["err_code"]) == (403, "no-backoffice-submission-role")


def test_1_1_the_email_is_looked_at_first() -> None:
    site = simple()
    status, _ = submit(site, DRAFT, query="email=agent@demarches.demo&NameID=nobody")
    assert status == 200
    assert site.records["demande", 1].agent == site.people[AGENT]


def test_1_1_an_api_user_always_submits_for_the_back_office_and_no_agent_is_recorded() -> None:
    node, settings = form_of(b.text_field("Nom", "nom")), {"api_users": {"agendas.test": frozenset({"Agents"})}}
    site = site_of(node, workflow_of(), **settings)
    status, _ = submit(site, {"meta": {"draft": True}}, query="NameID=nobody")
    assert status == 200
    record = site.records["demande", 1]
    assert record.backoffice
    assert record.agent is None
    other = site_of(node, workflow_of(), api_users={"agendas.test": frozenset({"Others"})})
    assert submit(other, {})[1]["err_code"] == "user-not-allowed-backoffice-submission"


def test_1_2_a_content_type_is_needed_and_a_charset_is_no_matter() -> None:
    status, answer = submit(simple(), DRAFT, query=AS_AGENT, content_type="text/plain")
    assert (status, answer["err_class"]) == (400, "Invalid request")
    assert answer["err_desc"] == "Expected JSON but missing appropriate content-type."
    assert submit(simple(), DRAFT, query=AS_AGENT, content_type="application/json; charset=utf-8")[0] == 200


@pytest.mark.parametrize(
    ("raw", "message"),
    [(b"{", ""), (b"[]", "Invalid payload."), (b'{"data": []}', ""), (b'{"user": 3}', "")],
)
def test_1_2_what_is_no_request_is_400_and_leaves_nothing(raw: bytes, message: str) -> None:
    site = simple()
    status, answer = submit(site, raw=raw)
    assert status == 400
    assert message in answer["err_desc"]
    assert not site.records


def test_1_2_an_empty_body_is_an_empty_object() -> None:
    assert submit(simple(), raw=b"")[0] == 200


def test_1_2_a_draft_runs_no_workflow_and_anything_else_does() -> None:
    site = site_of(
        form_of(b.text_field("Nom", "nom")), workflow_of(b.status("1", "Un", [b.jump("2")]), b.status("2", "B"))
    )
    submit(site, DRAFT, query=AS_AGENT)
    submit(site, {"data": {"nom": "Ada"}})
    first, second = site.records.values()
    assert (first.draft, first.status) == (True, "")
    assert (second.draft, second.status) == (False, "2")


def test_1_2_without_data_the_fields_of_the_workflow_action_are_taken() -> None:
    site = site_of(form_of(b.text_field("A", "a"), b.text_field("B", "b"), b.text_field("C", "c")), workflow_of())
    submit(
        site, {"fields": {"a": "1"}, "workflow": {"fields": {"b": "2"}}, "extra": {"c": "3"}, "meta": {"draft": True}}
    )
    [record] = site.records.values()
    assert [value.raw for value in record.data.values()] == ["1", "2", "3"]


def test_1_2_the_context_is_kept_whole_but_for_channel_and_user() -> None:
    site = simple()
    context = {"channel": "phone", "user_id": "3", "lock_code": "K", "any": {"thing": [1]}}
    submit(site, {**DRAFT, "context": context}, query=AS_AGENT)
    [record] = site.records.values()
    assert record.context == {"lock_code": "K", "any": {"thing": [1]}}
    assert record.channel == "phone"
    assert record.user == site.people[CITIZEN]
    assert record.agent == site.people[AGENT]


def test_1_2_a_user_is_lost_as_soon_as_there_is_a_context() -> None:
    site = simple()
    user = {"NameID": ["nobody", CITIZEN], "email": ""}
    submit(site, {"meta": {"draft": True}, "user": user})
    submit(site, {"meta": {"draft": True}, "user": user, "context": {"a": 1}})
    submit(site, {"meta": {"draft": True}, "user": {"email": "nobody@example.net"}})
    assert [record.user for record in site.records.values()] == [site.people[CITIZEN], None, None]


def test_1_2_a_form_for_once_is_refused_the_second_time() -> None:
    node = form_of(b.text_field("Nom", "nom")).add(b.leaf("only_allow_one", "true"))
    site = site_of(node, workflow_of())
    body = {"user": {"NameID": [CITIZEN]}}
    assert submit(site, {**body, "meta": {"draft": True}})[0] == 200
    assert submit(site, body)[0] == 200
    status, answer = submit(site, body)
    assert (status, answer["err_desc"]) == (403, "Only one formdata by user is allowed.")
    assert len(site.records) == 2


SLOT = {"id": "s1", "text": "9 h", "api": {"x": 1}}


@pytest.mark.parametrize(
    ("data", "stored", "calls"),
    [
        ({"c": "s1"}, ("s1", "9 h", SLOT), 1),
        ({"c": "mine", "c_raw": "s1"}, ("s1", "mine", None), 0),
        ({"c": "mine", "c_raw": "s1", "c_structured": {"a": 1}}, ("s1", "mine", {"a": 1}), 0),
        ({"c": "s1", "c_structured": {"a": 1}}, ("s1", None, {"a": 1}), 0),
        ({"c": "gone"}, ("gone", None, None), 1),
    ],
)
def test_1_3_when_a_choice_is_looked_up(double: Double, data: Any, stored: Any, calls: int) -> None:
    double.list("/slots/", SLOT)
    source = b.data_source("json", "{{ agendas_url }}slots/?lock_code={{ form_submission_context_lock_code }}")
    site = site_of(form_of(b.item("C", "c", source=source, id="7")), workflow_of(), url=double.url)
    submit(site, {**DRAFT, "data": data, "context": {"lock_code": "K"}}, query=AS_AGENT)
    [record] = site.records.values()
    value = record.data["7"]
    assert (value.raw, value.display, value.structured) == stored
    assert len(double.seen) == calls
    # The look-up does not know the context of the draft.
    assert all(seen.values["lock_code"] == "" for seen in double.seen)


def test_1_3_the_look_up_has_no_browser_session(double: Double) -> None:
    double.list("/slots/", SLOT)
    source = b.data_source("json", "{{ agendas_url }}slots/?lock_code={{ session_hash_id }}")
    site = site_of(form_of(b.item("C", "c", source=source)), workflow_of(), url=double.url)
    submit(site, {**DRAFT, "data": {"c": "s1"}}, query=AS_AGENT)
    assert double.seen[0].values["lock_code"] == hashlib.sha1(b"None").hexdigest()
    assert double.seen[0].values["lock_code"] == "6eef6648406c333a4035cd5e60d0bf2ecf2606d7"


def test_1_3_fields_go_by_varname_or_id_and_unknown_keys_are_dropped() -> None:
    site = site_of(form_of(b.text_field("A", "a", id="1"), b.text_field("B", "b", id="2")), workflow_of())
    submit(site, {**DRAFT, "data": {"a": "x", "2": "y", "z": "?"}}, query=AS_AGENT)
    [record] = site.records.values()
    assert {name: value.raw for name, value in record.data.items()} == {"1": "x", "2": "y"}


def test_1_3_several_choices_and_blocks() -> None:
    block = b.block("Personne", [b.text_field("Nom", "nom", id="bf1")], slug="personne")
    several = b.field("items", "Jours", varname="jours", id="1", extra=[b.listing("items", ["lundi", "mardi"])])
    site = site_of(form_of(several, b.block_field("Gens", "gens", "personne", id="2")), workflow_of(), block)
    submit(site, {**DRAFT, "data": {"jours": ["mardi"], "gens": [{"nom": "Ada"}]}}, query=AS_AGENT)
    [record] = site.records.values()
    assert (record.data["1"].raw, record.data["1"].display) == (["mardi"], "mardi")
    assert site.scope(record).text("{{ form_var_gens_0_nom }}", "test") == "Ada"
    assert not notices(site)


def test_1_4_the_answer() -> None:
    node = form_of(b.text_field("Nom", "nom")).add(b.leaf("enable_tracking_codes", "true"))
    site = site_of(node, workflow_of())
    _, answer = submit(site, DRAFT, query=AS_AGENT)
    base = "http://demarches.example.net/"
    assert answer["err"] == 0
    assert answer["data"] == {
        "id": "1",
        "url": f"{base}demande/1/",
        "backoffice_url": f"{base}backoffice/management/demande/1/",
        "api_url": f"{base}api/forms/demande/1/",
    }
    assert answer["tracking_code"] == site.records["demande", 1].tracking_code
    assert "tracking_code" not in submit(simple(), DRAFT, query=AS_AGENT)[1]


def test_1_4_calling_again_makes_another_draft() -> None:
    site = simple()
    assert [submit(site, DRAFT, query=AS_AGENT)[1]["data"]["id"] for _ in range(2)] == ["1", "2"]


def test_1_5_an_unknown_form_is_404_in_json() -> None:
    status, answer = submit(simple(), DRAFT, query=AS_AGENT, slug="nosuch")
    assert (status, answer["err"]) == (404, 1)
