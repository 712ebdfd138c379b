"""Before an appointment, and after it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from adapter.agendas.models import Agenda
from adapter.agendas.models.agenda import REMINDER_HOURS_MAX
from adapter.agendas.reminder_texts import validate_reminder_text
from adapter.agendas.services.setup import Lifecycle
from adapter.manager.settings.forms.base import SettingsForm


class LifecycleForm(SettingsForm):
    """Reminders and retention. What may stand in the texts is listed beside them."""

    reminder_hours = forms.IntegerField(
        label=_("Reminder by e-mail, hours before the appointment"),
        min_value=1,
        max_value=REMINDER_HOURS_MAX,
        required=False,
        help_text=_("Left empty: no reminder is sent."),
    )
    reminder_subject = forms.CharField(
        label=_("Subject of the reminder"),
        max_length=200,
        required=False,
        validators=[validate_reminder_text],
        help_text=_("Left empty: the usual text."),
    )
    reminder_body = forms.CharField(
        label=_("Text of the reminder"),
        max_length=5000,
        required=False,
        validators=[validate_reminder_text],
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("Left empty: the usual text."),
    )
    anonymize_after_days = forms.IntegerField(
        label=_("Erase personal data, days after the appointment"),
        min_value=1,
        max_value=10000,
        required=False,
        help_text=_("Left empty: never."),
    )
    purge_after_days = forms.IntegerField(
        label=_("Delete the appointment, days after it"),
        min_value=1,
        max_value=10000,
        required=False,
        help_text=_("Left empty: never."),
    )

    def __init__(self, agenda: Agenda, **kwargs: Any) -> None:
        super().__init__(initial={name: getattr(agenda, name) for name in self.base_fields}, **kwargs)

    def wanted(self) -> Lifecycle:
        """What was typed; lines end as on every system but one."""
        values = dict(self.cleaned_data)
        values["reminder_body"] = values["reminder_body"].replace("\r\n", "\n")
        return Lifecycle(**values)
