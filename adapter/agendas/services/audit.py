"""Writing the audit log."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field

import structlog

from adapter.agendas.models import AuditEvent
from adapter.agendas.services.actor import Actor

logger = structlog.get_logger("adapter.audit")


@dataclass(frozen=True, slots=True)
class Entry:
    """An event to be recorded. ``data`` must hold nothing personal."""

    code: str
    agenda_id: int | None
    booking_id: int | None = None
    data: dict[str, object] = field(default_factory=dict)


def record(actor: Actor, now: datetime.datetime, entries: Iterable[Entry]) -> None:
    """Write ``entries`` in the running transaction (one query) and in the logs."""
    found = list(entries)
    if found:
        note(actor, now, found)
        tell(actor, found)


def note(actor: Actor, now: datetime.datetime, entries: Iterable[Entry]) -> None:
    """Write ``entries`` in the running transaction only. One query."""
    AuditEvent.objects.bulk_create(
        AuditEvent(
            at=now,
            code=entry.code,
            actor_kind=actor.kind,
            actor=actor.name,
            agenda_id=entry.agenda_id,
            booking_id=entry.booking_id,
            data=entry.data,
        )
        for entry in entries
    )


def tell(actor: Actor, entries: Iterable[Entry]) -> None:
    """One line a change in the logs."""
    for entry in entries:
        logger.info(entry.code, booking=entry.booking_id, agenda=entry.agenda_id, actor_kind=str(actor.kind))


def tell_many(actor: Actor, code: str, count: int) -> None:
    """One line in the logs for a batch: each row of it stands in the audit log."""
    logger.info(code, count=count, actor_kind=str(actor.kind))
