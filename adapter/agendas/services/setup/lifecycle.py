"""Reminders before appointments, and how long appointments are kept."""

from __future__ import annotations

import datetime
from dataclasses import asdict, dataclass

from django.utils.translation import gettext as _

from adapter.agendas.models import Agenda
from adapter.agendas.services.actor import Actor
from adapter.agendas.services.audit import Entry, record
from adapter.agendas.services.retention import retention_problem
from adapter.agendas.services.setup.rows import refuse, save, setting_up

# Of a text, as much as tells it from another one in the audit log.
TOLD = 100


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Hours before an appointment, days after it. ``None`` is none or never, an empty text the usual one."""

    reminder_hours: int | None = None
    reminder_subject: str = ""
    reminder_body: str = ""
    anonymize_after_days: int | None = None
    purge_after_days: int | None = None


def change_lifecycle(agenda: Agenda, wanted: Lifecycle, *, now: datetime.datetime, actor: Actor) -> Agenda:
    """Make the agenda follow ``wanted``. Raises ``InvalidPayload``; nothing was changed then.

    A virtual agenda has neither: appointments belong to the real ones.
    """
    if agenda.kind == Agenda.Kind.VIRTUAL:
        raise refuse(_("A virtual agenda has none of its own."))
    problem = retention_problem(wanted.anonymize_after_days, wanted.purge_after_days)
    if problem:
        raise refuse(problem, "purge_after_days")
    with setting_up(agenda):
        row = Agenda.objects.get(pk=agenda.pk)
        changes = save(row, asdict(wanted))
        if changes:
            told = {name: [text[:TOLD] for text in texts] for name, texts in changes.items()}
            record(actor, now, [Entry("agenda.changed", row.pk, None, {"changes": told})])
    return row
