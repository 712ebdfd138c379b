"""What became of a record in the agenda: the one booking that should stand, or why there is none."""

from __future__ import annotations

from typing import Any

from ..formdata import Formdata
from .errors import Failed
from .stage import Stage


def bookings(stage: Stage, record: Formdata) -> list[dict[str, Any]]:
    """Bookings of the record that stand."""
    rows = stage.adapter.tell("bookings", record=stage.site.urls(record).backoffice)["bookings"]
    return [row for row in rows if row["live"]]


def held(stage: Stage, lock_code: str) -> list[dict[str, Any]]:
    """What stands under a lock code."""
    rows = stage.adapter.tell("bookings", lock_code=lock_code)["bookings"]
    return [row for row in rows if row["live"]]


def check_booked(stage: Stage, record: Formdata, slot: str = "") -> dict[str, Any]:
    """Exactly one booking stands for the record, at `slot` when it is given. Raises `Failed` with the reason."""
    live = bookings(stage, record)
    if len(live) > 1:
        raise stage.fail(
            f"{len(live)} bookings stand for one record.", f"{len(live)} réservations pour une seule demande."
        )
    if not live or live[0]["state"] != "booked":
        raise why_not_booked(stage, record)
    row = live[0]
    if slot and row["slot"] != slot:
        raise stage.fail(
            f"The booking is at {row['slot']}, not at {slot}.", f"La réservation est à {row['slot']}, pas à {slot}."
        )
    stage.step(
        f"The agenda has one booking for the record: {row['local']}, {row['desk']}; the record is in"
        f" “{stage.status_name(record)}”",
        f"L'agenda a une réservation pour la demande : {row['local']}, {row['desk']} ; la demande est dans"
        f" « {stage.status_name(record)} »",
    )
    return row


def check_known(stage: Stage, record: Formdata, row: dict[str, Any]) -> None:
    """The record knows its booking: without that nobody can cancel it from there. Raises `Failed`."""
    names = [booking.action.varname for booking in stage.analysis.bookings if booking.action.varname]
    known = [record.workflow_data.get(f"{name}_response") for name in names]
    if names and not any(isinstance(one, dict) and str(one.get("booking_id")) == str(row["id"]) for one in known):
        raise stage.fail(
            f"The booking stands, but the record does not know it: it stays in “{stage.status_name(record)}”.",
            "La réservation existe, mais la demande ne la connaît pas : elle reste dans"
            f" « {stage.status_name(record)} ».",
        )


def check_none(stage: Stage, record: Formdata) -> None:
    """No booking stands for the record. Raises `Failed`."""
    if bookings(stage, record):
        raise stage.fail("The booking still stands in the agenda.", "La réservation existe toujours dans l'agenda.")


def why_not_booked(stage: Stage, record: Formdata) -> Failed:
    """The reason, from the last booking call."""
    calls, status = stage.booking_calls(), stage.status_name(record)
    if not stage.analysis.bookings:
        return stage.fail(
            "The workflow has no action that books the slot.",
            "Le workflow n'a aucune action qui réserve le créneau.",
        )
    if not calls:
        return stage.fail(
            f"The workflow never made its booking call; the record stays in “{status}”.",
            f"Le workflow n'a jamais fait son appel de réservation ; la demande reste dans « {status} ».",
        )
    call = calls[-1]
    if call.status == 0:
        return stage.fail(
            f"The booking call did not leave ({call.error}): its address was empty, or nobody answered."
            f" The record stays in “{status}”.",
            f"L'appel de réservation n'est pas parti ({call.error}) : adresse vide, ou pas de réponse."
            f" La demande reste dans « {status} ».",
        )
    answer = call.answer if isinstance(call.answer, dict) else {}
    if answer and not answer.get("err"):
        return _answered_well(stage, call.body, answer)
    return stage.fail(
        f"The adapter refused the booking: {answer.get('err_desc') or call.status}. The record stays in “{status}”.",
        f"L'adaptateur a refusé la réservation : {answer.get('err_desc') or call.status}."
        f" La demande reste dans « {status} ».",
    )


def _answered_well(stage: Stage, body: Any, answer: dict[str, Any]) -> Failed:
    sent = body if isinstance(body, dict) else {}
    if sent.get("lock_code") and not sent.get("confirm_after_lock"):
        return stage.fail(
            "The booking call only held the slot: it sends the lock code without confirm_after_lock, so the hold will"
            " lapse and nothing is booked.",
            "L'appel de réservation n'a fait que retenir le créneau : il envoie le code de verrou sans"
            " confirm_after_lock, donc le créneau sera rendu et rien n'est réservé.",
            ("wcs make-bookable adds confirm_after_lock.", "wcs make-bookable ajoute confirm_after_lock."),
        )
    return stage.fail(
        "The booking was made, but without `backoffice_url` or `form_url`: it cannot be linked to its record.",
        "La réservation est faite, mais sans `backoffice_url` ni `form_url` : rien ne la relie à sa demande.",
    )
