"""Desks (guichets)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from adapter.agendas.models.agenda import Agenda, new_version, validate_slug


class Desk(models.Model):
    """A desk of a meetings agenda: it takes one appointment at a time.

    ``version`` goes up with every change of what stands on the desk; a transaction that writes there moves it by
    compare-and-swap, which is the service's own guard against double booking. No version ever comes back.
    """

    agenda = models.ForeignKey(Agenda, on_delete=models.CASCADE, related_name="desks")
    slug = models.CharField(_("Identifier"), max_length=100, validators=[validate_slug])
    label = models.CharField(_("Label"), max_length=150)
    position = models.PositiveIntegerField(_("Order"), default=0)
    enabled = models.BooleanField(_("Takes appointments"), default=True)
    version = models.PositiveBigIntegerField(default=new_version, editable=False)

    class Meta:
        ordering = ["position", "label", "id"]
        constraints = [models.UniqueConstraint(fields=["agenda", "slug"], name="desk_slug_once_per_agenda")]

    def __str__(self) -> str:
        return self.label
