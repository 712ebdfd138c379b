"""Meeting types."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from adapter.agendas.models.agenda import Agenda, validate_slug


class MeetingType(models.Model):
    """A kind of appointment and how long it lasts (minutes). A disabled one keeps its history."""

    agenda = models.ForeignKey(Agenda, on_delete=models.CASCADE, related_name="meeting_types")
    slug = models.CharField(_("Identifier"), max_length=100, validators=[validate_slug])
    label = models.CharField(_("Label"), max_length=150)
    duration = models.PositiveIntegerField(
        _("Duration (in minutes)"), validators=[MinValueValidator(1), MaxValueValidator(1440)]
    )
    position = models.PositiveIntegerField(_("Order"), default=0)
    enabled = models.BooleanField(_("Can be booked"), default=True)

    class Meta:
        ordering = ["position", "duration", "label", "id"]
        constraints = [
            models.UniqueConstraint(fields=["agenda", "slug"], name="meeting_type_slug_once_per_agenda"),
            models.CheckConstraint(
                condition=models.Q(duration__gte=1, duration__lte=1440), name="meeting_type_duration_possible"
            ),
        ]

    def __str__(self) -> str:
        return self.label
