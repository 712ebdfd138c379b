"""One booking or lock as an agent sees it in the calendar, and what may be done with it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext

from adapter.agendas.errors import UnknownBooking
from adapter.agendas.models import Agenda, Booking, BookingState, Callback, HeldDraft
from adapter.agendas.queries.snapshot import load_snapshot
from adapter.agendas.services import find_booking, why_not_cancellable, why_presence_not_noted
from adapter.manager.access import Access
from adapter.manager.services.holders import names_of
from adapter.manager.services.titles import known_titles
from adapter.manager.words import refusal_in_words

# What is recorded by each of these.
PRESENCE: dict[str, bool | None] = {"came": True, "missed": False, "forget-presence": None}
ACTIONS = ("extend", "release", "take-over", *PRESENCE, "cancel", "retry")


@dataclass(frozen=True, slots=True)
class Appointment:
    """``state``: ``held``, ``booked``, ``cancelled`` or ``ended`` (a lock that lapsed or was released).

    ``form_url`` leads the holder of a lock back to the form that was begun; ``stays`` says why an agent who might
    cancel cannot.
    """

    booking: Booking
    state: str
    holder: str
    form: str
    callback: Callback | None
    actions: tuple[str, ...]
    form_url: str = ""
    stays: str = ""


def read_appointment(
    shown: Agenda, number: int, access: Access, user: AbstractBaseUser, *, now: datetime.datetime
) -> Appointment:
    """The booking or lock of that number in the calendar of ``shown``, as ``user`` may treat it.

    Raises ``Http404`` for one of another agenda, and ``PermissionDenied`` for one that ``access`` may not look at.
    """
    try:
        booking = find_booking(number)
    except UnknownBooking:
        raise Http404 from None
    snapshot, _versions = load_snapshot(shown.slug)
    if booking.agenda_id not in {agenda.id for agenda in snapshot.real_agendas}:
        raise Http404
    if not access.sees_booking(booking):
        raise PermissionDenied
    state = _state(booking, now)
    callback = booking.callbacks.last()
    holder = names_of({booking.holder}).get(booking.holder) or _somebody_online(booking.holder)
    form = known_titles([booking.form_slug]).get(booking.form_slug, "")
    if not access.acts_on_booking(booking):
        return Appointment(booking, state, holder, form, callback, ())
    own = state == "held" and booking.holder == user.get_username()
    refusal = why_not_cancellable(booking, now=now) if state == "booked" else None
    may_fill = shown.backoffice_booking_enabled and access.books(shown)
    actions = _calls(callback) if refusal else _actions(state, callback, own, may_fill=may_fill)
    actions = [*presence_actions(booking, now=now), *actions]
    return Appointment(
        booking,
        state,
        holder,
        form,
        callback,
        tuple(actions),
        form_url=_draft_of(booking) if own else "",
        stays=refusal_in_words(refusal) if refusal else "",
    )


def _somebody_online(service: str) -> str:
    return gettext("somebody online (%(service)s)") % {"service": service} if service else gettext("somebody online")


def _state(booking: Booking, now: datetime.datetime) -> str:
    if booking.state == BookingState.HELD:
        return "held" if booking.expires_at is not None and booking.expires_at > now else "ended"
    return booking.state if booking.state in (BookingState.BOOKED, BookingState.CANCELLED) else "ended"


def _actions(state: str, callback: Callback | None, own: bool, *, may_fill: bool) -> list[str]:
    if state == "held":
        # Nobody takes over from oneself: the way to one's own form is a link.
        return ["extend", "take-over", "release"] if may_fill and not own else ["extend", "release"]
    return [*(["cancel"] if state == "booked" else []), *_calls(callback)]


def presence_actions(booking: Booking, *, now: datetime.datetime) -> list[str]:
    """What an agent who may act on ``booking`` can record of who came, and take back."""
    if why_presence_not_noted(booking, now=now) is not None:
        return []
    return [action for action, came in PRESENCE.items() if booking.user_was_present is not came]


def _calls(callback: Callback | None) -> list[str]:
    return ["retry"] if callback is not None and callback.can_be_retried else []


def _draft_of(lock: Booking) -> str:
    return HeldDraft.objects.filter(booking=lock).values_list("backoffice_url", flat=True).first() or ""
