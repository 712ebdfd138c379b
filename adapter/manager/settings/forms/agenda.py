"""An agenda as a whole."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from adapter.agendas.errors import InvalidPayload
from adapter.agendas.models import Agenda, Category
from adapter.manager.settings.forms.base import (
    SLUG_HELP,
    Checks,
    RowsField,
    SettingsForm,
    SlugField,
    Suggestions,
    TimeInput,
)

ROLES = ("view_role", "edit_role", "booking_role")


def _category_field() -> forms.CharField:
    return forms.CharField(
        label=_("Category"),
        max_length=150,
        required=False,
        help_text=_("Agendas are listed under it. Choose one, or type a new one."),
        widget=Suggestions([(item.label, "") for item in Category.objects.all()]),
    )


class NewAgendaForm(SettingsForm):
    """What an agenda begins with."""

    label = forms.CharField(label=_("Label"), max_length=150)
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[
            (Agenda.Kind.MEETINGS, _("Meetings: it has desks of its own")),
            (Agenda.Kind.VIRTUAL, _("Virtual: it joins several meetings agendas")),
        ],
        initial=Agenda.Kind.MEETINGS,
        widget=forms.RadioSelect,
    )
    slug = SlugField(
        required=False,
        help_text=_(
            "It stands in the addresses that w.c.s. keeps: once used, it stays. Left empty, it is made of the label."
        ),
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fields["category"] = _category_field()


class GeneralForm(SettingsForm):
    """Label and category."""

    label = forms.CharField(label=_("Label"), max_length=150)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fields["category"] = _category_field()


class CopyForm(SettingsForm):
    """A copy needs a name of its own."""

    label = forms.CharField(label=_("Label of the copy"), max_length=150)
    slug = SlugField(required=False, help_text=SLUG_HELP)


class IdentifierForm(SettingsForm):
    """Another identifier, knowingly."""

    slug = SlugField()
    known = forms.BooleanField(
        label=_("No form, data source or other program uses the present identifier, or I shall change it there too."),
        error_messages={"required": _("Tick this box once you have made sure.")},
    )


class DelaysForm(SettingsForm):
    """Delays, grid and duration of locks (in minutes here, in seconds in the model)."""

    minimal_booking_delay = forms.IntegerField(
        label=_("Minimal booking delay (in days)"), min_value=0, max_value=10000, required=False
    )
    maximal_booking_delay = forms.IntegerField(
        label=_("Maximal booking delay (in days)"), min_value=1, max_value=10000, required=False
    )
    minimal_booking_time = forms.TimeField(
        label=_("Time of day at which a new day opens"),
        required=False,
        widget=TimeInput,
        help_text=_("Left empty, delays are counted from the present minute and not from whole days."),
    )
    slot_step = forms.IntegerField(
        label=_("Minutes between two possible starts"),
        min_value=1,
        max_value=1440,
        required=False,
        help_text=_("Left empty: the greatest common divisor of the durations of the meeting types."),
    )
    lock_minutes = forms.DecimalField(
        label=_("Duration of a lock (in minutes)"), required=False, max_digits=7, decimal_places=2
    )

    def __init__(self, agenda: Agenda, **kwargs: Any) -> None:
        initial = {name: getattr(agenda, name) for name in self.base_fields if name != "lock_minutes"}
        if agenda.lock_duration is not None:
            minutes = (Decimal(agenda.lock_duration) / 60).quantize(Decimal("0.01"))
            initial["lock_minutes"] = int(minutes) if minutes == int(minutes) else minutes
        super().__init__(initial=initial, **kwargs)
        self.fields["lock_minutes"].help_text = _(
            "How long a slot is kept while a form is filled in: from %(least)g to %(most)g minutes. "
            "Left empty: %(usual)g."
        ) % {
            "least": settings.LOCK_DURATION_MIN / 60,
            "most": settings.LOCK_DURATION_MAX / 60,
            "usual": settings.LOCK_DURATION / 60,
        }
        self.fields["lock_minutes"].widget.attrs["step"] = "any"
        if agenda.kind == Agenda.Kind.VIRTUAL:
            del self.fields["minimal_booking_time"], self.fields["slot_step"]
            for name in ("minimal_booking_delay", "maximal_booking_delay"):
                self.fields[name].help_text = _("Left empty: that of each real agenda.")
        else:
            self.fields["minimal_booking_delay"].help_text = _("0 or empty: the same day.")
            self.fields["maximal_booking_delay"].help_text = _("Left empty: no limit.")

    def refuse(self, refusal: InvalidPayload) -> None:
        """The service speaks of seconds, in a field of another name."""
        errors = dict(refusal.errors)
        if "lock_duration" in errors:
            errors["lock_minutes"] = errors.pop("lock_duration")
        super().refuse(InvalidPayload(errors))

    def values(self) -> dict[str, Any]:
        """Columns of the agenda."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "lock_minutes"}
        minutes = self.cleaned_data["lock_minutes"]
        return {**values, "lock_duration": None if minutes is None else round(minutes * 60)}


class RolesForm(SettingsForm):
    """Who may do what; ``new_role`` adds a role to the lists."""

    view_role = forms.ModelChoiceField(
        Group.objects.order_by("name"),
        empty_label=_("nobody"),
        label=_("Role to view"),
        required=False,
        help_text=_("Its holders see the calendar and the appointments."),
    )
    edit_role = forms.ModelChoiceField(
        Group.objects.order_by("name"),
        empty_label=_("nobody"),
        label=_("Role to edit"),
        required=False,
        help_text=_("Its holders see the agenda and change these settings."),
    )
    booking_role = forms.ModelChoiceField(
        Group.objects.order_by("name"),
        empty_label=_("nobody"),
        label=_("Role to book"),
        required=False,
        help_text=_("Its holders book, cancel, and release locks, if they may view the agenda too."),
    )
    new_role = forms.CharField(
        label=_("A role that is missing in these lists"),
        max_length=150,
        required=False,
        help_text=_("Type its name and use “Add the role”; then choose it above."),
    )

    def __init__(self, may_add: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not may_add:
            del self.fields["new_role"]


class MembersForm(SettingsForm):
    """The real agendas of a virtual one."""

    members = RowsField(Agenda.objects.none(), label=_("Real agendas"), widget=Checks, required=False)

    def __init__(self, choices: QuerySet[Agenda], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fields["members"].queryset = choices  # type: ignore[attr-defined]
