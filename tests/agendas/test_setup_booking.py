"""The settings of backoffice booking, and imports that were looked at first."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest
from django.db.models import F

from adapter.agendas.errors import InvalidPayload
from adapter.agendas.models import Agenda, AuditEvent, MeetingType
from adapter.agendas.services import Actor
from adapter.agendas.services.setup import (
    BookingSettings,
    PlanChanged,
    change_meeting_type,
    delete_meeting_type,
    field_identifier,
    form_name,
    import_as_planned,
    normalised,
    plan_of,
    set_backoffice_booking,
)
from adapter.agendas.services.transfer import TransferError, export_agendas, import_agendas
from tests.agendas.builders import NOW, make_agenda, make_virtual

pytestmark = pytest.mark.both_databases

WHO = {"now": NOW, "actor": Actor.agent("admin")}
GOOD = BookingSettings(True, "rendez-vous", "creneau", "meeting_type", "agenda")


@pytest.mark.parametrize(
    "text",
    [
        "creneau",
        " creneau\n",
        "form_var_creneau",
        "{{ form_var_creneau }}",
        "{{form_var_creneau}}",
        "{{ form_var_creneau|default:'' }}",
        "{{ form_var_creneau_raw }}",
        "form_var_creneau_raw",
        "form_var_creneau_structured",
        "{{ creneau }}",
    ],
)
def test_what_people_paste_names_the_field(text) -> None:
    assert field_identifier(text) == "creneau"


@pytest.mark.parametrize("text", ["", "creneau_raw", "form_var_", "a b", "{{ a }}{{ b }}", "{% x %}"])
def test_anything_else_is_left_for_the_check(text) -> None:
    assert field_identifier(text) == text.removeprefix("form_var_")


@pytest.mark.parametrize(
    "text",
    [
        "rendez-vous",
        " rendez-vous ",
        "https://demarches.example.org/rendez-vous/",
        "https://demarches.example.org/etat-civil/rendez-vous/?x=1",
        "https://demarches.example.org/backoffice/submission/rendez-vous",
    ],
)
def test_the_address_of_a_form_names_it(text) -> None:
    assert form_name(text) == "rendez-vous"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"form_slug": ""}, "form_slug"),
        ({"slot_field": " "}, "slot_field"),
        ({"slot_field": "form_var_"}, "slot_field"),
        ({"form_slug": "rendez vous"}, "form_slug"),
        ({"form_slug": "../api"}, "form_slug"),
        ({"form_slug": "https://demarches.example.org/"}, "form_slug"),
        ({"slot_field": "1creneau"}, "slot_field"),
        ({"slot_field": "{{ a }}{{ b }}"}, "slot_field"),
        ({"meeting_type_field": "a-b"}, "meeting_type_field"),
        ({"agenda_field": "créneau"}, "agenda_field"),
        ({"agenda_field": "form_var_creneau"}, "agenda_field"),
        ({"meeting_type_field": "agenda"}, "agenda_field"),
    ],
)
def test_what_cannot_work_is_refused_beside_its_field(values, field) -> None:
    with pytest.raises(InvalidPayload) as refusal:
        normalised(replace(GOOD, **values))
    assert list(refusal.value.errors) == [field]


def test_nothing_is_needed_while_booking_is_not_enabled_unless_it_is_checked() -> None:
    empty = BookingSettings()
    assert normalised(empty) == empty
    with pytest.raises(InvalidPayload) as refusal:
        normalised(empty, complete=True)
    assert set(refusal.value.errors) == {"form_slug", "slot_field"}


@pytest.mark.django_db
def test_clean_identifiers_are_kept_and_told() -> None:
    agenda = make_agenda()
    typed = replace(GOOD, form_slug="https://x.example/rendez-vous/", slot_field="{{ form_var_creneau }}")
    assert set_backoffice_booking(agenda, typed, **WHO) == GOOD
    agenda.refresh_from_db()
    assert BookingSettings.of(agenda) == GOOD
    event = AuditEvent.objects.get()
    assert event.data["changes"]["slot_field"] == ["", "creneau"]
    set_backoffice_booking(agenda, GOOD, **WHO)
    assert AuditEvent.objects.get() == event


@pytest.mark.django_db
def test_a_refusal_keeps_what_was_there() -> None:
    agenda = make_agenda(backoffice_booking_enabled=True, form_slug="rendez-vous", slot_field="creneau")
    with pytest.raises(InvalidPayload):
        set_backoffice_booking(agenda, replace(GOOD, form_slug=""), **WHO)
    assert BookingSettings.of(Agenda.objects.get()).form_slug == "rendez-vous"


@pytest.mark.django_db
def test_an_import_does_what_was_planned() -> None:
    make_agenda()
    document = export_agendas()
    document["agendas"][0]["label"] = "Hôtel de ville"
    plan = plan_of(import_agendas(document, **WHO, dry_run=True))
    assert Agenda.objects.get().label == "Mairie"
    changes = import_as_planned(document, plan, **WHO)
    assert [change.fields for change in changes] == [("label",)]
    assert Agenda.objects.get().label == "Hôtel de ville"


@pytest.mark.django_db
def test_an_import_that_would_do_something_else_by_now_does_nothing() -> None:
    agenda = make_agenda()
    document = export_agendas()
    document["agendas"][0]["label"] = "Hôtel de ville"
    plan = plan_of(import_agendas(document, **WHO, dry_run=True))
    Agenda.objects.filter(pk=agenda.pk).update(maximal_booking_delay=7)
    with pytest.raises(PlanChanged) as outdated:
        import_as_planned(document, plan, **WHO)
    assert Agenda.objects.get().label == "Mairie"
    assert not AuditEvent.objects.exists()
    import_as_planned(document, plan_of(outdated.value.changes), **WHO)
    assert Agenda.objects.get().maximal_booking_delay == 56


@pytest.mark.django_db
def test_an_import_that_fails_half_way_does_nothing() -> None:
    make_agenda()
    document = export_agendas()
    second = copy.deepcopy(document["agendas"][0]) | {"slug": "annexe", "category": "inconnue"}
    document["agendas"].append(second)
    with pytest.raises(TransferError):
        import_as_planned(document, "", **WHO)
    assert Agenda.objects.count() == 1


@pytest.mark.django_db
def test_the_only_type_of_a_form_must_be_one_that_can_be_booked() -> None:
    real = make_agenda()
    everywhere = make_virtual("toutes", real, make_agenda("annexe"))
    for agenda in (real, everywhere):
        fixed = replace(GOOD, fixed_meeting_type=" mariage ")
        assert set_backoffice_booking(agenda, fixed, **WHO).fixed_meeting_type == "mariage"
        agenda.refresh_from_db()
        assert agenda.fixed_meeting_type == "mariage"
    MeetingType.objects.filter(agenda__slug="annexe", slug="passeport").update(enabled=False)
    Agenda.objects.filter(slug="annexe").update(config_version=F("config_version") + 1)
    for agenda, slug in ((real, "inconnu"), (everywhere, "passeport")):
        with pytest.raises(InvalidPayload) as refusal:
            set_backoffice_booking(agenda, replace(GOOD, fixed_meeting_type=slug), **WHO)
        assert list(refusal.value.errors) == ["fixed_meeting_type"]


@pytest.mark.django_db
def test_the_only_type_of_a_form_is_neither_renamed_nor_disabled_nor_removed() -> None:
    real = make_agenda()
    make_virtual("toutes", real, fixed_meeting_type="mariage")
    row = MeetingType.objects.get(slug="mariage")
    for values in ({"slug": "noces"}, {"enabled": False}):
        with pytest.raises(InvalidPayload) as refusal:
            change_meeting_type(row, values, **WHO)
        assert "Toutes" in refusal.value.errors[next(iter(values))][0]
    with pytest.raises(InvalidPayload):
        delete_meeting_type(row, **WHO)
    change_meeting_type(row, {"label": "Noces"}, **WHO)
    change_meeting_type(MeetingType.objects.get(slug="passeport"), {"enabled": False}, **WHO)
