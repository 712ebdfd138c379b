"""A rehearsal of what was dropped in the studio: asked for, waited for, read."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from adapter.clock import now
from adapter.manager.models import Rehearsal
from adapter.manager.services.rehearsals import TooMany, find, give_up, start
from adapter.manager.studio.package import REHEARSAL, NotOurs, unpack, zip_name
from adapter.manager.views.studio import editors_only, not_ours, studio_language
from tasks.rehearsing import queue_rehearsal

PROBLEMS: dict[str, Promise] = {
    "timeout": _("It took too long. Play it on your own machine, with the command “wcs rehearse”."),
    "refused": _("These definitions cannot be played."),
    "broken": _("The rehearsal broke off. Try again; if it breaks again, tell an administrator."),
    "queue": _("Tasks cannot be given to the worker at this moment. Try again later, or tell an administrator."),
    "too-many": _("Others are waiting for their rehearsals. Try again in some minutes."),
}
PATIENCE_SECONDS = 90


@never_cache
@require_POST
@editors_only
def rehearse(request: HttpRequest) -> HttpResponse:
    """Ask for the rehearsal of what the page carries."""
    try:
        definitions = unpack(request, request.POST.get("package", ""), REHEARSAL)
    except NotOurs:
        return not_ours(request)
    moment, session = now(), request.session.session_key or ""
    try:
        asked = start(
            request.user,  # type: ignore[arg-type]
            session,
            request.POST.get("name", ""),
            definitions,
            studio_language(),
            now=moment,
        )
    except TooMany:
        return render(request, "manager/studio/rehearsal.html", {"problem": PROBLEMS["too-many"]}, status=503)
    if not queue_rehearsal(asked.pk):
        give_up(asked.pk, "queue", now=moment)
    return HttpResponseRedirect(reverse("manager-rehearsal", args=[asked.pk]))


@never_cache
@require_safe
@editors_only
def rehearsal(request: HttpRequest, rehearsal_id: uuid.UUID) -> HttpResponse:
    """How far it is, or what came of it."""
    found = _find(request, rehearsal_id)
    waiting = found.state in (Rehearsal.State.WAITING, Rehearsal.State.RUNNING)
    long = found.state == Rehearsal.State.WAITING and (now() - found.created_at).total_seconds() > PATIENCE_SECONDS
    journeys = (found.report or {}).get("journeys", [])
    context = {
        "rehearsal": found,
        "waiting": waiting,
        "nobody_plays": long,
        "problem": PROBLEMS.get(found.problem, PROBLEMS["broken"]) if found.state == Rehearsal.State.FAILED else "",
        "detail": (found.report or {}).get("detail", ""),
        "journeys": journeys,
        "failed": sum(journey["verdict"] == "failed" for journey in journeys),
        "passed": sum(journey["verdict"] == "passed" for journey in journeys),
    }
    return render(request, "manager/studio/rehearsal.html", context)


@never_cache
@require_safe
@editors_only
def state(request: HttpRequest, rehearsal_id: uuid.UUID) -> HttpResponse:
    """Its state, for the page that waits."""
    return JsonResponse({"state": _find(request, rehearsal_id).state})


@never_cache
@require_safe
@editors_only
def report(request: HttpRequest, rehearsal_id: uuid.UUID) -> HttpResponse:
    """The whole report with every call, as a file to keep and share."""
    found = _find(request, rehearsal_id)
    if not found.page:
        raise Http404
    answer = HttpResponse(found.page, content_type="text/html; charset=utf-8")
    name = zip_name(found.form).removesuffix("-reservable.zip")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}-repetition.html"'
    return answer


def _find(request: HttpRequest, rehearsal_id: uuid.UUID) -> Rehearsal:
    found = find(request.user, request.session.session_key or "", rehearsal_id)  # type: ignore[arg-type]
    if found is None:
        raise Http404
    return found
