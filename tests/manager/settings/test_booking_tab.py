"""The tab « Prise de rendez-vous backoffice »: what it keeps, and what its check says."""

from __future__ import annotations

import datetime
import html
import re
from typing import Any

import pytest
from django.core.cache import cache

from adapter.agendas.models import Agenda, Booking
from adapter.agendas.services import BookingDetails, BookingRequest, HoldRequest, confirm, hold
from adapter.agendas.services.transfer import export_agendas
from adapter.wcs.models import Caller
from adapter.wcs.services import DiagnosisLine
from tests.agendas.builders import ALICE, NOW
from tests.manager.settings.test_forms import found_errors
from tests.support.servers import free_port
from tests.support.signed import ORIG, known_services
from workflows.typography import spaced

SETTINGS = "/manage/agendas/mairie/settings/"
TAB = f"{SETTINGS}backoffice-booking/"
GOOD = {
    "enabled": "on",
    "form_slug": "rendez-vous",
    "slot_field": "creneau",
    "meeting_type_field": "meeting_type",
    "agenda_field": "agenda",
}
LABELS = [
    "Activer la prise de rendez-vous backoffice",
    "Formulaire",
    "Identifiant du champ créneau",
    "Identifiant du champ type de rendez-vous",
    "Identifiant du champ agenda",
]


def panel(answer) -> str:
    """The tab's part of the page."""
    content = html.unescape(answer.content.decode())
    return content[content.index('id="panel-backoffice-booking"') : content.index('id="panel-history"')]


def found(answer) -> list[DiagnosisLine]:
    """The lines of the check, each of which is shown."""
    lines = answer.context["diagnosis"]
    assert re.findall(r'<li class="(ok|warn|fail)">', panel(answer)) == [line.state for line in lines]
    return lines


def problem(answer) -> str:
    """Why there are no forms to choose from; said beside the field."""
    text = answer.context["booking"].choices.problem
    assert text in panel(answer)
    return text


def test_the_tab_holds_what_people_know_from_publik(editor, wcs) -> None:
    text = panel(editor.get(SETTINGS))
    assert ">Prise de rendez-vous backoffice</button>" in editor.get(SETTINGS).content.decode()
    assert [label for label in LABELS if f">{label}" in text] == LABELS
    assert spaced("Si la variable est « form_var_creneau », la valeur ici est « creneau ».") in text
    assert '<button name="action" value="check">' in text


def test_the_forms_that_the_agent_may_fill_in_are_suggested(editor, wcs) -> None:
    text = panel(editor.get(SETTINGS))
    assert '<option value="rendez-vous" label="Prendre rendez-vous">' in text
    assert '<option value="inscription"' in text
    wcs.agent_roles = set()
    cache.clear()
    answer = editor.get(SETTINGS)
    assert '<option value="rendez-vous"' not in panel(answer)
    assert problem(answer)


@pytest.mark.parametrize("failure", ["down", "not-configured"])
def test_a_form_can_be_typed_when_wcs_cannot_be_asked(editor, settings, failure) -> None:
    url = f"http://127.0.0.1:{free_port()}/"
    settings.KNOWN_SERVICES = known_services(url) if failure == "down" else known_services().__class__([])
    said = problem(editor.get(SETTINGS))
    assert ("KNOWN_SERVICES" in said) == (failure == "not-configured")
    assert editor.post(TAB, GOOD).url == f"{SETTINGS}#open:backoffice-booking"
    assert Agenda.objects.get().form_slug == "rendez-vous"


def test_a_server_that_is_down_is_not_asked_at_each_page(editor, wcs) -> None:
    wcs.fail_next("error")
    editor.get(SETTINGS)
    editor.get(SETTINGS)
    assert len(wcs.calls) == 1


def test_an_agent_that_the_server_does_not_know_hides_no_form_from_others(editor, admin, wcs) -> None:
    wcs.fail_next("unknown-agent")
    answer = editor.get(SETTINGS)
    assert problem(answer) and '<option value="rendez-vous"' not in panel(answer)
    assert '<option value="rendez-vous"' in panel(admin.get(SETTINGS))


def test_what_was_pasted_is_understood_and_kept(editor, wcs) -> None:
    data = {
        "enabled": "on",
        "form_slug": "prendre rendez-vous",
        "slot_field": "{{ form_var_creneau }}",
        "meeting_type_field": "form_var_meeting_type",
        "agenda_field": " agenda ",
    }
    assert editor.post(TAB, data).status_code == 302
    agenda = Agenda.objects.get()
    assert (agenda.backoffice_booking_enabled, agenda.form_slug) == (True, "rendez-vous")
    kept = (agenda.slot_field, agenda.meeting_type_field, agenda.agenda_field)
    assert kept == ("creneau", "meeting_type", "agenda")
    assert re.search(r'class="form-title">[^<]*\bPrendre rendez-vous<', panel(editor.get(SETTINGS)))


@pytest.mark.parametrize(
    ("data", "field", "code"),
    [
        ({"form_slug": ""}, "form_slug", None),
        ({"slot_field": ""}, "slot_field", None),
        ({"form_slug": "a b"}, "form_slug", None),
        ({"form_slug": "x" * 501}, "form_slug", "max_length"),
        ({"slot_field": "a-b"}, "slot_field", None),
        ({"agenda_field": "creneau"}, "agenda_field", None),
        ({"slot_field": "\0"}, "slot_field", "null_characters_not_allowed"),
        ({"fixed_meeting_type": "inconnu"}, "fixed_meeting_type", None),
    ],
)
@pytest.mark.parametrize("action", ["", "check"])
def test_bad_values_are_refused_beside_their_field(editor, wcs, data, field, code, action) -> None:
    before = export_agendas()
    answer = editor.post(TAB, {**GOOD, **data, "action": action})
    assert answer.status_code == 422
    assert [(name, error.code) for name, error in found_errors(answer)] == [(field, code)]
    text = panel(answer)
    assert re.findall(r'id="error_id_(\w+)"', text) == [field]
    assert 'class="diagnosis"' not in text
    assert export_agendas() == before


