"""Meeting types and desks: what can be booked, and where."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from django.core.exceptions import NON_FIELD_ERRORS
from django.db.models import F, Max, Q
from django.utils.translation import gettext as _

from adapter.agendas.errors import InvalidPayload
from adapter.agendas.models import Agenda, Desk, MeetingType
from adapter.agendas.services.actor import Actor
from adapter.agendas.services.audit import Entry, record
from adapter.agendas.services.setup.rows import (
    free_slug,
    refuse,
    refuse_taken,
    refuse_while_held,
    save,
    setting_up,
)
from adapter.agendas.services.uses import forget_ended_locks, promised_by, reasons_to_keep, was_used

Place = TypeVar("Place", Desk, MeetingType)
# Changing one of these would make a confirmation look for something else than what is held.
PROMISED = ("slug", "duration", "enabled")


def add_meeting_type(
    agenda: Agenda, label: str, duration: int, *, slug: str = "", now: datetime.datetime, actor: Actor
) -> MeetingType:
    """A new meeting type (``duration`` in minutes), last of the list. Raises ``InvalidPayload``."""
    _only_meetings(agenda)
    return _add(MeetingType(agenda=agenda), {"label": label.strip(), "duration": duration}, slug, now, actor)


def change_meeting_type(
    meeting_type: MeetingType, values: Mapping[str, Any], *, now: datetime.datetime, actor: Actor
) -> MeetingType:
    """Change ``label``, ``slug``, ``duration`` or ``enabled``.

    Raises ``InvalidPayload``: for a new identifier when appointments know the old one, and for what would break the
    promise made to those who hold a slot right now.
    """
    agenda = meeting_type.agenda
    with setting_up(agenda):
        row = MeetingType.objects.get(pk=meeting_type.pk)
        _check_slug(row, values, _("Appointments of this type exist: their forms know it by this identifier."))
        for name in ("slug", "enabled"):
            if name in values and values[name] != getattr(row, name):
                for reason in _forms_of(row):
                    raise refuse(reason, name)
        for name in PROMISED:
            if name in values and values[name] != getattr(row, name):
                refuse_while_held(promised_by(agenda, row.slug), name, now=now)
        return _change(row, values, now, actor)


def delete_meeting_type(meeting_type: MeetingType, *, now: datetime.datetime, actor: Actor) -> None:
    """Remove a meeting type that nobody booked or holds. Raises ``InvalidPayload`` with the reasons."""
    _delete(meeting_type, now, actor)


def add_desk(agenda: Agenda, label: str, *, slug: str = "", now: datetime.datetime, actor: Actor) -> Desk:
    """A new desk without opening periods, last of the list. Raises ``InvalidPayload``."""
    _only_meetings(agenda)
    return _add(Desk(agenda=agenda), {"label": label.strip()}, slug, now, actor)


def change_desk(desk: Desk, values: Mapping[str, Any], *, now: datetime.datetime, actor: Actor) -> Desk:
    """Change ``label``, ``slug`` or ``enabled``. A disabled desk keeps its appointments and takes no new ones.

    Raises ``InvalidPayload``.
    """
    with setting_up(desk.agenda):
        row = Desk.objects.get(pk=desk.pk)
        _check_slug(row, values, _("Appointments took this desk: other programs know it by this identifier."))
        return _change(row, values, now, actor)


def delete_desk(desk: Desk, *, now: datetime.datetime, actor: Actor) -> None:
    """Remove a desk with its opening periods, when nobody booked or holds it. Raises ``InvalidPayload``."""
    _delete(desk, now, actor)


def move(place: Desk | MeetingType, steps: int, *, now: datetime.datetime, actor: Actor) -> None:
    """Move a desk or meeting type up (negative) or down in its list; the ends of the list stop it."""
    with setting_up(place.agenda):
        siblings: list[Desk | MeetingType] = list(type(place)._default_manager.filter(agenda=place.agenda))
        keys = [item.pk for item in siblings]
        before = keys.index(place.pk)
        after = min(max(before + steps, 0), len(keys) - 1)
        siblings.insert(after, siblings.pop(before))
        for number, item in enumerate(siblings, 1):
            if item.position != number:
                type(item)._default_manager.filter(pk=item.pk).update(position=number)
        if before != after:
            record(actor, now, [_entry("moved", place)])


def reasons_to_keep_place(place: Desk | MeetingType, *, now: datetime.datetime) -> list[str]:
    """Why a desk or a meeting type cannot be removed, a sentence each, and what to do instead."""
    advice = _("Disable it instead: its history stays, and nobody can book it any more.")
    reasons = reasons_to_keep(_rows_of(place), advice, now=now)
    return [*_forms_of(place), *reasons] if isinstance(place, MeetingType) else reasons


def _forms_of(meeting_type: MeetingType) -> list[str]:
    """A sentence when backoffice booking, here or in a virtual agenda, is for this type alone."""
    own = Q(pk=meeting_type.agenda_id) | Q(members__real=meeting_type.agenda_id)
    agendas = Agenda.objects.filter(own, fixed_meeting_type=meeting_type.slug).distinct().order_by("label")
    labels = ", ".join(agendas.values_list("label", flat=True))
    if not labels:
        return []
    sentence = _("The form for backoffice booking is for this type only: choose another there first (%(agendas)s).")
    return [sentence % {"agendas": labels}]


def slug_is_fixed(place: Desk | MeetingType) -> bool:
    """Whether the identifier of a desk or meeting type must stay, because something was held or booked there."""
    return was_used(_rows_of(place))


def _rows_of(place: Desk | MeetingType) -> Q:
    return Q(desk=place) if isinstance(place, Desk) else Q(meeting_type=place)


def _only_meetings(agenda: Agenda) -> None:
    if agenda.kind != Agenda.Kind.MEETINGS:
        raise refuse(_("A virtual agenda has none of its own."))


def _add(row: Place, values: dict[str, Any], slug: str, now: datetime.datetime, actor: Actor) -> Place:
    with setting_up(row.agenda):
        siblings = type(row)._default_manager.filter(agenda=row.agenda)
        last = siblings.aggregate(last=Max(F("position")))["last"] or 0
        values |= {"slug": free_slug(slug, values["label"], siblings), "position": last + 1}
        refuse_taken(values["slug"], siblings)
        save(row, values)
        record(actor, now, [_entry("created", row)])
    return row


def _check_slug(row: Place, values: Mapping[str, Any], sentence: str) -> None:
    if values.get("slug", row.slug) == row.slug:
        return
    if slug_is_fixed(row):
        raise refuse(sentence, "slug")
    refuse_taken(values["slug"], type(row)._default_manager.filter(agenda=row.agenda).exclude(pk=row.pk))


def _change(row: Place, values: Mapping[str, Any], now: datetime.datetime, actor: Actor) -> Place:
    changes = save(row, values)
    if changes:
        record(actor, now, [_entry("changed", row, changes=changes)])
    return row


def _delete(place: Desk | MeetingType, now: datetime.datetime, actor: Actor) -> None:
    with setting_up(place.agenda):
        reasons = reasons_to_keep_place(place, now=now)
        if reasons:
            raise InvalidPayload({NON_FIELD_ERRORS: reasons})
        forget_ended_locks(_rows_of(place), now=now)
        record(actor, now, [_entry("deleted", place)])
        place.delete()


def _entry(verb: str, row: Desk | MeetingType, **data: object) -> Entry:
    kind = "desk" if isinstance(row, Desk) else "meeting_type"
    return Entry(f"{kind}.{verb}", row.agenda_id, None, {"slug": row.slug, "label": row.label, **data})
