"""The submission context, and how a draft is opened, shown and left (wcs-runtime.md §2, §3)."""

from __future__ import annotations

import hashlib
from typing import Any

import requests

from workflows import builder as b
from workflows.rehearsal.people import Session
from workflows.rehearsal.values import Stored

from .making import accepted, agent, citizen, draft, evaluated, form_of, named, served, site_of, workflow_of


def site_with(*fields: Any) -> Any:
    return site_of(form_of(*(fields or [b.text_field("Nom", "nom")])), workflow_of())


def test_2_1_keys_are_reached_nested_ones_by_underscore_the_longest_first() -> None:
    site = site_with()
    context = {"lock_code": "K", "a": {"b": "short"}, "a_b": "long", "a_c": {"d": 1}, "x": {"y_z": 2}}
    record = draft(site, context=context).record
    found = [
        evaluated(site, named("form_submission_context_" + key), record)
        for key in ("lock_code", "a_b", "a_c_d", "x_y_z")
    ]
    assert found == ["K", "long", 1, 2]


def test_2_1_a_missing_key_is_empty_in_a_text_and_false_in_a_condition() -> None:
    site = site_with(b.text_field("Nom", "nom", when="form_submission_context_nosuch"))
    filling = draft(site)
    assert evaluated(site, "x{{ form_submission_context_nosuch }}", filling.record) == "x"
    assert filling.show().widgets == []


def test_2_1_the_final_submit_of_an_agent_takes_three_keys_out() -> None:
    site = site_with()
    context = {
        "lock_code": "K",
        "submission-locked": {"channel": "phone"},
        "selected_submission_channel": "mail",
        "z": 1,
    }
    filling = draft(site, agent(site), backoffice=True, context=context)
    accepted(filling, {"nom": "Ada"})
    assert "selected_user_id" in filling.record.context
    filling.finish()
    assert filling.record.context == {"lock_code": "K", "z": 1}


def test_2_3_the_opener_becomes_the_agent_and_the_channel_is_that_of_the_locks() -> None:
    site = site_with()
    [field] = site.form("demande").fields
    for context, channel in (
        ({}, ""),
        ({"selected_submission_channel": "counter"}, "counter"),
        ({"selected_submission_channel": "mail", "submission-locked": {"channel": "phone"}}, "phone"),
    ):
        filling = draft(site, agent(site), backoffice=True, channel="counter", context=context)
        filling.show()
        assert filling.record.channel == "counter"
        filling.record.data[field.id] = Stored("Ada")
        filling.show()
        assert filling.record.channel == channel
        assert filling.record.agent == filling.session.user


def prefilled(kind: str, text: str, **lock: bool) -> Any:
    return site_with(b.text_field("Nom", "nom", prefilled=b.prefill(kind, text, **lock), required=False))


def test_2_3_a_stored_value_wins_over_a_prefill_that_does_not_lock() -> None:
    site = prefilled("string", "{{ form_submission_context_nom }}")
    filling = draft(site, context={"nom": "prefilled"})
    [widget] = filling.show().widgets
    assert (widget.value.raw, widget.locked) == ("prefilled", False)
    accepted(filling, {"nom": "mine"})
    filling.record.page = 0
    assert filling.show().widgets[0].value.raw == "mine"


def test_2_3_of_a_locked_prefill_the_computed_value_replaces_what_was_sent() -> None:
    site = prefilled("string", "{{ form_submission_context_nom }}", locked=True)
    filling = draft(site, context={"nom": "prefilled"})
    assert filling.show().widgets[0].locked
    accepted(filling, {"nom": "mine"})
    assert [value.raw for value in filling.record.data.values()] == ["prefilled"]


def test_2_3_locked_unless_empty_softens_a_lock_and_locks_nothing_alone() -> None:
    template = "{{ form_submission_context_nom }}"
    softened = prefilled("string", template, locked=True, locked_unless_empty=True)
    alone = prefilled("string", template, locked_unless_empty=True)
    shown = [
        draft(site, context=context).show().widgets[0].locked
        for site in (softened, alone)
        for context in ({}, {"nom": "x"})
    ]
    assert shown == [False, True, False, False]
    free = draft(alone, context={"nom": "prefilled"})
    accepted(free, {"nom": "mine"})
    assert [value.raw for value in free.record.data.values()] == ["mine"]


