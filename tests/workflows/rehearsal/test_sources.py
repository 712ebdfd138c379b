"""JSON data sources: shape, structured values, checks of ids, addresses (wcs-runtime.md §6)."""

from __future__ import annotations

from typing import Any

import pytest

from workflows import builder as b
from workflows.reader import Node
from workflows.rehearsal.filling import Filling, Vanished
from workflows.rehearsal.sources import choices

from .double import Double
from .making import accepted, agent, draft, form_of, notices, site_of, told, workflow_of

URL = "{{ agendas_url }}datetimes/"
SLOT = {
    "id": "30:2026-10-04-1000",
    "text": "10 h",
    "disabled": False,
    "api": {"fillslot_url": "https://x/f/", "a-b": 1},
}


def slot_field(source: Node | None = None, **more: Any) -> Node:
    chosen = source or b.data_source("json", URL)
    return b.item("Créneau", "creneau", source=chosen, id="7", **{"display_mode": "timetable", **more})


def site_with(double: Double, *more: Node, field: Node | None = None, fields: tuple[Node, ...] = ()) -> Any:
    return site_of(form_of(*fields, field or slot_field()), workflow_of(), *more, url=double.url)


def listed(site: Any) -> list[tuple[str, str]]:
    filling = draft(site)
    [field] = site.form("demande").by_varname("creneau")
    return [(item.id, item.text) for item in choices(field, filling.scope())]


def stored(filling: Filling) -> Any:
    return filling.record.data["7"]


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 500, "text": '{"data": [{"id": "1"}]}'},
        {"status": 404, "text": '{"data": [{"id": "1"}]}'},
        {"text": "<h1>"},
        {"text": '[{"id": "1"}]'},
        {"text": '{"data": {"id": "1"}}'},
        {"text": '{"items": [{"id": "1"}]}'},
        {"text": '{"err": 1, "data": [{"id": "1"}]}'},
        {"text": '{"err": "oops", "data": [{"id": "1"}]}'},
    ],
)
def test_6_1_anything_but_a_good_object_is_an_empty_list_and_the_page_is_shown(double: Double, answer: Any) -> None:
    double.tell("/datetimes/", **answer)
    site = site_with(double)
    [widget] = draft(site).show().widgets
    assert widget.items == []
    assert notices(site)


@pytest.mark.parametrize("err", [None, 0, "0"])
def test_6_1_no_error_is_absent_null_0_or_text_0(double: Double, err: Any) -> None:
    double.tell("/datetimes/", {"err": err, "data": [{"id": "1"}]})
    assert listed(site_with(double)) == [("1", "1")]


def test_6_1_items_without_id_or_with_a_text_that_is_none_are_skipped(double: Double) -> None:
    items = [3, {"text": "a"}, {"id": ""}, {"id": None}, {"id": 5}, {"id": "6", "text": 7}, {"id": "8", "text": "h"}]
    double.list("/datetimes/", *items)
    assert listed(site_with(double)) == [("5", "5"), ("8", "h")]


def test_6_1_disabled_items_are_hidden_unless_the_field_shows_them_and_never_taken(double: Double) -> None:
    double.list("/datetimes/", {"id": "1", "text": "a", "disabled": True}, {"id": "2", "text": "b"})
    hiding = draft(site_with(double))
    [widget] = hiding.show().widgets
    assert [item.id for item in widget.listed] == ["2"]
    field = slot_field().add(b.boolean("display_disabled_items", True))
    [widget] = draft(site_with(double, field=field)).show().widgets
    assert [item.id for item in widget.listed] == ["1", "2"]
    refused = hiding.submit({"creneau": "1"})
    assert refused is not None
    assert told(refused) == ["valeur choisie non valide"]


def test_6_1_another_path_and_other_keys(double: Double) -> None:
    double.tell("/datetimes/", {"a": {"b": [{"code": 1, "label": "x"}]}})
    source = b.data_source_definition("S", "json", URL, slug="s", id_attribute="code", text_attribute="label")
    source.add(b.leaf("data_attribute", "a.b"))
    assert listed(site_with(double, source, field=slot_field(b.data_source("s")))) == [("1", "x")]


