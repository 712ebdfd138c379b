"""What a hold would do, without holding."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from adapter.agendas.errors import AgendaError
from adapter.agendas.queries.snapshot import DeskData, RealAgenda
from adapter.agendas.services.situation import look


@dataclass(frozen=True, slots=True)
class DeskPreview:
    """The desk that would take a slot, and its agenda."""

    agenda: RealAgenda
    desk: DeskData

    @property
    def key(self) -> str:
        """``AGENDA:DESK``, as :class:`HoldRequest` understands it."""
        return f"{self.agenda.slug}:{self.desk.slug}"


def desk_that_would_take(agenda: str, slot: str, *, prefer: str = "", now: datetime.datetime) -> DeskPreview | None:
    """The desk on which a hold of ``slot`` (its id) would be put at ``now``; ``None`` when it would be refused.

    ``prefer`` is a desk as in :class:`HoldRequest`. One query when the settings are known here.
    """
    try:
        situation = look(agenda, (slot,), now=now, bypass_delays=False, cautious=False)
        chosen = situation.choose((), situation.desk_named(prefer))
    except AgendaError:
        return None
    return DeskPreview(*chosen) if chosen else None
