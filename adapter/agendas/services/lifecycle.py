"""Settings of an agenda about reminders and retention: changing them, with every rule that they must keep."""

from __future__ import annotations

import datetime
from dataclasses import asdict, dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from adapter.agendas.models import Agenda
from adapter.agendas.services.actor import Actor
from adapter.agendas.services.audit import Entry, record
from adapter.agendas.services.configuration import changing


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Hours before an appointment, days after it. ``None`` is none or never, an empty text the usual one."""

    reminder_hours: int | None = None
    reminder_subject: str = ""
    reminder_body: str = ""
    anonymize_after_days: int | None = None
    purge_after_days: int | None = None


def retention_problem(anonymize_after_days: object, purge_after_days: object) -> str:
    """What is wrong with these two days together, as a sentence; empty when nothing is."""
    if (
        isinstance(anonymize_after_days, int)
        and isinstance(purge_after_days, int)
        and purge_after_days < anonymize_after_days
    ):
        return _("Appointments cannot be deleted before their personal data is erased: give a later day.")
    return ""


def change_lifecycle(agenda: Agenda, wanted: Lifecycle, *, now: datetime.datetime, actor: Actor) -> Agenda:
    """Make the agenda follow ``wanted``. Raises ``ValidationError`` with the faults by field; nothing changed then.

    A virtual agenda has neither: appointments belong to the real ones.
    """
    values = asdict(wanted)
    if agenda.kind == Agenda.Kind.VIRTUAL and wanted != Lifecycle():
        raise ValidationError(_("A virtual agenda has none of its own."))
    with changing(agenda):
        fresh = Agenda.objects.select_for_update().get(pk=agenda.pk)
        changed = [name for name, value in values.items() if getattr(fresh, name) != value]
        for name in changed:
            setattr(fresh, name, values[name])
        kept = {field.name for field in Agenda._meta.get_fields()} - values.keys()
        fresh.clean_fields(exclude=kept)
        problem = retention_problem(fresh.anonymize_after_days, fresh.purge_after_days)
        if problem:
            raise ValidationError({"purge_after_days": problem})
        if changed:
            fresh.save(update_fields=changed)
            record(actor, now, [Entry("agenda.changed", fresh.pk, data={"fields": sorted(changed)})])
    return fresh
