"""Small things that several views need."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from adapter.wcs.errors import AgentUnknown, WcsError


def inner_path(request: HttpRequest, name: str, default: str) -> str:
    """The path of ours that a parameter names; ``default`` for anything that may lead elsewhere."""
    asked = request.POST.get(name) or request.GET.get(name) or ""
    if asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None):
        return asked
    return default


def absolute(path: str) -> str:
    """The address of ``path`` as other servers and browsers know it."""
    return settings.BASE_URL.rstrip("/") + path


def in_popup(request: HttpRequest) -> bool:
    """Whether the script of the calendar asks, to show the answer in its pop-up."""
    return request.headers.get("X-Fragment") == "pop-up"


def page_or_popup(request: HttpRequest, body: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """The template ``body`` alone for the pop-up, else inside of a page."""
    template = body if in_popup(request) else "manager/calendar/popup_page.html"
    response = render(request, template, {**context, "body": body, "in_popup": in_popup(request)}, status=status)
    response.headers["Vary"] = "X-Fragment"
    return response


def leave(request: HttpRequest, url: str) -> HttpResponse:
    """Send the browser to ``url``. A script cannot follow a redirect to another server: it is told where to go."""
    if in_popup(request):
        return HttpResponse(status=201, headers={"Location": url})
    return HttpResponseRedirect(url)


def wcs_address() -> str:
    """The address of the site of forms that is connected, "" without one."""
    return next((service.url for service in settings.KNOWN_SERVICES), "")


def wcs_to_log_in_to(failure: WcsError) -> str:
    """Where an agent whom w.c.s. does not know makes itself known; "" for any other failure."""
    return wcs_address() if failure.code == AgentUnknown.code else ""