def test_booking_that_is_not_enabled_needs_nothing(editor, wcs) -> None:
    assert editor.post(TAB, {}).status_code == 302
    assert editor.post(TAB, {"action": "check"}).status_code == 422


def test_the_check_says_that_all_is_well_once_a_form_has_booked(mairie, editor, wcs) -> None:
    Caller.objects.create(orig=ORIG, accepted_at=NOW)
    details = BookingDetails(backoffice_url="https://x.example/1/")
    confirm(BookingRequest("mairie", ("passeport:2026-11-24-0900",), details=details), now=NOW, actor=ALICE)
    answer = editor.post(TAB, {**GOOD, "action": "check"})
    assert answer.status_code == 200
    lines = found(answer)
    assert {line.state for line in lines} == {"ok"}
    assert len(lines) == 11
    assert lines[-1].code == "last-booking"
    assert "23/11/2026 11:00" in lines[-1].text and lines[-1].text in panel(answer)
    assert answer.context["unsaved"] is True
    assert Agenda.objects.get().form_slug == ""


def test_the_only_type_of_the_form_is_chosen_among_those_of_the_agenda(editor, wcs) -> None:
    text = panel(editor.get(SETTINGS))
    assert '<option value="mariage">' in text
    editor.post(TAB, {**GOOD, "fixed_meeting_type": "mariage"})
    assert Agenda.objects.get().fixed_meeting_type == "mariage"
    assert '<option value="mariage" selected>' in panel(editor.get(SETTINGS))


def test_the_check_keeps_what_was_typed_in_the_form(editor, wcs) -> None:
    text = panel(editor.post(TAB, {**GOOD, "slot_field": "autre", "action": "check"}))
    assert 'value="autre"' in text
    assert "fail" in lines_of(editor, slot_field="autre").values()


def lines_of(editor, **data: Any) -> dict[str, str]:
    """State by code."""
    return {line.code: line.state for line in found(editor.post(TAB, {**GOOD, **data, "action": "check"}))}


def test_each_thing_that_is_wrong_has_a_line_and_a_remedy(editor, wcs, form) -> None:
    form.disabled = True
    form.fields[0] = {"type": "string", "label": "x", "varname": "creneau"}
    del form.fields[1:]
    answer = editor.post(TAB, {**GOOD, "action": "check"})
    states = [line.state for line in found(answer)]
    assert states.count("fail") == 4
    assert panel(answer).count('class="remedy"') == sum(1 for state in states if state != "ok")


def test_a_server_that_is_down_is_said_by_the_check(editor, settings) -> None:
    settings.KNOWN_SERVICES = known_services(f"http://127.0.0.1:{free_port()}/")
    assert list(lines_of(editor).values()) == ["fail", "warn"]


def test_no_booking_yet_is_to_be_looked_at(editor, wcs) -> None:
    assert lines_of(editor)["last-booking"] == "warn"


@pytest.mark.parametrize("later", [True, False])
def test_a_workflow_that_only_holds_is_told_until_a_booking_comes(editor, wcs, later) -> None:
    hold(HoldRequest("mairie", ("passeport:2026-11-24-1000",), "K", half_adapted=True), now=NOW, actor=ALICE)
    moment = NOW + datetime.timedelta(minutes=1 if later else -1)
    details = BookingDetails(backoffice_url="https://x.example/1/")
    confirm(BookingRequest("mairie", ("passeport:2026-11-24-0900",), details=details), now=moment, actor=ALICE)
    assert lines_of(editor)["last-booking"] == ("ok" if later else "fail")


def test_bookings_by_hand_or_of_other_agendas_prove_nothing(editor, wcs) -> None:
    confirm(BookingRequest("mairie", ("passeport:2026-11-24-0900",)), now=NOW, actor=ALICE)
    assert Booking.objects.count() == 1
    assert lines_of(editor)["last-booking"] == "warn"


def test_looking_at_its_address_leads_to_the_tab(editor) -> None:
    assert editor.get(TAB).url == f"{SETTINGS}#open:backoffice-booking"


def test_the_check_judges_only_those_who_book_by_their_own_rights(mairie, editor, admin, wcs) -> None:
    wcs.agent_roles = set()
    assert lines_of(admin)["roles"] == "ok"
    mairie.booking_role = mairie.edit_role
    mairie.view_role = mairie.edit_role
    mairie.save()
    assert lines_of(editor)["roles"] == "fail"


def test_a_variable_that_wcs_may_not_know_is_named_until_a_form_has_held_a_slot(editor, wcs, form) -> None:
    form.fields[0]["data_source"]["value"] = "{{ agendas_url }}api/x/?lock_code={{ form_submission_context_lock_code }}"

    def named() -> bool:
        return "address-variable" in lines_of(editor)

    assert named()
    hold(HoldRequest("mairie", ("passeport:2026-11-24-1000",), "K", holder="agent"), now=NOW, actor=ALICE)
    assert named()
    hold(HoldRequest("mairie", ("passeport:2026-11-24-1000",), "L", holder=ORIG), now=NOW, actor=ALICE)
    assert not named()
