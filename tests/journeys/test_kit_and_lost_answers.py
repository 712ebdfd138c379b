"""Whatever answer is lost in the kit's workflow, record and agenda end up alike."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.rehearsal import stage_of
from workflows.definitions import make_kit
from workflows.rehearsal.definitions import kit_library
from workflows.rehearsal.formdata import Formdata
from workflows.rehearsal.http import Fault
from workflows.rehearsal.journeys import Stage
from workflows.rehearsal.journeys.outcome import bookings, check_booked
from workflows.rehearsal.journeys.robot import fill, finish, new_record
from workflows.rehearsal.people import Session
from workflows.rehearsal.report import JourneyReport
from workflows.rehearsal.running import messages, offers, take

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def kit() -> Iterator[Stage]:
    with stage_of(kit_library(make_kit("fr", roles=["Agents"]))) as stage:
        yield stage


@pytest.fixture
def stage(kit) -> Stage:
    kit.begin(JourneyReport("", ""))
    return kit


def sent(stage: Stage, *faults: Fault) -> tuple[Formdata, str]:
    """A record that was sent while ``faults`` were there, and its slot."""
    record, session, wanted = new_record(stage), Session(), stage.free_slot()
    filling = fill(stage, record, session, wanted)
    stage.site.client.faults.extend(faults)
    finish(stage, filling)
    stage.site.client.faults.clear()
    return record, wanted.slot


def press(stage: Stage, record: Formdata, label: str, given: dict[str, str] | None = None, agent: bool = False) -> None:
    session = stage.session(stage.agent) if agent else Session(record.user)
    [offer] = [one for one in offers(stage.site, record, session) if label in (one.label, one.kind)]
    assert take(stage.site, record, session, offer, given)[1] is None


def calls(path: str) -> Fault:
    return Fault("lost-answer", lambda method, called, body: method != "GET" and path in called)


def said(stage: Stage, record: Formdata) -> str:
    return " ".join(text for _level, text in messages(stage.site, record, Session(record.user)))


def test_a_move_whose_answer_is_lost_is_repeated_and_gives_the_booking_that_was_made(stage) -> None:
    record, _slot = sent(stage)
    other = stage.free_slot().slot
    press(stage, record, "Choisir un autre créneau")
    stage.site.client.faults.append(calls("/fillslot/"))
    press(stage, record, "form", {"creneau": other})
    assert "tenté de nouveau" in said(stage, record)
    made = bookings(stage, record)
    stage.wait_for(record, 1800)
    assert bookings(stage, record) == made
    assert check_booked(stage, record, other) == made[0]
    press(stage, record, "Annuler le rendez-vous")
    assert (stage.status_name(record), bookings(stage, record)) == ("Rendez-vous annulé", [])


def test_giving_up_while_a_move_is_not_answered_leaves_no_booking(stage) -> None:
    record, _slot = sent(stage)
    press(stage, record, "Choisir un autre créneau")
    stage.site.client.faults.append(calls("/fillslot/"))
    press(stage, record, "form", {"creneau": stage.free_slot().slot})
    press(stage, record, "Annuler le rendez-vous")
    assert (stage.status_name(record), bookings(stage, record)) == ("Rendez-vous annulé", [])


@pytest.mark.parametrize("cancelled_late", [False, True])
def test_giving_up_after_a_lost_answer_leaves_no_booking(stage, cancelled_late) -> None:
    record, _slot = sent(stage, calls("/fillslot/"))
    assert stage.status_name(record) == "Agenda indisponible" and bookings(stage, record)
    if cancelled_late:
        stage.site.client.faults.append(Fault("down", lambda method, path, body: "/cancel/" in path))
    press(stage, record, "Abandonner la demande")
    if cancelled_late:
        assert "pas encore libéré" in said(stage, record) and bookings(stage, record)
        stage.wait_for(record, 1800)
    assert (stage.status_name(record), bookings(stage, record)) == ("Rendez-vous annulé", [])


def test_the_appointment_is_kept_or_given_up_without_choosing_a_slot(stage) -> None:
    record, slot = sent(stage)
    press(stage, record, "Choisir un autre créneau")
    press(stage, record, "Garder le rendez-vous")
    check_booked(stage, record, slot)
    press(stage, record, "Choisir un autre créneau")
    press(stage, record, "Annuler le rendez-vous")
    assert bookings(stage, record) == []


def test_a_move_that_is_refused_is_told_and_changes_nothing(stage) -> None:
    record, slot = sent(stage)
    taken = stage.free_slot()
    press(stage, record, "Choisir un autre créneau")
    occupied: list[str] = []

    def occupies(method: str, path: str, body: object) -> bool:
        """Somebody else takes the slot between the list and the call."""
        if method == "POST" and "/fillslot/" in path and not occupied:
            occupied.append(taken.slot)
            stage.adapter.tell("occupy", agenda=taken.agenda, slot=taken.slot, leave=0)
        return False

    stage.site.client.faults.append(Fault("down", occupies))
    press(stage, record, "form", {"creneau": taken.slot})
    stage.site.client.faults.clear()
    assert "Votre rendez-vous n'a pas été déplacé" in said(stage, record).replace(
        "\N{RIGHT SINGLE QUOTATION MARK}", "'"
    )
    check_booked(stage, record, slot)


def test_presence_is_told_to_the_agenda_once_it_is_time(stage) -> None:
    record, _slot = sent(stage)
    agent = stage.session(stage.agent)
    labels = {"Rendez-vous honoré", "La personne n'est pas venue"}
    assert not labels & {one.label for one in offers(stage.site, record, agent)}
    stage.site.clock.move(60 * 86400)
    stage.site.client.faults.append(Fault("down", lambda method, path, body: method == "PATCH"))
    try:
        assert labels <= {one.label for one in offers(stage.site, record, agent)}
        press(stage, record, "La personne n'est pas venue", agent=True)
        assert stage.status_name(record) == "Absence à transmettre à l'agenda"
    finally:
        stage.site.clock.move(-60 * 86400)
    [call] = [call for call in stage.report.trace.calls if call.method == "PATCH"]
    assert call.body == {"user_was_present": "false"}
    press(stage, record, "Réessayer", agent=True)
    assert stage.status_name(record) == "Absence au rendez-vous"
