"""The studio: drop a form and its workflow, read what is wrong, take them away bookable."""

from __future__ import annotations

from collections.abc import Mapping
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from adapter.manager.access import View, access_of, agents_only
from adapter.manager.addresses import Tab, settings_path
from adapter.manager.studio.examining import NotExamined, examine
from adapter.manager.studio.package import DOWNLOAD, REHEARSAL, NotOurs, TooBig, pack, unpack, zip_name
from adapter.manager.studio.upgrades import Fields
from adapter.manager.studio.uploads import MEGABYTE, MOST_BYTES, read_uploads
from workflows.definitions import make_kit
from workflows.languages import Language

# Boundaries and the other fields of the form.
ROOM = 64 * 1024
MOST_AGENDAS = 20
LONGEST_VARNAME = 100
PROBLEMS: dict[str, Promise] = {
    "too-long": gettext_lazy(
        "These files take too long to examine. Do it on your own machine, with the command “wcs check”."
    ),
    "broken": gettext_lazy(
        "These files cannot be examined here. Do it on your own machine, with the command “wcs check”."
    ),
    "busy": gettext_lazy("Other files are being examined at this moment. Try again in some seconds."),
}


def editors_only(view: View[Any]) -> View[Any]:
    """Agents who may change the settings of any agenda, and administrators."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: Any, **kwargs: Any) -> HttpResponse:
        if not access_of(request).edits_something():
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return agents_only(guarded)


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@editors_only
def studio(request: HttpRequest) -> HttpResponse:
    """GET shows where to drop files; POST examines them."""
    # The token stands in the body: what is too long must be refused before the body is read, so it is checked below.
    length = request.META.get("CONTENT_LENGTH") or "0"
    if request.method == "POST" and (not length.isdigit() or int(length) > MOST_BYTES + ROOM):
        problem = _("These files are too big: %(most)d MB in all is the most.") % {"most": MOST_BYTES // MEGABYTE}
        return _page(request, {"problems": [problem]}, status=413)
    return _examine(request)


@csrf_protect
def _examine(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, {})
    files = request.FILES.getlist("files")
    fields = Fields(*(request.POST.get(name, "").strip()[:LONGEST_VARNAME] for name in ("slot", "type", "agenda")))
    if not files:
        return _page(request, {"problems": [_("Choose at least one file.")], "fields": fields}, status=400)
    definitions, problems = read_uploads(files)
    try:
        examination = examine(definitions, fields, studio_language())
    except NotExamined as failure:
        busy = failure.code == "busy"
        answer = _page(request, {"problems": [PROBLEMS[failure.code]], "fields": fields}, status=503 if busy else 422)
        if busy:
            answer.headers["Retry-After"] = "10"
        return answer
    context = {
        "examined": True,
        "names": [file.name for file in files],
        "problems": problems,
        "fields": fields,
        "findings": examination.findings,
        "left_out": examination.errors + examination.warnings - len(examination.findings),
        "errors": examination.errors,
        "warnings": examination.warnings,
        "upgrades": [
            (
                upgrade,
                *_package(request, upgrade.upgrade.files if upgrade.upgrade else {}, DOWNLOAD),
                *_package(request, upgrade.to_rehearse, REHEARSAL),
            )
            for upgrade in examination.upgrades
        ],
        "agendas": _agendas(request),
    }
    return _page(request, context)


@never_cache
@require_POST
@editors_only
def download(request: HttpRequest) -> HttpResponse:
    """The zip that the page carries."""
    try:
        content = unpack(request, request.POST.get("package", ""), DOWNLOAD)
    except NotOurs:
        return not_ours(request)
    answer = HttpResponse(content, content_type="application/zip")
    answer.headers["Content-Disposition"] = f'attachment; filename="{zip_name(request.POST.get("form", ""))}"'
    return answer


def not_ours(request: HttpRequest) -> HttpResponse:
    """What is read by somebody whose page is too old."""
    problem = _("This result is too old, or from another session: drop the files again.")
    return _page(request, {"problems": [problem]}, status=400)


@never_cache
@require_safe
@editors_only
def kit(request: HttpRequest) -> HttpResponse:
    """The ready-made kit as an application bundle."""
    answer = HttpResponse(make_kit(studio_language(), "", []).bundle(), content_type="application/x-tar")
    answer.headers["Content-Disposition"] = 'attachment; filename="kit-rendez-vous.tar"'
    return answer


def _page(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    more = {"most_megabytes": MOST_BYTES // MEGABYTE, "most_bytes": MOST_BYTES}
    return render(request, "manager/studio/page.html", {**more, **context}, status=status)


def _package(request: HttpRequest, files: Mapping[str, bytes], purpose: str) -> tuple[str, bool]:
    """The field that carries ``files`` (empty: there are none), and whether they were too big for one."""
    if not files:
        return "", False
    try:
        return pack(request, files, purpose), False
    except TooBig:
        return "", True


def _agendas(request: HttpRequest) -> list[tuple[str, str]]:
    """Where the settings that an upgrade names are typed in."""
    access = access_of(request)
    agendas = [agenda for agenda in access.viewable() if access.edits(agenda)][:MOST_AGENDAS]
    return [(agenda.label, settings_path(agenda.slug, Tab.BACKOFFICE_BOOKING)) for agenda in agendas]


def studio_language() -> Language:
    """The language of the page, for the tools."""
    return "en" if (get_language() or "").startswith("en") else "fr"