def test_6_1_groups(double: Double) -> None:
    double.list("/datetimes/", {"id": "1", "text": "a", "group_by": "Matin"})
    [widget] = draft(site_with(double)).show().widgets
    assert [item.heading for item in widget.items] == ["Matin"]


def test_6_2_an_item_with_more_than_id_and_text_is_kept_whole(double: Double) -> None:
    double.list("/datetimes/", SLOT, {"id": "2", "text": "b"})
    filling = draft(site_with(double))
    accepted(filling, {"creneau": SLOT["id"]})
    text = filling.scope().text
    assert text("{{ form_var_creneau }}|{{ form_var_creneau_raw }}", "t") == f"10 h|{SLOT['id']}"
    assert text("{{ form_var_creneau_api_fillslot_url }}", "t") == "https://x/f/"
    assert text("{{ form_var_creneau_structured.api.fillslot_url }}", "t") == "https://x/f/"
    assert text("x{{ form_var_creneau_api_a_b }}", "t") == "x"
    filling.record.page = 0
    accepted(filling, {"creneau": "2"})
    assert stored(filling).structured is None
    assert text("x{{ form_var_creneau_structured }}", "t") == "x"


def test_6_2_structured_values_are_read_again_at_each_submit_and_replaced(double: Double) -> None:
    double.list("/datetimes/", {**SLOT, "places": 1})
    filling = draft(site_with(double))
    accepted(filling, {"creneau": SLOT["id"]})
    double.list("/datetimes/", {**SLOT, "places": 2})
    filling.record.page = 0
    accepted(filling, {"creneau": SLOT["id"]})
    assert stored(filling).structured["places"] == 2
    double.list("/datetimes/", {**SLOT, "places": 3})
    filling.finish()
    assert stored(filling).structured["places"] == 3


@pytest.mark.parametrize(("prefill", "raw"), [(SLOT["id"], SLOT["id"]), ("10 h", SLOT["id"]), ("gone", "gone")])
def test_6_4_a_prefill_is_an_id_or_a_text_and_is_kept_as_given_when_not_found(
    double: Double, prefill: str, raw: str
) -> None:
    double.list("/datetimes/", SLOT)
    field = slot_field(prefilled=b.prefill("string", "{{ form_submission_context_slot_id }}"))
    [widget] = draft(site_with(double, field=field), context={"slot_id": prefill}).show().widgets
    assert widget.value.raw == raw
    assert bool(widget.error) == (raw == "gone")


@pytest.mark.parametrize("value", [{"id": "1"}, ["1"]])
def test_6_4_a_prefill_that_is_an_object_or_a_list_is_refused(double: Double, value: Any) -> None:
    double.list("/datetimes/", SLOT)
    field = slot_field(prefilled=b.prefill("string", "{{ form_submission_context_slot }}"))
    site = site_with(double, field=field)
    [widget] = draft(site, context={"slot": value}).show().widgets
    assert widget.value.raw is None
    assert notices(site, "not-evaluated")


def test_6_4_at_a_page_submit_an_id_that_is_not_listed_is_a_technical_error(double: Double) -> None:
    double.list("/datetimes/", SLOT)
    filling = draft(site_with(double))
    filling.show()
    refused = filling.submit({"creneau": "other"})
    assert refused is not None
    assert told(refused) == ["Erreur technique, veuillez réessayer."]
    assert filling.record.page == 0


def test_6_4_a_vanished_choice_keeps_its_id_for_an_agent_and_the_address_is_empty(double: Double) -> None:
    double.list("/datetimes/", SLOT)
    filling = draft(site := site_with(double), agent(site), backoffice=True)
    accepted(filling, {"creneau": SLOT["id"]})
    double.list("/datetimes/")
    filling.finish()
    assert not filling.record.draft
    assert (stored(filling).raw, stored(filling).structured) == (SLOT["id"], None)
    text = filling.scope().text
    assert text("x{{ form_var_creneau }}|{{ form_var_creneau_api_fillslot_url }}", "t") == "x|"


def test_6_4_a_vanished_choice_stops_a_citizen(double: Double) -> None:
    double.list("/datetimes/", SLOT)
    filling = draft(site_with(double))
    accepted(filling, {"creneau": SLOT["id"]})
    double.list("/datetimes/")
    with pytest.raises(Vanished):
        filling.finish()
    assert filling.record.draft


