"""Agendas as files: out, and in after a look at what that would change."""

from __future__ import annotations

import json
import secrets
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from adapter.agendas.models import Agenda
from adapter.agendas.services.setup import PlanChanged, import_as_planned, plan_of
from adapter.agendas.services.transfer import Change, TransferError, export_agendas, import_agendas
from adapter.clock import now
from adapter.manager.access import access_of, actor_of, admins_only
from adapter.manager.settings.forms.transfer import ImportForm, read_json
from adapter.manager.settings.pages import UNUSABLE, form_page, posted, settings_view, to_tab
from adapter.manager.settings.words import change_in_words

# The file that is being looked at, one a session.
KEPT = "agendas-import"


@settings_view
def export(request: HttpRequest, agenda: Agenda) -> HttpResponse:
    """The agenda as JSON; a virtual one brings its real agendas, which the agent must be allowed to edit too."""
    access = access_of(request)
    closed = [real.label for real in Agenda.objects.filter(memberships__virtual=agenda) if not access.edits(real)]
    if closed:
        sentence = _("The file would hold the settings of real agendas that you may not edit: %(names)s.")
        messages.error(request, sentence % {"names": ", ".join(closed)})
        return to_tab(agenda, "general")
    return _file(export_agendas([agenda.slug]), f"agenda-{agenda.slug}")


@never_cache
@admins_only
@require_safe
def export_all(request: HttpRequest) -> HttpResponse:
    """Every agenda."""
    return _file(export_agendas(), "agendas")


def _file(document: dict[str, Any], name: str) -> HttpResponse:
    content = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    return HttpResponse(
        content,
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}.json"'},
    )


@never_cache
@admins_only
@require_http_methods(["GET", "HEAD", "POST"])
def import_file(request: HttpRequest) -> HttpResponse:
    """Send a file; what it would change is shown next."""
    form = ImportForm(**posted(request))

    def save() -> HttpResponse:
        token = secrets.token_urlsafe(12)
        request.session[KEPT] = {"token": token, "text": form.cleaned_data["file"]}
        return HttpResponseRedirect(reverse("manager-agendas-import-plan", args=[token]))

    return form_page(
        request,
        form,
        save=save,
        title=_("Import agendas"),
        back=reverse("manager-home"),
        button=_("Show what would change"),
        template="manager/settings/import.html",
    )


@never_cache
@admins_only
@require_http_methods(["GET", "HEAD", "POST"])
def import_plan(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows what the file would change; POST does that, if it still is what was shown."""
    kept = request.session.get(KEPT) or {}
    if kept.get("token") != token:
        messages.warning(request, _("This file is not at hand any more. Send it again."))
        return HttpResponseRedirect(reverse("manager-agendas-import"))
    document = read_json(kept["text"])
    try:
        if request.method != "POST":
            return _plan(request, import_agendas(document, now=now(), actor=actor_of(request), dry_run=True))
        plan = request.POST.get("plan", "")
        changes = import_as_planned(document, plan, now=now(), actor=actor_of(request))
    except PlanChanged as changed:
        return _plan(request, changed.changes, changed=True)
    except TransferError as error:
        return _plan(request, [], problems=[(problem.path, problem.sentence) for problem in error.problems])
    del request.session[KEPT]
    sentence = ngettext("Imported: %(count)d change.", "Imported: %(count)d changes.", len(changes))
    messages.success(request, sentence % {"count": len(changes)})
    return HttpResponseRedirect(reverse("manager-home"))


def _plan(
    request: HttpRequest, changes: list[Change], *, changed: bool = False, problems: list[tuple[str, str]] | None = None
) -> HttpResponse:
    context = {
        "changes": [change_in_words(change) for change in changes],
        "plan": plan_of(changes),
        "changed": changed,
        "problems": problems or [],
    }
    status = UNUSABLE if changed or problems else 200
    return render(request, "manager/settings/plan.html", context, status=status)
