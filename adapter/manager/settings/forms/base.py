"""What the forms share: widgets, and refusals of services shown beside their fields."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from adapter.agendas.errors import InvalidPayload
from adapter.agendas.models import Agenda, Desk
from adapter.agendas.models.agenda import validate_slug

SLUG_HELP = _("Lower case letters, digits, “-” and “_”. Left empty, it is made of the label.")


class Checks(forms.CheckboxSelectMultiple):
    """Boxes to tick, with a legend that screen readers announce."""

    widget_template_name = "manager/settings/widgets/checks.html"


class Suggestions(forms.TextInput):
    """A text with suggestions: (value, label) pairs to pick from or to ignore."""

    template_name = "manager/settings/widgets/suggestions.html"

    def __init__(self, suggestions: Iterable[tuple[str, str]] = (), attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.suggestions = list(suggestions)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Add the suggestions."""
        context = super().get_context(name, value, attrs)
        context["suggestions"] = self.suggestions
        context["list_id"] = f"{context['widget']['attrs'].get('id', name)}_suggestions"
        return context


class DateInput(forms.DateInput):
    """The browser's date picker."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class TimeInput(forms.TimeInput):
    """The browser's time picker."""

    input_type = "time"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%H:%M")


# Digits of a number that a database can look for.
MOST_DIGITS = 18


class RowsField(forms.ModelMultipleChoiceField):
    """Several rows of a table; a number that no row can have is no choice."""

    def clean(self, value: Any) -> Any:
        """The rows. Raises ``ValidationError``."""
        for item in value if isinstance(value, (list, tuple)) else ():
            if len(str(item)) > MOST_DIGITS:
                raise ValidationError(
                    self.error_messages["invalid_choice"],
                    code="invalid_choice",
                    params={"value": str(item)[:MOST_DIGITS]},
                )
        return super().clean(value)


class DesksField(RowsField):
    """Desks of one agenda, all ticked unless said."""

    widget = Checks

    def __init__(self, agenda: Agenda, initial: Sequence[Desk] | None = None, **options: Any) -> None:
        desks = agenda.desks.all()
        chosen = [desk.pk for desk in (initial if initial is not None else desks)]
        super().__init__(desks, label=_("Desks"), initial=chosen, **options)


class SlugField(forms.CharField):
    """An identifier, as models check it."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", _("Identifier"))
        super().__init__(max_length=100, validators=[validate_slug], **options)


class SettingsForm(forms.Form):
    """A form of the settings pages."""

    def refuse(self, refusal: InvalidPayload) -> None:
        """Show why a service refused, beside the fields concerned."""
        for name, sentences in refusal.errors.items():
            for sentence in sentences:
                self.add_error(name if name in self.fields else None, sentence)


class DeleteForm(SettingsForm):
    """Nothing to fill in: the button is the answer."""
