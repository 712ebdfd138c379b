"""Closures that come from a source: only what differs is written."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from adapter.agendas.models import Closure, ExceptionSource
from adapter.agendas.services.configuration import touch_agendas


class ClosureRow(NamedTuple):
    """When, and what it is called; aware datetimes in UTC."""

    start: datetime.datetime
    end: datetime.datetime
    label: str


def write_closures(source: ExceptionSource, wanted: Iterable[ClosureRow], *, since: datetime.datetime) -> int:
    """Make the closures of ``source`` that end after ``since`` be ``wanted``, each on the desks of the source.

    Runs in the caller's transaction and returns how many rows it added or removed. When nothing differs, nothing is
    written and what is known of the agenda stays valid. Closures that ended before ``since`` stay, as history.
    """
    desks = set(source.desks.values_list("pk", flat=True))
    rows = list(source.closures.filter(end__gt=since).prefetch_related("desks"))
    missing = Counter(row for row in wanted if row.end > since)
    stale = []
    for row in rows:
        key = ClosureRow(row.start, row.end, row.label)
        if missing[key] > 0 and {desk.pk for desk in row.desks.all()} == desks:
            missing[key] -= 1
        else:
            stale.append(row.pk)
    new = list(missing.elements())
    if not stale and not new:
        return 0
    touch_agendas([source.agenda_id])
    Closure.objects.filter(pk__in=stale).delete()
    made = Closure.objects.bulk_create(
        Closure(agenda_id=source.agenda_id, source=source, start=row.start, end=row.end, label=row.label) for row in new
    )
    through = Closure.desks.through
    through.objects.bulk_create(through(closure_id=row.pk, desk_id=desk) for row in made for desk in desks)
    return len(stale) + len(new)
