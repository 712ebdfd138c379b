"""Reminders of appointments: which were sent, and which are still tried."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from adapter.agendas.models.booking import Booking


class ReminderState(models.TextChoices):
    """Life of a reminder."""

    PENDING = "pending", _("To be sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Given up")


class Reminder(models.Model):
    """The reminder of one booking: the row is written when a worker takes it on, and there can be only one.

    ``next_attempt_at`` is the end of the worker's lease, later the time of the next attempt.
    """

    booking = models.OneToOneField(Booking, on_delete=models.CASCADE, related_name="reminder")
    state = models.CharField(max_length=10, choices=ReminderState.choices, default=ReminderState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=100, blank=True, default="")

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(
                fields=["next_attempt_at"], name="reminder_due", condition=models.Q(state=ReminderState.PENDING)
            )
        ]

    def __str__(self) -> str:
        return f"{self.booking_id} {self.state}"
