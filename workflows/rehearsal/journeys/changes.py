"""Journeys after the booking: cancelled by the agent or the citizen, or moved."""

from __future__ import annotations

from typing import Any

from workflows.reader import Action

from ..filling import Filling
from ..formdata import Formdata
from ..people import Session
from ..running import Offer, copy_to_edit, keep_edit, reaches, take
from .errors import NotOffered
from .outcome import check_booked, check_known, check_none
from .recovery import books, choose_in_action, offered
from .robot import fill, finish, new_record
from .stage import Stage, Wanted

#: Seconds after which a call that was put off is made again.
LATER = 3600
#: Choices that may lead to the place where another slot is chosen.
DEPTH = 3


def cancel(stage: Stage) -> None:
    """An agent cancels in the calendar and the record is told; a citizen cancels and the calendar is told."""
    if stage.may("cancel"):
        _by_agent(stage)
    _by_citizen(stage)


def _booked(stage: Stage) -> tuple[Formdata, dict[str, Any], Wanted]:
    record, session, wanted = new_record(stage), Session(), stage.free_slot()
    finish(stage, fill(stage, record, session, wanted))
    row = check_booked(stage, record, wanted.slot)
    check_known(stage, record, row)
    return record, row, wanted


def _by_agent(stage: Stage) -> None:
    record, row, _wanted = _booked(stage)
    before, calls = record.status, len(stage.report.trace.calls)
    stage.adapter.tell("cancel", booking=row["id"], user="agent")
    stage.adapter.tell("deliver")
    check_none(stage, record)
    if record.status == before:
        stage.warn(
            f"An agent cancelled in the calendar; the record was not told and stays in “{stage.status_name(record)}”.",
            f"Un agent a annulé dans l'agenda ; la demande l'ignore et reste dans « {stage.status_name(record)} ».",
            (
                "Send cancel_callback_url with the booking, the address of a global action's hook (WCS-B111).",
                "Envoyez cancel_callback_url avec la réservation : l'adresse du hook d'une action globale (WCS-B111).",
            ),
        )
        return
    stage.step(
        f"An agent cancelled in the calendar: the record was told and is in “{stage.status_name(record)}”",
        f"Un agent a annulé dans l'agenda : la demande l'a appris et est dans « {stage.status_name(record)} »",
    )
    for call in stage.report.trace.calls[calls:]:
        if "/cancel/" in call.url:
            stage.warn(
                "The workflow asks the calendar to cancel what the calendar has just cancelled.",
                "Le workflow demande à l'agenda d'annuler ce que l'agenda vient d'annuler.",
                ("Let the hook lead to a status without that call.", "Dirigez le hook vers un statut sans cet appel."),
            )


def _by_citizen(stage: Stage) -> None:
    record, _row, _wanted = _booked(stage)

    def frees(action: Action) -> bool:
        return action in stage.analysis.cancels

    for session, offer in offered(stage, record):
        target = offer.action.text("status") if offer.kind == "choice" else ""
        if not target or not reaches(stage.workflow, target, frees):
            continue
        if reaches(stage.workflow, target, lambda action: books(stage, action)):
            continue
        take(stage.site, record, session, offer)
        check_none(stage, record)
        stage.step(
            f"“{offer.label}” freed the slot; the record is in “{stage.status_name(record)}”",
            f"« {offer.label} » a libéré le créneau ; la demande est dans « {stage.status_name(record)} »",
        )
        return
    stage.warn(
        "The workflow offers no way to cancel that frees the slot.",
        "Le workflow ne propose aucune annulation qui libère le créneau.",
        (
            "Call the booking's cancel_url when a record is cancelled.",
            "Appelez cancel_url quand une demande est annulée.",
        ),
    )


def move(stage: Stage) -> None:
    """Another slot is chosen after the booking: one booking at the end, the first slot is free again."""
    record, row, _wanted = _booked(stage)
    wanted = stage.free_slot()
    if not _moved(stage, record, wanted, DEPTH):
        raise NotOffered(
            stage.say(
                "The workflow offers no way to choose another slot.",
                "Le workflow ne propose pas de choisir un autre créneau.",
            )
        )
    moved = check_booked(stage, record, wanted.slot)
    check_known(stage, record, moved)
    if moved["id"] == row["id"] and moved["slot"] == row["slot"]:
        raise stage.fail("Nothing was moved.", "Rien n'a été déplacé.")
    stage.step("The first slot is free again", "Le premier créneau est à nouveau libre")


def _moved(stage: Stage, record: Formdata, wanted: Wanted, depth: int) -> bool:
    """Choose in the form of an action, or by editing the form, or after one of the choices that lead there."""
    if choose_in_action(stage, record, wanted):
        return True
    found = list(offered(stage, record))
    for session, offer in found:
        target = offer.action.text("status")
        if offer.kind == "edit" and target and reaches(stage.workflow, target, lambda action: books(stage, action)):
            _edit(stage, record, session, offer, wanted)
            return True
    if not depth:
        return False
    for session, offer in found:
        if offer.kind == "choice" and _asks_for_a_slot(stage, offer):
            take(stage.site, record, session, offer)
            stage.step(f"“{offer.label}” is chosen", f"« {offer.label} » est choisi")
            return _moved(stage, record, wanted, depth - 1)
    return False


def _asks_for_a_slot(stage: Stage, offer: Offer) -> bool:
    """Whether a choice leads to where a slot can be chosen, without giving up the appointment for good."""
    embedded = [slot.form_action for slot in stage.analysis.slots if slot.form_action is not None]

    def asks(action: Action) -> bool:
        return action in embedded or (action.type == "editable" and bool(action.text("status")))

    return reaches(stage.workflow, offer.action.text("status"), asks)


def _edit(stage: Stage, record: Formdata, session: Session, offer: Offer, wanted: Wanted) -> None:
    edited = copy_to_edit(record)
    filling = fill(stage, edited, session, wanted)
    Filling(stage.site, edited, session).read_again()
    keep_edit(stage.site, record, filling.record, session, offer)
    stage.step(f"The form is edited (“{offer.label}”)", f"Le formulaire est modifié (« {offer.label} »)")
