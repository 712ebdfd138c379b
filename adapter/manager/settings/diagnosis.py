"""The button « Vérifier »: what w.c.s. says, and what its last booking tells."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db.models import Q
from django.utils.translation import gettext as _

from adapter.agendas.models import Agenda, Booking, BookingState
from adapter.agendas.services.setup import BookingSettings
from adapter.agendas.services.uses import around
from adapter.dates import short_moment_text
from adapter.manager.access import Access
from adapter.manager.services.booking import identity_of
from adapter.wcs.services import Asker, DiagnosisLine, State, diagnose


def verify(agenda: Agenda, wanted: BookingSettings, user: AbstractUser) -> list[DiagnosisLine]:
    """A line for each thing that booking from the calendar needs, for settings that need not be saved yet."""
    asker = Asker(identity_of(user), _books(agenda, user), _a_form_has_held(agenda), wanted.fixed_meeting_type)
    lines = diagnose(wanted.form_slug, wanted.slot_field, wanted.meeting_type_field, wanted.agenda_field, asker)
    return [*lines, last_booking(agenda)]


def _books(agenda: Agenda, user: AbstractUser) -> bool:
    """Whether ``user`` is an agent who books here: an administrator may, but mostly only sets up."""
    groups = frozenset(user.groups.values_list("pk", flat=True))
    return Access(everything=False, groups=groups).books(agenda)


def _a_form_has_held(agenda: Agenda) -> bool:
    services = [service.verif_orig for service in settings.KNOWN_SERVICES]
    return Booking.objects.filter(around(agenda)).filter(Q(holder__in=services) | ~Q(record="")).exists()


def last_booking(agenda: Agenda) -> DiagnosisLine:
    """Whether the form's workflow books: the latest appointment, or a hold that was never confirmed."""
    code = "last-booking"
    rows = Booking.objects.filter(around(agenda))
    booked = rows.exclude(confirmed_at=None).exclude(record="").order_by("-confirmed_at").first()
    half = rows.filter(half_adapted=True).exclude(state=BookingState.BOOKED).order_by("-created_at").first()
    if half is not None and (booked is None or booked.confirmed_at is None or half.created_at > booked.confirmed_at):
        return DiagnosisLine(
            code,
            State.FAIL,
            _("On %(when)s a form was submitted but its workflow only held the slot again.")
            % {"when": short_moment_text(half.created_at)},
            _("In the workflow's booking action, send confirm_after_lock with the value true beside lock_code."),
        )
    if booked is not None and booked.confirmed_at is not None:
        return DiagnosisLine(
            code,
            State.OK,
            _("The last booking by a form came on %(when)s.") % {"when": short_moment_text(booked.confirmed_at)},
        )
    return DiagnosisLine(
        code,
        State.WARN,
        _("No booking by a form has come yet."),
        _("Book once from the calendar, submit the form, then check again."),
    )