def test_2_3_a_prefill_of_none_and_one_of_the_user() -> None:
    site = prefilled("user", "_last_name")
    assert draft(site, citizen(site)).show().widgets[0].value.raw == "Martin"
    assert draft(site).show().widgets[0].value.raw is None
    # In the back office it is the citizen that the draft is for, not the agent.
    for_citizen = draft(site, agent(site), backoffice=True, user=citizen(site).user)
    assert for_citizen.show().widgets[0].value.raw == "Martin"
    none = prefilled("none", "x")
    assert draft(none, citizen(none)).show().widgets[0].value.raw is None


def test_2_2_the_management_address_of_a_draft_leads_to_its_form_for_agents_only() -> None:
    site = site_with()
    number = draft(site, backoffice=True).record.id
    with served(site) as url, requests.Session() as browser:
        way = f"{url}backoffice/management/demande/{number}/"
        assert "/login/" in browser.get(way, timeout=10).url
        browser.post(f"{url}login/", data={"person": "b" * 32}, timeout=10)
        assert browser.get(way, timeout=10).status_code == 403
        browser.post(f"{url}login/", data={"person": "a" * 32}, timeout=10)
        page = browser.get(way, timeout=10)
    assert page.status_code == 200
    assert page.url.endswith(f"/backoffice/submission/demande/{number}/")
    assert "Nom" in page.text


def test_2_2_parameters_of_the_address_are_request_get() -> None:
    field = b.text_field("Nom", "nom", prefilled=b.prefill("string", "{{ request.GET.nom }}"))
    site = site_with(field)
    number = draft(site, backoffice=True).record.id
    with served(site) as url, requests.Session() as browser:
        browser.post(f"{url}login/", data={"person": "a" * 32}, timeout=10)
        assert 'value="Ada"' in browser.get(f"{url}backoffice/submission/demande/{number}/?nom=Ada", timeout=10).text


def test_2_4_cancelling_deletes_the_draft_and_goes_where_the_context_says() -> None:
    site = site_with()
    first = draft(
        site, backoffice=True, context={"cancel_url": "http://x.invalid/c", "return_url": "http://x.invalid/r"}
    )
    second = draft(site, backoffice=True, context={"return_url": "http://x.invalid/r"})
    with served(site) as url, requests.Session() as browser:
        browser.post(f"{url}login/", data={"person": "a" * 32}, timeout=10)
        ways = []
        for filling in (first, second):
            way = f"{url}backoffice/submission/demande/{filling.record.id}/"
            answer = browser.post(way, data={"cancel": "1"}, allow_redirects=False, timeout=10)
            ways.append(answer.headers["Location"])
    assert ways == ["http://x.invalid/c", "http://x.invalid/r"]
    assert first.record.removed
    assert site.record("demande", first.record.id) is None


def test_2_5_parameters_of_the_submission_address_make_a_draft() -> None:
    site = site_with()
    with served(site) as url, requests.Session() as browser:
        browser.post(f"{url}login/", data={"person": "a" * 32}, timeout=10)
        query = f"NameID={'c' * 32}&channel=phone&caller=0102&ReturnURL=/r&cancelurl=/c"
        browser.get(f"{url}backoffice/submission/demande/?{query}", timeout=10)
    [record] = site.records.values()
    assert record.user == citizen(site).user
    assert record.context["submission-locked"] == {"channel": "phone", "user_id": "3"}
    assert {key: record.context[key] for key in ("return_url", "cancel_url", "caller")} == {
        "return_url": "/r",
        "cancel_url": "/c",
        "caller": "0102",
    }


def test_3_session_hash_id_is_the_sha1_of_the_session_and_changes_at_login_and_logout() -> None:
    site = site_with()
    session = Session()
    before = evaluated(site, "{{ session_hash_id }}", session=session)
    assert before == hashlib.sha1(session.id.encode()).hexdigest()
    assert len(before) == 40
    session.log_in(citizen(site).user)
    during = evaluated(site, "{{ session_hash_id }}", session=session)
    session.log_in(None)
    assert len({before, during, evaluated(site, "{{ session_hash_id }}", session=session)}) == 3


def test_3_one_browser_has_one_value_for_all_its_forms() -> None:
    site = site_with()
    session = Session()
    found = {draft(site, session).scope().text("{{ session_hash_id }}", "test") for _ in range(2)}
    assert found == {session.hash_id}


def test_3_the_lock_code_of_the_context_wins_over_the_session() -> None:
    site = site_with()
    template = "{% firstof form_submission_context_lock_code session_hash_id %}"
    session = Session()
    assert evaluated(site, template, draft(site, context={"lock_code": "K"}).record, session) == "K"
    assert evaluated(site, template, draft(site, context={"lock_code": ""}).record, session) == session.hash_id
