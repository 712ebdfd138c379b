"""Changing the settings of agendas: what was read of them before must be recognised as out of date."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from adapter.agendas.models import Agenda, Desk
from adapter.agendas.models.agenda import new_version
from adapter.agendas.services.guard import exclusive, take_all


def touch_agendas(agenda_ids: Iterable[int]) -> None:
    """Give these agendas and their desks new versions, in the running transaction.

    Every change of an agenda, its desks, meeting types, openings, closures, excluded periods or members must call
    this *before* it writes: a hold that is being made meanwhile then waits, or starts again with the new settings.
    """
    ids = sorted(set(agenda_ids))
    for agenda_id in ids:
        Agenda.objects.filter(pk=agenda_id).update(config_version=new_version())
    take_all(Desk.objects.filter(agenda__in=ids).values_list("pk", flat=True))


@contextmanager
def changing(*agendas: Agenda) -> Iterator[None]:
    """A transaction in which the settings of ``agendas`` are changed.

    Versions are raised before and the desks stay taken until the end, so no slot is given on settings that change.
    """
    with exclusive():
        touch_agendas(agenda.pk for agenda in agendas)
        yield
