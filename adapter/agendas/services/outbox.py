"""Reading the outbox: for the page of a booking, and for admins. ``callbacks.retry`` sends one again."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from adapter.agendas.models import Callback, CallbackState
from adapter.agendas.services.callbacks import GIVE_UP_AFTER


@dataclass(frozen=True, slots=True)
class OwedCall:
    """A call to w.c.s. and how far it is. ``given_up_at`` is when it will be given up, while it is still tried."""

    callback: Callback

    @property
    def given_up_at(self) -> datetime.datetime | None:
        """``None`` for what is delivered or given up already."""
        return self.callback.created_at + GIVE_UP_AFTER if self.callback.state == CallbackState.PENDING else None

    def as_json(self) -> dict[str, Any]:
        """The keys of ``outbox list --json``; no address: that tells the record."""
        row, until, ended = self.callback, self.given_up_at, self.callback.finished_at
        return {
            "id": row.pk,
            "kind": row.kind,
            "state": row.state,
            "booking": row.booking_id,
            "agenda": row.booking.agenda.slug,
            "attempts": row.attempts,
            "created_at": row.created_at.isoformat(),
            "next_attempt_at": row.next_attempt_at.isoformat() if row.state == CallbackState.PENDING else None,
            "given_up_at": until.isoformat() if until else None,
            "finished_at": ended.isoformat() if ended else None,
            "last_status": row.last_status,
            "last_error": row.last_error,
        }


def owed_calls(*, booking_id: int | None = None, delivered: bool = False, limit: int = 10_000) -> list[OwedCall]:
    """Calls that are owed or were given up, oldest first; with ``delivered`` those that arrived too."""
    found = Callback.objects.select_related("booking__agenda").order_by("pk")
    if booking_id is not None:
        found = found.filter(booking=booking_id)
    if not delivered:
        found = found.exclude(state=CallbackState.DELIVERED)
    return [OwedCall(row) for row in found[:limit]]
