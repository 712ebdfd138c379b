"""A strict content security policy for the back office: nothing inline, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse

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
    """Adds the policy to every page; the API serves data, and a page that has neither scripts nor forms."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer ``request``."""
        response = self.get_response(request)
        if not request.path.startswith("/api/"):
            response.headers.setdefault("Content-Security-Policy", content_security_policy())
        return response
