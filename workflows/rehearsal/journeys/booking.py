"""Journeys in which all goes well: an agent books, a citizen books, twice in one browser, clicking twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from ..filling import Filling
from ..formdata import Formdata
from ..people import Session
from ..running import Running, repeat_call
from .outcome import bookings, check_booked, check_known, held
from .robot import draft_by_agent, fill, finish, new_record, submit
from .stage import Stage, Wanted


def backoffice(stage: Stage) -> None:
    """The calendar makes the draft, the agent completes it."""
    wanted = stage.last_place()
    record = draft_by_agent(stage, wanted)
    before = held(stage, str(record.context.get("lock_code", "")))
    filling = fill(stage, record, stage.session(stage.agent), wanted)
    finish(stage, filling)
    row = check_booked(stage, record, wanted.slot)
    if before and before[0]["desk"] != row["desk"]:
        raise stage.fail(
            f"The slot was held at {before[0]['desk']} and booked at {row['desk']}.",
            f"Le créneau était retenu au {before[0]['desk']} et réservé au {row['desk']}.",
        )
    check_known(stage, record, row)


def citizen(stage: Stage) -> None:
    """A citizen who has not logged in fills in the form."""
    record, session, wanted = new_record(stage), Session(), stage.last_place()
    filling = fill(stage, record, session, wanted, until=lambda page: page == stage.slot_page)
    tell_whether_held(stage, filling)
    finish(stage, fill(stage, record, session, wanted))
    check_known(stage, record, check_booked(stage, record, wanted.slot))


def tell_whether_held(stage: Stage, filling: Filling) -> bool:
    """Whether the slot is held once its page is left; a warning when it is not."""
    if held(stage, filling.session.hash_id):
        stage.step("The slot is held as soon as its page is left", "Le créneau est retenu dès que sa page est quittée")
        return True
    stage.warn(
        "The slot is not held while the form is filled in: somebody else may take it before the end.",
        "Le créneau n'est pas retenu pendant la saisie : quelqu'un d'autre peut le prendre avant la fin.",
        ("wcs make-bookable adds the call that holds it.", "wcs make-bookable ajoute l'appel qui le retient."),
    )
    return False


def two_records(stage: Stage) -> None:
    """Two forms in one browser session share a lock code, and each gets its booking."""
    session = Session()
    first, second = stage.free_slot(), stage.free_slot()
    one, other = new_record(stage), new_record(stage)
    for record, wanted in ((one, first), (other, second)):
        fill(stage, record, session, wanted, until=lambda page: page == stage.slot_page)
    stage.step(
        "Two forms are open in one browser; each has chosen its slot",
        "Deux formulaires sont ouverts dans un même navigateur ; chacun a choisi son créneau",
    )
    rows = []
    for record, wanted in ((one, first), (other, second)):
        finish(stage, fill(stage, record, session, wanted))
        rows.append(check_booked(stage, record, wanted.slot))
    # The first one still stands after the second.
    if len(bookings(stage, one)) != 1 or rows[0]["id"] == rows[1]["id"]:
        raise stage.fail(
            "The second form took the booking of the first one.",
            "Le second formulaire a pris la réservation du premier.",
        )


def double_click(stage: Stage) -> None:
    """The page of the slot is submitted twice at once, and the booking is made twice."""
    record, session, wanted = new_record(stage), Session(), stage.free_slot()
    filling = fill(stage, record, session, wanted, until=lambda page: page == stage.slot_page)
    _submit_again(stage, record, session, wanted)
    rows = held(stage, filling.session.hash_id)
    if len(rows) > 1:
        raise stage.fail(
            f"Submitting the page twice holds {len(rows)} slots.",
            f"Valider deux fois la page retient {len(rows)} créneaux.",
        )
    if rows:
        stage.step("The page submitted twice holds one slot", "La page validée deux fois retient un seul créneau")
    filling = fill(stage, record, session, wanted)
    submit(stage, filling)
    running = Running(stage.site, record, session)
    again = [booking.action for booking in stage.analysis.bookings[:1]]
    _at_once(
        lambda: running.enter(stage.workflow.statuses[0].id), *(partial(repeat_call, one, running) for one in again)
    )
    check_booked(stage, record, wanted.slot)


def _submit_again(stage: Stage, record: Formdata, session: Session, wanted: Wanted) -> None:
    """Two more submits of the page of the slot, at the same time, each on a copy as in two requests."""

    def again() -> None:
        copy = replace(record, page=stage.slot_page, data=dict(record.data), context=dict(record.context))
        fill(stage, copy, session, wanted, until=lambda page: page == stage.slot_page)

    _at_once(again, again)


def _at_once(*doing: Callable[[], object]) -> None:
    """Do it in threads; the first failure is raised."""
    failures: list[BaseException] = []

    def run(one: Callable[[], object]) -> None:
        try:
            one()
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(one,)) for one in doing]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
