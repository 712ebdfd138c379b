"""The button « Vérifier »: what is wrong is named, with its remedy."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache

from adapter.wcs import forms
from adapter.wcs.models import Caller
from adapter.wcs.services import AgentIdentity, Asker, DiagnosisLine, State, diagnose
from tests.support.servers import free_port
from tests.support.signed import ORIG, known_services
from tests.support.wcs_double import FakeForm, WcsDouble, refused
from workflows.typography import spaced

AGENT = AgentIdentity(name_id="0123456789abcdef")
NOW = datetime.datetime(2026, 11, 24, 9, tzinfo=datetime.UTC)
EXPRESSION = "{% firstof form_submission_context_lock_code session_hash_id %}"
PLACE = "https://agendas.test/api/agenda/mairie/meetings/{{ form_var_meeting_type_raw }}/datetimes/"


def choice(varname: str, **source: str) -> dict[str, Any]:
    return {"type": "item", "label": varname, "varname": varname, "data_source": source or None}


def good_form() -> FakeForm:
    slot = choice("creneau", type="json", value=f"{PLACE}?lock_code={EXPRESSION}")
    return FakeForm(fields=[slot, choice("meeting_type"), choice("agenda")])


@pytest.fixture
def form() -> FakeForm:
    return good_form()


@pytest.fixture
def wcs(db, settings, form) -> Iterator[WcsDouble]:
    cache.clear()
    Caller.objects.create(orig=ORIG, accepted_at=NOW)
    with WcsDouble(form) as double:
        settings.KNOWN_SERVICES = known_services(double.url)
        yield double


def look(slug: str = "rendez-vous", agent: AgentIdentity = AGENT, **more: Any) -> dict[str, DiagnosisLine]:
    lines = diagnose(slug, "creneau", "meeting_type", "agenda", Asker(agent, **more))
    assert len({line.code for line in lines}) == len(lines)
    for line in lines:
        assert line.text
        assert bool(line.remedy) == (line.state is not State.OK), line
    return {line.code: line for line in lines}


def states(**arguments: Any) -> dict[str, str]:
    return {code: str(line.state) for code, line in look(**arguments).items()}


ALL_WELL = {
    "reached": "ok",
    "signature-sent": "ok",
    "signature-received": "ok",
    "form": "ok",
    "roles": "ok",
    "slot-field": "ok",
    "slot-source": "ok",
    "meeting-type-field": "ok",
    "agenda-field": "ok",
    "records": "ok",
}
CONNECTED = dict.fromkeys(["reached", "signature-sent", "signature-received"], "ok")


def test_everything_in_order(wcs) -> None:
    assert list(states().items()) == list(ALL_WELL.items())
    assert {call.method for call in wcs.calls} == {"GET"}


def test_fields_that_are_not_named_in_the_settings_are_not_looked_for(wcs, form) -> None:
    del form.fields[1:]
    codes = [line.code for line in diagnose("rendez-vous", "creneau", "", "", Asker(AGENT))]
    assert codes == [code for code in ALL_WELL if code not in ("meeting-type-field", "agenda-field")]


def test_a_kept_list_of_forms_is_asked_again(wcs, form) -> None:
    assert states()["roles"] == "ok"
    form.roles = frozenset()
    assert states()["roles"] == "fail"


def test_no_server_is_connected(settings) -> None:
    settings.KNOWN_SERVICES = known_services().__class__([])
    assert "KNOWN_SERVICES" in look()["reached"].remedy
    assert states() == {"reached": "fail"}


def test_the_server_is_down(settings) -> None:
    settings.KNOWN_SERVICES = known_services(f"http://127.0.0.1:{free_port()}/")
    assert states() == {"reached": "fail"}
    assert look()["reached"].text.endswith("il est impossible de s'y connecter.")


@pytest.mark.parametrize("failure", ["down", "slow", "error", "maintenance"])
def test_the_server_does_not_answer_as_it_should(wcs, monkeypatch, failure) -> None:
    monkeypatch.setattr(forms, "QUICK", 0.3)
    wcs.fail_next(failure)
    line = look()["reached"]
    assert line.state is State.FAIL
    # No names of exceptions, one full stop.
    assert not re.search(r"[a-z]Error|Timeout|Reset|\.\.|HTTP (\d+).*HTTP", line.text)


def test_the_server_stops_answering_half_way(wcs) -> None:
    wcs.answers = [(200, {"err": 0, "data": []})]
    wcs.fail_next("down")
    assert states() == {**CONNECTED, "interrupted": "fail"}


@pytest.mark.parametrize(("failure", "word"), [("signature", "KNOWN_SERVICES"), ("clock", "horloges")])
def test_our_signature_is_refused(wcs, failure, word) -> None:
    wcs.fail_next(failure)
    found = look()
    assert {code: str(line.state) for code, line in found.items()} == {**CONNECTED, "signature-sent": "fail"}
    assert word in found["signature-sent"].remedy
    assert not found["signature-sent"].text.endswith("..")


def test_it_never_called_us(wcs) -> None:
    Caller.objects.all().delete()
    assert states() == {**ALL_WELL, "signature-received": "warn"}


@pytest.mark.parametrize(("minutes", "state"), [(-1, "ok"), (1, "warn")])
def test_its_last_call_was_refused(wcs, minutes, state) -> None:
    refused_at = NOW + datetime.timedelta(minutes=minutes)
    Caller.objects.update(refused_at=refused_at, refusal="Invalid signature.")
    assert states() == {**ALL_WELL, "signature-received": state}


def test_there_is_no_such_form(wcs) -> None:
    assert states(slug="autre") == {**CONNECTED, "form": "fail"}


def test_the_form_is_disabled(wcs, form) -> None:
    form.disabled = True
    found = states()
    assert found["form"] == "fail"
    assert found["roles"] == "ok"
    assert found["slot-field"] == "ok"


@pytest.mark.parametrize("roles", [frozenset(), frozenset({"others"})])
def test_an_agent_who_books_needs_a_role_of_the_form(wcs, form, roles) -> None:
    form.roles = roles
    assert states() == {**ALL_WELL, "roles": "fail"}


def test_who_only_sets_up_needs_no_role_but_the_form_does(wcs, form) -> None:
    form.roles = frozenset({"Guichet"})
    assert states(books=False) == ALL_WELL
    assert "Guichet" in look(books=False)["roles"].text
    form.roles = frozenset()
    assert states(books=False) == {**ALL_WELL, "roles": "fail"}


def test_a_function_that_nobody_fills_is_named(wcs, form) -> None:
    form.functions = {"Agents": "agents", "Responsables": ""}
    found = look()
    assert {code: str(line.state) for code, line in found.items()} == {**ALL_WELL, "functions": "warn"}
    assert "Responsables" in found["functions"].text
    assert "Agents" not in found["functions"].text


@pytest.mark.parametrize("agent", [AGENT, AgentIdentity(email="agent@example.org")])
@pytest.mark.parametrize(("books", "state"), [(True, "fail"), (False, "warn")])
def test_an_unknown_account_is_called_that(wcs, agent, books, state) -> None:
    wcs.unknown_agents = {agent.name_id or agent.email}
    found = look(agent=agent, books=books)
    assert {code: str(line.state) for code, line in found.items()} == {**ALL_WELL, "account": state}
    assert (agent.name_id or agent.email) in found["account"].text
    assert "NameID" in found["account"].remedy


def test_an_account_without_address_cannot_be_known(wcs) -> None:
    assert look(agent=AgentIdentity())["account"].state is State.FAIL


@pytest.mark.parametrize("failure", ["unknown-agent", "unknown-email", "email-inconnu"])
def test_a_server_that_refuses_an_unknown_account_outright_says_the_same(wcs, failure) -> None:
    wcs.fail_next(failure)
    assert states() == {**ALL_WELL, "account": "fail"}


def test_a_field_is_missing(wcs, form) -> None:
    form.fields = [{"type": "page", "label": "creneau"}]
    found = states()
    assert [found[code] for code in ("slot-field", "meeting-type-field", "agenda-field")] == ["fail"] * 3
    assert "slot-source" not in found


def test_a_field_is_not_a_list(wcs, form) -> None:
    for field in form.fields:
        field["type"] = "string"
    found = states()
    assert [found[code] for code in ("slot-field", "meeting-type-field", "agenda-field")] == ["fail", "warn", "warn"]
    assert spaced("« Texte (ligne) »") in look()["slot-field"].text


@pytest.mark.parametrize(
    ("source", "state"),
    [
        ({}, "fail"),
        ({"type": "json", "value": PLACE}, "fail"),
        ({"type": "jsonvalue", "value": "[]"}, "fail"),
        ({"type": "json", "value": f"{PLACE}?lock_code={{{{ session_hash_id }}}}"}, "warn"),
        ({"type": "creneaux_passeport"}, "warn"),
        ({"type": "json", "value": f"{PLACE}?lock_code={EXPRESSION}"}, "ok"),
    ],
)
def test_where_the_slots_come_from(wcs, form, source, state) -> None:
    form.fields[0] = choice("creneau", **source)
    assert states() == {**ALL_WELL, "slot-source": state}


NAMED = "<datasource><qs_data>{}</qs_data><data_source><value>{}</value></data_source></datasource>"
CODE = f"<item><name>lock_code</name><value>{EXPRESSION}</value></item>"


@pytest.mark.parametrize(
    ("source", "state"),
    [
        (NAMED.format(CODE, PLACE), "ok"),
        (NAMED.format("", f"{PLACE}?lock_code={EXPRESSION}"), "ok"),
        (NAMED.format(CODE.replace(EXPRESSION, "{{ session_hash_id }}"), PLACE), "warn"),
        (NAMED.format("", PLACE), "fail"),
        ("<datasource>", "warn"),
    ],
)
def test_a_named_source_is_read_where_wcs_shows_it(wcs, form, source, state) -> None:
    form.fields[0] = choice("creneau", type="chrono_ds_agenda_meetings_mairie_mtdynamic")
    wcs.sources["chrono_ds_agenda_meetings_mairie_mtdynamic"] = source
    assert states() == {**ALL_WELL, "slot-source": state}


@pytest.mark.parametrize("before", ["", "{% if form_var_meeting_type_raw %}"])
def test_a_variable_of_the_site_is_named_until_a_form_has_held_a_slot(wcs, form, settings, before) -> None:
    settings.BASE_URL = "https://agendas.test/"
    form.fields[0] = choice("creneau", type="json", value=before + "{{ agendas_url }}api/x/?lock_code=" + EXPRESSION)
    assert states() == ALL_WELL
    line = look(slots_were_asked=False)["address-variable"]
    assert line.state is State.WARN
    assert line.remedy.endswith("agendas_url = https://agendas.test/")


def test_an_address_that_a_field_of_the_form_gives_needs_no_variable_of_the_site(wcs, form) -> None:
    address = "{{ form_var_meeting_type_api_datetimes_url }}?lock_code=" + EXPRESSION
    form.fields[0] = choice("creneau", type="json", value=address)
    assert states(slots_were_asked=False) == ALL_WELL


def test_records_that_cannot_be_compared_are_told(wcs, settings) -> None:
    wcs.add_record("rendez-vous", 1)
    assert states() == ALL_WELL
    usual = wcs._usual
    wcs._usual = lambda call: refused("Rôles insuffisants.") if "/api/forms/" in call.path else usual(call)
    assert states() == {**ALL_WELL, "records": "warn"}


def test_a_form_whose_slots_are_of_one_type_is_told_to_name_it(wcs, form) -> None:
    form.fields[0]["data_source"]["value"] = (
        f"https://agendas.test/x/meetings/mariage/datetimes/?lock_code={EXPRESSION}"
    )
    assert states(only_type="mariage") == ALL_WELL
    for other in ("", "passeport"):
        line = look(only_type=other)["only-meeting-type"]
        assert (line.state, "mariage" in line.text) == (State.WARN, True)
