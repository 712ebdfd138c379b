"""Named calls: `webservice.SLUG` in templates and conditions (wcs-runtime.md §4)."""

from __future__ import annotations

from typing import Any

import pytest

from adapter.wcs.signature import verify_query
from workflows import builder as b
from workflows.rehearsal.scope import Request
from workflows.rehearsal.templates import NotEvaluated

from .double import Double
from .making import KEY, accepted, draft, evaluated, form_of, named, notices, scope_with, site_of, told, workflow_of


def site_with_call(double: Double, path: str = "hold/", *fields: Any, **call: Any) -> Any:
    node = b.named_call("Lock", "{{ agendas_url }}" + path, slug="lock", **{"method": "POST", **call})
    return site_of(form_of(*(fields or [b.text_field("Nom", "nom")])), workflow_of(), node, url=double.url)


def test_4_1_a_get_has_no_body_and_the_headers_of_wcs(double: Double) -> None:
    double.tell("/hold/", {"err": 0})
    site = site_with_call(double, method="GET", post_data={"a": "1"})
    evaluated(site, "{{ webservice.lock.err }}")
    [seen] = double.seen
    assert (seen.method, seen.body) == ("GET", None)
    assert "content-type" not in seen.headers
    assert seen.headers["accept"] == "application/json"
    assert seen.headers["user-agent"].startswith("w.c.s./0 ")
    assert seen.headers["publik-caller-url"].startswith("http://demarches.example.net/backoffice/")


def test_4_1_a_post_without_entries_has_no_body(double: Double) -> None:
    double.tell("/hold/", {"err": 0})
    evaluated(site_with_call(double), "{{ webservice.lock.err }}")
    assert double.seen[0].body is None
    assert "content-type" not in double.seen[0].headers


def test_4_1_values_keep_the_type_of_their_only_expression(double: Double) -> None:
    double.tell("/hold/", {"err": 0})
    fields = [
        b.text_field("Nom", "nom"),
        b.text_field("Jour", "jour", kind="date"),
        b.text_field("Oui", "oui", kind="bool", required=False),
        b.field("numeric", "Nombre", varname="nombre"),
        b.field("file", "Pièce", varname="piece"),
        b.text_field("Vide", "vide", required=False),
    ]
    entries = {
        "text": "{{ form_var_nom }}",
        "number_text": "12",
        "length": "{{ form_var_nom|length }}",
        "decimal": "{{ form_var_nombre }}",
        "sum": "{{ form_var_nombre|add:1 }}",
        "bool": "{{ form_var_oui }}",
        "none": "{{ form_var_vide }}",
        "undefined": "{{ form_var_nothing }}",
        "day": "{{ form_var_jour }}",
        "moment": "{{ form_var_jour|datetime }}",
        "time": '{{ "10:30"|time }}',
        "around": "le {{ form_var_jour }}",
        "in_if": "{% if form_var_nom %}{{ form_var_nom|length }}{% endif %}",
        "list": '{{ "a b"|split }}',
        "file": "{{ form_var_piece }}",
    }
    site = site_with_call(double, "hold/", *fields, post_data=entries)
    piece = {"filename": "a.txt", "content_type": "text/plain", "content": "YQ=="}
    scope = scope_with(site, nom="12", jour="2026-12-24", oui="true", nombre="1,5", piece=piece)
    scope.value("{{ webservice.lock.err }}", "test")
    assert double.seen[-1].body == {
        "text": "12",
        "number_text": "12",
        "length": 2,
        "decimal": "1.5",
        "sum": "2.5",
        "bool": True,
        "none": None,
        "undefined": "",
        "day": "2026-12-24",
        "moment": "2026-12-24T00:00:00",
        "time": "10:30:00",
        "around": "le 24/12/2026",
        "in_if": 2,
        "list": ["a", "b"],
        "file": {**piece, "content_is_base64": True},
    }
    assert double.seen[-1].headers["content-type"] == "application/json"


