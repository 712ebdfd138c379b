"""Drafts of w.c.s. that were made for a lock."""

from __future__ import annotations

from django.db import models

from adapter.agendas.models.booking import Booking


class HeldDraft(models.Model):
    """Where the draft of a lock is, so that one whose lock lapsed can be found; forgotten with the personal data."""

    booking = models.OneToOneField(Booking, on_delete=models.CASCADE, related_name="draft")
    api_url = models.CharField(max_length=500)
    backoffice_url = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return self.api_url
