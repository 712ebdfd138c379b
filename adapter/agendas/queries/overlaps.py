"""The rule that never breaks, as one query that must return nothing."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.db.models import F, Max, RowRange, Window

from adapter.agendas.models import Booking


@dataclass(frozen=True, slots=True)
class Overlap:
    """A live row that begins before an earlier one on its desk has ended."""

    booking_id: int
    agenda: str
    desk: str
    start: datetime.datetime


def overlaps(*, now: datetime.datetime, only_to_come: bool = False, agenda_id: int | None = None) -> list[Overlap]:
    """Rows, live at ``now``, that stand where another one stands; empty unless both guards have failed.

    One query, which reads each row once: in order of their starts, a row overlaps an earlier one exactly when it begins
    before the latest end so far on its desk. ``only_to_come`` leaves out what has ended, for a look each minute;
    ``agenda_id`` looks at the desks of one agenda, for statements that stay short when there are millions of rows.
    """
    live = Booking.objects.live(now)
    if agenda_id is not None:
        live = live.filter(desk__agenda=agenda_id)
    if only_to_come:
        live = live.filter(end__gt=now)
    latest_end = Window(
        Max("end"), partition_by=F("desk"), order_by=[F("start").asc(), F("pk").asc()], frame=RowRange(None, -1)
    )
    found = live.annotate(latest_end=latest_end).filter(start__lt=F("latest_end")).order_by("start", "pk")
    return [Overlap(*row) for row in found.values_list("pk", "agenda__slug", "desk__slug", "start")]
