"""What a comparison with w.c.s. found, in the words of the back office."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from adapter.agendas.errors import SlotUnavailable
from adapter.reconciliation.models import KeptFinding
from adapter.reconciliation.services import CHANGED, Detail, Kind, Obstacle, Repair

KINDS: dict[str, Promise] = {
    Kind.RECORD_GONE: _("Appointment without its request"),
    Kind.RECORD_CANCELLED: _("Appointment of a cancelled request"),
    Kind.RECORD_WITHOUT_BOOKING: _("Request without its appointment"),
}
DETAILS: dict[str, Promise] = {
    Detail.GONE: _("The request does not exist any more in w.c.s."),
    Detail.NO_BOOKING: _("The appointment that it names does not exist here: choose a slot again in the request."),
    Detail.WILL_LAPSE: _("Its slot is only held, and will be free again soon."),
    Detail.SLOT_FREE: _("Its slot was only held, and the lock has lapsed; the slot is still free."),
    Detail.SLOT_TAKEN: _(
        "Its slot was only held, the lock has lapsed, and somebody else has the slot: agree on another one."
    ),
    Detail.NOT_TOLD: _("The appointment was cancelled here, and w.c.s. could not be told."),
    Detail.NO_ADDRESS: _("The appointment was cancelled here, and its form gave no address to tell w.c.s."),
    Detail.NEVER_TOLD: _("The appointment was cancelled here, and w.c.s. was not told."),
    Detail.MOVED: _(
        "The appointment was moved to another slot, and the request keeps the number of the old one: agree on it with "
        "the person, and correct the request."
    ),
}
REPAIRS: dict[str, Promise] = {
    Repair.CANCEL_BOOKING: _("Cancel the appointment"),
    Repair.RESTORE_BOOKING: _("Make the appointment, under the same number"),
    Repair.RESEND_CALLBACK: _("Tell w.c.s. again"),
    Repair.BY_HAND: _("By hand, in the request"),
}
CONSEQUENCES: dict[str, Promise] = {
    Repair.CANCEL_BOOKING: _(
        "The slot becomes free at once. Nobody is told: the request is gone, or cancelled already."
    ),
    Repair.RESTORE_BOOKING: _("The appointment stands on the same desk, under the number that the request knows."),
    Repair.RESEND_CALLBACK: _("The call is made again within a minute, for three days if need be."),
}
OBSTACLES: dict[str, Promise] = {
    Obstacle.OUT_OF_TIME: _("there was no time left"),
    Obstacle.NO_FORM: _("w.c.s. does not know the form either"),
    Obstacle.NO_SERVICE: _("its request is not at an address of a known service"),
    "unreachable": _("w.c.s. does not answer"),
    "timeout": _("w.c.s. takes too long"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding as the page shows it; ``opens``: its booking or lock is there and can be looked at."""

    row: KeptFinding
    agenda: str
    opens: bool
    what: str
    why: str
    repair: str
    consequence: str
    failure: str

    @property
    def by_hand(self) -> bool:
        """Whether only a person can repair it."""
        return self.row.repair == Repair.BY_HAND


def explained(row: KeptFinding, agenda: str, opens: bool) -> Shown:
    """A finding in words; what is not known to this version is shown as it is kept."""
    return Shown(
        row,
        agenda,
        opens,
        str(KINDS.get(row.kind, row.kind)),
        _why(row),
        str(REPAIRS.get(row.repair, row.repair)),
        str(CONSEQUENCES.get(row.repair, "")),
        failure_in_words(row) if row.problem else "",
    )


def _why(row: KeptFinding) -> str:
    if row.kind == Kind.RECORD_CANCELLED:
        return gettext("The state of the request is “%(status)s”.") % {"status": row.status}
    return str(DETAILS.get(row.detail, row.detail))


def failure_in_words(row: KeptFinding) -> str:
    """Why a repair could not be done, and what to do."""
    if row.problem == CHANGED:
        return gettext("Something has changed since the comparison: nothing was done. Compare again.")
    if row.problem == SlotUnavailable.err_class:
        return str(DETAILS[Detail.SLOT_TAKEN])
    if row.problem in DETAILS:
        return str(DETAILS[row.problem])
    return gettext("It could not be done: %(problem)s. Nothing was changed.") % {"problem": row.problem.rstrip(".")}


def unreadable_in_words(what: str, reason: str, others: int = 0) -> str:
    """What could not be read, and why; what w.c.s. said of it is shown as it said it."""
    kind, _space, name = what.partition(" ")
    if kind == "form" and name:
        what = gettext("form %(name)s") % {"name": name}
    elif kind == "booking" and name:
        what = gettext("booking %(number)s") % {"number": name}
    if others:
        what = ngettext("%(what)s and %(count)d other", "%(what)s and %(count)d others", others) % {
            "what": what,
            "count": others,
        }
    return gettext("%(what)s: %(why)s") % {"what": what, "why": OBSTACLES.get(reason, reason)}
