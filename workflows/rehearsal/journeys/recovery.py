"""What people and time do when a booking did not go well: the workflow is helped on as far as it lets."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.reader import Action, FormAction

from ..formdata import Formdata
from ..people import Session
from ..running import Offer, after_form, offers, reaches, take
from .stage import Stage, Wanted

#: Seconds: longer than the delays after which workflows try again.
A_WHILE = 1800
ATTEMPTS = 4
#: What helps workflows that never book again.
REMEDY = (
    "Let the action's errors lead to a status that tries again after some minutes: repeating is safe.",
    "Dirigez les erreurs de l'action vers un statut qui réessaie après quelques minutes : c'est sans risque.",
)


def sessions(stage: Stage, record: Formdata) -> list[Session]:
    """Whoever may act on a record: who sent it, then an agent."""
    return [Session(record.user), stage.session(stage.agent)]


def offered(stage: Stage, record: Formdata) -> Iterator[tuple[Session, Offer]]:
    """All that can be done with a record now."""
    for session in sessions(stage, record):
        for offer in offers(stage.site, record, session):
            yield session, offer


def books(stage: Stage, action: Action) -> bool:
    """Whether an action is a booking."""
    return any(action == booking.action for booking in stage.analysis.bookings)


def try_again(stage: Stage, record: Formdata) -> bool:
    """Let time pass, then take what leads back to the booking; whether its call was made once more."""
    made = len(stage.booking_calls())
    for _ in range(ATTEMPTS):
        stage.wait_for(record, A_WHILE)
        if len(stage.booking_calls()) > made:
            return True
        for session, offer in offered(stage, record):
            target = offer.action.text("status") if offer.kind == "choice" else ""
            if target and reaches(stage.workflow, target, lambda action: books(stage, action)):
                stage.step(f"“{offer.label}” is chosen", f"« {offer.label} » est choisi")
                take(stage.site, record, session, offer)
                break
        if len(stage.booking_calls()) > made:
            return True
    return False


def choose_in_action(stage: Stage, record: Formdata, wanted: Wanted) -> bool:
    """Answer the form of an action that asks for another slot and leads to a booking; whether there was one."""
    embedded = {slot.form_action: slot.field for slot in stage.analysis.slots if slot.form_action is not None}
    for session, offer in offered(stage, record):
        action = offer.action
        if not isinstance(action, FormAction) or action not in embedded:
            continue
        if not any(reaches(stage.workflow, status, lambda one: books(stage, one)) for status in after_form(action)):
            continue
        given = {embedded[action].varname: wanted.slot}
        _running, refused = take(stage.site, record, session, offer, given)
        if refused is not None:
            widgets = [widget for widget in refused.widgets if widget.error]
            names = ", ".join(widget.field.label for widget in widgets)
            raise stage.fail(
                f"The form in which another slot is chosen was refused: {names}.",
                f"Le formulaire où l'on choisit un autre créneau a été refusé : {names}.",
            )
        stage.step("Another slot is chosen in place", "Un autre créneau est choisi sur place")
        return True
    return False
