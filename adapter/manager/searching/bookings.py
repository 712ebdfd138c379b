"""The search over bookings, as the page's address says it."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from adapter.agendas.queries.bookings import BookingSearch
from adapter.manager.calendar.span import date_from
from adapter.manager.searching.choices import Choices

STATES = [
    ("", _("All")),
    ("booked", _("Booked")),
    ("present", _("Came")),
    ("absent", _("Did not come")),
    ("cancelled", _("Cancelled")),
]
ORDERS = [("", _("Earliest first")), ("latest", _("Latest first"))]


class BookingSearchForm(forms.Form):
    """Reads the query string; what makes no sense is told beside its field and nothing is found."""

    q = forms.CharField(label=_("Name, e-mail address, phone or number"), required=False, max_length=200)
    agenda = forms.ChoiceField(label=_("Agenda"), required=False)
    desk = forms.ChoiceField(label=_("Desk"), required=False)
    type = forms.ChoiceField(label=_("Meeting type"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False, choices=STATES)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    order = forms.ChoiceField(label=_("Order"), required=False, choices=ORDERS)

    def __init__(self, query: QueryDict, choices: Choices, today: datetime.date) -> None:
        data = query.dict()
        # The first look is at what is to come; a search by name looks everywhere.
        if not any(name in data for name in ("q", "since", "until")):
            data["since"] = today.isoformat()
        super().__init__(data, label_suffix="")
        self._offer("agenda", [(agenda.slug, agenda.label) for agenda in choices.agendas])
        self._offer("desk", [(label, [(desk.pk, desk.label) for desk in desks]) for label, desks in choices.desks])
        self._offer("type", choices.meeting_types)

    def _offer(self, name: str, choices: Sequence[tuple[str, object]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("All")), *choices]

    def clean_since(self) -> datetime.date | None:
        """A day that calendars can show."""
        return self._day("since")

    def clean_until(self) -> datetime.date | None:
        """A day that calendars can show."""
        last = self._day("until")
        first = self.cleaned_data.get("since")
        if last is not None and first is not None and last < first:
            raise forms.ValidationError(_("The last day must not be before the first day."))
        return last

    def _day(self, name: str) -> datetime.date | None:
        day: datetime.date | None = self.cleaned_data[name]
        if day is not None and date_from(day.year, day.month, day.day) is None:
            raise forms.ValidationError(_("This date is too far away."))
        return day

    def search(self) -> BookingSearch | None:
        """What is looked for; ``None`` when the form is not valid."""
        if not self.is_valid():
            return None
        data = self.cleaned_data
        return BookingSearch(
            text=data["q"],
            agenda=data["agenda"],
            desk=int(data["desk"]) if data["desk"] else None,
            meeting_type=data["type"],
            state=data["state"],
            first_day=data["since"],
            last_day=data["until"],
            latest_first=data["order"] == "latest",
        )
