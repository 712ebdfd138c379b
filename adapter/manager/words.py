"""Facts turned into words for agents."""

from __future__ import annotations

import datetime
from typing import Protocol

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from adapter.agendas.errors import AgendaError
from adapter.agendas.models import Booking, BookingState, Callback, CallbackState, Outcome
from adapter.agendas.slots import Reason
from adapter.dates import date_text

REASONS: dict[Reason, Promise] = {
    Reason.FREE: _("Free"),
    Reason.HELD: _("Held while somebody fills in a form"),
    Reason.BOOKED: _("Booked"),
    Reason.DOES_NOT_FIT: _("The appointment would end after closing time"),
    Reason.EXCEPTION: _("Exception to the opening hours"),
    Reason.EXCLUDED: _("Period left out of the virtual agenda"),
    Reason.TOO_SOON: _("Past, or before the minimal booking delay"),
    Reason.TOO_LATE: _("After the maximal booking delay"),
    Reason.REPEATED_HOUR: _("Second pass of an hour that clocks show twice"),
    Reason.CLOSED: _("Outside of the opening hours, or not a possible start"),
}

REFUSED: dict[str, Promise] = {
    "slot-unavailable": _("No desk was free"),
    "too-many-locks": _("Too many slots were held under the same code"),
    "caller-holds-too-much": _("Too many slots were held by the same service"),
    "already-cancelled": _("The appointment that was to be moved was cancelled"),
}

EVENTS: dict[str, Promise] = {
    "lock.created": _("Slot held"),
    "lock.repeated": _("Held again under the same code"),
    "lock.renewed": _("Lock extended"),
    "lock.moved": _("Lock moved to another slot"),
    "lock.released": _("Lock released"),
    "lock.taken_over": _("Lock taken over by an agent"),
    "lock.expired": _("Lock lapsed"),
    "booking.confirmed": _("Appointment confirmed"),
    "booking.recaptured": _("Appointment confirmed after the lock had lapsed, the slot was still free"),
    "booking.moved": _("Replaced by another appointment"),
    "booking.cancelled": _("Appointment cancelled"),
    "booking.changed": _("Appointment changed"),
    "booking.anonymized": _("Personal data erased"),
    "booking.restored": _("Appointment restored for its request in w.c.s."),
    "reminder.sent": _("Reminder sent by e-mail"),
    "reminder.failed": _("Reminder by e-mail given up"),
    "callback.delivered": _("The forms' server was told"),
    "callback.failed": _("The forms' server could not be told"),
    "callback.retried": _("Another attempt to tell the forms' server was asked for"),
}


def minutes_in_words(minutes: int) -> str:
    """``20 minutes``, ``1 hour``, ``1 hour 30 minutes``, in the language of the page."""
    hours, rest = divmod(minutes, 60)
    parts = []
    if hours:
        parts.append(ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours})
    if rest or not hours:
        parts.append(ngettext("%(count)d minute", "%(count)d minutes", rest) % {"count": rest})
    return " ".join(parts)


