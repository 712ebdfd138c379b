"""Periods of local time: openings of a desk, periods left out of a virtual agenda."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from adapter.agendas.models.agenda import Agenda
from adapter.agendas.models.desk import Desk


class Weekday(models.IntegerChoices):
    """Days as Python counts them."""

    MONDAY = 0, pgettext_lazy("heading", "Monday")
    TUESDAY = 1, pgettext_lazy("heading", "Tuesday")
    WEDNESDAY = 2, pgettext_lazy("heading", "Wednesday")
    THURSDAY = 3, pgettext_lazy("heading", "Thursday")
    FRIDAY = 4, pgettext_lazy("heading", "Friday")
    SATURDAY = 5, pgettext_lazy("heading", "Saturday")
    SUNDAY = 6, pgettext_lazy("heading", "Sunday")


class Period(models.Model):
    """Either a day of the week (every week, or some weeks of the month: 1 is the 1st to the 7th), or one date.

    Times are local; an end of 00:00 is the midnight at the end of the day.
    """

    weekday = models.PositiveSmallIntegerField(_("Day of the week"), null=True, blank=True, choices=Weekday.choices)
    weeks_of_month = models.JSONField(_("Weeks of the month"), default=list, blank=True)
    date = models.DateField(_("Date"), null=True, blank=True)
    start_time = models.TimeField(_("Start"))
    end_time = models.TimeField(_("End"))
    valid_from = models.DateField(_("Valid from"), null=True, blank=True)
    valid_until = models.DateField(_("Valid until (included)"), null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        day = self.date or self.get_weekday_display()
        return f"{day} {self.start_time:%H:%M}-{self.end_time:%H:%M}"

    def clean(self) -> None:
        """Raise ``ValidationError`` for a period that is not exactly one of the two kinds, or is empty."""
        if (self.weekday is None) == (self.date is None):
            raise ValidationError(_("Give either a day of the week or a date."))
        if (
            self.start_time
            and self.end_time
            and self.end_time != self.end_time.min
            and self.start_time >= self.end_time
        ):
            raise ValidationError({"end_time": _("The end must be after the start.")})
        weeks = self.weeks_of_month
        if not isinstance(weeks, list) or any(type(week) is not int or not 1 <= week <= 5 for week in weeks):
            raise ValidationError({"weeks_of_month": _("Weeks of the month go from 1 to 5.")})
        if self.valid_from and self.valid_until and self.valid_from > self.valid_until:
            raise ValidationError({"valid_until": _("The last day must not be before the first day.")})


class OpeningPeriod(Period):
    """When a desk takes appointments."""

    desk = models.ForeignKey(Desk, on_delete=models.CASCADE, related_name="openings")

    class Meta:
        ordering = ["date", "weekday", "start_time", "id"]


class ExcludedPeriod(Period):
    """When a virtual agenda offers nothing, whatever its real agendas offer."""

    agenda = models.ForeignKey(Agenda, on_delete=models.CASCADE, related_name="excluded_periods")

    class Meta:
        ordering = ["date", "weekday", "start_time", "id"]
