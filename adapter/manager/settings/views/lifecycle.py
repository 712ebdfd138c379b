"""Reminders and retention."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from adapter.agendas.errors import InvalidPayload
from adapter.agendas.models import Agenda
from adapter.agendas.reminder_texts import DEFAULT_BODY, DEFAULT_SUBJECT, FIELDS
from adapter.agendas.services.lifecycle import change_lifecycle
from adapter.clock import now
from adapter.manager.access import actor_of
from adapter.manager.settings.forms.lifecycle import LifecycleForm
from adapter.manager.settings.pages import form_page, must_be, posted, settings_view, tab_url

TAB = "reminders"


@settings_view
def reminders(request: HttpRequest, agenda: Agenda) -> HttpResponse:
    """When people are reminded and by what words, and when appointments are erased."""
    must_be(agenda, Agenda.Kind.MEETINGS)
    form = LifecycleForm(agenda, **posted(request))

    def save() -> str:
        try:
            change_lifecycle(agenda, form.lifecycle(), now=now(), actor=actor_of(request))
        except ValidationError as error:
            raise InvalidPayload(error.message_dict) from None
        return _("Saved.")

    return form_page(
        request,
        form,
        save=save,
        title=_("Reminders and retention"),
        back=tab_url(agenda, TAB),
        agenda=agenda,
        template="manager/settings/reminders.html",
        names=FIELDS.items(),
        usual_subject=DEFAULT_SUBJECT,
        usual_body=DEFAULT_BODY,
    )
