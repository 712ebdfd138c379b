"""Charsets that a caller may name: those of browsers and forms. Python knows others, which are no text or fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_header_parameters

KNOWN = frozenset(
    {"utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin-1", "latin1", "iso-8859-15", "windows-1252", "cp1252"}
)
# What a caller cannot write: names of headers begin with HTTP_ there.
REFUSED = "adapter.charset_refused"


class KnownCharsets:
    """A WSGI application that takes other charsets away before Django makes a request of the call, and fails.

    The call is answered like any other, by a refusal: :func:`names_odd_charset` tells.
    """

    def __init__(self, application: Callable[[dict[str, Any], Any], Any]) -> None:
        self.application = application

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Answer the call."""
        content_type = environ.get("CONTENT_TYPE") or ""
        if ";" in content_type:
            try:
                media_type, parameters = parse_header_parameters(content_type)
            except ValueError:
                # Any parameter may name a charset (RFC 2231: ``name*=charset''value``).
                media_type, parameters = "", {"charset": "?"}
            if parameters.get("charset", "utf-8").strip().lower().replace("_", "-") not in KNOWN:
                environ = {**environ, "CONTENT_TYPE": media_type, REFUSED: True}
        return self.application(environ, start_response)


def names_odd_charset(request: HttpRequest) -> bool:
    """Whether a request named a charset that was taken away."""
    return bool(request.META.get(REFUSED))


class CharsetMiddleware:
    """Refuses other charsets (400). Comes last, so that the refusal has the headers of every page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer ``request``."""
        if names_odd_charset(request):
            raise BadRequest("unknown charset")
        return self.get_response(request)
