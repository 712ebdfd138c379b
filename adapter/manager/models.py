"""What the back office keeps about its agents."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from adapter.agendas.models import Agenda


class AgentProfile(models.Model):
    """How w.c.s. knows an agent: the ``NameID`` of the identity provider (the user's uuid in Publik).

    Without one, the agent's e-mail address is used.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="agent_profile")
    name_id = models.CharField(_("NameID of the agent in w.c.s."), max_length=150, blank=True)

    def __str__(self) -> str:
        return str(self.user)


class CalendarFeed(models.Model):
    """A secret address at which an agent's calendar program reads an agenda.

    Only a digest of the secret is kept: who reads the database cannot read the calendars.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_feeds")
    agenda = models.ForeignKey(Agenda, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    last_read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "agenda"], name="one_feed_of_an_agenda_for_an_agent")]

    def __str__(self) -> str:
        return f"{self.user} / {self.agenda}"