def test_6_4_a_source_with_an_id_parameter_is_asked_for_the_id(double: Double) -> None:
    double.list("/datetimes/", SLOT)
    source = b.data_source_definition("S", "json", URL, slug="s").add(b.leaf("id_parameter", "id"))
    filling = draft(site_with(double, source, field=slot_field(b.data_source("s"))))
    accepted(filling, {"creneau": SLOT["id"]})
    assert [seen.values.get("id") for seen in double.seen] == [None, None, SLOT["id"]]
    filling.record.page = 0
    # The answer must contain that very id.
    refused = filling.submit({"creneau": "other"})
    assert refused is not None
    assert told(refused) == ["Erreur technique, veuillez réessayer."]


def test_6_5_parameters_are_texts_in_order_then_orig_then_the_signature(double: Double) -> None:
    double.list("/datetimes/")
    entries = [
        ("jour", "{{ form_var_jour }}"),
        ("vide", "{{ null }}"),
        ("raté", "{{ x|nosuchfilter }}"),
        ("nombre", "{{ 3|add:4 }}"),
        ("accent", "é à"),
    ]
    source = b.data_source_definition("S", "json", URL + "?a=1&b=", slug="s", qs_data=entries)
    day = b.text_field("Jour", "jour", kind="date", required=False)
    site = site_with(double, source, field=slot_field(b.data_source("s"), required=False), fields=(day,))
    filling = draft(site)
    filling.submit({"jour": "2026-12-24"})
    query = double.seen[-1].query
    assert query.startswith(
        "a=1&b=&jour=24%2F12%2F2026&vide=&nombre=7&accent=%C3%A9+%C3%A0&orig=demarches.example.net&algo="
    )
    assert "&signature=" in query


def test_6_5_a_list_is_kept_for_the_request_and_failures_are_asked_for_again(double: Double) -> None:
    double.list("/datetimes/", SLOT)
    other = b.item("Autre", "autre", source=b.data_source("json", URL), required=False)
    filling = draft(site_with(double, fields=(other,)))
    filling.show()
    assert len(double.seen) == 1
    double.tell("/datetimes/", {"err": 1})
    filling.show()
    assert len(double.seen) == 3


def test_6_5_requests_carry_the_caller_and_no_accept_of_their_own(double: Double) -> None:
    double.list("/datetimes/")
    draft(site_with(double)).show()
    headers = double.seen[0].headers
    assert headers["accept"] == "*/*"
    assert headers["user-agent"].startswith("python-requests/")
    assert "/backoffice/" in headers["publik-caller-url"]


def test_6_5_a_cache_duration_keeps_a_list_between_requests(double: Double) -> None:
    double.list("/datetimes/", SLOT)
    source = b.data_source_definition("S", "json", URL, slug="s", cache_duration=60)
    site = site_with(double, source, field=slot_field(b.data_source("s")))
    listed(site)
    listed(site)
    assert len(double.seen) == 1
    site.clock.move(61)
    listed(site)
    assert len(double.seen) == 2


def test_jsonvalue_and_written_choices(double: Double) -> None:
    value = '[{"id": "1", "text": "un {{ form_slug }}"}, {"text": "sans id"}]'
    assert listed(site_with(double, field=slot_field(b.data_source("jsonvalue", value)))) == [("1", "un demande")]
    written = b.item("Créneau", "creneau", choices=["a", "b"], id="7")
    assert listed(site_with(double, field=written)) == [("a", "a"), ("b", "b")]


@pytest.mark.parametrize("kind", ["carddef:lieux", "nosuch", "wcs:users"])
def test_cards_and_sources_that_are_not_there_are_told(double: Double, kind: str) -> None:
    site = site_with(double, field=slot_field(b.data_source(kind)))
    assert listed(site) == []
    assert [notice.name for notice in notices(site)] == [kind]


def test_data_sources_in_templates(double: Double) -> None:
    double.list("/datetimes/", {"id": "1", "text": "a", "x": 2})
    source = b.data_source_definition("S", "json", URL, slug="my_source")
    scope = draft(site_with(double, source)).scope()
    assert scope.text("{% for one in data_source.my_source %}{{ one.text }}{{ one.x }}{% endfor %}", "t") == "a2"
