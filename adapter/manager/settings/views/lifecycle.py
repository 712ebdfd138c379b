"""The tab of reminders and retention."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from adapter.agendas.models import Agenda
from adapter.agendas.reminder_texts import DEFAULT_BODY, DEFAULT_SUBJECT, FIELDS
from adapter.agendas.services.setup import change_lifecycle
from adapter.clock import now
from adapter.manager.access import actor_of
from adapter.manager.settings.forms.lifecycle import LifecycleForm
from adapter.manager.settings.pages import form_page, posted, settings_view, tab_url


@settings_view
def lifecycle(request: HttpRequest, agenda: Agenda) -> HttpResponse:
    """Hours, texts, days. A virtual agenda has none of its own."""
    if agenda.kind == Agenda.Kind.VIRTUAL:
        raise Http404
    form = LifecycleForm(agenda, **posted(request))

    def save() -> str:
        change_lifecycle(agenda, form.wanted(), now=now(), actor=actor_of(request))
        return _("Saved.")

    return form_page(
        request,
        form,
        title=_("Reminders and retention"),
        back=tab_url(agenda, "reminders"),
        save=save,
        agenda=agenda,
        template="manager/settings/lifecycle.html",
        fields=[(f"{{{{ {name} }}}}", text) for name, text in FIELDS.items()],
        usual_subject=DEFAULT_SUBJECT,
        usual_body=DEFAULT_BODY,
    )
