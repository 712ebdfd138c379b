"""Opening and excluded periods."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from adapter.agendas.models import Agenda, Desk, ExcludedPeriod, OpeningPeriod
from adapter.agendas.models.periods import Weekday
from adapter.agendas.period_words import WEEKS
from adapter.agendas.services.setup import Times
from adapter.manager.settings.forms.base import Checks, DateInput, DesksField, SettingsForm, TimeInput


class PeriodForm(SettingsForm):
    """One period, or one for each day of the week that is ticked; with ``agenda``, of its desks."""

    weekdays = forms.TypedMultipleChoiceField(
        label=_("Days of the week"), choices=Weekday.choices, coerce=int, widget=Checks, required=False
    )
    weeks_of_month = forms.TypedMultipleChoiceField(
        label=_("Weeks of the month"),
        choices=list(WEEKS.items()),
        coerce=int,
        widget=Checks,
        required=False,
        help_text=_("None ticked: every week."),
    )
    date = forms.DateField(
        label=_("Or a single date"),
        required=False,
        widget=DateInput,
        help_text=_("For one day only, in the place of days of the week."),
    )
    start_time = forms.TimeField(label=_("Start"), widget=TimeInput)
    end_time = forms.TimeField(
        label=_("End"), widget=TimeInput, help_text=_("00:00 is the midnight at the end of the day.")
    )
    valid_from = forms.DateField(label=_("Valid from"), required=False, widget=DateInput)
    valid_until = forms.DateField(label=_("Valid until (included)"), required=False, widget=DateInput)

    def __init__(
        self,
        *,
        agenda: Agenda | None = None,
        desk: Desk | None = None,
        period: OpeningPeriod | ExcludedPeriod | None = None,
        **kwargs: Any,
    ) -> None:
        if period is not None:
            initial = {name: getattr(period, name) for name in self.base_fields if hasattr(period, name)}
            initial["weekdays"] = [] if period.weekday is None else [period.weekday]
            kwargs["initial"] = initial
        super().__init__(**kwargs)
        if agenda is not None:
            desks = {"desks": DesksField(agenda, [desk] if desk else None)}
            self.fields = {**desks, **self.fields}

    def times(self) -> Times:
        """What was typed."""
        data = self.cleaned_data
        return Times(
            start=data["start_time"],
            end=data["end_time"],
            weekdays=tuple(data["weekdays"]),
            weeks=tuple(data["weeks_of_month"]),
            date=data["date"],
            valid_from=data["valid_from"],
            valid_until=data["valid_until"],
        )


class CopyOpeningsForm(SettingsForm):
    """From one desk to others."""

    source = forms.ModelChoiceField(Desk.objects.none(), label=_("From the desk"))

    def __init__(self, agenda: Agenda, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fields["source"].queryset = agenda.desks.all()  # type: ignore[attr-defined]
        self.fields["desks"] = DesksField(agenda, [], help_text=_("Their own opening periods are replaced."))
