"""What w.c.s. asked to cancel lately."""

from __future__ import annotations

from django.db import models


class RecordCancellation(models.Model):
    """When w.c.s. last asked to cancel for a record: what it had asked before and comes later books nothing.

    ``record`` is a fingerprint of the record's address, ``asked_at`` by the clock of w.c.s.
    """

    record = models.CharField(max_length=64, primary_key=True)
    asked_at = models.DateTimeField()
    noted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.record[:8]} {self.asked_at}"
