"""An agenda as a whole: make, change, duplicate, remove."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from adapter.agendas.errors import InvalidPayload
from adapter.agendas.models import Agenda
from adapter.agendas.services.setup import (
    change_agenda,
    create_agenda,
    delete_agenda,
    duplicate_agenda,
    reasons_against_deleting,
    reasons_against_renaming,
    rename_agenda,
    set_members,
)
from adapter.clock import now
from adapter.manager.access import access_of, actor_of, admins_only
from adapter.manager.settings.forms.agenda import (
    ROLES,
    CopyForm,
    DelaysForm,
    GeneralForm,
    IdentifierForm,
    MembersForm,
    NewAgendaForm,
    RolesForm,
)
from adapter.manager.settings.pages import delete_page, form_page, must_be, posted, settings_view, tab_url


@never_cache
@admins_only
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """A new agenda, then its settings."""
    form = NewAgendaForm(**posted(request))

    def save() -> HttpResponse:
        data = form.cleaned_data
        agenda = create_agenda(
            data["label"],
            data["kind"],
            slug=data["slug"],
            category=data["category"],
            now=now(),
            actor=actor_of(request),
        )
        messages.success(request, _("The agenda is there. Now say what can be booked, where and when."))
        first = "members" if agenda.kind == Agenda.Kind.VIRTUAL else "meeting-types"
        return HttpResponseRedirect(tab_url(agenda, first))

    return form_page(
        request, form, title=_("New agenda"), back=reverse("manager-home"), save=save, button=_("Create the agenda")
    )


@settings_view
def general(request: HttpRequest, agenda: Agenda) -> HttpResponse:
    """Label and category."""
    initial = {"label": agenda.label, "category": agenda.category.label if agenda.category else ""}
    form = GeneralForm(**posted(request), initial=initial)

    def save() -> str:
        data = form.cleaned_data
        change_agenda(
            agenda, {"label": data["label"].strip()}, category=data["category"], now=now(), actor=actor_of(request)
        )
        return _("Saved.")

    back = tab_url(agenda, "general")
    return form_page(request, form, title=_("Label and category"), back=back, save=save, agenda=agenda)


@settings_view
def identifier(request: HttpRequest, agenda: Agenda) -> HttpResponse:
    """Another identifier, while that is harmless."""
    form = IdentifierForm(**posted(request), initial={"slug": agenda.slug})

    def save() -> HttpResponse:
        renamed = rename_agenda(agenda, form.cleaned_data["slug"], now=now(), actor=actor_of(request))
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(tab_url(renamed, "general"))

    return form_page(
        request,
        form,
        title=_("Change the identifier"),
        back=tab_url(agenda, "general"),
        save=save,
        agenda=agenda,
        template="manager/settings/identifier.html",
        reasons=reasons_against_renaming(agenda),
    )


@settings_view
def delays(request: HttpRequest, agenda: Agenda) -> HttpResponse:
    """Delays, grid, duration of locks."""
    form = DelaysForm(agenda, **posted(request))

    def save() -> str:
        change_agenda(agenda, form.values(), now=now(), actor=actor_of(request))
        return _("Saved.")

    return form_page(request, form, title=_("Delays"), back=tab_url(agenda, "delays"), save=save, agenda=agenda)


@settings_view
def permissions(request: HttpRequest, agenda: Agenda) -> HttpResponse:
    """Roles. An agent cannot give away the right to edit by mistake; admins may add roles to the lists."""
    admin = bool(request.user.is_superuser)
    form = RolesForm(**posted(request), initial={name: getattr(agenda, name) for name in ROLES}, may_add=admin)

    page: dict[str, Any] = {
        "title": _("Roles"),
        "back": tab_url(agenda, "permissions"),
        "agenda": agenda,
        "other_buttons": [("add-role", _("Add the role"))] if admin else [],
    }

    def save() -> str | HttpResponse:
        if request.POST.get("action") == "add-role":
            return _add_role(request, form)
        wanted = {name: form.cleaned_data[name] for name in ROLES}
        kept = wanted["edit_role"]
        if not admin and (kept is None or kept.pk not in access_of(request).groups):
            sentence = _("You would lose the right to edit. Ask an administrator to change this role.")
            raise InvalidPayload({"edit_role": [sentence]})
        change_agenda(agenda, wanted, now=now(), actor=actor_of(request))
        return _("Saved.")

    return form_page(request, form, save=save, **page)


def _add_role(request: HttpRequest, form: RolesForm) -> HttpResponse:
    if not request.user.is_superuser:
        raise PermissionDenied
    name = form.cleaned_data["new_role"].strip()
    if name:
        Group.objects.get_or_create(name=name)
        messages.success(request, _("The role “%(name)s” is in the lists now.") % {"name": name})
    return HttpResponseRedirect(request.path)


@settings_view
def members(request: HttpRequest, agenda: Agenda) -> HttpResponse:
    """The real agendas of a virtual one: those that the agent may see, besides those that are there already."""
    must_be(agenda, Agenda.Kind.VIRTUAL)
    present = Agenda.objects.filter(memberships__virtual=agenda)
    visible = access_of(request).viewable().values("pk")
    meetings = Agenda.objects.filter(kind=Agenda.Kind.MEETINGS)
    choices = meetings.filter(pk__in=visible) | meetings.filter(pk__in=present.values("pk"))
    form = MembersForm(choices, **posted(request), initial={"members": list(present)})

    def save() -> str:
        set_members(agenda, form.cleaned_data["members"], now=now(), actor=actor_of(request))
        return _("Saved.")

    return form_page(request, form, title=_("Real agendas"), back=tab_url(agenda, "members"), save=save, agenda=agenda)


@never_cache
@admins_only
@require_http_methods(["GET", "HEAD", "POST"])
def duplicate(request: HttpRequest, slug: str) -> HttpResponse:
    """A new agenda with the same settings."""
    return _duplicate(request, slug)


@settings_view
def _duplicate(request: HttpRequest, agenda: Agenda) -> HttpResponse:
    initial = {"label": _("Copy of %(label)s") % {"label": agenda.label}}
    form = CopyForm(**posted(request), initial=initial)

    def save() -> HttpResponse:
        data: dict[str, Any] = form.cleaned_data
        copy = duplicate_agenda(agenda, data["label"], slug=data["slug"], now=now(), actor=actor_of(request))
        messages.success(request, _("This is the copy. Its appointments are its own: there are none yet."))
        return HttpResponseRedirect(tab_url(copy, "general"))

    return form_page(
        request,
        form,
        title=_("Duplicate the agenda"),
        back=tab_url(agenda, "general"),
        save=save,
        button=_("Duplicate"),
        agenda=agenda,
    )


@settings_view
def delete(request: HttpRequest, agenda: Agenda) -> HttpResponse:
    """Remove an agenda that was never booked."""
    question = _("Remove the agenda “%(label)s” with its desks, opening periods and exceptions?")
    return delete_page(
        request,
        agenda,
        title=_("Remove the agenda"),
        question=question % {"label": agenda.label},
        back=tab_url(agenda, "general"),
        then=reverse("manager-home"),
        delete=lambda: delete_agenda(agenda, now=now(), actor=actor_of(request)),
        done=_("The agenda “%(label)s” is removed.") % {"label": agenda.label},
        reasons=reasons_against_deleting(agenda, now=now()),
    )
