"""Whose account is whose at the identity provider."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class OpenIdIdentity(models.Model):
    """A person at a provider: ``subject`` is what never changes there, unlike names and e-mail addresses."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="openid_identities")
    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["issuer", "subject"], name="one_account_per_subject")]

    def __str__(self) -> str:
        return f"{self.subject} ({self.issuer})"


class WrongPasswords(models.Model):
    """How many wrong passwords came in a minute, by a digest of who gave them: counted for all processes, with Redis or
    without. It names nobody, and is deleted soon.
    """

    key = models.CharField(max_length=64, primary_key=True)
    minute = models.BigIntegerField()
    count = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.count} in {self.minute}"
