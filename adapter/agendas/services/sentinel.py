"""The overlap sentinel: looking for what cannot happen, so that it would not go unseen."""

from __future__ import annotations

import datetime

import structlog

from adapter.agendas.models import Agenda
from adapter.agendas.queries.overlaps import Overlap, overlaps

logger = structlog.get_logger("adapter.sentinel")


def watch(*, now: datetime.datetime) -> list[Overlap]:
    """Look for double bookings, past ones included; each is an error in the logs. Empty is how it must be."""
    agendas = Agenda.objects.order_by("pk").values_list("pk", flat=True)
    found = [overlap for agenda_id in agendas for overlap in overlaps(now=now, agenda_id=agenda_id)]
    for overlap in found:
        logger.error(
            "double_booking",
            booking=overlap.booking_id,
            agenda=overlap.agenda,
            desk=overlap.desk,
            start=overlap.start.isoformat(),
        )
    return found
