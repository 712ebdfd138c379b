"""Small things that several views need."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


def next_address(request: HttpRequest, default: str) -> str:
    """The page to go back to: ``next`` when it is one of ours, else ``default`` (the name of an address, or a path)."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    if asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None):
        return asked
    return default if default.startswith("/") else reverse(default)


def absolute(path: str) -> str:
    """The address of ``path`` as other servers and browsers know it."""
    return settings.BASE_URL.rstrip("/") + path


def in_dialog(request: HttpRequest) -> bool:
    """Whether the page is asked for by a script that shows it in a dialog."""
    return request.headers.get("X-Popup") == "true"
