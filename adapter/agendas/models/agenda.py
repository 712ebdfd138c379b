"""Agendas of kind *meetings* (with desks) and *virtual* (a union of real ones)."""

from __future__ import annotations

import datetime
import secrets

from django.contrib.auth.models import Group
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from adapter.agendas.reminder_texts import validate_reminder_text

# Slugs stand in addresses that w.c.s. stores, and in slot ids, where ':' separates.
validate_slug = RegexValidator(r"^[a-z0-9]+(?:[-_][a-z0-9]+)*$", _("Use lower case letters, digits, '-' and '_'."))


REMINDER_HOURS_MAX = 24 * 14


def new_version() -> int:
    """A version no other state of the settings ever had: a counter could come back after a rollback or a restore."""
    return secrets.randbits(62)


class Category(models.Model):
    """A heading under which agendas are listed."""

    slug = models.CharField(_("Identifier"), max_length=100, unique=True, validators=[validate_slug])
    label = models.CharField(_("Label"), max_length=150)

    class Meta:
        ordering = ["label", "slug"]

    def __str__(self) -> str:
        return self.label


class AgendaKind(models.TextChoices):
    """The kinds of agendas served here (the contract knows a third one, *events*)."""

    MEETINGS = "meetings", _("Meetings")
    VIRTUAL = "virtual", _("Virtual")


class Agenda(models.Model):
    """An agenda. Delays are whole days; durations are seconds unless said.

    ``config_version`` is another one after every change of the settings (see ``services.touch_agendas``), so that what
    was read before can be recognised as out of date. A virtual agenda's ``None`` delays mean: each real agenda's own.
    """

    Kind = AgendaKind

    slug = models.CharField(_("Identifier"), max_length=100, unique=True, validators=[validate_slug])
    label = models.CharField(_("Label"), max_length=150)
    kind = models.CharField(_("Kind"), max_length=20, choices=AgendaKind.choices, default=AgendaKind.MEETINGS)
    category = models.ForeignKey(
        Category, verbose_name=_("Category"), null=True, blank=True, on_delete=models.SET_NULL, related_name="agendas"
    )

    minimal_booking_delay = models.PositiveIntegerField(
        _("Minimal booking delay (in days)"), null=True, blank=True, default=1, validators=[MaxValueValidator(10000)]
    )
    maximal_booking_delay = models.PositiveIntegerField(
        _("Maximal booking delay (in days)"), null=True, blank=True, default=56, validators=[MaxValueValidator(10000)]
    )
    minimal_booking_time = models.TimeField(
        _("Time of day at which a new day opens"),
        null=True,
        blank=True,
        default=datetime.time(0, 0),
        help_text=_("Left empty, delays are counted from the present minute and not from whole days."),
    )
    slot_step = models.PositiveIntegerField(
        _("Minutes between two possible starts"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(1440)],
        help_text=_("Left empty: the greatest common divisor of the durations of the meeting types."),
    )
    lock_duration = models.PositiveIntegerField(
        _("Duration of a lock (in seconds)"), null=True, blank=True, validators=[MaxValueValidator(86400)]
    )

    view_role = models.ForeignKey(
        Group, verbose_name=_("Role to view"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    edit_role = models.ForeignKey(
        Group, verbose_name=_("Role to edit"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    booking_role = models.ForeignKey(
        Group, verbose_name=_("Role to book"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    backoffice_booking_enabled = models.BooleanField(_("Enable backoffice booking"), default=False)
    form_slug = models.CharField(_("Form"), max_length=250, blank=True)
    slot_field = models.CharField(_("Identifier of the slot field"), max_length=100, blank=True)
    meeting_type_field = models.CharField(_("Identifier of the meeting type field"), max_length=100, blank=True)
    agenda_field = models.CharField(_("Identifier of the agenda field"), max_length=100, blank=True)
    # The slug of the only type that the form is for.
    fixed_meeting_type = models.CharField(
        _("Only meeting type of the form"), max_length=250, blank=True, default="", db_default=""
    )

    # -- What is done around an appointment and after it; the columns have defaults in the database, so that a version
    # that does not know them goes on writing.
    reminder_hours = models.PositiveSmallIntegerField(
        _("Reminder by e-mail, hours before the appointment"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(REMINDER_HOURS_MAX)],
        help_text=_("Left empty: no reminder is sent."),
    )
    reminder_subject = models.CharField(
        _("Subject of the reminder"),
        max_length=200,
        blank=True,
        default="",
        db_default="",
        validators=[validate_reminder_text],
        help_text=_("Left empty: the usual text."),
    )
    reminder_body = models.TextField(
        _("Text of the reminder"),
        blank=True,
        default="",
        db_default="",
        max_length=5000,
        validators=[validate_reminder_text],
        help_text=_("Left empty: the usual text."),
    )
    anonymize_after_days = models.PositiveIntegerField(
        _("Erase personal data, days after the appointment"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(10000)],
        help_text=_("Left empty: never."),
    )
    purge_after_days = models.PositiveIntegerField(
        _("Delete the appointment, days after it"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(10000)],
        help_text=_("Left empty: never."),
    )

    real_agendas: models.ManyToManyField[Agenda, VirtualMember] = models.ManyToManyField(
        "self", through="VirtualMember", symmetrical=False, related_name="virtual_agendas"
    )
    config_version = models.PositiveBigIntegerField(default=new_version, editable=False)

    class Meta:
        ordering = ["label", "slug"]

    def __str__(self) -> str:
        return self.label


class VirtualMember(models.Model):
    """A real agenda inside a virtual one."""

    virtual = models.ForeignKey(Agenda, on_delete=models.CASCADE, related_name="members")
    real = models.ForeignKey(Agenda, on_delete=models.CASCADE, related_name="memberships")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["virtual", "real"], name="virtual_member_once")]

    def __str__(self) -> str:
        return f"{self.virtual} / {self.real}"
