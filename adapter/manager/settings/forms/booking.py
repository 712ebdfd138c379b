"""The tab « Prise de rendez-vous backoffice »."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from adapter.agendas.models import Agenda
from adapter.agendas.queries.snapshot import load_snapshot
from adapter.agendas.services.setup import BookingSettings
from adapter.manager.settings.form_choices import FormChoices
from adapter.manager.settings.forms.base import SettingsForm, Suggestions

EXAMPLES = {"slot_field": "creneau", "meeting_type_field": "meeting_type", "agenda_field": "agenda"}
FIELD_HELP = _("If the variable is “form_var_%(name)s”, the value here is “%(name)s”.")


class BookingForm(SettingsForm):
    """What the calendar needs to know of the form. The service says what is missing."""

    enabled = forms.BooleanField(label=_("Enable backoffice booking"), required=False)
    form_slug = forms.CharField(label=_("Form"), max_length=500, required=False)
    slot_field = forms.CharField(label=_("Identifier of the slot field"), max_length=200, required=False)
    meeting_type_field = forms.CharField(
        label=_("Identifier of the meeting type field"), max_length=200, required=False
    )
    fixed_meeting_type = forms.CharField(
        label=_("Only meeting type of the form"),
        max_length=250,
        required=False,
        help_text=_("For a form whose slots are all of one type: the calendar then offers that type only."),
    )
    agenda_field = forms.CharField(label=_("Identifier of the agenda field"), max_length=200, required=False)

    def __init__(self, agenda: Agenda, choices: FormChoices, **kwargs: Any) -> None:
        kept = BookingSettings.of(agenda)
        super().__init__(initial={name: getattr(kept, name) for name in self.base_fields}, **kwargs)
        self.choices = choices
        form = self.fields["form_slug"]
        form.widget = Suggestions(
            [(item.slug, item.title) for item in choices.forms], {"maxlength": 500, "autocomplete": "off"}
        )
        form.help_text = choices.problem or _("Type a few letters of its title, and choose it in the list.")
        for name, example in EXAMPLES.items():
            self.fields[name].help_text = FIELD_HELP % {"name": example}
            self.fields[name].widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}
        self.fields["fixed_meeting_type"].widget = forms.Select(choices=_types(agenda, kept.fixed_meeting_type))
        for name in ("form_slug", "slot_field"):
            # Shown as required; whether it is depends on the box, which the service looks at.
            self.fields[name].widget.required = True  # type: ignore[attr-defined]

    def clean_form_slug(self) -> str:
        """A title that was typed is its form."""
        return self.choices.slug_of(self.cleaned_data["form_slug"])

    def settings(self) -> BookingSettings:
        """What was typed."""
        return BookingSettings(**self.cleaned_data)


def _types(agenda: Agenda, kept: str) -> list[tuple[str, str]]:
    """The types that can be booked, and the one that is kept even when it cannot."""
    types = {item.slug: item.label for item in load_snapshot(agenda.slug)[0].meeting_types}
    return [("", gettext("Any")), *({kept: kept, **types} if kept else types).items()]
