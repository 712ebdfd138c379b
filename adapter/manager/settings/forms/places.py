"""Meeting types and desks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from adapter.agendas.models import Desk, MeetingType
from adapter.manager.settings.forms.base import SLUG_HELP, SettingsForm, SlugField

FIXED = _("It was booked or held already: the identifier stays, because forms and other programs know it.")


class _PlaceForm(SettingsForm):
    """Common to both: a new one may leave its identifier empty; that of a used one is fixed."""

    label = forms.CharField(label=_("Label"), max_length=150)

    def __init__(self, row: Desk | MeetingType | None, fixed: bool = False, **kwargs: Any) -> None:
        initial = {name: getattr(row, name) for name in self.base_fields} if row else {}
        super().__init__(initial=initial, **kwargs)
        slug = self.fields["slug"]
        if row is None:
            slug.required = False
            slug.help_text = SLUG_HELP
            del self.fields["enabled"]
        elif fixed:
            slug.disabled = True
            slug.help_text = FIXED


class MeetingTypeForm(_PlaceForm):
    """A kind of appointment."""

    duration = forms.IntegerField(label=_("Duration (in minutes)"), min_value=1, max_value=1440)
    slug = SlugField(help_text=_("It stands in the addresses that w.c.s. keeps: once used, it stays."))
    enabled = forms.BooleanField(
        label=_("Can be booked"),
        required=False,
        help_text=_("Without it nobody can book this type any more; its appointments stay."),
    )


class DeskForm(_PlaceForm):
    """A desk."""

    slug = SlugField(help_text=_("Other programs know the desk by it: once used, it stays."))
    enabled = forms.BooleanField(
        label=_("Takes appointments"),
        required=False,
        help_text=_("Without it nobody can book this desk any more; its appointments stay."),
    )