def test_4_1_a_choice_gives_its_label_raw_its_id_structured_all_of_it(double: Double) -> None:
    double.tell("/hold/", {"err": 0})
    item = {"id": "1", "text": "Neuf heures", "api": {"fillslot_url": "https://x/"}}
    double.list("/slots/", item)
    field = b.item("Créneau", "creneau", source=b.data_source("json", "{{ agendas_url }}slots/"))
    entries = {name: named("form_var_creneau" + name) for name in ("", "_raw", "_structured", "_api_fillslot_url")}
    site = site_with_call(double, "hold/", field, post_data={f"x{name}": value for name, value in entries.items()})
    scope_with(site, creneau="1").value("{{ webservice.lock.err }}", "test")
    body = double.calls("/hold/")[-1].body
    assert body == {"x": "Neuf heures", "x_raw": "1", "x_structured": item, "x_api_fillslot_url": "https://x/"}


def test_4_1_slashes_nest_digits_list_and_a_double_slash_is_one(double: Double) -> None:
    double.tell("/hold/", {"err": 0})
    entries = {"a/b": "1", "a/c/0": "x", "a/c/1": "y", "d//e": "z"}
    evaluated(site_with_call(double, post_data=entries), "{{ webservice.lock.err }}")
    assert double.seen[0].body == {"a": {"b": "1", "c": ["x", "y"]}, "d/e": "z"}


@pytest.mark.parametrize("entries", [{"a/0": "1", "a/b": "2"}, {"a/1": "x"}, {"a": "1", "a/b": "2"}])
def test_4_1_mixing_list_and_object_makes_no_call(double: Double, entries: dict[str, str]) -> None:
    site = site_with_call(double, post_data=entries)
    assert evaluated(site, "{{ webservice.lock }}") is None
    assert not double.seen
    assert notices(site, "call")


def test_4_1_an_entry_that_fails_is_left_out_and_the_call_goes(double: Double) -> None:
    double.tell("/hold/", {"err": 0})
    site = site_with_call(double, post_data={"a": "{{ x|nosuchfilter }}", "b": "1"})
    evaluated(site, "{{ webservice.lock.err }}")
    assert double.seen[0].body == {"b": "1"}
    assert [notice.name for notice in notices(site, "not-evaluated")] == ["nosuchfilter"]


def test_4_1_parameters_lists_are_repeated_nothing_is_empty(double: Double) -> None:
    double.tell("/hold/", {"err": 0})
    site = site_with_call(
        double, "hold/?keep=1&drop=", method="GET", qs_data={"l": '{{ "a b"|split }}', "n": "{{ null }}"}
    )
    evaluated(site, "{{ webservice.lock.err }}")
    query = double.seen[0].query
    assert query.startswith("keep=1&l=a&l=b&n=&orig=demarches.example.net&algo=sha256&timestamp=")


def test_4_1_a_leading_double_slash_of_the_path_is_one(double: Double) -> None:
    double.tell("/hold/", {"err": 0})
    evaluated(site_with_call(double, "/hold/"), "{{ webservice.lock.err }}")
    assert double.seen[0].path == "/hold/"


def test_4_2_a_known_host_is_signed_with_orig_and_the_signature_is_last(double: Double) -> None:
    import datetime

    double.tell("/hold/", {"err": 0})
    evaluated(site_with_call(double), "{{ webservice.lock.err }}")
    query = double.seen[0].query
    now = datetime.datetime.now(datetime.UTC)
    assert (
        verify_query(query, lambda orig: KEY, now=now, first_use=lambda nonce, until: True) == "demarches.example.net"
    )
    assert query.rpartition("&")[2].startswith("signature=")


def test_4_2_a_key_of_the_call_signs_without_orig(double: Double) -> None:
    double.tell("/hold/", {"err": 0})
    evaluated(site_with_call(double, signature_key="other"), "{{ webservice.lock.err }}")
    assert "signature" in double.seen[0].query
    assert "orig" not in double.seen[0].values


