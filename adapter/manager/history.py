"""The audit log of one booking or lock, in words."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from adapter.agendas.models import AuditEvent, Booking
from adapter.manager.words import event_in_words, moment_in_words

REASONS: dict[str, Promise] = {
    "lapsed": _("its time was over"),
    "in the way": _("its time was over and somebody else took the slot"),
    "superseded": _("the same person's booking took its place"),
    "moved": _("moved to another slot"),
    "given up": _("the form was given up"),
    "no draft in w.c.s.": _("the forms' server could not prepare the form"),
    "released by an admin": _("from the page of locks, or by a command"),
    "released by an agent": _("from the page of locks"),
    "released in the calendar": _("by an agent, in the agenda"),
    "taken over": _("an agent went on in this place"),
    "cancelled by an agent": _("by an agent, in the agenda"),
    "cancelled": _("asked for by the forms' server"),
}
# What says no more than the event itself.
SILENT = ("", "released")
KINDS: dict[str, Promise] = {
    AuditEvent.ActorKind.AGENT: _("Agent"),
    AuditEvent.ActorKind.SERVICE: _("Service"),
    AuditEvent.ActorKind.TASK: _("Task"),
    AuditEvent.ActorKind.COMMAND: _("Command"),
}


# Fields of an appointment that change; what they hold may be personal and is never in the log.
FIELDS: dict[str, Promise] = {
    "user_was_present": _("presence"),
    "user_absence_reason": _("reason of absence"),
    "user_presence_reason": _("reason of presence"),
}
PRESENCE: dict[bool | None, Promise] = {True: _("came"), False: _("did not come"), None: _("not recorded")}
# Where an event names another lock or appointment.
LEADS_TO = ("to", "by", "from")


@dataclass(frozen=True, slots=True)
class Line:
    """One event: when, what, who did it, why when that is known, and what is different (a phrase each).

    ``other`` is the number of the lock or appointment that took its place, or whose place it took.
    """

    at: datetime.datetime
    what: str
    who: str
    why: str
    changes: tuple[str, ...] = ()
    other: int | None = None


def history_of(booking: Booking, within: Q | None) -> list[Line]:
    """Everything that happened to that booking or lock, the oldest first. Two queries at the most.

    Others are named as far as they are ``within`` what the agent may look at (``None``: all).
    """
    events = list(AuditEvent.objects.filter(booking_id=booking.pk).order_by("id"))
    numbers = {number for event in events if (number := _other(event)) is not None}
    others = Booking.objects.select_related("desk", "meeting_type").filter(within or Q())
    rows = others.in_bulk(numbers) if numbers else {}
    return [_line(event, booking, rows.get(_other(event) or 0)) for event in events]


def _line(event: AuditEvent, booking: Booking, other: Booking | None) -> Line:
    return Line(
        event.at,
        event_in_words(event.code),
        _who(event),
        reason_in_words(_because(event)),
        (*_field_changes(event), *(_slot_changes(event, booking, other) if other else [])),
        other.pk if other else None,
    )


def _data(event: AuditEvent) -> dict[str, Any]:
    return event.data if isinstance(event.data, dict) else {}


def _other(event: AuditEvent) -> int | None:
    found = next((_data(event)[name] for name in LEADS_TO if name in _data(event)), None)
    return found if isinstance(found, int) else None


def _field_changes(event: AuditEvent) -> list[str]:
    data = _data(event)
    told = []
    match data.get("present"):
        case [(True | False | None) as before, (True | False | None) as after] if before != after:
            told.append(_changed(FIELDS["user_was_present"], PRESENCE[before], PRESENCE[after]))
    names = [name for name in data.get("fields", []) if name != "user_was_present" or "present" not in data]
    told += [str(FIELDS[name]) for name in names if name in FIELDS]
    told += [gettext("further data “%(name)s”") % {"name": name} for name in data.get("extra", [])]
    return told


def _slot_changes(event: AuditEvent, booking: Booking, other: Booking) -> list[str]:
    """How the slot of the event's row differs from the other one, in the order of time."""
    before, after = (other, booking) if "from" in _data(event) else (booking, other)
    pairs = [
        (_("slot"), moment_in_words(before.start), moment_in_words(after.start)),
        (_("meeting type"), before.meeting_type.label, after.meeting_type.label),
        (_("desk"), before.desk.label, after.desk.label),
        (_("holder"), before.holder or "—", after.holder or "—") if _data(event).keys() & {"by", "from"} else None,
    ]
    return [_changed(*pair) for pair in pairs if pair and pair[1] != pair[2]]


def _changed(what: Promise | str, before: Promise | str, after: Promise | str) -> str:
    return gettext("%(what)s: %(before)s → %(after)s") % {"what": what, "before": before, "after": after}


def reason_in_words(because: str) -> str:
    """Why a lock or booking ended; reasons nobody knows are shown as they are."""
    if because in SILENT:
        return ""
    return str(REASONS[because]) if because in REASONS else because


def _because(event: AuditEvent) -> str:
    because = _data(event).get("because")
    return because if isinstance(because, str) else ""


def _who(event: AuditEvent) -> str:
    kind = str(KINDS.get(event.actor_kind, event.actor_kind))
    if not event.actor:
        return kind
    return gettext("%(kind)s %(name)s") % {"kind": kind, "name": event.actor}
