"""The journey of a booking whose answer did not come back: it was made, and the workflow makes it again."""

from __future__ import annotations

from ..formdata import Formdata
from ..http import Fault, FaultKind
from ..people import Session
from ..running import start
from .errors import NotOffered
from .outcome import bookings, check_booked, check_known
from .recovery import REMEDY, try_again
from .robot import fill, new_record, submit
from .stage import Stage, Wanted, is_booking

TROUBLES: tuple[tuple[FaultKind, str, str], ...] = (
    ("lost-answer", "a time-out", "un délai dépassé"),
    ("error-after", "an error 500", "une erreur 500"),
)


def retry(stage: Stage) -> None:
    """After a time-out, and after a 500, the repeated booking is recognised: one booking, and the record knows it."""
    repeated = [_after(stage, *trouble) for trouble in TROUBLES]
    if not any(repeated):
        raise NotOffered(
            stage.say(
                "The workflow never repeats its booking: after a time-out somebody must look into the calendar.",
                "Le workflow ne répète jamais sa réservation : après un délai dépassé, il faut regarder dans l'agenda.",
            )
        )


def _after(stage: Stage, kind: FaultKind, english: str, french: str) -> bool:
    """Whether the workflow repeats its booking after a trouble."""
    made = len(stage.booking_calls())
    record, wanted = _booked_in_the_dark(stage, kind)
    if not bookings(stage, record):
        raise stage.fail(f"Nothing was booked before {english}.", f"Rien n'a été réservé avant {french}.")
    if len(stage.booking_calls()) < made + 2 and not try_again(stage, record):
        check_booked(stage, record, wanted.slot)
        stage.warn(
            f"After {english} the record stays in “{stage.status_name(record)}” though its booking was made; nothing"
            " repeats the call.",
            f"Après {french}, la demande reste dans « {stage.status_name(record)} » alors que sa réservation est"
            " faite ; rien ne répète l'appel.",
            REMEDY,
        )
        return False
    check_known(stage, record, check_booked(stage, record, wanted.slot))
    stage.step(
        f"After {english} the repeated call found its booking",
        f"Après {french}, l'appel répété a retrouvé sa réservation",
    )
    return True


def _booked_in_the_dark(stage: Stage, kind: FaultKind) -> tuple[Formdata, Wanted]:
    record, session, wanted = new_record(stage), Session(), stage.free_slot()
    filling = fill(stage, record, session, wanted)
    stage.site.client.faults.append(Fault(kind, is_booking))
    submit(stage, filling)
    start(stage.site, record, session)
    stage.site.client.faults.clear()
    return record, wanted
