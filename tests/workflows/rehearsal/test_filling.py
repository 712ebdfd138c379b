"""Pages, conditions, checks of fields, and blocks of fields (wcs-runtime.md §2.3, §4.5; wcs-xml.md §8, §9)."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from workflows import builder as b
from workflows.reader import Node
from workflows.rehearsal.filling import SUMMARY

from .double import Double
from .making import accepted, agent, draft, form_of, notices, served, site_of, told, workflow_of


def site_with(*fields: Node, more: tuple[Node, ...] = (), url: str = "", **form: Any) -> Any:
    return site_of(form_of(*fields, **form), workflow_of(), *more, url=url)


def field(kind: str, *extra: Node, required: bool = True, **more: Any) -> Node:
    return b.field(kind, "Champ", varname="x", required=required, extra=extra, id="1", **more)


def refusal(site: Any, value: Any, **values: Any) -> list[str]:
    filling = draft(site, **values)
    filling.show()
    refused = filling.submit({"x": value})
    return told(refused) if refused else []


# -- pages


def test_pages_are_shown_while_their_condition_holds() -> None:
    fields = [
        b.page("A"),
        b.text_field("Nom", "nom"),
        b.page("B", when="form_var_nom == 'Ada'"),
        b.title("T"),
        b.page("C"),
        b.title("T"),
    ]
    site = site_with(*fields)
    for name, second in (("Ada", 1), ("Bob", 2)):
        filling = draft(site)
        accepted(filling, {"nom": name})
        assert filling.show().number == second
    assert filling.show(back=True).number == 0


def test_the_first_visible_page_is_the_first_to_be_shown_and_the_last_leads_to_the_summary() -> None:
    site = site_with(b.page("A", when="false"), b.title("T"), b.page("B"), b.text_field("Nom", "nom"))
    filling = draft(site)
    assert filling.show().number == 1
    accepted(filling, {"nom": "Ada"})
    view = filling.show()
    assert view.number == SUMMARY
    assert [widget.value.raw for widget in view.widgets] == ["Ada"]


def test_a_condition_of_a_field_sees_what_was_just_posted_above_it() -> None:
    site = site_with(b.text_field("Nom", "nom"), b.text_field("Autre", "autre", when="form_var_nom == 'Ada'"))
    filling = draft(site)
    filling.show()
    assert filling.submit({"nom": "Bob"}) is None
    filling = draft(site)
    filling.show()
    refused = filling.submit({"nom": "Ada"})
    assert refused is not None
    assert told(refused) == ["champ obligatoire"]


def test_what_is_refused_leaves_the_draft_as_it_was() -> None:
    site = site_with(b.text_field("A", "a"), b.text_field("B", "b"))
    filling = draft(site)
    filling.show()
    refused = filling.submit({"a": "kept in the view"})
    assert refused is not None
    assert refused.widgets[0].value.raw == "kept in the view"
    assert filling.record.data == {}


def test_a_condition_in_python_is_told_and_does_not_hold() -> None:
    node = b.text_field("Nom", "nom", when="True")
    kind = node.find("condition").find("type")
    kind.text = "python"
    site = site_with(node)
    assert draft(site).show().widgets == []
    assert [notice.name for notice in notices(site, "not-evaluated")] == ["python"]


def test_a_field_that_is_required_of_citizens_only() -> None:
    node = b.text_field("Nom", "x")
    node.find("required").text = "frontoffice"
    site = site_with(node)
    assert refusal(site, "") == ["champ obligatoire"]
    assert refusal(site, "", backoffice=True) == []


@pytest.mark.parametrize("kind", ["password", "time-range", "table", "nosuch"])
def test_fields_that_are_not_played_are_told_and_left_empty(kind: str) -> None:
    site = site_with(field(kind))
    assert refusal(site, "x") == []
    assert [notice.name for notice in notices(site, "not-played")] == [kind]


# -- checks


def validation(kind: str, text: str = "") -> Node:
    return Node("validation", children=[b.leaf("type", kind)]).add(b.leaf("value", text) if text else None)


@pytest.mark.parametrize(
    ("node", "good", "bad"),
    [
        (field("email"), "a@b.be", "a@b"),
        (field("date"), "2026-12-24", "31 février"),
        (field("date"), "24/12/2026", "24/13/2026"),
        (field("numeric"), "1,5", "abc"),
        (field("numeric", b.boolean("restrict_to_integers", True)), "3", "3.5"),
        (field("numeric", b.value("min_value", "2"), b.value("max_value", "4")), "4", "5"),
        (field("string", b.value("maxlength", "3")), "abc", "abcd"),
        (field("string", validation("digits")), "123", "12a"),
        (field("string", validation("regex", "[A-Z]{2}")), "AB", "ABC"),
        (field("string", validation("django", "value == 'oui'")), "oui", "non"),
        (field("string", validation("iban")), "BE68539007547034", "BE68539007547035"),
        (field("string", validation("nrn-be")), "84051712302", "84051712311"),
        (field("string", validation("time")), "9:30", "25:00"),
        (field("string", validation("url")), "https://a.be/x", "a.be"),
        (field("string", validation("phone")), "+32 2 123.45", "abc"),
        (field("date", b.boolean("minimum_is_future", True)), "2999-01-01", "2000-01-01"),
        (field("date", b.boolean("date_in_the_past", True)), "2000-01-01", "2999-01-01"),
        (
            field("date", b.value("minimum_date", "2026-01-01"), b.value("maximum_date", "{{ '2026-02-01' }}")),
            "2026-02-01",
            "2026-02-02",
        ),
        (field("file"), {"filename": "a", "content": "YQ=="}, {"filename": "a", "content": "%"}),
        (field("map"), "50.4;4.8", "ici"),
        (field("bool"), "true", ""),
        (field("item", b.listing("items", ["a", "b"])), "a", "c"),
        (field("items", b.listing("items", ["a", "b"]), b.value("max_choices", "1")), ["a"], ["a", "b"]),
        (field("items", b.listing("items", ["a", "b"]), b.value("min_choices", "2")), ["a", "b"], ["a"]),
    ],
)
def test_checks_of_values(node: Node, good: Any, bad: Any) -> None:
    site = site_with(node)
    assert refusal(site, good) == []
    assert len(refusal(site, bad)) == 1


def test_a_validation_may_have_its_own_message() -> None:
    check = validation("digits").add(b.leaf("error_message", "Des chiffres !"))
    assert refusal(site_with(field("string", check)), "a") == ["Des chiffres !"]


def test_several_choices() -> None:
    site = site_with(field("items", b.listing("items", ["lundi", "mardi", "jeudi"])))
    filling = draft(site)
    accepted(filling, {"x": ["lundi", "jeudi"]})
    text = filling.scope().text
    assert text("{{ form_var_x }}|{{ form_var_x|length }}|{% for d in form_var_x %}{{ d }};{% endfor %}", "t") == (
        "lundi, jeudi|2|lundi;jeudi;"
    )
    assert filling.scope().value("{{ form_var_x_raw }}", "t") == ["lundi", "jeudi"]
    assert filling.scope().text('{% if "mardi" in form_var_x %}oui{% else %}non{% endif %}', "t") == "non"


# -- blocks

CHILD = b.block(
    "Enfant",
    [
        b.text_field("Prénom", "prenom", id="bf1"),
        b.text_field("Pointure", "pointure", id="bf2", required=False, when="block_var_prenom == 'Ada'"),
        b.item("Classe", "classe", choices=["CP", "CE1"], id="bf3", required=False),
        b.computed("Rang", "rang", "{{ block_counter.index }}", id="bf4"),
    ],
    slug="enfant",
    exit_conditions=[b.post_condition("block_var_prenom != 'Zoé'", "Pas {{ block_var_prenom }}")],
)


def children(*extra: Node, required: bool = True) -> Node:
    node = b.block_field("Enfants", "enfants", "enfant", id="9", required=required)
    return node.add(*extra)


def block_site(*extra: Node, required: bool = True, block: Node = CHILD) -> Any:
    return site_with(children(*extra, required=required), more=(block,))


def test_rows_of_a_block_are_named_by_number_and_var_is_the_first() -> None:
    filling = draft(block_site(b.value("max_items", "3")))
    accepted(filling, {"enfants": [{"prenom": "Ada", "pointure": "36", "classe": "CP"}, {"prenom": "Bob"}]})
    text = filling.scope().text
    assert text("{{ form_var_enfants_0_prenom }} {{ form_var_enfants_1_prenom }}", "t") == "Ada Bob"
    assert text("{{ form_var_enfants_var_pointure }} {{ form_var_enfants_0_classe_raw }}", "t") == "36 CP"
    assert text("x{{ form_var_enfants_2_prenom }}", "t") == "x"
    assert text("{{ form_var_enfants|length }} {{ form_var_enfants|count }}", "t") == "2 2"
    assert text("{% for row in form_var_enfants %}{{ row.prenom }}{{ row.rang }};{% endfor %}", "t") == "Ada1;Bob2;"
    assert text("{{ form_var_enfants }}", "t") == "Enfant, Enfant"
    assert filling.scope().value('{{ form_var_enfants|getlist:"prenom" }}', "t") == ["Ada", "Bob"]
    assert filling.scope().value('{{ form_var_enfants|getlistdict:"prenom:p" }}', "t") == [{"p": "Ada"}, {"p": "Bob"}]
    assert filling.scope().value("{{ form_var_enfants }}", "t")["data"][0]["bf1"] == "Ada"


def test_a_field_of_a_block_may_depend_on_another_of_its_row() -> None:
    filling = draft(block_site())
    accepted(filling, {"enfants": [{"prenom": "Bob", "pointure": "36"}]})
    assert filling.scope().text("x{{ form_var_enfants_0_pointure|default:'' }}", "t") == "x"


def test_a_block_begins_with_so_many_rows_and_holds_no_more_than_it_may() -> None:
    site = block_site(b.value("default_items_count", "2"), b.value("max_items", "{{ 1|add:2 }}"))
    filling = draft(site)
    [widget] = filling.show().widgets
    assert (len(widget.rows), widget.more) == (2, True)
    [widget] = filling.show(rows={"9": 9}).widgets
    assert (len(widget.rows), widget.more) == (3, False)
    accepted(filling, {"enfants": [{"prenom": name} for name in "abcde"]})
    assert filling.scope().text("{{ form_var_enfants|length }}", "t") == "3"


def test_rows_without_an_answer_fall_out_and_a_required_block_needs_one() -> None:
    filling = draft(block_site(b.value("max_items", "3")))
    accepted(filling, {"enfants": [{"prenom": ""}, {"prenom": "Bob"}, {}]})
    assert filling.scope().text("{{ form_var_enfants_0_prenom }} {{ form_var_enfants|length }}", "t") == "Bob 1"
    filling = draft(block_site())
    filling.show()
    refused = filling.submit({"enfants": [{"prenom": ""}]})
    assert refused is not None
    assert told(refused) == ["champ obligatoire"]
    assert draft(block_site(required=False)).submit({"enfants": []}) is None


def test_each_row_is_checked_by_the_conditions_of_its_block() -> None:
    filling = draft(block_site(b.value("max_items", "3")))
    filling.show()
    refused = filling.submit({"enfants": [{"prenom": "Bob"}, {"prenom": "Zoé"}]})
    assert refused is not None
    assert told(refused) == ["Pas Zoé"]
    assert filling.record.data == {}


def test_the_digest_of_a_block_is_made_of_each_row() -> None:
    block = b.block("Enfant", [b.text_field("Prénom", "prenom", id="bf1")], slug="enfant")
    block.add(b.leaf("digest_template", "<{{ block_var_prenom }}>"))
    filling = draft(block_site(b.value("max_items", "2"), block=block))
    accepted(filling, {"enfants": [{"prenom": "Ada"}, {"prenom": "Bob"}]})
    assert filling.record.data["9"].display == "<Ada>, <Bob>"


def test_rows_may_be_prefilled_one_by_one() -> None:
    template = (
        '{% block_value init=True as rows %}{% for n in "Ada Bob"|split %}'
        "{% block_value prenom=n append=rows as rows %}{% endfor %}{% block_value output=rows %}"
    )
    site = block_site(b.value("max_items", "5"), b.prefill("string", template))
    [widget] = draft(site).show().widgets
    assert [row[0].value.raw for row in widget.rows] == ["Ada", "Bob"]


def test_a_block_that_was_not_given_is_told() -> None:
    site = site_with(b.block_field("Gens", "gens", "nosuch", required=False))
    draft(site).show()
    assert [notice.name for notice in notices(site, "source")] == ["nosuch"]


def test_an_agent_fills_a_block_in_the_stand_in_and_adds_a_row(double: Double) -> None:
    site = block_site(b.value("max_items", "2"))
    record = draft(site, backoffice=True).record
    with served(site) as base, requests.Session() as browser:
        browser.post(f"{base}login/", data={"person": "a" * 32}, timeout=10)
        way = f"{base}backoffice/submission/demande/{record.id}/"
        page = browser.get(way, timeout=10).text
        assert 'name="f9-0-bf1"' in page
        assert 'name="f9-1-bf1"' not in page
        page = browser.post(way, data={"f9-0-bf1": "Ada", "add_row": "9"}, timeout=10).text
        assert 'name="f9-1-bf1"' in page
        assert 'value="Ada"' in page
        assert 'name="add_row"' not in page
        browser.post(way, data={"f9-0-bf1": "Ada", "f9-1-bf1": "Bob", "f9-1-bf3": "CP"}, timeout=10)
    assert site.scope(record).text("{{ form_var_enfants_1_prenom }} {{ form_var_enfants_1_classe }}", "t") == "Bob CP"


def test_an_agent_sends_a_file_and_sees_disabled_choices_in_the_stand_in(double: Double) -> None:
    double.list("/l/", {"id": "1", "text": "libre"}, {"id": "2", "text": "pris", "disabled": True})
    choice = b.item("C", "c", source=b.data_source("json", "{{ agendas_url }}l/"), id="2", required=False)
    site = site_with(field("file"), choice.add(b.boolean("display_disabled_items", True)), url=double.url)
    record = draft(site, agent(site), backoffice=True).record
    with served(site) as base, requests.Session() as browser:
        browser.post(f"{base}login/", data={"person": "a" * 32}, timeout=10)
        way = f"{base}backoffice/submission/demande/{record.id}/"
        assert '<option value="2" disabled>pris</option>' in browser.get(way, timeout=10).text
        browser.post(way, files={"f1": ("a.txt", b"abc", "text/plain")}, data={"f2": "1"}, timeout=10)
    assert record.data["1"].raw["content"] == "YWJj"
    assert record.data["2"].raw == "1"
