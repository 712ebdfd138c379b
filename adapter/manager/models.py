"""What the back office keeps about its agents."""

from __future__ import annotations

import uuid

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

    Only a digest of the secret is kept: who reads the database cannot read the calendars. It lapses when its agent has
    not logged in for ``FEED_DAYS_WITHOUT_LOGIN``, and works again after a log-in.
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


class FormTitle(models.Model):
    """What agents call a form of w.c.s.; ``title`` is empty when it could not be had at ``asked_at``."""

    slug = models.CharField(max_length=250, unique=True)
    title = models.CharField(max_length=250, blank=True)
    asked_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.title or self.slug


class Rehearsal(models.Model):
    """Definitions that are being played for the session that dropped them, or the report of that.

    ``definitions`` (a zip) are forgotten as soon as they were played; rows are deleted soon after.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Playing")
        DONE = "done", _("Played")
        FAILED = "failed", _("Could not be played")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    session = models.CharField(max_length=64)
    form = models.CharField(max_length=250)
    language = models.CharField(max_length=2)
    definitions = models.BinaryField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    problem = models.CharField(max_length=20, blank=True)
    report = models.JSONField(null=True)
    page = models.TextField(blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="rehearsal_by_age")]

    def __str__(self) -> str:
        return f"{self.form} {self.state}"
