"""The settings of an agenda, all tabs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from adapter.agendas.models import Agenda
from adapter.clock import now
from adapter.manager.settings.form_choices import form_choices
from adapter.manager.settings.forms.booking import BookingForm
from adapter.manager.settings.overview import overview
from adapter.manager.settings.pages import UNUSABLE, settings_view
from adapter.wcs.services import DiagnosisLine


@settings_view
def settings_page(request: HttpRequest, agenda: Agenda) -> HttpResponse:
    """All tabs; ``week`` in the query is a day of the week that is drawn."""
    return tabs_page(request, agenda, BookingForm(agenda, form_choices(request.user)))  # type: ignore[arg-type]


def tabs_page(
    request: HttpRequest, agenda: Agenda, booking: BookingForm, diagnosis: Sequence[DiagnosisLine] | None = None
) -> HttpResponse:
    """The page with the form of the tab « Prise de rendez-vous backoffice » as it stands, maybe with its diagnosis."""
    agenda = Agenda.objects.select_related("category", "view_role", "edit_role", "booking_role").get(pk=agenda.pk)
    context: dict[str, Any] = overview(agenda, request.GET.get("week", ""), now())
    context |= {
        "booking": booking,
        "form_title": booking.choices.title_of(agenda.form_slug),
        "diagnosis": diagnosis,
        "unsaved": booking.has_changed(),
        "is_admin": request.user.is_superuser,
    }
    return render(request, "manager/settings/page.html", context, status=UNUSABLE if booking.errors else 200)
