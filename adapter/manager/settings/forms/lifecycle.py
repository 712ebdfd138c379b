"""Reminders before appointments, and how long appointments are kept."""

from __future__ import annotations

from typing import Any

from django import forms

from adapter.agendas.models import Agenda
from adapter.agendas.services.lifecycle import Lifecycle
from adapter.manager.settings.forms.base import SettingsForm

FIELDS = ("reminder_hours", "reminder_subject", "reminder_body", "anonymize_after_days", "purge_after_days")


class LifecycleForm(SettingsForm):
    """The columns of the agenda, with the labels, bounds and hints of the model."""

    def __init__(self, agenda: Agenda, **kwargs: Any) -> None:
        super().__init__(initial={name: getattr(agenda, name) for name in FIELDS}, **kwargs)
        self.fields.update(forms.fields_for_model(Agenda, fields=FIELDS))
        self.fields["reminder_body"].widget.attrs["rows"] = 8

    def lifecycle(self) -> Lifecycle:
        """What was typed."""
        return Lifecycle(**{name: self.cleaned_data[name] for name in FIELDS})
