"""Taking bookings out of here leaves a trace, because they hold personal data."""

from __future__ import annotations

import datetime

from adapter.agendas.services.actor import Actor
from adapter.agendas.services.audit import Entry, record
from adapter.agendas.services.guard import exclusive


def note_export(kind: str, count: int, *, now: datetime.datetime, actor: Actor) -> None:
    """Record that ``actor`` takes ``count`` bookings as a file of that ``kind``."""
    with exclusive():
        record(actor, now, [Entry("bookings.exported", None, None, {"kind": kind, "count": count})])
