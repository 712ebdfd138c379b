"""A strict content security policy for the back office: nothing inline, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from adapter.browsers import DATA_POLICY, OTHER_HEADERS

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action {targets}"
)


def content_security_policy() -> str:
    """The policy; forms may lead to w.c.s., because browsers also check where a form's answer redirects to."""
    targets = ["'self'"]
    for service in settings.KNOWN_SERVICES:
        parts = urlsplit(service.url)
        targets.append(f"{parts.scheme}://{parts.netloc}")
    return POLICY.format(targets=" ".join(targets))


class ContentSecurityPolicyMiddleware:
    """Adds the policy to every answer: that of pages to pages, a stricter one to data. And what else browsers obey."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer ``request``."""
        response = self.get_response(request)
        html = response.headers.get("Content-Type", "").startswith("text/html")
        response.headers.setdefault("Content-Security-Policy", content_security_policy() if html else DATA_POLICY)
        if request.path.startswith("/manage/"):
            # Names stand on these pages: the next person at this computer must not find them by going back.
            response.headers.setdefault("Cache-Control", "private, no-store")
        for name, value in OTHER_HEADERS.items():
            response.headers.setdefault(name, value)
        return response
