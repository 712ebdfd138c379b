"""Journeys of somebody who comes back late: the slot is still free, or somebody else has it."""

from __future__ import annotations

from ..filling import SUMMARY, Filling, Vanished
from ..formdata import Formdata
from ..people import Session
from ..running import start
from .outcome import bookings, check_booked, check_known, held, why_not_booked
from .recovery import choose_in_action
from .robot import draft_by_agent, fill, fill_page, finish, new_record, submit
from .stage import LONG_AWAY, Stage, Wanted


def expiry(stage: Stage) -> None:
    """The hold lapses while the form lies open, for a citizen and for an agent; the slot is still free."""
    record, session, wanted = new_record(stage), Session(), stage.free_slot()
    filling = fill(stage, record, session, wanted)
    away(stage, filling.session.hash_id)
    finish(stage, filling)
    check_known(stage, record, check_booked(stage, record, wanted.slot))

    wanted = stage.free_slot()
    record = draft_by_agent(stage, wanted)
    away(stage, str(record.context.get("lock_code", "")))
    finish(stage, fill(stage, record, stage.session(stage.agent), wanted))
    check_known(stage, record, check_booked(stage, record, wanted.slot))


def away(stage: Stage, lock_code: str) -> None:
    """Hours pass: the hold lapses."""
    stage.wait(LONG_AWAY)
    if held(stage, lock_code):
        raise stage.fail(
            "The hold stands for ever: hours later it still blocks the slot.",
            "Le blocage ne finit pas : des heures plus tard, il bloque encore le créneau.",
        )
    stage.step("Hours later the hold has lapsed", "Des heures plus tard, le blocage est levé")


def lost(stage: Stage) -> None:
    """Somebody else takes the slot meanwhile: nobody may believe to have it, and another one can be chosen."""
    record, session, wanted = new_record(stage), Session(), stage.free_slot()
    finish(stage, fill(stage, record, session, wanted))
    check_known(stage, record, check_booked(stage, record, wanted.slot))
    _lost_by_citizen(stage, record.status)
    _lost_by_agent(stage)
    if stage.may("close"):
        _closed_for_agent(stage, record.status)


def _lost_by_citizen(stage: Stage, good: str) -> None:
    """Taken by somebody else while the summary lies open. `good` is the status of a record that is booked.

    A slot that is listed as taken still passes the final submit: only the workflow can tell then (wcs-runtime.md §6.4).
    """
    record, session, wanted = new_record(stage), Session(), stage.free_slot()
    filling = fill(stage, record, session, wanted)
    away(stage, session.hash_id)
    stage.adapter.tell("occupy", agenda=wanted.agenda, slot=wanted.slot)
    try:
        filling.finish()
    except Vanished:
        stage.step(
            "The citizen is told that the slot is gone, before anything is sent",
            "L'usager apprend que le créneau n'est plus libre avant que rien ne soit envoyé",
        )
        record.page = stage.slot_page
        wanted = stage.free_slot()
        finish(stage, fill(stage, record, session, wanted))
        check_booked(stage, record, wanted.slot)
        return
    start(stage.site, record, session)
    _told_by_workflow(stage, record, good)


def _lost_by_agent(stage: Stage) -> None:
    """The draft of the calendar is opened too late."""
    wanted = stage.free_slot()
    record = draft_by_agent(stage, wanted)
    away(stage, str(record.context.get("lock_code", "")))
    stage.adapter.tell("occupy", agenda=wanted.agenda, slot=wanted.slot)
    session, other = stage.session(stage.agent), stage.free_slot()
    filling = Filling(stage.site, record, session)
    while record.page != SUMMARY:
        view = filling.show()
        refused = fill_page(stage, filling, view, wanted if view.number == stage.slot_page else other)
        if refused is None:
            if view.number == stage.slot_page:
                raise stage.fail(
                    "The page was accepted with a slot that is taken.",
                    "La page a été acceptée avec un créneau qui est pris.",
                )
            continue
        _told_to_agent(stage, filling, other)
        return


def _told_to_agent(stage: Stage, filling: Filling, other: Wanted) -> None:
    """The slot page says so: another slot is chosen there, or the agent goes back to the calendar."""
    stage.step("The agent is told that the slot is gone", "L'agent apprend que le créneau n'est plus libre")
    widget = filling.show().widget(stage.slot_field.varname)
    if widget is not None and widget.locked:
        filling.record.removed = True
        stage.step(
            "The slot came from the calendar and is fixed: the agent gives up the draft and chooses again there",
            "Le créneau venait de l'agenda et ne se change pas : l'agent abandonne la saisie et y choisit à nouveau",
        )
        return
    finish(stage, fill(stage, filling.record, filling.session, other))
    check_booked(stage, filling.record, other.slot)


def _closed_for_agent(stage: Stage, good: str) -> None:
    """The desks are closed while an agent's summary lies open: the record is sent without a slot (§6.4)."""
    wanted = stage.free_slot()
    record, session = draft_by_agent(stage, wanted), stage.session(stage.agent)
    filling = fill(stage, record, session, wanted)
    away(stage, str(record.context.get("lock_code", "")))
    stage.adapter.tell("close", agenda=wanted.agenda, slot=wanted.slot)
    submit(stage, filling)
    start(stage.site, record, session)
    _told_by_workflow(stage, record, good)


def _told_by_workflow(stage: Stage, record: Formdata, good: str) -> None:
    """The record was sent, nothing could be booked: it must not look booked, and should let choose again."""
    if bookings(stage, record):
        raise stage.fail("The slot was booked twice.", "Le créneau a été réservé deux fois.")
    _not_taken_for_booked(stage, record, good)
    wanted = stage.free_slot()
    if choose_in_action(stage, record, wanted):
        check_booked(stage, record, wanted.slot)
        return
    stage.warn(
        f"The record waits in “{stage.status_name(record)}”, where no other slot can be chosen.",
        f"La demande attend dans « {stage.status_name(record)} », où aucun autre créneau ne peut être choisi.",
        (
            "Add a form with a slot field to that status, and a jump back to the booking.",
            "Ajoutez à ce statut un formulaire avec un champ créneau, et un saut vers la réservation.",
        ),
    )


def _not_taken_for_booked(stage: Stage, record: Formdata, good: str) -> None:
    if record.status == good:
        problem = why_not_booked(stage, record)
        raise stage.fail(
            f"The refusal is ignored: the record goes on as if it were booked. {problem}",
            f"Le refus est ignoré : la demande continue comme si elle était réservée. {problem}",
            (
                "Let application errors of the booking action lead to a status of their own.",
                "Dirigez les erreurs applicatives de l'action de réservation vers un statut à part.",
            ),
        )
    stage.step(
        f"The slot is gone: the record goes to “{stage.status_name(record)}”, nobody takes it for booked",
        f"Créneau perdu : la demande va dans « {stage.status_name(record)} », personne ne la croit réservée",
    )