def test_4_2_a_name_and_password_in_the_address_are_basic_and_not_signed(double: Double) -> None:
    double.tell("/hold/", {"err": 0})
    call = b.named_call("Lock", double.url.replace("http://", "http://me:pw@") + "hold/", slug="lock")
    site = site_of(form_of(b.text_field("Nom", "nom")), workflow_of(), call, url=double.url)
    evaluated(site, "{{ webservice.lock.err }}")
    assert double.seen[0].query == ""
    assert double.seen[0].headers["authorization"].startswith("Basic ")


def test_4_3_a_get_is_made_once_in_a_request_and_again_in_the_next(double: Double) -> None:
    double.tell("/hold/", {"err": 0, "a": "x"})
    site = site_with_call(double, method="GET")
    scope = draft(site).scope()
    assert scope.value("{{ webservice.lock.a }}{{ webservice.lock.a }}", "test") == "xx"
    assert scope.holds(None)
    scope.text("{{ webservice.lock.err }}", "test")
    assert len(double.seen) == 1
    draft(site).scope().text("{{ webservice.lock.err }}", "test")
    assert len(double.seen) == 2


def test_4_3_a_post_is_sent_at_each_mention(double: Double) -> None:
    double.tell("/hold/", {"err": 0, "a": "x"})
    assert evaluated(site_with_call(double), "{{ webservice.lock.a }}{{ webservice.lock.a }}") == "xx"
    assert len(double.seen) == 2


def test_4_3_a_cache_duration_keeps_answers_of_get_errors_too(double: Double) -> None:
    double.tell("/hold/", {"err": 1}, status=500)
    site = site_with_call(double, method="GET", cache_duration=60)
    for _ in range(2):
        assert evaluated(site, "{{ webservice.lock.err }}") == 1
    assert len(double.seen) == 1
    site.clock.move(61)
    evaluated(site, "{{ webservice.lock.err }}")
    assert len(double.seen) == 2


def test_4_4_the_body_counts_whatever_the_status(double: Double) -> None:
    double.tell("/hold/", {"err": 1, "err_desc": "taken"}, status=409)
    assert evaluated(site_with_call(double), "{{ webservice.lock.err_desc }}") == "taken"


@pytest.mark.parametrize("answer", [{"text": "<h1>oops</h1>"}, {"text": "<h1>oops</h1>", "status": 502}])
def test_4_4_without_json_the_variable_is_undefined(double: Double, answer: dict[str, Any]) -> None:
    double.tell("/hold/", **answer)
    site = site_with_call(double)
    scope = draft(site).scope()
    assert scope.value("{{ webservice.lock.err }}", "test") == ""
    assert _holds(scope, "webservice.lock == None")
    assert not _holds(scope, "webservice.lock.err == 0")


def test_4_4_a_body_that_cannot_be_encoded_fails_the_condition(double: Double) -> None:
    double.tell("/hold/", {"err": 0})
    site = site_with_call(double, post_data={"a": "{{ session_user }}", "b": "{{ request }}"})
    assert not _holds(draft(site).scope(), "not webservice.lock.err")
    with pytest.raises(NotEvaluated):
        evaluated(site, "{{ webservice.lock.err }}")
    assert not double.seen


def test_4_5_conditions_are_all_evaluated_and_their_messages_are_templates(double: Double) -> None:
    double.tell("/hold/", {"err": 1, "err_desc": "pris"})
    page = b.page(
        "Page",
        exit_conditions=[
            b.post_condition("webservice.lock.err == 0", "Refus : {{ webservice.lock.err_desc }}"),
            b.post_condition("form_var_nom == 'Ada'", "Pas {{ form_var_nom }}"),
            b.post_condition("form_var_nom|nosuchfilter", "Non évalué"),
            b.post_condition("form_var_nom", "jamais"),
        ],
    )
    site = site_with_call(double, "hold/", page, b.text_field("Nom", "nom"))
    filling = draft(site)
    filling.show()
    refused = filling.submit({"nom": "Bob"})
    assert refused is not None
    assert refused.errors == ["Refus : pris", "Pas Bob", "Non évalué"]
    # A POST is sent again by its mention in the message.
    assert len(double.seen) == 2
    assert filling.record.page == 0
    assert not filling.record.data


