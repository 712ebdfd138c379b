"""Closures made by hand: some desks are closed for a while though their openings say otherwise."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from adapter.agendas.errors import InvalidPayload
from adapter.agendas.models import Agenda, Booking, Closure, Desk
from adapter.agendas.services.actor import Actor
from adapter.agendas.services.audit import Entry, record
from adapter.agendas.services.configuration import changing

LABEL_LENGTH = 150


def create_closure(
    agenda: Agenda,
    desks: Iterable[Desk],
    *,
    start: datetime.datetime,
    end: datetime.datetime,
    label: str = "",
    now: datetime.datetime,
    actor: Actor,
) -> Closure:
    """Close ``desks`` from ``start`` to ``end``. Appointments that are already there stay: see :func:`bookings_inside`.

    Raises ``InvalidPayload`` when the end is not after the start, no desk is named, or one is of another agenda.
    """
    chosen = _checked(agenda, desks, start, end)
    with changing(agenda):
        closure = Closure.objects.create(agenda=agenda, start=start, end=end, label=label.strip()[:LABEL_LENGTH])
        closure.desks.set(chosen)
        record(actor, now, [Entry("closure.created", agenda.pk, None, _data(closure, chosen))])
    return closure


def change_closure(
    closure: Closure,
    desks: Iterable[Desk],
    *,
    start: datetime.datetime,
    end: datetime.datetime,
    label: str = "",
    now: datetime.datetime,
    actor: Actor,
) -> Closure:
    """Change a closure. Raises ``InvalidPayload`` as above, and for a closure that comes from a source."""
    _refuse_sourced(closure)
    chosen = _checked(closure.agenda, desks, start, end)
    with changing(closure.agenda):
        closure.start, closure.end, closure.label = start, end, label.strip()[:LABEL_LENGTH]
        closure.save(update_fields=["start", "end", "label"])
        closure.desks.set(chosen)
        record(actor, now, [Entry("closure.changed", closure.agenda_id, None, _data(closure, chosen))])
    return closure


def delete_closure(closure: Closure, *, now: datetime.datetime, actor: Actor) -> None:
    """Take a closure back. Raises ``InvalidPayload`` for one that comes from a source."""
    _refuse_sourced(closure)
    with changing(closure.agenda):
        record(actor, now, [Entry("closure.deleted", closure.agenda_id, None, _data(closure, closure.desks.all()))])
        closure.delete()


def bookings_inside(
    desks: Iterable[Desk], start: datetime.datetime, end: datetime.datetime, *, now: datetime.datetime
) -> QuerySet[Booking]:
    """Appointments and live locks that a closure of ``desks`` would run into, in order of time."""
    return (
        Booking.objects.live(now)
        .filter(desk__in=list(desks))
        .overlapping(start, end)
        .select_related("agenda", "desk", "meeting_type")
        .order_by("start", "id")
    )


def _checked(agenda: Agenda, desks: Iterable[Desk], start: datetime.datetime, end: datetime.datetime) -> list[Desk]:
    chosen = list(desks)
    errors: dict[str, list[str]] = {}
    if end <= start:
        errors["end"] = [_("The end must be after the start.")]
    if not chosen or any(desk.agenda_id != agenda.pk for desk in chosen):
        errors["desks"] = [_("Name at least one desk of this agenda.")]
    if errors:
        raise InvalidPayload(errors)
    return chosen


def _refuse_sourced(closure: Closure) -> None:
    if closure.source_id is not None:
        raise InvalidPayload({"source": [_("This exception comes from a calendar and is changed there.")]})


def _data(closure: Closure, desks: Iterable[Desk]) -> dict[str, object]:
    return {
        "closure": closure.pk,
        "start": closure.start.isoformat(),
        "end": closure.end.isoformat(),
        "desks": sorted(desk.slug for desk in desks),
    }
