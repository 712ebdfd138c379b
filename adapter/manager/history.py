"""The audit log of one booking or lock, in words."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from adapter.agendas.models import AuditEvent
from adapter.manager.words import event_in_words

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


@dataclass(frozen=True, slots=True)
class Line:
    """One event: when, what, who did it, and why when that is known."""

    at: datetime.datetime
    what: str
    who: str
    why: str


def history_of(booking_id: int) -> list[Line]:
    """Everything that happened to that booking or lock, the oldest first. One query."""
    events = AuditEvent.objects.filter(booking_id=booking_id).order_by("id")
    return [
        Line(event.at, event_in_words(event.code), _who(event), reason_in_words(_because(event))) for event in events
    ]


def reason_in_words(because: str) -> str:
    """Why a lock or booking ended; reasons nobody knows are shown as they are."""
    if because in SILENT:
        return ""
    return str(REASONS[because]) if because in REASONS else because


def _because(event: AuditEvent) -> str:
    because = event.data.get("because") if isinstance(event.data, dict) else None
    return because if isinstance(because, str) else ""


def _who(event: AuditEvent) -> str:
    kind = str(KINDS.get(event.actor_kind, event.actor_kind))
    if not event.actor:
        return kind
    return gettext("%(kind)s %(name)s") % {"kind": kind, "name": event.actor}
