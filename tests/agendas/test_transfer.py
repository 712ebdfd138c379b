"""Agendas as a document: all of it or nothing, and only what differs."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from adapter.agendas.models import Agenda, AuditEvent, Booking, Desk, MeetingType, OpeningPeriod
from adapter.agendas.services import Actor, BookingRequest, HoldRequest, SlotQuery, confirm, hold, list_slots
from adapter.agendas.services.transfer import TransferError, export_agendas, import_agendas
from fixtures import DEMO
from tests.agendas.builders import ALICE, NOW, make_agenda, make_virtual

pytestmark = pytest.mark.django_db
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
    with pytest.raises(TransferError, match="retenu"):
        load(document)
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
    with pytest.raises(TransferError, match="retenu"):
        load(document)
