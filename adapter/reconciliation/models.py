"""The last comparison of all agendas, kept for people until the next one. Nothing in it is personal."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Comparison(models.Model):
    """One comparison: how much was looked at, and what could not be read (``[{"what", "reason"}]``)."""

    made_at = models.DateTimeField()
    bookings = models.PositiveIntegerField()
    records = models.PositiveIntegerField()
    drafts = models.PositiveIntegerField()
    unreadable = models.JSONField(default=list)

    class Meta:
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d %H:%M}"


class KeptFinding(models.Model):
    """One finding of it. ``booking_id`` may name a booking that is not there: that is what some findings are about.

    ``done``: ``None`` as long as nobody has tried the repair; ``problem`` why it could not be done.
    """

    comparison = models.ForeignKey(Comparison, on_delete=models.CASCADE, related_name="findings")
    kind = models.CharField(max_length=30)
    repair = models.CharField(max_length=30)
    booking_id = models.BigIntegerField()
    record = models.TextField(blank=True)
    detail = models.TextField()
    status = models.TextField(blank=True)
    agenda = models.CharField(max_length=250, blank=True)
    start = models.DateTimeField(null=True)
    callback_id = models.BigIntegerField(null=True)
    done = models.BooleanField(null=True)
    problem = models.TextField(blank=True)
    tried_at = models.DateTimeField(null=True)
    tried_by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering: ClassVar = ["start", "pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.booking_id}"
