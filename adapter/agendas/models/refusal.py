"""Holds and confirmations that were refused."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from adapter.agendas.models.agenda import Agenda


class Refusal(models.Model):
    """Why somebody could not have a slot, kept for some days. Nothing in it is personal.

    ``agenda`` is the one that was asked, ``reason`` the code of the refusal. ``desks`` tells what stood there then:
    ``[{"agenda", "desk", "reason", "booking"}]`` with slugs, and the number of the booking or lock where one did.
    """

    class Action(models.TextChoices):
        HOLD = "hold", _("Lock")
        CONFIRM = "confirm", _("Appointment")

    at = models.DateTimeField()
    agenda = models.ForeignKey(Agenda, on_delete=models.CASCADE, related_name="refusals", db_index=False)
    meeting_type = models.CharField(max_length=250)
    start = models.DateTimeField()
    action = models.CharField(max_length=10, choices=Action.choices)
    form_slug = models.CharField(max_length=250, blank=True)
    reason = models.CharField(max_length=40)
    desks = models.JSONField(default=list)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["agenda", "start"], name="refusal_by_start"),
            models.Index(fields=["at"], name="refusal_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.start} {self.reason}"