def minutes_left(expires_at: datetime.datetime, now: datetime.datetime) -> int:
    """Whole minutes until ``expires_at``, at least 1 while it is to come."""
    return max(0, -(-int((expires_at - now).total_seconds()) // 60))


def time_left(expires_at: datetime.datetime, now: datetime.datetime) -> str:
    """How long a lock still lasts."""
    minutes = minutes_left(expires_at, now)
    return ngettext("for %(left)s minute", "for %(left)s minutes", minutes) % {"left": minutes}


def moment_in_words(moment: datetime.datetime) -> str:
    """``24 November 2026 09:20``, local, in the language of the page."""
    local = timezone.localtime(moment)
    return f"{date_text(local, 'j F Y')} {local:%H:%M}"


def event_in_words(code: str) -> str:
    """What an event of the audit log says; unknown codes are shown as they are."""
    return str(EVENTS[code]) if code in EVENTS else gettext("Event “%(code)s”") % {"code": code}


def booking_state(booking: Booking) -> str:
    """State of a booking or lock, with attendance when it is known."""
    if booking.state == BookingState.BOOKED and booking.user_was_present is not None:
        return gettext("Came") if booking.user_was_present else gettext("Did not come")
    return str(BookingState(booking.state).label)


OUTCOMES: dict[str, Promise] = {
    **{str(state): state.label for state in BookingState},
    **{str(outcome): outcome.label for outcome in Outcome},
}


def lock_outcome(outcome: str) -> str:
    """What became of a lock: it is held, it ended, or it became a booking."""
    return str(OUTCOMES.get(outcome, outcome))


PROBLEMS: dict[str, Promise] = {
    "not-configured": _("No w.c.s. is connected. Ask an administrator to set KNOWN_SERVICES."),
    "unreachable": _("The forms' server does not answer. Try again in a moment."),
    "timeout": _("The forms' server takes too long. Try again in a moment."),
    "signature": _("The forms' server refuses our signature. Ask an administrator to compare keys and clocks."),
    "clock": _("The clocks of both servers disagree. Ask an administrator to set them by NTP."),
    "unknown-form": _("The form named in the settings of this agenda does not exist. Ask who manages the agenda."),
    "form-disabled": _("The form is disabled. Ask who manages the forms to enable it."),
    "no-submission-role": _("The form has no backoffice submission role: nobody can fill it in for somebody else."),
    "agent-not-allowed": _("You do not have the role that lets agents fill in this form. Ask an administrator for it."),
    "agent-unknown": _("The forms' server does not know you yet. Log in there once, then try again."),
}


def problem_in_words(code: str, *, kept: bool = False) -> str:
    """Why w.c.s. made no draft, what to do, and what became of the slot: ``kept`` by its first holder, or free."""
    known = PROBLEMS.get(code)
    problem = str(known) if known else gettext("The forms' server could not prepare the form. Try again in a moment.")
    slot = gettext("Nothing has changed for the slot.") if kept else gettext("The slot is free again.")
    return f"{problem} {slot}"


REFUSALS: dict[str, Promise] = {
    "already-cancelled": _("This appointment does not stand any more."),
    "appointment-over": _("This appointment is over: it can no longer be cancelled."),
    "person-came": _("The person came: this appointment can no longer be cancelled."),
}


def refusal_in_words(refusal: AgendaError) -> str:
    """Why an appointment is not cancelled."""
    return str(REFUSALS.get(refusal.code, refusal.err_class))


CALLBACKS: dict[str, Promise] = {
    CallbackState.PENDING: _("the form is being told"),
    CallbackState.DELIVERED: _("the form has been told"),
    CallbackState.FAILED: _("the form could not be told"),
}


class Named(Protocol):
    """Whose appointment it is."""

    @property
    def label(self) -> str: ...
    @property
    def user_name(self) -> str: ...
    @property
    def user_first_name(self) -> str: ...
    @property
    def user_last_name(self) -> str: ...


def what_and_whose(booking: Named, kind: str) -> tuple[str, str]:
    """What an appointment of the type labelled ``kind`` is called, and whose it is unless that is said already.

    It is called by its label, or by the person when the label only repeats the type; else by its type.
    """
    person = f"{booking.user_first_name} {booking.user_last_name}".strip() or booking.user_name
    name = (booking.label if booking.label != kind else "") or person or kind
    return name, "" if person in name else person


def appointment_name(booking: Booking) -> str:
    """What an appointment is called."""
    return what_and_whose(booking, booking.meeting_type.label)[0]


def name_beside_label(booking: Booking) -> str:
    """Whose appointment it is, unless :func:`appointment_name` says so already."""
    return what_and_whose(booking, booking.meeting_type.label)[1]


def callback_in_words(callback: Callback) -> str:
    """How far a call to w.c.s. got; how often it was tried when that is more than once."""
    told = str(CALLBACKS.get(callback.state, callback.state))
    if callback.state == CallbackState.PENDING and callback.attempts > 1:
        count = ngettext("%(count)d attempt", "%(count)d attempts", callback.attempts) % {"count": callback.attempts}
        return f"{told} ({count})"
    return told
