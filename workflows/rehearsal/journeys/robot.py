"""Fills forms as a person would: page after page, what is asked for and no more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..adapter import AdapterFailed
from ..filling import SUMMARY, Filling, PageView, Vanished
from ..formdata import Formdata
from ..inventing import invent
from ..people import Session
from ..running import start
from .recovery import REMEDY, try_again
from .refusals import refused_page
from .stage import Stage, Wanted
from .trouble import while_booking, while_filling

#: Times that a page is filled in anew when answers bring up more questions.
TRIES = 4


def draft_by_agent(stage: Stage, wanted: Wanted) -> Formdata:
    """An agent clicks the slot in the calendar: the adapter holds it and makes the draft. Raises `Failed`."""
    analysis = stage.analysis
    names = {
        "form_slug": stage.form.slug,
        "slot_field": stage.slot_field.varname,
        "meeting_type_field": analysis.meeting_type.varname if analysis.meeting_type else "",
        "agenda_field": analysis.agenda.varname if analysis.agenda else "",
    }
    try:
        found = stage.adapter.tell("start", user="agent", agenda=wanted.agenda, slot=wanted.slot, **names)
    except AdapterFailed as refused:
        raise stage.fail(
            f"The draft was refused: {refused}", f"La saisie n'a pas pu être ouverte : {refused}"
        ) from None
    record = stage.site.record(stage.form.slug, int(found["backoffice_url"].rstrip("/").rpartition("/")[2]))
    if record is None:
        raise stage.fail("The draft is not there.", "La saisie n'existe pas.")
    stage.step(
        "The calendar held the slot and opened the form as a draft",
        "L'agenda a retenu le créneau et ouvert le formulaire en saisie",
    )
    return record


def new_record(stage: Stage) -> Formdata:
    """A citizen opens the form."""
    return stage.site.new_record(stage.form)


def fill(
    stage: Stage,
    record: Formdata,
    session: Session,
    wanted: Wanted,
    *,
    until: Callable[[int], bool] | None = None,
) -> Filling:
    """Fill page after page, until the summary or until a page for which `until` holds is left. Raises `Failed`."""
    filling = Filling(stage.site, record, session)
    while record.page != SUMMARY:
        view = filling.show()
        if view.number == SUMMARY:
            break
        if view.number == stage.slot_page and _accepted_in_trouble(stage, filling, view, wanted):
            refused = None
        else:
            refused = fill_page(stage, filling, filling.show() if stage.fault else view, wanted)
        if refused is not None:
            raise refused_page(stage, refused)
        if until and until(view.number):
            break
    return filling


def fill_page(stage: Stage, filling: Filling, view: PageView, wanted: Wanted) -> PageView | None:
    """Fill in one page and submit it; the page as it was refused, None when it was accepted."""
    chosen = stage.wanted_values(wanted)
    given: dict[str, Any] = {}
    for _ in range(TRIES):
        scope = filling.scope()
        for widget in view.widgets:
            key = widget.field.varname or widget.field.id
            if key in given or not widget.shown:
                continue
            if widget.field.varname in chosen:
                given[key] = chosen[widget.field.varname]
            elif widget.value.raw is not None:
                given[key] = widget.value.raw
            elif widget.field.required or widget.field.varname in stage.values:
                given[key] = invent(widget, scope, stage.values)
        refused = filling.submit({name: value for name, value in given.items() if value is not None})
        if refused is None:
            return None
        new = [one for one in refused.widgets if one.error and (one.field.varname or one.field.id) not in given]
        if not new or refused.errors:
            return refused
        view = refused
    return view


def _accepted_in_trouble(stage: Stage, filling: Filling, view: PageView, wanted: Wanted) -> bool:
    """Submit the slot's page while something is wrong; whether it was accepted all the same."""
    with while_filling(stage) as wrong:
        if not wrong:
            return False
        refused = fill_page(stage, filling, view, wanted)
    if refused is not None:
        stage.step(
            "In trouble, the page says so and waits; nothing is lost",
            "En cas de panne, la page le dit et attend ; rien n'est perdu",
        )
        return False
    stage.warn(
        "The slot's page was accepted though nothing could be held.",
        "La page du créneau a été acceptée alors que rien n'a pu être retenu.",
        (
            "Write its exit condition as `webservice.….err == 0`: undefined is not 0.",
            "Écrivez sa condition de sortie `webservice.….err == 0` : indéfini n'est pas 0.",
        ),
    )
    return True


def finish(stage: Stage, filling: Filling) -> None:
    """Submit for good, and run the workflow; in trouble it is helped on afterwards. Raises `Failed`."""
    submit(stage, filling)
    with while_booking(stage) as wrong:
        start(stage.site, filling.record, filling.session)
    if not wrong or try_again(stage, filling.record):
        return
    stage.warn(
        f"After the trouble nothing repeats the booking; the record stays in “{stage.status_name(filling.record)}”.",
        f"Après la panne, rien ne répète la réservation ; la demande reste dans"
        f" « {stage.status_name(filling.record)} ».",
        REMEDY,
    )


def submit(stage: Stage, filling: Filling) -> None:
    """Submit for good; the workflow has not run yet. Raises `Failed` when the slot is gone."""
    try:
        filling.finish()
    except Vanished as vanished:
        raise stage.fail(
            f"At the end “{vanished}” is no longer offered: the form cannot be sent.",
            f"À la fin, « {vanished} » n'est plus proposé : le formulaire ne peut pas être envoyé.",
        ) from None
