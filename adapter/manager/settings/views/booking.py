"""The tab « Prise de rendez-vous backoffice »: keep it, or check what was typed."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from adapter.agendas.errors import InvalidPayload
from adapter.agendas.models import Agenda
from adapter.agendas.services.setup import checked, set_backoffice_booking
from adapter.clock import now
from adapter.manager.access import actor_of
from adapter.manager.settings.diagnosis import verify
from adapter.manager.settings.form_choices import form_choices
from adapter.manager.settings.forms.booking import BookingForm
from adapter.manager.settings.pages import settings_view, to_tab
from adapter.manager.settings.views.page import tabs_page
from adapter.wcs.services import DiagnosisLine

TAB = "backoffice-booking"


@settings_view
def backoffice_booking(request: HttpRequest, agenda: Agenda) -> HttpResponse:
    """POST keeps the settings, or with ``action=check`` looks whether they would work and keeps nothing."""
    if request.method != "POST":
        return to_tab(agenda, TAB)
    form = BookingForm(agenda, form_choices(request.user), data=request.POST)  # type: ignore[arg-type]
    diagnosis: Sequence[DiagnosisLine] | None = None
    if form.is_valid():
        try:
            if request.POST.get("action") == "check":
                wanted = checked(agenda, form.settings(), complete=True)
                diagnosis = verify(agenda, wanted, request.user)  # type: ignore[arg-type]
            else:
                set_backoffice_booking(agenda, form.settings(), now=now(), actor=actor_of(request))
                messages.success(request, _("Saved."))
                return to_tab(agenda, TAB)
        except InvalidPayload as refusal:
            form.refuse(refusal)
    return tabs_page(request, agenda, form, diagnosis)
