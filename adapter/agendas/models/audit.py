"""The audit log: who did what to which lock, booking or setting, and when."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from adapter.agendas.models.agenda import Agenda


class AuditEvent(models.Model):
    """One change. ``code`` is namespaced (``lock.created``) and turned into words when it is shown.

    ``data`` holds plain values and nothing personal. The booking is kept by number so that the log outlives a purge. No
    constraint looks after ``agenda``: it would lock the agenda's row for each line that is written.
    """

    class ActorKind(models.TextChoices):
        AGENT = "agent", _("Agent")
        SERVICE = "service", _("Service")
        TASK = "task", _("Task")
        COMMAND = "command", _("Command")

    at = models.DateTimeField()
    code = models.CharField(max_length=50)
    actor_kind = models.CharField(max_length=10, choices=ActorKind.choices)
    actor = models.CharField(max_length=150, blank=True)
    # ``audit_by_agenda`` begins with it: an index of its own would only cost.
    agenda = models.ForeignKey(
        Agenda, null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False, db_index=False
    )
    booking_id = models.BigIntegerField(null=True)
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["booking_id", "id"], name="audit_by_booking", condition=models.Q(booking_id__isnull=False)
            ),
            models.Index(fields=["agenda", "-id"], name="audit_by_agenda"),
        ]

    def __str__(self) -> str:
        return f"{self.at} {self.code}"
