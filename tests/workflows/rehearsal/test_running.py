"""Statuses and actions: jumps, choices, forms, edits, global actions, delays (wcs-xml.md §5, §6)."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from workflows import builder as b
from workflows.reader import Node
from workflows.rehearsal.filling import Filling
from workflows.rehearsal.people import Session
from workflows.rehearsal.running import Offer, copy_to_edit, keep_edit, messages, offers, pass_time, take

from .making import agent, citizen, evaluated, form_of, named, notices, sent, served, site_of, told, workflow_of

DAY = 86400


def site_with(
    *actions: Node,
    others: tuple[Node, ...] = (),
    fields: tuple[Node, ...] = (),
    more: tuple[Node, ...] = (),
    **workflow: Any,
) -> Any:
    form = form_of(*(fields or (b.text_field("Nom", "nom", required=False, id="1"),)))
    statuses = [b.status("1", "Reçue", actions), *(others or (b.status("2", "Suite"),))]
    return site_of(form, workflow_of(*statuses, **workflow), *more)


def labels(site: Any, record: Any, session: Session) -> list[str]:
    return [offer.label for offer in offers(site, record, session)]


def offer(site: Any, record: Any, session: Session, label: str) -> Offer:
    return next(one for one in offers(site, record, session) if one.label == label)


CHOICES = '[{"id": "1", "text": "Un"}, {"id": "2", "text": "Deux"}]'


# -- jumps


def test_the_first_jump_whose_condition_holds_ends_the_status() -> None:
    site = site_with(
        b.jump("3", when="form_var_nom == 'Bob'"),
        b.jump("2"),
        b.jump("3"),
        others=(b.status("2", "B"), b.status("3", "C")),
    )
    assert sent(site, {"nom": "Ada"}).record.status == "2"
    assert sent(site, {"nom": "Bob"}).record.status == "3"


def test_a_jump_to_the_status_that_was_marked() -> None:
    others = (b.status("2", "B", [b.jump("_previous")]),)
    site = site_with(b.choice("Aller", "2", ["_submitter"], mark=True), others=others)
    record = sent(site).record
    take(site, record, Session(), offer(site, record, Session(), "Aller"))
    assert [status for _, status in record.arrivals] == ["1", "2", "1"]


def test_a_status_that_does_not_exist_is_told_and_the_record_stays() -> None:
    site = site_with(b.jump("nosuch"))
    assert sent(site).record.status == "1"
    assert [notice.name for notice in notices(site, "workflow")] == ["nosuch"]


@pytest.mark.parametrize(
    ("timeout", "seconds"), [("120", 120), ("{{ 1|add:1 }} jours", 2 * DAY), ("{{ 3 }} heures", 10800)]
)
def test_a_jump_with_a_delay(timeout: str, seconds: int) -> None:
    site = site_with(b.jump("2", timeout=timeout))
    record = sent(site).record
    site.clock.move(seconds - 5)
    assert not pass_time(site, record)
    site.clock.move(6)
    assert pass_time(site, record)
    assert record.status == "2"


def test_a_delay_that_cannot_be_read_is_told_and_never_over() -> None:
    site = site_with(b.jump("2", timeout="{{ form_var_nom }} lunes"))
    record = sent(site, {"nom": "3"}).record
    site.clock.move(400 * DAY)
    assert not pass_time(site, record)
    assert notices(site, "workflow")


def test_a_delayed_jump_looks_at_its_condition_too() -> None:
    site = site_with(b.jump("2", timeout="60", when="form_var_nom"))
    record = sent(site).record
    site.clock.move(61)
    assert not pass_time(site, record)


# -- what people may do


def test_choices_are_offered_to_those_who_may() -> None:
    site = site_with(
        b.choice("Agents", "2", ["_receiver"]), b.choice("Usager", "2", ["_submitter"]),
        b.choice("Connectés", "2", ["logged-users"]), b.choice("Jamais", "2", ["_receiver"], when="false"),
        b.choice("Rôle", "2", [b.Role("Agents", "agents")], confirm="Sûr ?"),
    )  # fmt: skip
    record = sent(site, session=citizen(site)).record
    assert labels(site, record, agent(site)) == ["Agents", "Connectés", "Rôle"]
    assert labels(site, record, citizen(site)) == ["Usager", "Connectés"]
    assert labels(site, record, Session()) == []
    assert offer(site, record, agent(site), "Rôle").question == "Sûr ?"


def test_a_choice_leads_on_and_its_identifier_is_kept() -> None:
    site = site_with(b.choice("Aller", "2", ["_submitter"], identifier="aller"))
    record = sent(site).record
    take(site, record, Session(), offer(site, record, Session(), "Aller"))
    assert record.status == "2"
    assert (
        evaluated(site, "{{ form_latest_jump }}/{{ form_status }}/{{ form_previous_status }}", record)
        == "aller/Suite/Reçue"
    )


def test_the_form_of_an_action_its_answers_and_where_it_leads() -> None:
    fields = [
        b.text_field("Avis", "avis", id="1", prefilled=b.prefill("string", "{{ form_var_nom }}")),
        b.item("Jour", "jour", choices=["lundi", "mardi"], id="2"),
        b.text_field("Caché", "cache", id="3", when="form_var_nom == 'Bob'"),
    ]
    form = b.form_action(
        "suite",
        ["_submitter"],
        fields,
        exit_conditions=[b.post_condition("suite_var_avis != 'non'", "Non : {{ suite_var_avis }}")],
    )
    site = site_with(form, b.jump_on_submit("2"))
    record = sent(site, {"nom": "Ada"}).record
    chosen = offer(site, record, Session(), "suite")
    from workflows.rehearsal.running import form_view

    view = form_view(site, record, Session(), chosen.action)
    assert [(widget.field.varname, widget.value.raw) for widget in view.widgets] == [("avis", "Ada"), ("jour", None)]
    _, refused = take(site, record, Session(), chosen, {"avis": "non", "jour": "lundi"})
    assert refused is not None
    assert told(refused) == ["Non : non"]
    _, refused = take(site, record, Session(), chosen, {"avis": "oui", "jour": "jeudi"})
    assert refused is not None
    assert told(refused) == ["Erreur technique, veuillez réessayer."]
    assert (record.status, record.action_forms) == ("1", {})
    assert take(site, record, Session(), chosen, {"avis": "oui", "jour": "lundi"})[1] is None
    assert record.status == "2"
    names = (
        "suite_var_avis",
        "form_workflow_form_suite_var_avis",
        "form_workflow_form_suite_0_var_avis",
        "suite_var_jour_raw",
    )
    assert [evaluated(site, named(name), record) for name in names] == ["oui", "oui", "oui", "lundi"]


def test_a_comment_may_lead_on() -> None:
    site = site_with(
        b.action("commentable", b.roles("by", ["_receiver"]), b.leaf("label", "Note")), b.jump_on_submit("2")
    )
    record = sent(site).record
    take(site, record, agent(site), offer(site, record, agent(site), "Note"), {"comment": "vu"})
    assert (record.status, evaluated(site, "{{ form_comment }}", record)) == ("2", "vu")


def test_editing_changes_the_record_at_the_end_only() -> None:
    site = site_with(b.editable("Corriger", "2", ["_submitter"]))
    record = sent(site, {"nom": "Ada"}).record
    chosen = offer(site, record, Session(), "Corriger")
    edited = copy_to_edit(record)
    filling = Filling(site, edited, Session())
    assert filling.show().widgets[0].value.raw == "Ada"
    assert filling.submit({"nom": "Bob"}) is None
    assert evaluated(site, "{{ form_var_nom }}", record) == "Ada"
    keep_edit(site, record, edited, Session(), chosen)
    assert (evaluated(site, "{{ form_var_nom }}", record), record.status) == ("Bob", "2")


def test_messages_are_made_when_somebody_looks_for_those_they_are_for() -> None:
    site = site_with(
        b.display_message("Bonjour <b>{{ form_var_nom }}</b>", level="success"),
        b.display_message("Aux agents", to=["_receiver"]),
        b.display_message("Jamais", when="false"),
    )
    record = sent(site, {"nom": "<i>"}).record
    assert messages(site, record, Session()) == [("success", "Bonjour <b>&lt;i&gt;</b>")]
    assert [text for _, text in messages(site, record, agent(site))][1:] == ["Aux agents"]


def test_messages_after_a_stop_are_shown_the_record_is_still_there() -> None:
    call = b.webservice_call("Appel", "http://127.0.0.1:9/", "r", b.OnErrors.all(":stop"))
    site = site_with(call, b.display_message("Panne", when="r_connection_error"))
    assert messages(site, sent(site).record, Session()) == [("info", "Panne")]


# -- global actions


def test_manual_global_actions_by_status_and_role() -> None:
    action = b.global_action(
        "1", "Clore", [b.jump("2")], [b.manual_trigger(["_receiver"], ["_waitpoint_status"], confirm="Sûr ?")]
    )
    site = site_with(b.choice("Rien", "1", ["_receiver"]), global_actions=[action])
    record = sent(site).record
    assert "Clore" not in labels(site, record, Session())
    chosen = offer(site, record, agent(site), "Clore")
    assert chosen.question == "Sûr ?"
    take(site, record, agent(site), chosen)
    assert record.status == "2"
    assert labels(site, record, agent(site)) == []


@pytest.mark.parametrize(
    ("anchor", "days", "move", "fires"),
    [
        ("{{ form_receipt_datetime }}", "2", 2 * DAY + 60, True),
        ("{{ form_receipt_datetime }}", "2", 2 * DAY - 60, False),
        ("{{ form_var_nom }}", "-1", 0, True),
        ("{{ form_var_nom }}", "400", 0, False),
        ("pas une date", "0", DAY, False),
        ("{{ form_receipt_datetime }}", "{{ 1|add:1 }}", 2 * DAY + 60, True),
    ],
)
def test_a_delayed_global_action_fires_once(anchor: str, days: str, move: int, fires: bool) -> None:
    action = b.global_action(
        "1", "Relancer", [b.register_comment("relance")], [b.timeout_trigger(anchor, days, id="t")]
    )
    site = site_with(b.choice("Rien", "1", ["_receiver"]), global_actions=[action])
    today = evaluated(site, "{{ today|date:'Y-m-d' }}")
    record = sent(site, {"nom": today}).record
    site.clock.move(move)
    assert pass_time(site, record) is fires
    assert not pass_time(site, record)
    assert sum(entry.text == "relance" for entry in record.history) == fires


def test_a_delayed_global_action_does_not_fire_on_what_is_finished() -> None:
    action = b.global_action(
        "1", "Relancer", [b.register_comment("r")], [b.timeout_trigger("{{ form_receipt_datetime }}", "1")]
    )
    site = site_with(b.jump("2"), global_actions=[action])
    record = sent(site).record
    site.clock.move(2 * DAY)
    assert not pass_time(site, record)


@pytest.mark.parametrize(
    ("anchor", "status", "fires"),
    [
        ("creation", "", True),
        ("1st-arrival", "wf-2", True),
        ("latest-arrival", "wf-2", True),
        ("1st-arrival", "wf-3", False),
    ],
)
def test_other_anchors(anchor: str, status: str, fires: bool) -> None:
    first = "anchor_status_first" if anchor == "1st-arrival" else "anchor_status_latest"
    trigger = Node("trigger", attributes={"type": "timeout", "id": "t"})
    trigger.add(b.leaf("anchor", anchor), b.leaf(first, status) if status else None, b.leaf("timeout", "1"))
    action = b.global_action("1", "Relancer", [b.register_comment("r")], [trigger])
    others = (b.status("2", "B", [b.choice("x", "3", ["_receiver"])]), b.status("3", "C"))
    site = site_with(b.jump("2"), others=others, global_actions=[action])
    record = sent(site).record
    site.clock.move(DAY + 60)
    assert pass_time(site, record) is fires


# -- other actions


def test_backoffice_fields_keep_the_type_of_their_field() -> None:
    fields = [
        b.text_field("T", "t", id="bo1"),
        b.text_field("D", "d", kind="date", id="bo2"),
        b.field("numeric", "N", varname="n", id="bo3"),
        b.text_field("B", "bo", kind="bool", id="bo4"),
        b.item("C", "c", source=b.data_source("jsonvalue", '[{"id": "1", "text": "un", "x": 2}]'), id="bo5"),
        b.text_field("V", "v", id="bo6"),
        b.block_field("G", "g", "gens", id="bo7"),
    ]
    block = b.block("Gens", [b.text_field("Nom", "nom", id="bf1")], slug="gens")
    values = {
        "bo1": "{{ form_var_nom|length }}",
        "bo2": "{{ '24/12/2026'|date }}",
        "bo3": "{{ '1,5' }}",
        "bo4": "{{ true }}",
        "bo5": "un",
        "bo6": "{{ null }}",
        "bo7": "{% block_value nom='Ada' %}",
        "nosuch": "x",
    }
    site = site_with(b.set_backoffice_fields("Garder", values), backoffice_fields=fields, more=(block,))
    record = sent(site, {"nom": "Ada"}).record
    assert {name: record.data[name].raw for name in ("bo1", "bo2", "bo4", "bo6")} == {
        "bo1": "3",
        "bo2": "2026-12-24",
        "bo4": True,
        "bo6": None,
    }
    names = ("t", "d_year", "n|add:1", "c", "c_raw", "c_x", "g_0_nom")
    assert [evaluated(site, named("form_var_" + name), record) for name in names[:2]] == ["3", 2026]
    assert str(evaluated(site, "{{ form_var_n|add:1 }}", record)) == "2.5"
    assert [evaluated(site, named("form_var_" + name), record) for name in names[3:]] == ["un", "1", 2, "Ada"]
    assert [notice.name for notice in notices(site, "workflow")] == ["nosuch"]


def test_a_value_that_does_not_fit_its_field_is_told_and_left_out() -> None:
    fields = [
        b.text_field("D", "d", kind="date", id="bo1"),
        b.field("numeric", "N", varname="n", id="bo2"),
        b.block_field("G", "g", "gens", id="bo3"),
        b.field("items", "I", varname="i", id="bo4", extra=[b.data_source("jsonvalue", CHOICES)]),
        b.field("items", "J", varname="j", id="bo5", extra=[b.data_source("jsonvalue", CHOICES)]),
        b.field("computed", "C", varname="c", id="bo6"),
    ]
    values = {
        "bo1": "jamais",
        "bo2": "beaucoup",
        "bo3": "Ada",
        # By label or by id; an id that no choice has is kept as it is.
        "bo4": "Deux",
        "bo5": "9",
        "bo6": "{{ form_var_nom }}",
    }
    block = b.block("Gens", [b.text_field("Nom", "nom", id="bf1")], slug="gens")
    site = site_with(b.set_backoffice_fields("Garder", values), backoffice_fields=fields, more=(block,))
    record = sent(site, {"nom": "Ada"}).record
    assert [notice.name for notice in notices(site, "workflow")] == ["d", "n", "g"]
    kept = {name: stored.raw for name, stored in record.data.items() if name.startswith("bo")}
    assert {name: raw for name, raw in kept.items() if raw is not None} == {"bo4": ["2"], "bo5": ["9"], "bo6": "Ada"}


def test_mails_comments_and_notifications_are_written_not_sent() -> None:
    mail = b.mail_template("Confirmation", "Objet {{ form_number }}", "Corps {{ form_var_nom }}", slug="confirmation")
    actions = (
        b.send_mail(["_submitter", "{{ form_var_nom }}@x.be"], template="confirmation"),
        b.send_mail(["_submitter"], template="nosuch"),
        b.register_comment("Vu {{ form_var_nom }}"),
        b.notify(["_submitter"], "Titre {{ form_number }}", "x"),
        b.redirect("https://example.net/{{ form_number }}"),
    )
    site = site_with(*actions, more=(mail,))
    running = sent(site, {"nom": "ada"}, citizen(site))
    told_lines = [(entry.kind, entry.text, entry.detail) for entry in running.record.history]
    assert ("mail", "camille.martin@example.net, ada@x.be – Objet 1", "Corps ada") in told_lines
    assert ("comment", "Vu ada", "") in told_lines
    assert running.url == "https://example.net/1"
    assert [notice.name for notice in notices(site, "mail")] == ["nosuch"]


@pytest.mark.parametrize(
    "kind", ["anonymise", "addattachment", "export_to_model", "create_carddata", "dispatch", "nosuch"]
)
def test_actions_that_are_not_played_are_told_and_the_others_run(kind: str) -> None:
    site = site_with(b.action(kind), b.jump("2"))
    assert sent(site).record.status == "2"
    assert [notice.name for notice in notices(site, "not-played")] == [kind]


def test_a_status_that_repeats_its_actions_is_told() -> None:
    looping = b.status("1", "Boucle", [b.jump("2")]).add(b.leaf("loop_items_template", "{{ x }}"))
    site = site_of(form_of(b.text_field("Nom", "nom", required=False)), workflow_of(looping, b.status("2", "B")))
    assert sent(site).record.status == "1"
    assert [notice.name for notice in notices(site, "not-played")] == ["loop_items_template"]


def test_removing_a_record() -> None:
    site = site_with(b.action("remove"), b.jump("2"))
    record = sent(site).record
    assert record.removed
    assert site.record("demande", record.id) is None


def test_an_agent_works_on_a_record_in_the_stand_in() -> None:
    site = site_with(
        b.display_message("Bonjour"),
        b.form_action("suite", ["_receiver"], [b.text_field("Avis", "avis", id="1")]),
        b.jump_on_submit("2"),
    )
    record = sent(site, {"nom": "Ada"}).record
    with served(site) as base, requests.Session() as browser:
        browser.post(f"{base}login/", data={"person": "a" * 32}, timeout=10)
        way = f"{base}backoffice/management/demande/{record.id}/"
        page = browser.get(way, timeout=10).text
        assert "Bonjour" in page
        key = offers(site, record, agent(site))[0].key
        refused = browser.post(way, data={"offer": key, "f1": ""}, timeout=10).text
        assert "champ obligatoire" in refused
        browser.post(way, data={"offer": key, "f1": "oui"}, timeout=10)
    assert record.status == "2"
