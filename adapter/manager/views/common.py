"""Small things that several views need."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def inner_path(request: HttpRequest, name: str, default: str) -> str:
    """The path of ours that a parameter names; ``default`` for anything that may lead elsewhere."""
    asked = request.POST.get(name) or request.GET.get(name) or ""
    if asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None):
        return asked
    return default


def absolute(path: str) -> str:
    """The address of ``path`` as other servers and browsers know it."""
    return settings.BASE_URL.rstrip("/") + path
