"""What the back office keeps about its agents."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class AgentProfile(models.Model):
    """How w.c.s. knows an agent: the ``NameID`` of the identity provider (the user's uuid in Publik).

    Without one, the agent's e-mail address is used.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="agent_profile")
    name_id = models.CharField(_("NameID of the agent in w.c.s."), max_length=150, blank=True)

    def __str__(self) -> str:
        return str(self.user)
