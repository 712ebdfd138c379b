"""Templates and conditions as w.c.s. evaluates them (wcs-runtime.md §2.1, §4.1, §4.5), and the filters it adds."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from typing import Any

import pytest

from workflows import builder as b
from workflows.rehearsal.names import Names, Tree
from workflows.rehearsal.templates import NotEvaluated, compute, holds, render, speaking
from workflows.rehearsal.templates.library import BUILTINS, NOT_PLAYED

from .making import agent, citizen, draft, evaluated, form_of, named, notices, scope_with, sent, site_of, workflow_of


def value(source: str, language: str = "fr", **names: Any) -> Any:
    with speaking(language, "Europe/Paris"):
        return compute(source, Names(names))


def text(source: str, language: str = "fr", **names: Any) -> str:
    with speaking(language, "Europe/Paris"):
        return render(source, Names(names))


def true(condition: str, **names: Any) -> bool:
    with speaking("fr", "Europe/Paris"):
        return holds(condition, Names(names))


# -- names


def test_2_1_the_longest_existing_name_wins_and_lists_have_no_names_below() -> None:
    names = Names({"a": {"b": 1, "c": {"d": 2}, "l": [{"x": 3}]}, "a_b": 4})
    assert [names[key] for key in ("a_b", "a_c_d")] == [4, 2]
    for key in ("a_z", "a_l_0_x", "z"):
        with pytest.raises(KeyError):
            names[key]
    assert text("{{ a.l.0.x }}", a={"l": [{"x": 3}]}) == "3"


def test_parts_that_are_functions_are_called_when_named_only() -> None:
    called: list[int] = []
    names = Names({"t": Tree(a=lambda: called.append(1) or "x", b="y")})
    assert names["t_b"] == "y"
    assert called == []
    assert names["t_a"] == "x"


SITE_NAMES = {
    "form_name": "Demande",
    "form_slug": "demande",
    "form_number": "1",
    "form_number_raw": "1",
    "form_url": "http://demarches.example.net/demande/1/",
    "form_url_backoffice": "http://demarches.example.net/backoffice/management/demande/1/",
    "form_backoffice_url": "http://demarches.example.net/backoffice/management/demande/1/",
    "form_api_url": "http://demarches.example.net/api/forms/demande/1/",
    "form_status_url": "http://demarches.example.net/demande/1/status",
    "form_uri": "demande/1/",
    "form_status": "Reçue",
    "form_user_email": "camille.martin@example.net",
    "form_user_display_name": "Camille Martin",
    "form_user_var_last_name": "Martin",
    "form_user_nameid": "c" * 32,
    "form_user_name_identifier_0": "c" * 32,
    "session_user_email": "agent@demarches.demo",
    "agendas_url": "http://agendas.example.net/",
    "eservices_url": "http://demarches.example.net/",
    "form_submission_backoffice": True,
    "form_submission_channel": "phone",
    "form_submission_channel_label": "Téléphone",
    "form_submission_agent_email": "agent@demarches.demo",
    "form_submission_context_lock_code": "K",
    "form_digest": "Ada",
    "form_option_delai": "3",
    "form_option_agenda": "Mairie",
    "form_option_agenda_raw": "mairie",
    "form_option_agenda_structured_api_url": "https://x/",
    "form_workflow_data_a_b": 1,
    "a_b": 1,
    "is_in_backoffice": False,
    "null": None,
    "my_site_variable": "v",
}


@pytest.mark.parametrize("name", SITE_NAMES)
def test_variables_of_a_record_and_of_the_site(name: str) -> None:
    options = b.Node("options") if hasattr(b, "Node") else None
    assert options is not None
    agenda = [("agenda", "mairie"), ("agenda_display", "Mairie")]
    options.add(*[b.Node("option", text, {"varname": key}) for key, text in agenda])
    inner = b.Node("api", attributes={"type": "dict"}).add(b.Node("url", "https://x/"))
    options.add(b.Node("option", attributes={"varname": "agenda_structured", "type": "dict"}).add(inner))
    form = form_of(b.text_field("Nom", "nom"), digest="{{ form_var_nom }}").add(options)
    variables = [
        b.field("string", "D", varname="delai", id="1", extra=[b.value("default_value", "3")]),
        b.item("A", "agenda", source=b.data_source("json", "{{ agendas_url }}"), id="2"),
    ]
    site = site_of(
        form, workflow_of(variables=variables), url="http://agendas.example.net/", variables={"my_site_variable": "v"}
    )
    opened = {"backoffice": True, "user": citizen(site).user, "channel": "phone", "context": {"lock_code": "K"}}
    record = sent(site, {"nom": "Ada"}, agent(site), agent=agent(site).user, **opened).record
    record.channel = "phone"
    record.workflow_data["a"] = {"b": 1}
    assert evaluated(site, named(name), record, agent(site)) == SITE_NAMES[name]
    assert not notices(site, "not-evaluated")


@pytest.mark.parametrize(
    "name", ["forms", "cards.x", "form_evolution", "form_attachments_a", "form_links_a", "form_parent"]
)
def test_variables_that_are_not_played_are_told_with_their_name(name: str) -> None:
    site = site_of(form_of(b.text_field("Nom", "nom")), workflow_of())
    scope = draft(site).scope()
    assert scope.text("a\n" + named(name), "here.wcs") is None
    with pytest.raises(NotEvaluated):
        # Inside a comparison Django swallows what is raised: it is told all the same.
        holds(f"{name} == 1", scope.names())
    [notice] = notices(site, "not-evaluated")
    assert notice.name == name.partition(".")[0].removesuffix("_a")


# -- values of fields


def test_fields_compare_as_texts_dates_as_dates_numbers_as_numbers() -> None:
    fields = [
        b.text_field("T", "t"),
        b.text_field("D", "d", kind="date"),
        b.field("numeric", "N", varname="n"),
        b.text_field("V", "v", required=False),
        b.text_field("O", "o", kind="bool", required=False),
    ]
    scope = scope_with(site_of(form_of(*fields), workflow_of()), t="10", d="2026-12-24", n="10")
    names = scope.names()

    def check(expression: str) -> bool:
        with speaking("fr", "Europe/Paris"):
            return holds(expression, names)

    for expression in (
        "form_var_t == 10", "form_var_t == '10'", "10 == form_var_t", "form_var_t < '9'", "form_var_t|decimal > 9",
        "form_var_d == '2026-12-24'", "form_var_d == '24/12/2026'", "form_var_d < '2027-01-01'",
        "form_var_d|date == form_var_d",
        "form_var_d > today or form_var_d <= today", "form_var_d_year == 2026", "form_var_n > 9", "form_var_n == '10'",
        "not form_var_v", "form_var_v == None", "form_var_v != ''", "not form_var_o", "form_var_o_raw == False",
        "'1' in form_var_t", "form_var_d|add_days:1 == '2026-12-25'", "not form_var_nosuch", "form_var_nosuch == None",
    ):  # fmt: skip
        assert check(expression), expression
    for expression in (
        "form_var_t < 9 and false",
        "form_var_v is None",
        "form_var_d > '2027-01-01'",
        "form_var_n < 9",
        "form_var_t|nosuch_arg",
    ):
        try:
            assert not check(expression), expression
        except NotEvaluated:
            assert "nosuch" in expression


def test_what_was_not_filled_in_is_printed_none_and_sent_null() -> None:
    site = site_of(form_of(b.text_field("V", "v", required=False)), workflow_of())
    scope = scope_with(site, v="")
    assert scope.text("x{{ form_var_v }}", "t") == "xNone"
    assert scope.value("{{ form_var_v }}", "t") is None
    assert scope.text("{{ form_var_v|default:'rien' }} {{ form_var_v|default_if_none:'rien' }}", "t") == "rien rien"
    assert scope.value("{{ form_var_v_raw }}", "t") is None


def test_of_two_fields_with_one_varname_the_first_that_was_filled_in_counts() -> None:
    fields = [b.text_field("A", "x", id="1", required=False), b.text_field("B", "x", id="2", required=False)]
    site = site_of(form_of(*fields), workflow_of())
    for given, found in (({"1": "a", "2": "b"}, "a"), ({"1": "", "2": "b"}, "b"), ({"1": "a", "2": ""}, "a")):
        filling = draft(site)
        filling.show()
        # Both have the varname `x`: they are given by id.
        assert filling.submit(given) is None
        assert filling.scope().text("{{ form_var_x }}", "t") == found


@pytest.mark.parametrize(("language", "printed"), [("fr", "24/12/2026"), ("en", "2026-12-24")])
def test_dates_are_printed_in_the_language_of_the_site(language: str, printed: str) -> None:
    site = site_of(form_of(b.text_field("D", "d", kind="date")), workflow_of(), language=language)
    scope = scope_with(site, d="2026-12-24")
    assert scope.text("{{ form_var_d }}|{{ form_var_d|date }}", "t") == f"{printed}|{printed}"
    assert scope.text("{{ form_var_d|datetime }}", "t") == f"{printed} 00:00"
    assert scope.text('{{ form_var_d|date:"l j F" }}', "t") == (
        "jeudi 24 décembre" if language == "fr" else "Thursday 24 December"
    )


# -- evaluation


def test_blanks_around_a_template_fall_away_and_plain_texts_stay() -> None:
    assert text("  {{ a }} ", a="x") == "x"
    assert text("  plain ") == "  plain "


def test_html_is_escaped_where_it_is_asked_for() -> None:
    names = Names({"a": "<b>"})
    assert render("{{ a }}{{ a|safe }}", names, html=True) == "&lt;b&gt;<b>"
    assert render("{{ a }}", names) == "<b>"


def test_4_1_the_older_syntax() -> None:
    assert text('[a] [if-any b]oui[else]non[end] [is a "x"]=[end][zz]', a="x", b="") == "x non =[zz]"
    for source in ("[for x in y]a[end]", "[include a]"):
        with pytest.raises(NotEvaluated) as problem:
            text(source)
        assert problem.value.kind == "old-syntax"


@pytest.mark.parametrize(
    ("source", "kind", "name", "line"),
    [
        ("a\n{{ a|nosuch }}", "filter", "nosuch", 2),
        ("a\n\n{% nosuch %}", "tag", "nosuch", 3),
        ("{{ a|objects:'x' }}", "filter", "objects", 1),
        ("\n{{ a|add_working_days:2 }}", "filter", "add_working_days", 2),
        ("{% action_button 'a' %}", "tag", "action_button", 1),
        ("{{ a|default:nosuch }}", "variable", "nosuch", 1),
        ("{% if %}", "syntax", "", 1),
        ("{% for x in y %}", "syntax", "", 1),
        ("{% load x %}", "tag", "load", 1),
        ("{% include 'x' %}", "tag", "include", 1),
        ("{% extends 'x' %}", "tag", "extends", 1),
        ("{% debug %}", "tag", "debug", 1),
        ("{{ a._private }}", "syntax", "", 1),
        ("{{ a|pprint }}", "filter", "pprint", 1),
    ],
)
def test_what_cannot_be_evaluated_is_named_with_its_line(source: str, kind: str, name: str, line: int) -> None:
    with pytest.raises(NotEvaluated) as problem:
        text(source, a="")
    assert (problem.value.kind, problem.value.name, problem.value.line) == (kind, name, line)
    assert problem.value.message
    assert problem.value.message_fr


def test_python_expressions_are_not_evaluated() -> None:
    with pytest.raises(NotEvaluated):
        value("=1+1")


def test_4_5_an_argument_that_is_undefined_makes_a_condition_false() -> None:
    assert not true("a|add:nosuch == 1", a="1")
    assert not true("a|add:nosuch", a="1")


def test_what_is_not_played_inside_a_comparison_is_told_not_false() -> None:
    for expression in ("a|objects:'x' == 1", "not a|objects:'x'", "1 in a|objects:'x'"):
        with pytest.raises(NotEvaluated):
            true(expression, a="")
    # Where w.c.s. would not come so far, neither do we.
    assert true("a or b|objects:'x'", a="1", b="")


# -- filters


FILTERS: list[tuple[str, Any]] = [
    ("{{ '3,5'|decimal }}", Decimal("3.5")),
    ("{{ 'x'|decimal }}", Decimal(0)),
    ("{{ '3.14159265'|decimal }}", Decimal("3.141593")),
    ("{{ '3.14159'|decimal:2 }}", "3,14"),
    ("{{ '3.9'|integer }}", 3),
    ("{{ '3.5'|float }}", 3.5),
    ("{{ 'false'|boolean }}", False),
    ("{{ 'non'|boolean }}", True),
    ("{{ '1'|add:'2' }}", Decimal(3)),
    ("{{ '1'|add:'' }}", Decimal(1)),
    ("{{ null|add:'2' }}", Decimal(2)),
    ("{{ 'a'|add:'b' }}", "ab"),
    ("{{ 'a'|add:1 }}", ""),
    ("{{ l|add:'c' }}", ["a", "b", "c"]),
    ("{{ l|add:l }}", ["a", "b", "a", "b"]),
    ("{{ '5'|subtract:'1,5' }}", Decimal("3.5")),
    ("{{ '5'|multiply:2 }}", Decimal(10)),
    ("{{ 7|divide:2 }}", Decimal("3.5")),
    ("{{ 7|divide:0 }}", ""),
    ("{{ 7|modulo:4 }}", Decimal(3)),
    ("{{ '1 2,5'|split|sum }}", Decimal("3.5")),
    ("{{ '12'|sum }}", ""),
    ("{{ '3.2'|ceil }}", Decimal(4)),
    ("{{ '3.8'|floor }}", Decimal(3)),
    ("{{ '-3.8'|abs }}", Decimal("3.8")),
    ("{{ 12|clamp:'0 10' }}", Decimal(10)),
    ("{{ 3|limit_low:5 }}", Decimal(5)),
    ("{{ 3|limit_high:1 }}", Decimal(1)),
    ("{{ 1234567.5|intcomma }}", "1\N{NO-BREAK SPACE}234\N{NO-BREAK SPACE}567,5"),
    ("{{ '24/12/2026'|parse_date }}", datetime.date(2026, 12, 24)),
    ("{{ '2026-12-24 10:30'|parse_datetime }}", datetime.datetime(2026, 12, 24, 10, 30)),  # noqa: DTZ001
    ("{{ '2026-12-24T10:30:00+02:00'|datetime }}", datetime.datetime(2026, 12, 24, 9, 30)),  # noqa: DTZ001
    ("{{ '24/12/2026 10h30'|datetime|date:'H:i' }}", "10:30"),
    ("{{ '0026-12-24'|date }}", ""),
    ("{{ 'x'|date }}", ""),
    ("{{ 'x'|date:'Y' }}", ""),
    ("{{ '10:30'|time }}", datetime.time(10, 30)),
    ("{{ '2026-12-24 10:30'|time:'H\\hi' }}", "10h30"),
    ("{{ '2026-12-24'|add_days:1|date:'Y-m-d' }}", "2026-12-25"),
    ("{{ '2026-12-24 10:00'|add_days:'-1'|date:'Y-m-d H:i' }}", "2026-12-23 10:00"),
    ("{{ 'x'|add_days:1 }}", ""),
    ("{{ '2026-12-24'|add_hours:25|date:'Y-m-d H:i' }}", "2026-12-25 01:00"),
    ("{{ '2026-12-24 23:50'|add_minutes:20|date:'Y-m-d H:i' }}", "2026-12-25 00:10"),
    ("{{ '2026-12-20'|age_in_days:'2026-12-24' }}", 4),
    ("{{ '2026-12-24 10:00'|age_in_hours:'2026-12-24 13:59' }}", 3),
    ("{{ '2000-03-10'|age_in_years:'2026-03-09' }}", 25),
    ("{{ '2000-03-10'|age_in_months:'2001-03-09' }}", 11),
    ("{{ 'x'|age_in_years }}", ""),
    ("{{ '2000-01-01'|datetime_in_past }}", True),
    ("{{ '2999-01-01'|datetime_in_past }}", False),
    ("{{ '2026-12-24'|adjust_to_week_monday|date:'Y-m-d' }}", "2026-12-21"),
    ("{{ '2026-12-30'|iterate_days_until:'2027-01-02'|length }}", 4),
    ("{{ d|get:'a' }}", 1),
    ("{{ d|get:'z' }}", None),
    ("{{ l|get:1 }}", "b"),
    ("{{ l|get:9 }}", None),
    ("{{ rows|getlist:'a' }}", [1, 2]),
    ("{{ rows|regroup_as_dict:'k' }}", {"x": {"a": 1}, "y": {"a": 2}}),
    ("{{ table|get_table_column:2 }}", ["b", "d"]),
    ("{{ table|get_table_row:2 }}", ["c", "d"]),
    ("{{ table|get_table_row:0 }}", []),
    ("{{ l|count }}", 2),
    ("{{ null|count }}", 0),
    ("{{ ''|is_empty }}", True),
    ("{{ 0|is_empty }}", False),
    ("{{ ''|first }}", ""),
    ("{{ null|last }}", ""),
    ("{{ 'a'|list }}", ["a"]),
    ("{{ l|check_no_duplicates }}", True),
    ("{{ 'a a'|split|check_no_duplicates }}", False),
    ("{{ 'a, b'|split:',' }}", ["a", " b"]),
    ("{{ ' a  b '|split }}", ["a", "b"]),
    ("{{ '--a--'|strip:'-' }}", "a"),
    ("{{ 'abc'|startswith:'a' }}", True),
    ("{{ 'abc'|endswith:'b' }}", False),
    ("{{ 'abc'|removeprefix:'a'|removesuffix:'c' }}", "b"),
    ("{{ 'https://a/b/'|urljoin:'c/' }}", "https://a/b/c/"),
    ("{{ 'https://a/b'|with_auth:'me:pw' }}", "https://me:pw@a/b"),
    ("{{ 'Élève œuvre'|unaccent }}", "Eleve oeuvre"),
    ("{{ 'a'|concat:1 }}", "a1"),
    ("{{ 'ab'|repeat:2 }}", "abab"),
    ("{{ 'ab'|repeat:1.5 }}", ""),
    ("{{ d|json_dumps }}", '{"a": 1}'),
    ("{{ 'é'|json_dumps }}", '"\\u00e9"'),
    ("{{ 'ab'|sha256:'s' }}", "9d10f1b0a1a6dbd1d3b7ae1d5a0e1c1b"),
    ("{{ ' ab1'|token_check:'AB1 ' }}", True),
    ("{{ '12 bis'|housenumber_number }}", "12"),
    ("-{{ '12 bis'|housenumber_btq }}", "- bis"),
    ("{{ '0142563789'|phonenumber_fr }}", "01 42 56 37 89"),
    ("{{ '+33142563789'|phonenumber_fr }}", "+33 1 42 56 37 89"),
    ("{{ '0033 (0)1 42 56 37 89'|phonenumber_fr:'.' }}", "00.33.1.42.56.37.89"),
    ("{{ '+32 2 123'|phonenumber_fr }}", "+32 2 123"),
    ('{{ "L\'été"|searchify }}', "l-ete"),
    ("{{ 'texte'|translate }}", "texte"),
    ("{% newline %}", ""),
]


@pytest.mark.parametrize(("source", "wanted"), FILTERS)
def test_filters_of_wcs(source: str, wanted: Any) -> None:
    import hashlib

    names = {
        "l": ["a", "b"],
        "d": {"a": 1},
        "rows": [{"a": 1, "k": "x"}, {"a": 2, "k": "y"}],
        "table": [["a", "b"], ["c", "d"]],
        "null": None,
    }
    if "sha256" in source:
        wanted = hashlib.sha256(b"abs").hexdigest()
    found = value(source, **names)
    assert found == wanted
    assert type(found) is type(wanted) or isinstance(found, type(wanted))


def test_tokens_and_lines() -> None:
    assert len(text("{% token_alphanum 6 %}")) == 6
    assert text("{% token_decimal 9 %}").isdecimal()
    assert text("a{% newline %}b") == "a\nb"


def test_numbers_are_printed_with_the_comma_of_the_language() -> None:
    assert text("x{{ 7|divide:2 }}") == "x3,5"
    assert text("x{{ 7|divide:2 }}", language="en") == "x3.5"


def test_roles_of_users() -> None:
    site = site_of(form_of(b.text_field("Nom", "nom")), workflow_of())
    for session, found in ((agent(site), "oui"), (citizen(site), "non")):
        scope = draft(site, session).scope()
        assert scope.text("{% if session_user|has_role:'Agents' %}oui{% else %}non{% endif %}", "t") == found


def test_filters_of_django_work_as_they_do_there() -> None:
    names = {"l": ["a", "b"], "t": "x\ny", "u": "see https://a.be/"}
    assert text(
        "{{ l|join:', ' }}|{{ t|linebreaksbr }}|{{ u|urlize }}|{{ l|length }}|{{ t|upper|first }}", **names
    ) == ('a, b|x<br>y|see <a href="https://a.be/" rel="nofollow">https://a.be/</a>|2|X')


def test_every_filter_is_either_played_or_told() -> None:
    filters = BUILTINS[0].filters
    for name in NOT_PLAYED & set(filters):
        with pytest.raises(NotEvaluated) as problem:
            filters[name]("x")
        assert problem.value.name == name
    assert len(set(filters) - NOT_PLAYED) > 100


def test_json_values_may_be_written_by_loops() -> None:
    source = '[{% for x in l %}{"id": {{ x|json_dumps }}}{% if not forloop.last %},{% endif %}{% endfor %}]'
    assert json.loads(text(source, l=["a", 'b"'])) == [{"id": "a"}, {"id": 'b"'}]


def test_the_present_is_that_of_the_site() -> None:
    site = site_of(form_of(b.text_field("Nom", "nom")), workflow_of())
    before = evaluated(site, "{{ today|date:'Y-m-d' }}")
    site.clock.move(40 * 86400)
    assert evaluated(site, named(f"'{before}'|age_in_days")) == 40
    assert evaluated(site, "{% now 'Y-m-d' %}") == evaluated(site, "{{ today|date:'Y-m-d' }}") != before
    assert evaluated(site, "{{ now|age_in_hours }}") == 0
