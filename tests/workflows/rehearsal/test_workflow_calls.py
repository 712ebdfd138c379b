"""The workflow action `webservice_call` (wcs-runtime.md §5)."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from workflows import builder as b
from workflows.reader import Node
from workflows.rehearsal.running import Running

from .double import Double
from .making import evaluated, form_of, named, notices, sent, site_of, workflow_of

SECOND = b.status("2", "Deuxième")
JUMPS = b.OnErrors("app", "4xx", "5xx", "bad", "net")
STATUSES = [b.status(name, name) for name in ("app", "4xx", "5xx", "bad", "net", "after")]


def call(url: str = "{{ agendas_url }}book/", varname: str = "r", errors: b.OnErrors = JUMPS, **more: Any) -> Node:
    return b.webservice_call("Réserver", url, varname, errors, **more)


def defaults(node: Node) -> Node:
    """The action without its branches: the defaults of the class."""
    node.children = [child for child in node.children if not child.tag.startswith("action_on_")]
    return node


def site_with(double: Double, *actions: Node, fields: Any = (), **more: Any) -> Any:
    form = form_of(*(fields or [b.text_field("Nom", "nom", required=False)]))
    workflow = workflow_of(b.status("1", "Reçue", [*actions, b.jump("after")]), *STATUSES, **more)
    return site_of(form, workflow, url=double.url)


def run(site: Any, **given: Any) -> Running:
    return sent(site, given)


def test_5_1_an_old_action_posts_when_it_has_data_and_gets_otherwise(double: Double) -> None:
    double.tell("/book/", {"err": 0})
    for entries, method in (({"a": "1"}, "POST"), ({}, "GET")):
        node = call(post_data=entries)
        node.children = [child for child in node.children if child.tag != "method"]
        run(site_with(double, node))
        assert double.seen[-1].method == method


def test_5_1_nothing_is_cached_and_headers_are_those_of_wcs(double: Double) -> None:
    double.tell("/book/", {"err": 0})
    run(site_with(double, call(method="GET"), call(method="GET")))
    assert len(double.seen) == 2
    assert double.seen[0].headers["accept"] == "application/json"
    assert double.seen[0].values["orig"] == "demarches.example.net"


def test_5_1_the_whole_record_goes_with_extra_and_without_the_context(double: Double) -> None:
    double.tell("/book/", {"err": 0})
    node = call(post_data={"a": "{{ form_var_nom }}"})
    flag = node.find("post")
    assert flag is not None
    flag.text = "True"
    site = site_with(double, node)
    sent(site, {"nom": "Ada"}, context={"lock_code": "K"})
    body = double.seen[0].body
    wanted = "uuid id internal_id display_id display_name digests text url receipt_time last_update_time user"
    wanted += (
        " criticality_level api_url backoffice_url fields workflow actions roles submission evolution geolocations"
    )
    assert set(wanted.split()) <= set(body)
    assert body["extra"] == {"a": "Ada"}
    assert body["fields"] == {"nom": "Ada"}
    assert set(body["submission"]) == {"backoffice", "channel", "agent", "parent"}
    assert '"K"' not in str(body)


def test_5_1_an_empty_address_does_nothing(double: Double) -> None:
    record = run(site_with(double, call(url=""))).record
    assert record.status == "after"
    assert not record.workflow_data


def test_5_1_an_address_that_renders_to_nothing_is_a_network_error(double: Double) -> None:
    record = run(site_with(double, call(url="{{ form_var_nosuch_api_fillslot_url }}"))).record
    assert record.status == "net"
    assert record.workflow_data["r_connection_error"]


def test_5_2_what_is_stored_of_a_good_answer(double: Double) -> None:
    double.tell("/book/", {"err": 0, "booking_id": 3}, headers={"x-error-code": "0"})
    site = site_with(double, call())
    record = run(site).record
    data = dict(record.workflow_data)
    datetime.datetime.fromisoformat(data.pop("r_time"))
    assert data == {
        "r_status": 200,
        "r_app_error_code": 0,
        "r_app_error_header": "0",
        "r_response": {"err": 0, "booking_id": 3},
    }
    names = (
        "form_workflow_data_r_response_booking_id",
        "r_response_booking_id",
        "form_workflow_wscall_r_response_booking_id",
    )
    names += ("form_workflow_wscall_r_0_response_booking_id",)
    assert [evaluated(site, named(name), record) for name in names] == [3, 3, 3, 3]


@pytest.mark.parametrize(
    ("answer", "key"),
    [
        ({"answer": {"err": 1}}, "error_response"),
        ({"answer": {"a": 1}, "status": 500}, "error_response"),
        ({"answer": {"a": 1}, "status": 201}, "response"),
        ({"text": "x"}, ""),
    ],
)
def test_5_2_response_or_error_response(double: Double, answer: dict[str, Any], key: str) -> None:
    double.tell("/book/", answer.pop("answer", None), **answer)
    data = run(site_with(double, call(errors=b.OnErrors.all(":pass")))).record.workflow_data
    assert [name for name in ("response", "error_response") if f"r_{name}" in data] == ([key] if key else [])


def test_5_2_nothing_is_stored_without_an_identifier(double: Double) -> None:
    double.tell("/book/", {"err": 0})
    assert run(site_with(double, call(varname=""))).record.workflow_data == {}


def test_5_2_a_body_that_cannot_be_made_ends_the_action(double: Double) -> None:
    record = run(site_with(double, call(post_data={"a/0": "x", "a/b": "y"}))).record
    assert "r_payload_error" in record.workflow_data
    assert not double.seen
    assert record.status == "after"


@pytest.mark.parametrize("answer", [{"display_id": "12-A"}, {"data": {"display_id": "12-A"}}])
def test_5_2_display_id_replaces_the_public_number(double: Double, answer: Any) -> None:
    double.tell("/book/", {"err": 0, **answer})
    site = site_with(double, call())
    assert evaluated(site, "{{ form_number }}/{{ form_number_raw }}", run(site).record) == "12-A/1"


@pytest.mark.parametrize(
    ("header", "body", "status"),
    [
        ("0", {"err": 1}, "after"),
        ("7", {"err": 0}, "app"),
        (None, {"err": 0}, "after"),
        (None, {"err": "0"}, "after"),
        (None, {"err": "broken"}, "app"),
        (None, {"err": 2}, "app"),
        (None, [{"err": 2}], "after"),
    ],
)
def test_5_3_application_errors(double: Double, header: str | None, body: Any, status: str) -> None:
    double.tell("/book/", body, headers={"x-error-code": header} if header else {})
    record = run(site_with(double, call())).record
    assert record.status == status
    if body == {"err": "broken"}:
        assert record.workflow_data["r_app_error_code"] == "broken"


ANSWERS: dict[str, dict[str, Any]] = {
    "app": {"answer": {"err": 1}},
    "app-over-4xx": {"answer": {"err": 1}, "status": 409},
    "4xx": {"answer": {"err": 0}, "status": 404},
    "5xx": {"text": "<h1>", "status": 502},
    "bad": {"text": "<h1>"},
}


@pytest.mark.parametrize(("name", "status"), [(name, name.partition("-")[0]) for name in ANSWERS])
def test_5_4_each_event_has_its_branch(double: Double, name: str, status: str) -> None:
    told = dict(ANSWERS[name])
    double.tell("/book/", told.pop("answer", None), **told)
    assert run(site_with(double, call())).record.status == status


@pytest.mark.parametrize(
    ("name", "status"),
    [("app", "after"), ("app-over-4xx", "1"), ("4xx", "1"), ("5xx", "1"), ("bad", "after"), ("net", "1")],
)
def test_5_4_defaults(double: Double, name: str, status: str) -> None:
    told = dict(ANSWERS.get(name, {}))
    double.tell("/book/", told.pop("answer", None), **told)
    url = "http://127.0.0.1:9/" if name == "net" else "{{ agendas_url }}book/"
    assert run(site_with(double, defaults(call(url=url)))).record.status == status


def test_5_4_bad_data_is_only_looked_at_with_an_identifier(double: Double) -> None:
    double.tell("/book/", text="<h1>")
    assert run(site_with(double, call(varname=""))).record.status == "after"


def test_5_4_an_ignored_application_error_leaves_the_turn_to_the_status(double: Double) -> None:
    double.tell("/book/", {"err": 1}, status=409)
    errors = b.OnErrors(":pass", "4xx", "5xx", "bad", "net")
    assert run(site_with(double, call(errors=errors))).record.status == "4xx"


def test_5_4_stop_leaves_the_record_there_and_runs_nothing_more(double: Double) -> None:
    double.tell("/book/", {"err": 1})
    site = site_with(double, call(errors=b.OnErrors.all(":stop")), call())
    record = run(site).record
    assert record.status == "1"
    assert len(double.seen) == 1


def test_5_4_a_branch_to_a_status_that_does_not_exist_stops(double: Double) -> None:
    double.tell("/book/", {"err": 1})
    assert run(site_with(double, call(errors=b.OnErrors.all("nosuch")))).record.status == "1"


def test_5_4_nothing_is_retried(double: Double) -> None:
    double.tell("/book/", text="", status=503)
    run(site_with(double, call(errors=b.OnErrors.all(":pass"))))
    assert len(double.seen) == 1


def test_5_4_a_loop_of_jumps_ends_after_20_statuses_and_is_told(double: Double) -> None:
    workflow = workflow_of(b.status("1", "A", [b.jump("2")]), b.status("2", "B", [b.jump("1")]))
    site = site_of(form_of(b.text_field("Nom", "nom", required=False)), workflow)
    record = sent(site).record
    assert len(record.arrivals) == 20
    assert any("20" in notice.message for notice in notices(site, "workflow"))
