"""Exceptions to the opening periods, by hand or from a source."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from adapter.agendas.models.agenda import Agenda
from adapter.agendas.models.desk import Desk


class ExceptionSource(models.Model):
    """Where exceptions come from: an ICS file, an ICS address, or the public holidays of a country."""

    class Kind(models.TextChoices):
        ICS_FILE = "ics_file", _("ICS file")
        ICS_URL = "ics_url", _("ICS address")
        HOLIDAYS = "holidays", _("Public holidays")

    class Country(models.TextChoices):
        FRANCE = "FR", _("France")
        BELGIUM = "BE", _("Belgium")
        LUXEMBOURG = "LU", _("Luxembourg")

    agenda = models.ForeignKey(Agenda, on_delete=models.CASCADE, related_name="exception_sources")
    desks = models.ManyToManyField(Desk, related_name="exception_sources")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    label = models.CharField(_("Label"), max_length=150)
    ics_url = models.URLField(_("Address"), max_length=500, blank=True)
    ics_text = models.TextField(blank=True)
    country = models.CharField(_("Country"), max_length=2, choices=Country.choices, blank=True)
    subdivision = models.CharField(_("Part of the country"), max_length=20, blank=True)
    refreshed_at = models.DateTimeField(null=True, blank=True)
    # Also when it failed, or its worker was killed meanwhile: whose turn it is.
    tried_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["label", "id"]

    def __str__(self) -> str:
        return self.label


class Closure(models.Model):
    """A time at which one or several desks are closed though their openings say otherwise."""

    agenda = models.ForeignKey(Agenda, on_delete=models.CASCADE, related_name="closures")
    desks = models.ManyToManyField(Desk, related_name="closures")
    source = models.ForeignKey(
        ExceptionSource, null=True, blank=True, on_delete=models.CASCADE, related_name="closures"
    )
    label = models.CharField(_("Label"), max_length=150, blank=True)
    start = models.DateTimeField(_("Start"))
    end = models.DateTimeField(_("End"))

    class Meta:
        ordering = ["start", "id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(end__gt=models.F("start")), name="closure_ends_after_start")
        ]
        indexes = [models.Index(fields=["agenda", "end"])]

    def __str__(self) -> str:
        return self.label
