"""The outbox: calls to w.c.s. that are owed, written in the transaction that owes them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from adapter.agendas.models.booking import Booking


class CallbackState(models.TextChoices):
    """Life of a callback."""

    PENDING = "pending", _("To be sent")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Given up")


class Callback(models.Model):
    """A signed POST to be delivered at least once. ``next_attempt_at`` moves on with each failed attempt."""

    class Kind(models.TextChoices):
        CANCEL = "cancel", _("Cancellation")
        PRESENCE = "presence", _("Presence")
        ABSENCE = "absence", _("Absence")

    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="callbacks")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    url = models.CharField(max_length=500)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=CallbackState.choices, default=CallbackState.PENDING)
    created_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    last_status = models.PositiveSmallIntegerField(null=True)
    last_error = models.CharField(max_length=300, blank=True, default="")
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(
                fields=["next_attempt_at"], name="callback_due", condition=models.Q(state=CallbackState.PENDING)
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"

    @property
    def outdated(self) -> bool:
        """Whether it would tell a presence or absence that was corrected since."""
        told = {self.Kind.PRESENCE: True, self.Kind.ABSENCE: False}
        kind = self.Kind(self.kind)
        return kind in told and self.booking.user_was_present is not told[kind]

    @property
    def can_be_retried(self) -> bool:
        """Whether somebody may want to send it again; one that was not tried yet goes by itself in a moment."""
        tried = self.state == CallbackState.FAILED or (self.state == CallbackState.PENDING and self.attempts > 0)
        return tried and not self.outdated
