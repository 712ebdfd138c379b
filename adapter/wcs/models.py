"""What the client of w.c.s. keeps."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class UsedNonce(models.Model):
    """A nonce that a caller used; ``key`` is the SHA-256 of caller and nonce. Kept for about a minute."""

    key = models.CharField(max_length=64, primary_key=True)
    used_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["used_at"], name="nonce_by_age")]

    def __str__(self) -> str:
        return self.key


class Caller(models.Model):
    """When a known service last called us (times of the process that noted it), and was last refused."""

    orig = models.CharField(max_length=200, primary_key=True)
    accepted_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)
    refusal = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return self.orig
