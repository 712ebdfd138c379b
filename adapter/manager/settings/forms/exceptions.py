"""Exceptions by hand, and where others come from."""

from __future__ import annotations

import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from adapter.agendas.models import Agenda, Closure, ExceptionSource
from adapter.agendas.services.holidays import SUBDIVISIONS
from adapter.manager.settings.forms.base import DateInput, DesksField, SettingsForm, TimeInput
from adapter.manager.settings.words import subdivision_in_words

MAX_ICS_BYTES = 5 * 1024 * 1024
Kind = ExceptionSource.Kind


class ClosureForm(SettingsForm):
    """Closed from one moment to another; hours left empty mean whole days."""

    label = forms.CharField(label=_("Label"), max_length=150, required=False)
    start_date = forms.DateField(label=_("First day"), widget=DateInput)
    start_time = forms.TimeField(
        label=_("From"), widget=TimeInput, required=False, help_text=_("Left empty: the beginning of the day.")
    )
    end_date = forms.DateField(
        label=_("Last day"), widget=DateInput, required=False, help_text=_("Left empty: the first day.")
    )
    end_time = forms.TimeField(
        label=_("Until"), widget=TimeInput, required=False, help_text=_("Left empty: the end of the day.")
    )

    def __init__(self, agenda: Agenda, closure: Closure | None = None, **kwargs: Any) -> None:
        if closure is not None:
            kwargs["initial"] = _initial(closure)
        super().__init__(**kwargs)
        self.fields["desks"] = DesksField(agenda, list(closure.desks.all()) if closure else None)

    def clean(self) -> dict[str, Any]:
        """Work out the two moments."""
        data = super().clean() or {}
        if data.get("start_date") is None or "end_date" in self.errors:
            return data
        zone = ZoneInfo(settings.TIME_ZONE)
        last = data.get("end_date") or data["start_date"]
        start = datetime.datetime.combine(data["start_date"], data.get("start_time") or datetime.time.min, zone)
        if data.get("end_time"):
            end = datetime.datetime.combine(last, data["end_time"], zone)
        elif last < datetime.date.max:
            end = datetime.datetime.combine(last + datetime.timedelta(days=1), datetime.time.min, zone)
        else:
            end = start
        if end <= start:
            self.add_error(
                "end_time" if data.get("end_time") else "end_date", gettext("The end must be after the start.")
            )
        return {**data, "start": start, "end": end}


def _initial(closure: Closure) -> dict[str, Any]:
    zone = ZoneInfo(settings.TIME_ZONE)
    start, end = closure.start.astimezone(zone), closure.end.astimezone(zone)
    whole_end = end.time() == datetime.time.min
    return {
        "label": closure.label,
        "start_date": start.date(),
        "start_time": None if start.time() == datetime.time.min else start.time(),
        "end_date": end.date() - datetime.timedelta(days=1) if whole_end else end.date(),
        "end_time": None if whole_end else end.time(),
    }


class _SourceForm(SettingsForm):
    """A source of exceptions for some desks."""

    kind: str
    label = forms.CharField(label=_("Label"), max_length=150)

    def __init__(self, agenda: Agenda, source: ExceptionSource | None = None, **kwargs: Any) -> None:
        if source is not None:
            kwargs["initial"] = {name: getattr(source, name) for name in self.base_fields if hasattr(source, name)}
        super().__init__(**kwargs)
        self.source = source
        self.fields["desks"] = DesksField(agenda, list(source.desks.all()) if source else None)

    def columns(self) -> dict[str, Any]:
        """Values for the source."""
        return {"label": self.cleaned_data["label"]}


class IcsFileForm(_SourceForm):
    """A calendar file."""

    kind = Kind.ICS_FILE
    file = forms.FileField(label=_("ICS file"), max_length=200, help_text=_("A calendar exported as .ics."))

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if self.source is not None:
            self.fields["file"].required = False
            self.fields["file"].help_text = _("Left empty: the file that was sent last is kept.")

    def clean_file(self) -> str:
        """The text of the file."""
        upload = self.cleaned_data.get("file")
        if not upload:
            return self.source.ics_text if self.source else ""
        if upload.size > MAX_ICS_BYTES:
            raise ValidationError(gettext("The file is larger than %(size)d MiB.") % {"size": MAX_ICS_BYTES // 2**20})
        content = upload.read()
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("latin-1")
        # The database cannot keep such a text, and no calendar has one.
        return str(text).replace("\x00", "\ufffd")

    def columns(self) -> dict[str, Any]:
        """Values for the source."""
        return {**super().columns(), "ics_text": self.cleaned_data["file"]}


class CalendarField(forms.URLField):
    """An address of a calendar; webcal:// is https:// by another name."""

    def to_python(self, value: Any) -> str:
        """The address, with a scheme."""
        text = str(value or "").strip()
        if text.lower().startswith("webcal://"):
            text = "https://" + text[len("webcal://") :]
        return str(super().to_python(text) or "")


class IcsUrlForm(_SourceForm):
    """A calendar at an address, read again by itself."""

    kind = Kind.ICS_URL
    ics_url = CalendarField(
        label=_("Address"),
        max_length=500,
        assume_scheme="https",
        help_text=_("Begins with https:// or http://. It is read again every quarter of an hour."),
    )

    def clean_ics_url(self) -> str:
        """Only the web."""
        url = str(self.cleaned_data["ics_url"])
        if not url.startswith(("http://", "https://")):
            raise ValidationError(gettext("Only http:// and https:// addresses can be read."))
        return url

    def columns(self) -> dict[str, Any]:
        """Values for the source."""
        return {**super().columns(), "ics_url": self.cleaned_data["ics_url"]}


class HolidaysForm(_SourceForm):
    """Public holidays of a country, or of a part of it."""

    kind = Kind.HOLIDAYS
    label = forms.CharField(label=_("Label"), max_length=150, initial=_("Public holidays"))
    area = forms.ChoiceField(label=_("Country, or part of it"))

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        area = self.fields["area"]
        area.choices = areas()  # type: ignore[attr-defined]
        area.initial = f"{ExceptionSource.Country.FRANCE}-"
        if self.source is not None:
            self.initial["area"] = f"{self.source.country}-{self.source.subdivision}"

    def columns(self) -> dict[str, Any]:
        """Values for the source."""
        country, _dash, subdivision = self.cleaned_data["area"].partition("-")
        return {**super().columns(), "country": country, "subdivision": subdivision}


def areas() -> list[tuple[str, str]]:
    """``COUNTRY-SUBDIVISION`` and its name: each country, followed by its parts."""
    found = []
    for country in ExceptionSource.Country:
        found.append((f"{country}-", str(country.label)))
        found += [
            (f"{country}-{code}", f"{country.label} – {subdivision_in_words(code)}") for code in SUBDIVISIONS[country]
        ]
    return found


SOURCE_FORMS: dict[str, type[_SourceForm]] = {form.kind: form for form in (IcsFileForm, IcsUrlForm, HolidaysForm)}
