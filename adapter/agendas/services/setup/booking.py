"""Booking from the calendar: the form in w.c.s. and the identifiers of its fields."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from adapter.agendas.errors import InvalidPayload
from adapter.agendas.models import Agenda
from adapter.agendas.queries.snapshot import load_snapshot
from adapter.agendas.services.actor import Actor
from adapter.agendas.services.audit import Entry, record
from adapter.agendas.services.setup.rows import save, setting_up

FIELDS = ("slot_field", "meeting_type_field", "agenda_field")
# What w.c.s. takes for the identifier of a field, and for the name of a form in its address.
IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
FORM_SLUG = re.compile(r"[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*")
IN_BRACES = re.compile(r"\{\{([^{}|]*+)(?:\|[^{}]*+)?\}\}")
VARIABLE = "form_var_"


@dataclass(frozen=True, slots=True)
class BookingSettings:
    """The tab « Prise de rendez-vous backoffice », as it was typed or as it is kept."""

    enabled: bool = False
    form_slug: str = ""
    slot_field: str = ""
    meeting_type_field: str = ""
    agenda_field: str = ""
    # The slug of the only type that the form is for.
    fixed_meeting_type: str = ""

    @classmethod
    def of(cls, agenda: Agenda) -> BookingSettings:
        """What is kept for ``agenda``."""
        return cls(
            agenda.backoffice_booking_enabled,
            agenda.form_slug,
            agenda.slot_field,
            agenda.meeting_type_field,
            agenda.agenda_field,
            agenda.fixed_meeting_type,
        )


def field_identifier(text: str) -> str:
    """The identifier of a field, out of what people paste: ``x``, ``form_var_x``, ``{{ form_var_x|upper }}``.

    A variable for the raw or structured value of the field (``form_var_x_raw``) names the field too.
    """
    text = text.strip()
    braces = IN_BRACES.fullmatch(text)
    if braces:
        text = braces[1].strip()
    if text.startswith(VARIABLE):
        text = text.removeprefix(VARIABLE)
        for ending in ("_raw", "_structured"):
            if text != ending:
                text = text.removesuffix(ending)
    return text


def form_name(text: str) -> str:
    """The name of a form, out of its name or its address (in front or back office)."""
    text = text.strip()
    if "://" not in text:
        return text
    parts = [part for part in urlsplit(text).path.split("/") if part]
    return parts[-1] if parts else ""


def normalised(wanted: BookingSettings, *, complete: bool | None = None) -> BookingSettings:
    """The same with clean identifiers. Raises ``InvalidPayload`` for what w.c.s. could not have, or what is missing.

    The form and the slot field are needed when booking is enabled, or ``complete`` is asked.
    """
    clean = replace(
        wanted,
        form_slug=form_name(wanted.form_slug),
        slot_field=field_identifier(wanted.slot_field),
        meeting_type_field=field_identifier(wanted.meeting_type_field),
        agenda_field=field_identifier(wanted.agenda_field),
        fixed_meeting_type=wanted.fixed_meeting_type.strip(),
    )
    errors: dict[str, list[str]] = {}
    if clean.form_slug and not FORM_SLUG.fullmatch(clean.form_slug):
        errors["form_slug"] = [
            _("Choose the form in the list, or give its name as it stands at the end of its address.")
        ]
    seen: dict[str, str] = {}
    for name in FIELDS:
        value = getattr(clean, name)
        if not value:
            continue
        if not IDENTIFIER.fullmatch(value):
            errors[name] = [_("An identifier is made of letters, digits and “_”, and begins with a letter.")]
        elif value in seen:
            errors[name] = [_("This identifier is given twice: each choice has a field of its own.")]
        seen[value] = name
    if clean.enabled if complete is None else complete:
        for name in ("form_slug", "slot_field"):
            if not getattr(clean, name):
                errors[name] = [_("Backoffice booking needs this.")]
    if errors:
        raise InvalidPayload(errors)
    return clean


def checked(agenda: Agenda, wanted: BookingSettings, *, complete: bool | None = None) -> BookingSettings:
    """The same as :func:`normalised` for ``agenda``, which must have the meeting type that is named."""
    clean = normalised(wanted, complete=complete)
    fixed = clean.fixed_meeting_type
    if fixed and load_snapshot(agenda.slug)[0].meeting_type(fixed) is None:
        raise InvalidPayload({"fixed_meeting_type": [no_such_type(fixed)]})
    return clean


def no_such_type(slug: str) -> str:
    """What is said of a meeting type that cannot be the only one of a form."""
    return _("This agenda has no meeting type “%(slug)s” that can be booked.") % {"slug": slug}


def set_backoffice_booking(
    agenda: Agenda, wanted: BookingSettings, *, now: datetime.datetime, actor: Actor
) -> BookingSettings:
    """Keep these settings, as :func:`checked` has them; returns them. Raises ``InvalidPayload``."""
    clean = checked(agenda, wanted)
    with setting_up(agenda):
        row = Agenda.objects.get(pk=agenda.pk)
        changes = save(
            row,
            {
                "backoffice_booking_enabled": clean.enabled,
                "form_slug": clean.form_slug,
                "fixed_meeting_type": clean.fixed_meeting_type,
                **{name: getattr(clean, name) for name in FIELDS},
            },
        )
        if changes:
            record(actor, now, [Entry("agenda.changed", row.pk, None, {"changes": changes})])
    return clean