@pytest.mark.parametrize(
    ("condition", "calls", "messages"),
    [("webservice.lock.err == 0", 1, ["Pas retenu"]), ("not form_var_creneau_raw or webservice.lock.err == 0", 0, [])],
)
def test_4_5_conditions_are_evaluated_also_when_a_field_is_wrong(double: Double, condition, calls, messages) -> None:
    double.list("/slots/", {"id": "1", "text": "9 h"})
    double.tell("/hold/", {"err": 1})
    page = b.page("Page", exit_conditions=[b.post_condition(condition, "Pas retenu")])
    slot = b.item("Créneau", "creneau", source=b.data_source("json", "{{ agendas_url }}slots/"))
    refused = draft(site_with_call(double, "hold/", page, slot)).submit({"creneau": ""})
    assert refused is not None and refused.wrong
    assert (sum(seen.path == "/hold/" for seen in double.seen), refused.errors) == (calls, messages)


def test_4_5_undefined_is_not_0_and_passes_the_unsafe_form(double: Double) -> None:
    double.tell("/hold/", text="not json")
    scope = draft(site_with_call(double)).scope()
    assert not _holds(scope, "webservice.lock.err == 0")
    assert _holds(scope, "not webservice.lock.err")


def test_4_5_lists_then_values_then_computed_then_conditions_then_the_kept_list(double: Double) -> None:
    slot = {"id": "1", "text": "9 h", "disabled": False}
    double.list("/slots/", slot)
    # Holding takes the slot away from the list at once: this request does not see it.
    double.tell("/hold/", {"err": 0}, before=lambda _: double.list("/slots/"))
    page = b.page("P", exit_conditions=[b.post_condition("webservice.lock.err == 0 and form_var_copie == '1'", "non")])
    fields = [
        page,
        b.item("Créneau", "creneau", source=b.data_source("json", "{{ agendas_url }}slots/")),
        b.computed("Copie", "copie", "{{ form_var_creneau_raw }}"),
    ]
    site = site_with_call(double, "hold/", *fields)
    filling = draft(site)
    accepted(filling, {"creneau": "1"})
    assert [seen.path for seen in double.seen] == ["/slots/", "/slots/", "/hold/"]
    assert filling.record.data[site.form("demande").by_varname("creneau")[0].id].display == "9 h"
    filling.record.page = 0
    refused = filling.submit({"creneau": "1"})
    assert refused is not None
    assert told(refused) == ["Erreur technique, veuillez réessayer."]


def test_4_5_a_computed_field_is_evaluated_at_display_and_at_submit_unless_frozen(double: Double) -> None:
    double.tell("/hold/", {"err": 0})
    fields = [
        b.text_field("Nom", "nom", required=False),
        b.computed("A", "a", "{{ webservice.lock.err }}"),
        b.computed("B", "b", "{{ webservice.lock.err }}x", freeze=True),
    ]
    filling = draft(site_with_call(double, "hold/", *fields))
    filling.show()
    assert len(double.seen) == 2
    filling.submit({"nom": ""})
    assert len(double.seen) == 3


def test_the_webservice_tag_gives_parameters_to_the_call(double: Double) -> None:
    double.tell("/hold/", {"err": 0, "a": "x"})
    site = site_with_call(double, post_data={"code": "{{ parameters.code }}"})
    assert evaluated(site, '{% webservice "lock" code=3 as answer %}{{ answer.a }}') == "x"
    assert double.seen[0].body == {"code": 3}


def test_a_call_that_was_not_given_is_told() -> None:
    site = site_of(form_of(b.text_field("Nom", "nom")), workflow_of())
    assert evaluated(site, "{{ webservice.nosuch.err }}") == ""
    assert [notice.name for notice in notices(site, "call")] == ["nosuch"]


def _holds(scope: Any, expression: str) -> bool:
    from workflows.rehearsal.templates import holds

    fresh = type(scope)(scope.site, Request(scope.request.session), scope.record)
    try:
        return holds(expression, fresh.names())
    except NotEvaluated:
        return False
