"""An import that was looked at before it is done."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Sequence
from typing import Any

from adapter.agendas.services.actor import Actor
from adapter.agendas.services.guard import exclusive
from adapter.agendas.services.transfer import Change, import_agendas


class PlanChanged(Exception):
    """The agendas changed since the plan was shown; ``changes`` is what the import would do now."""

    def __init__(self, changes: Sequence[Change]) -> None:
        super().__init__("the plan is out of date")
        self.changes = list(changes)


def plan_of(changes: Sequence[Change]) -> str:
    """A short text that is the same for the same changes."""
    return hashlib.sha256("\n".join(map(str, changes)).encode()).hexdigest()


def import_as_planned(document: Any, plan: str, *, now: datetime.datetime, actor: Actor) -> list[Change]:
    """Import ``document`` if that still does what ``plan`` (see :func:`plan_of`) says; all of it or nothing.

    Raises :class:`PlanChanged`, and ``TransferError`` when the document cannot be imported any more.
    """
    with exclusive():
        changes = import_agendas(document, now=now, actor=actor)
        if plan_of(changes) != plan:
            # Leaving the block by an exception undoes the import.
            raise PlanChanged(changes)
    return changes
