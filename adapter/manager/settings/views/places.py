"""Meeting types and desks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from adapter.agendas.models import Agenda, Desk, MeetingType
from adapter.agendas.services.setup import (
    add_desk,
    add_meeting_type,
    change_desk,
    change_meeting_type,
    delete_desk,
    delete_meeting_type,
    move,
    reasons_to_keep_place,
    slug_is_fixed,
)
from adapter.clock import now
from adapter.manager.access import actor_of
from adapter.manager.settings.forms.places import DeskForm, MeetingTypeForm
from adapter.manager.settings.pages import (
    delete_page,
    form_page,
    must_be,
    posted,
    row_or_404,
    settings_action,
    settings_view,
    tab_url,
    to_tab,
)

TYPES, DESKS = "meeting-types", "desks"
Place = TypeVar("Place", Desk, MeetingType)


@settings_view
def add_type(request: HttpRequest, agenda: Agenda) -> HttpResponse:
    """A new meeting type."""
    must_be(agenda, Agenda.Kind.MEETINGS)
    form = MeetingTypeForm(None, **posted(request))

    def save() -> str:
        data = form.cleaned_data
        add_meeting_type(agenda, data["label"], data["duration"], slug=data["slug"], now=now(), actor=actor_of(request))
        return _("The meeting type is added.")

    title = _("New meeting type")
    return form_page(request, form, title=title, back=tab_url(agenda, TYPES), save=save, agenda=agenda)


@settings_view
def edit_type(request: HttpRequest, agenda: Agenda, pk: int) -> HttpResponse:
    """Change a meeting type."""
    row = row_or_404(MeetingType.objects.filter(agenda=agenda), pk)
    return _edit(request, row, MeetingTypeForm, change_meeting_type, TYPES)


@settings_view
def remove_type(request: HttpRequest, agenda: Agenda, pk: int) -> HttpResponse:
    """Remove a meeting type that was never used."""
    row = row_or_404(MeetingType.objects.filter(agenda=agenda), pk)
    return delete_page(
        request,
        agenda,
        back=tab_url(agenda, TYPES),
        delete=lambda: delete_meeting_type(row, now=now(), actor=actor_of(request)),
        reasons=reasons_to_keep_place(row, now=now()),
        title=_("Remove the meeting type"),
        question=_("Remove the meeting type “%(label)s”?") % {"label": row.label},
        done=_("The meeting type is removed."),
    )


@settings_action
def move_type(request: HttpRequest, agenda: Agenda, pk: int) -> HttpResponse:
    """Up or down in the list."""
    return _move(request, row_or_404(MeetingType.objects.filter(agenda=agenda), pk), TYPES)


@settings_view
def add_a_desk(request: HttpRequest, agenda: Agenda) -> HttpResponse:
    """A new desk."""
    must_be(agenda, Agenda.Kind.MEETINGS)
    form = DeskForm(None, **posted(request))

    def save() -> str:
        data = form.cleaned_data
        add_desk(agenda, data["label"], slug=data["slug"], now=now(), actor=actor_of(request))
        return _("The desk is added. It opens once it has opening periods.")

    return form_page(request, form, title=_("New desk"), back=tab_url(agenda, DESKS), save=save, agenda=agenda)


@settings_view
def edit_desk(request: HttpRequest, agenda: Agenda, pk: int) -> HttpResponse:
    """Change a desk."""
    row = row_or_404(Desk.objects.filter(agenda=agenda), pk)
    return _edit(request, row, DeskForm, change_desk, DESKS)


@settings_view
def remove_desk(request: HttpRequest, agenda: Agenda, pk: int) -> HttpResponse:
    """Remove a desk that was never used."""
    row = row_or_404(Desk.objects.filter(agenda=agenda), pk)
    return delete_page(
        request,
        agenda,
        back=tab_url(agenda, DESKS),
        delete=lambda: delete_desk(row, now=now(), actor=actor_of(request)),
        reasons=reasons_to_keep_place(row, now=now()),
        title=_("Remove the desk"),
        question=_("Remove the desk “%(label)s” with its opening periods?") % {"label": row.label},
        done=_("The desk is removed."),
    )


@settings_action
def move_desk(request: HttpRequest, agenda: Agenda, pk: int) -> HttpResponse:
    """Up or down in the list."""
    return _move(request, row_or_404(Desk.objects.filter(agenda=agenda), pk), DESKS)


def _edit(
    request: HttpRequest,
    row: Place,
    form_class: type[MeetingTypeForm] | type[DeskForm],
    change: Callable[..., Place],
    tab: str,
) -> HttpResponse:
    form = form_class(row, **posted(request), fixed=slug_is_fixed(row))

    def save() -> str:
        change(row, form.cleaned_data, now=now(), actor=actor_of(request))
        return _("Saved.")

    return form_page(request, form, title=row.label, back=tab_url(row.agenda, tab), save=save, agenda=row.agenda)


def _move(request: HttpRequest, row: Desk | MeetingType, tab: str) -> HttpResponse:
    steps = {"up": -1, "down": 1}.get(request.POST.get("to", ""), 0)
    if steps:
        move(row, steps, now=now(), actor=actor_of(request))
    return to_tab(row.agenda, tab)
