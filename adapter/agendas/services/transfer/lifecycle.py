"""Two members of an agenda in the document: ``reminder`` and ``retention``.

``"reminder": {"hours_before", "subject", "body"}`` and ``"retention": {"anonymize_after_days", "purge_after_days"}``;
``null`` hours and days mean: none, never.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

from adapter.agendas.models.agenda import REMINDER_HOURS_MAX
from adapter.agendas.reminder_texts import validate_reminder_text
from adapter.agendas.services.retention import retention_problem
from adapter.agendas.services.transfer.reader import ObjectReader

DAYS_MAX = 10000


def read_lifecycle(agenda: ObjectReader) -> dict[str, Any]:
    """Columns of the model, from the document."""
    reminder = agenda.object("reminder")
    values = {
        "reminder_hours": reminder.integer("hours_before", None, minimum=1, maximum=REMINDER_HOURS_MAX),
        "reminder_subject": reminder.text("subject", most=200),
        "reminder_body": reminder.text("body", most=5000),
    }
    for name in ("subject", "body"):
        try:
            validate_reminder_text(str(values[f"reminder_{name}"]))
        except ValidationError as error:
            reminder.wrong(name, " ".join(error.messages))
    reminder.done()
    retention = agenda.object("retention")
    anonymize, purge = (
        retention.integer(name, None, minimum=1, maximum=DAYS_MAX)
        for name in ("anonymize_after_days", "purge_after_days")
    )
    problem = retention_problem(anonymize, purge)
    if problem:
        retention.wrong("purge_after_days", problem)
    retention.done()
    return {**values, "anonymize_after_days": anonymize, "purge_after_days": purge}


def write_lifecycle(values: dict[str, Any]) -> dict[str, Any]:
    """The members, from columns of the model."""
    return {
        "reminder": {
            "hours_before": values["reminder_hours"],
            "subject": values["reminder_subject"],
            "body": values["reminder_body"],
        },
        "retention": {name: values[name] for name in ("anonymize_after_days", "purge_after_days")},
    }
