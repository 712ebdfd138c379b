"""Hooks of global actions and triggers of jumps (wcs-runtime.md §8). Over HTTP, signed as the adapter signs."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import requests

from adapter.wcs.signature import sign_url
from workflows import builder as b
from workflows.rehearsal.formdata import Formdata
from workflows.rehearsal.site import Site

from .double import Double
from .making import KEY, evaluated, form_of, sent, served, site_of, workflow_of

AGENT, CITIZEN = "a" * 32, "c" * 32


def with_hook(*roles: str, url: str = "", first: Any = (), **more: Any) -> Site:
    hook = b.global_action("1", "Annuler", [b.jump("2")], [b.webservice_trigger("annuler", roles)])
    statuses = [b.status("1", "Reçue", first), b.status("2", "Annulée")]
    workflow = workflow_of(*statuses, global_actions=[hook], **more)
    return site_of(form_of(b.text_field("Nom", "nom", required=False)), workflow, url=url)


def call(
    site: Site, path: str, *, method: str = "POST", query: str = "", signed: bool = True, **sent_along: Any
) -> requests.Response:
    with served(site) as base:
        return reach(base, path, method=method, query=query, signed=signed, **sent_along)


def reach(base: str, path: str, *, method: str = "POST", query: str = "", signed: bool = True, **more: Any) -> Any:
    url = f"{base}{path}{'?' if query else ''}{query}"
    if signed:
        url = sign_url(url, KEY, orig="agendas.test", now=datetime.datetime.now(datetime.UTC))
    return requests.request(method, url, timeout=10, **more)


def hook_of(record: Formdata, name: str = "annuler") -> str:
    return f"api/forms/demande/{record.id}/hooks/{name}/"


@pytest.mark.parametrize("slash", ["/", ""])
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_8_1_a_hook_runs_its_action_and_the_slash_does_not_matter(slash: str, method: str) -> None:
    site = with_hook("_signed_calls")
    record = sent(site).record
    answer = call(site, hook_of(record).rstrip("/") + slash, method=method)
    assert (answer.status_code, answer.json()) == (200, {"err": 0})
    assert record.status == "2"


@pytest.mark.parametrize(
    ("roles", "query", "signed", "status"),
    [
        ((), "", False, 200),
        (("_signed_calls",), "", False, 403),
        (("_signed_calls",), "", True, 200),
        (("logged-users",), "", True, 200),
        (("logged-users",), "", False, 403),
        (("Agents",), "", True, 403),
        (("Agents",), f"NameID={CITIZEN}", True, 403),
        (("Agents",), f"NameID={AGENT}", True, 200),
        (("_receiver",), f"NameID={AGENT}", True, 200),
    ],
)
def test_8_1_who_may(roles: tuple[str, ...], query: str, signed: bool, status: int) -> None:
    site = with_hook(*roles)
    record = sent(site).record
    answer = call(site, hook_of(record), query=query, signed=signed)
    assert answer.status_code == status
    assert record.status == ("2" if status == 200 else "1")
    if status == 403:
        assert answer.json()["err_desc"] == "Insufficient roles."


def test_8_1_a_function_is_held_by_the_role_that_the_form_gives_it() -> None:
    hook = b.global_action("1", "Annuler", [b.jump("2")], [b.webservice_trigger("annuler", ["_receiver"])])
    workflow = workflow_of(b.status("1", "A"), b.status("2", "B"), global_actions=[hook])
    for role, status in (("Agents", 200), ("Ailleurs", 403)):
        form = form_of(b.text_field("Nom", "nom", required=False), roles={"_receiver": b.Role(role, role.lower())})
        site = site_of(form, workflow)
        assert call(site, hook_of(sent(site).record), query=f"NameID={AGENT}").status_code == status


def test_8_1_other_methods_are_refused_and_unknown_ones_are_not_found() -> None:
    site = with_hook("_signed_calls")
    record = sent(site).record
    assert call(site, hook_of(record), method="GET").status_code == 403
    assert call(site, hook_of(record, "nosuch")).status_code == 404
    assert call(site, "api/forms/demande/99/hooks/annuler/").status_code == 404
    assert record.status == "1"


@pytest.mark.parametrize("body", [{"reason": "ill"}, ["a"], "text", 3])
def test_8_1_a_json_body_is_kept_under_the_identifier(body: Any) -> None:
    site = with_hook("_signed_calls")
    record = sent(site).record
    call(site, hook_of(record), json=body)
    assert record.workflow_data["annuler"] == body
    assert evaluated(site, "{{ form_trigger_annuler_content }}", record) == body
    if isinstance(body, dict):
        assert evaluated(site, "{{ form_trigger_annuler_content_reason }}", record) == "ill"
        assert evaluated(site, "{{ form_trigger_annuler_0_content_reason }}", record) == "ill"


def test_8_1_another_type_is_ignored_and_a_put_is_kept_as_a_file() -> None:
    site = with_hook("_signed_calls")
    record = sent(site).record
    call(site, hook_of(record), data=b"{}", headers={"Content-Type": "text/plain"})
    assert record.status == "2"
    assert "annuler" not in record.workflow_data
    call(site, hook_of(record), method="PUT", data=b"abc", headers={"Content-Type": "text/plain"})
    assert record.workflow_data["annuler"]["content"] == "YWJj"


def test_8_1_while_the_record_is_processing_a_hook_gets_403_and_later_200(double: Double) -> None:
    """The booking call of the record itself calls the hook: it is refused, and nothing is lost when it comes back."""
    booking = b.webservice_call("Réserver", "{{ agendas_url }}book/", "r", b.OnErrors.all(":stop"))
    site = with_hook("_signed_calls", url=double.url, first=[booking])
    answers = []
    with served(site) as base:
        double.tell(
            "/book/", {"err": 0}, before=lambda _: answers.append(reach(base, "api/forms/demande/1/hooks/annuler/"))
        )
        record = sent(site).record
        assert (answers[0].status_code, answers[0].json()["err_desc"]) == (
            403,
            "Formdata currently processing actions.",
        )
        assert record.status == "1"
        assert reach(base, hook_of(record)).status_code == 200
    assert record.status == "2"


def test_8_1_bypass_processing_check(double: Double) -> None:
    booking = b.webservice_call("Réserver", "{{ agendas_url }}book/", "r", b.OnErrors.all(":stop"))
    site = with_hook("_signed_calls", url=double.url, first=[booking])
    answers = []
    with served(site) as base:
        way, query = "api/forms/demande/1/hooks/annuler/", "bypass-processing-check=on"
        double.tell("/book/", {"err": 0}, before=lambda _: answers.append(reach(base, way, query=query)))
        sent(site)
    assert answers[0].status_code == 200


def with_trigger(*by: str, when: str = "") -> Site:
    jump = b.jump("2", trigger="paid", by=by, when=when)
    workflow = workflow_of(b.status("1", "Reçue", [jump]), b.status("2", "Payée"))
    return site_of(form_of(b.text_field("Nom", "nom", required=False)), workflow)


@pytest.mark.parametrize("way", ["demande/1/jump/trigger/paid/", "api/forms/demande/1/jump/trigger/paid/"])
def test_8_2_a_trigger_works_in_its_status_only(way: str) -> None:
    site = with_trigger()
    record = sent(site).record
    answer = call(site, way, json={"sum": 3})
    assert answer.json() == {"err": 0, "url": None}
    assert (record.status, record.workflow_data["sum"]) == ("2", 3)
    assert evaluated(site, "{{ form_trigger_paid_content_sum }}", record) == 3
    assert call(site, way).status_code == 404


@pytest.mark.parametrize(
    ("by", "query", "signed", "status"),
    [
        ((), "", False, 403),
        ((), "", True, 200),
        (("Agents",), "", True, 403),
        (("Agents",), f"NameID={AGENT}", True, 200),
    ],
)
def test_8_2_who_may(by: tuple[str, ...], query: str, signed: bool, status: int) -> None:
    site = with_trigger(*by)
    sent(site)
    assert call(site, "demande/1/jump/trigger/paid/", query=query, signed=signed).status_code == status


def test_8_2_an_unmet_condition_is_403_and_leaves_nothing() -> None:
    site = with_trigger(when="form_var_nom")
    record = sent(site).record
    assert call(site, "demande/1/jump/trigger/paid/", json={"a": 1}).status_code == 403
    assert (record.status, record.workflow_data) == ("1", {})


def test_8_2_json_that_is_no_object_goes_under_the_name() -> None:
    site = with_trigger()
    record = sent(site).record
    call(site, "demande/1/jump/trigger/paid/", json=["a"])
    assert record.workflow_data == {"paid": ["a"]}
