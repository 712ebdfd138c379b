"""Agendas as a document: all of it or nothing, and only what differs."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from adapter.agendas.models import Agenda, AuditEvent, Booking, Closure, Desk, MeetingType, OpeningPeriod
from adapter.agendas.services import Actor, BookingRequest, HoldRequest, SlotQuery, confirm, hold, list_slots
from adapter.agendas.services.transfer import TransferError, export_agendas, import_agendas
from fixtures import DEMO
from tests.agendas.builders import ALICE, NOW, make_agenda, make_virtual

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
ADMIN = Actor.command("agendas")


def load(document: Any, **options: bool) -> list[str]:
    return [str(change) for change in import_agendas(document, now=NOW, actor=ADMIN, **options)]


@pytest.fixture
def document() -> dict[str, Any]:
    """*mairie*, as it is exported."""
    make_agenda()
    return export_agendas()


def test_what_was_exported_changes_nothing_when_it_is_imported(document) -> None:
    version = Agenda.objects.get().config_version
    assert load(document) == []
    assert Agenda.objects.get().config_version == version


def test_everything_comes_back_after_it_was_deleted() -> None:
    document = json.loads(Path(DEMO).read_text("utf-8"))
    load(document)
    exported = export_agendas()
    Agenda.objects.filter(kind="virtual").delete()
    Agenda.objects.all().delete()
    load(exported)
    assert export_agendas() == exported


def test_a_virtual_agenda_brings_the_agendas_it_is_made_of() -> None:
    make_virtual("toutes", make_agenda(), make_agenda("annexe"))
    make_agenda("autre")
    assert {item["slug"] for item in export_agendas(["toutes"])["agendas"]} == {"toutes", "mairie", "annexe"}


def test_the_only_type_of_a_form_is_carried_and_must_be_there(document) -> None:
    make_virtual("toutes", Agenda.objects.get(), fixed_meeting_type="mariage")
    Agenda.objects.filter(slug="mairie").update(fixed_meeting_type="passeport")
    exported = export_agendas()
    named = {item["slug"]: item["backoffice_booking"]["fixed_meeting_type"] for item in exported["agendas"]}
    assert named == {"mairie": "passeport", "toutes": "mariage"}
    Agenda.objects.filter(kind="virtual").delete()
    Agenda.objects.all().delete()
    load(exported)
    assert export_agendas() == exported
    # Files of before name none.
    del exported["agendas"][0]["backoffice_booking"]["fixed_meeting_type"]
    load(exported)
    for item in exported["agendas"]:
        item["backoffice_booking"]["fixed_meeting_type"] = "inconnu"
    with pytest.raises(TransferError) as refusal:
        load(exported)
    assert {problem.path for problem in refusal.value.problems} == {
        f"agendas[{number}].backoffice_booking.fixed_meeting_type" for number in (0, 1)
    }


def test_one_fault_changes_nothing_at_all(document) -> None:
    changed = copy.deepcopy(document)
    changed["agendas"][0]["label"] = "Autre"
    changed["agendas"].append({"slug": "bad", "label": "Bad", "kind": "meetings", "desks": [{"slug": "É"}]})
    with pytest.raises(TransferError) as refusal:
        load(changed)
    assert any("agendas[1].desks[0]" in problem.path for problem in refusal.value.problems)
    assert Agenda.objects.get().label == "Mairie"


def test_listings_see_an_import_at_once(document) -> None:
    before = list_slots("mairie", "passeport", SlotQuery(), now=NOW).offer.starts
    for desk in document["agendas"][0]["desks"]:
        desk["openings"] = desk["openings"][2:]
    load(document)
    assert len(list_slots("mairie", "passeport", SlotQuery(), now=NOW).offer.starts) < len(before)


def test_a_desk_without_appointments_is_removed(document) -> None:
    del document["agendas"][0]["desks"][1]
    assert load(document) == ["remove desk mairie/guichet-2"]
    assert Desk.objects.count() == 1


def test_a_desk_with_appointments_to_come_stays(document) -> None:
    for _ in range(2):
        confirm(BookingRequest("mairie", ("passeport:2026-11-24-0900",)), now=NOW, actor=ALICE)
    del document["agendas"][0]["desks"][1]
    with pytest.raises(TransferError):
        load(document)
    assert Desk.objects.count() == 2


def test_a_meeting_type_with_history_is_disabled_not_removed(document) -> None:
    confirm(BookingRequest("mairie", ("passeport:2026-11-24-0900",)), now=NOW, actor=ALICE)
    document["agendas"][0]["meeting_types"] = document["agendas"][0]["meeting_types"][1:]
    load(document)
    assert not MeetingType.objects.get(slug="passeport").enabled
    assert Booking.objects.get().meeting_type.slug == "passeport"


def test_a_dry_run_leaves_no_trace(document) -> None:
    document["agendas"][0]["minimal_booking_delay"] = 3
    assert load(document, dry_run=True) == ["update agenda mairie (minimal_booking_delay)"]
    assert Agenda.objects.get().minimal_booking_delay == 1
    assert not AuditEvent.objects.exists()


def test_each_kind_of_opening_survives_the_journey() -> None:
    agenda = make_agenda(desks=1, hours=())
    desk = agenda.desks.get()
    openings = [
        {"weekday": "monday", "weeks_of_month": [1, 3], "start": "09:00", "end": "12:00"},
        {"date": "2026-12-24", "start": "09:00", "end": "24:00"},
        {
            "weekday": "friday",
            "start": "10:00",
            "end": "11:00",
            "valid_from": "2026-12-01",
            "valid_until": "2027-01-31",
        },
    ]
    document = export_agendas()
    document["agendas"][0]["desks"][0]["openings"] = openings
    load(document)
    assert OpeningPeriod.objects.filter(desk=desk).count() == 3
    assert load(export_agendas()) == []


def test_reminders_and_retention_go_with_the_agenda(document) -> None:
    [agenda] = document["agendas"]
    assert agenda["reminder"] == {"hours_before": None, "subject": "", "body": ""}
    agenda["reminder"] = {"hours_before": 24, "subject": "{{ date }}", "body": "{{ link }}"}
    agenda["retention"] = {"anonymize_after_days": 30, "purge_after_days": 365}
    load(document)
    row = Agenda.objects.get()
    assert (row.reminder_hours, row.reminder_body, row.purge_after_days) == (24, "{{ link }}", 365)
    assert export_agendas() == document
    assert load(document) == []
    # A file from before these members existed takes them away again, as any member that is left out.
    del agenda["reminder"], agenda["retention"]
    load(document)
    assert Agenda.objects.get().reminder_hours is None


@pytest.mark.parametrize(
    "break_it",
    [
        lambda agenda: agenda.update(reminder={"hours_before": 0}),
        lambda agenda: agenda.update(reminder={"hours_before": 24, "subject": "{{ nom }}"}),
        lambda agenda: agenda.update(reminder={"surprise": 1}),
        lambda agenda: agenda.update(retention={"anonymize_after_days": 9, "purge_after_days": 8}),
        lambda agenda: agenda.update(kind="events"),
        lambda agenda: agenda.update(minimal_booking_delay=-1),
        lambda agenda: agenda.update(surprise=1),
        lambda agenda: agenda.update(label="x" * 151),
        lambda agenda: agenda.update(label="a\0b"),
        lambda agenda: agenda["meeting_types"].append({"slug": "x", "label": "x", "duration": 0}),
        lambda agenda: agenda["meeting_types"].append(dict(agenda["meeting_types"][0])),
        lambda agenda: agenda["desks"].append(dict(agenda["desks"][0])),
        lambda agenda: agenda["desks"][0]["openings"].append({"weekday": "monday", "start": "12:00", "end": "11:00"}),
        lambda agenda: agenda["desks"][0]["openings"].append({"weekday": "someday", "start": "9:00", "end": "10:00"}),
        lambda agenda: agenda["exceptions"].append(
            {"start": "2026-12-01", "end": "2026-11-01", "desks": ["guichet-1"]}
        ),
        lambda agenda: agenda.update(members=["nowhere"]),
    ],
)
def test_a_fault_is_refused_with_its_place(document, break_it) -> None:
    break_it(document["agendas"][0])
    with pytest.raises(TransferError) as refusal:
        load(document)
    assert all(problem.path.startswith("agendas[0]") for problem in refusal.value.problems)


def _types(document: dict[str, Any]) -> list[dict[str, Any]]:
    return document["agendas"][0]["meeting_types"]


@pytest.mark.parametrize(
    "change",
    [
        lambda types: types[0].update(duration=25),
        lambda types: types[0].update(enabled=False),
        lambda types: types.pop(0),
    ],
)
def test_what_a_lock_promises_is_not_changed_under_it(document, change) -> None:
    hold(HoldRequest("mairie", ("passeport:2026-11-24-0900",), "K"), now=NOW, actor=ALICE)
    change(_types(document))
    with pytest.raises(TransferError) as refusal:
        load(document)
    assert [problem.path for problem in refusal.value.problems] == ["agendas[0].meeting_types"]
    confirm(BookingRequest("mairie", ("passeport:2026-11-24-0900",), lock_code="K"), now=NOW, actor=ALICE)
    load(document)


def test_what_does_not_concern_a_lock_is_imported_under_it(document) -> None:
    hold(HoldRequest("mairie", ("passeport:2026-11-24-0900",), "K"), now=NOW, actor=ALICE)
    _types(document)[0]["label"] = "Passeport biométrique"
    _types(document)[1]["duration"] = 45
    assert len(load(document)) == 2
    confirm(BookingRequest("mairie", ("passeport:2026-11-24-0900",), lock_code="K"), now=NOW, actor=ALICE)


def test_members_stay_while_a_slot_is_held_through_the_virtual_agenda() -> None:
    make_virtual("toutes", make_agenda(), make_agenda("annexe"))
    document = export_agendas()
    hold(HoldRequest("toutes", ("passeport:2026-11-24-0900",), "K"), now=NOW, actor=ALICE)
    [virtual] = [item for item in document["agendas"] if item["slug"] == "toutes"]
    virtual["members"] = ["annexe"]
    with pytest.raises(TransferError) as refusal:
        load(document)
    assert [problem.path for problem in refusal.value.problems] == ["agendas[2].members"]


CLOSED = {"start": "2026-12-24T12:00:00+01:00", "end": "2026-12-25T00:00:00+01:00", "label": "Réveillon"}
CALENDAR = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Travaux\r\n"
    "DTSTART:20261201T080000Z\r\nDTEND:20261201T110000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def test_closures_calendars_and_categories_survive_the_journey(document) -> None:
    [agenda] = document["agendas"]
    both = ["guichet-1", "guichet-2"]
    document["categories"] = [{"slug": "etat-civil", "label": "État civil"}]
    agenda["category"] = "etat-civil"
    agenda["exceptions"] = [{**CLOSED, "desks": both}]
    agenda["exception_sources"] = [
        {"kind": "ics_file", "label": "Fichier", "desks": ["guichet-1"], "ics_text": CALENDAR},
        # What an address gave when it was last read is kept until it is read again.
        {
            "kind": "ics_url",
            "label": "Adresse",
            "desks": both,
            "ics_url": "https://calendrier.example.net/a.ics",
            "closures": [{**CLOSED, "label": "Pont"}],
        },
    ]
    assert "create category etat-civil" in load(document)
    assert sorted(Closure.objects.values_list("label", "desks__slug")) == [
        ("Pont", "guichet-1"),
        ("Pont", "guichet-2"),
        ("Réveillon", "guichet-1"),
        ("Réveillon", "guichet-2"),
        ("Travaux", "guichet-1"),
    ]
    exported = export_agendas()
    assert exported["categories"] == document["categories"]
    [written] = exported["agendas"]
    assert (written["category"], written["exceptions"]) == ("etat-civil", agenda["exceptions"])
    assert [source["label"] for source in written["exception_sources"]] == ["Adresse", "Fichier"]
    assert load(exported) == []
    exported["categories"][0]["label"] = "Affaires civiles"
    assert load(exported) == ["update category etat-civil (label)"]


def test_an_agenda_does_not_become_a_virtual_one(document) -> None:
    [agenda] = document["agendas"]
    virtual = {"slug": agenda["slug"], "label": agenda["label"], "kind": "virtual"}
    with pytest.raises(TransferError) as refusal:
        load({**document, "agendas": [virtual]})
    assert [problem.path for problem in refusal.value.problems] == ["agendas[0].kind"]
    assert Agenda.objects.get().kind == "meetings"


def _opening(**values: Any) -> Any:
    period = {"weekday": "monday", "start": "09:00", "end": "10:00", **values}
    return lambda document: document["agendas"][0]["desks"][0]["openings"].append(period)


def _closure(**values: Any) -> Any:
    closure = {**CLOSED, "desks": ["guichet-1"], **values}
    return lambda document: document["agendas"][0]["exceptions"].append(closure)


def _source(**values: Any) -> Any:
    source = {"kind": "ics_url", "label": "Adresse", "desks": ["guichet-1"], "ics_url": "https://c.example/", **values}
    return lambda document: document["agendas"][0]["exception_sources"].append(source)


@pytest.mark.parametrize(
    ("break_it", "place"),
    [
        (lambda document: document.update(version=2), "version"),
        (lambda document: document.update(version="1"), "version"),
        (lambda document: document.update(agendas={}), "agendas"),
        (lambda document: document.update(categories=[{"slug": "a", "label": "A"}] * 2), "categories[1].slug"),
        (lambda document: document.update(categories=[{"slug": "a"}]), "categories[0].label"),
        (lambda document: document["agendas"].append("mairie"), "agendas[1]"),
        (lambda document: document["agendas"].append(document["agendas"][0]), "agendas[1].slug"),
        (lambda document: document["agendas"][0]["desks"][0].update(enabled="yes"), "agendas[0].desks[0].enabled"),
        (lambda document: document["agendas"][0].update(kind="virtual"), "agendas[0].desks"),
        (_opening(weeks_of_month=[0]), "agendas[0].desks[0].openings[{last}].weeks_of_month"),
        (_opening(weeks_of_month="1"), "agendas[0].desks[0].openings[{last}].weeks_of_month"),
        (_opening(valid_from="tomorrow"), "agendas[0].desks[0].openings[{last}].valid_from"),
        (_opening(start="9 h"), "agendas[0].desks[0].openings[{last}].start"),
        (_opening(start=None), "agendas[0].desks[0].openings[{last}].start"),
        (_closure(desks=[]), "agendas[0].exceptions[0].desks"),
        (_closure(desks=["guichet-9"]), "agendas[0].exceptions[0].desks"),
        (_closure(desks=["guichet-1", "guichet-1"]), "agendas[0].exceptions[0].desks"),
        (_closure(end=CLOSED["start"]), "agendas[0].exceptions[0].end"),
        (_closure(start="Christmas"), "agendas[0].exceptions[0].start"),
        (_source(kind="pdf"), "agendas[0].exception_sources[0].kind"),
        (_source(kind="ics_file"), "agendas[0].exception_sources[0].ics_text"),
        (_source(closures=[{**CLOSED, "end": CLOSED["start"]}]), "agendas[0].exception_sources[0].closures[0].end"),
        (_source(kind="ics_file", ics_text="not a calendar"), "agendas[0].exception_sources"),
    ],
)
def test_each_fault_is_named_by_its_place_and_nothing_is_changed(document, break_it, place) -> None:
    last = len(document["agendas"][0]["desks"][0]["openings"])
    break_it(document)
    before = AuditEvent.objects.count(), OpeningPeriod.objects.count(), Closure.objects.count()
    with pytest.raises(TransferError) as refusal:
        load(document)
    assert place.format(last=last) in [problem.path for problem in refusal.value.problems]
    assert (AuditEvent.objects.count(), OpeningPeriod.objects.count(), Closure.objects.count()) == before
