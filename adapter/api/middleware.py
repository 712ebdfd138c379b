"""Calls of the API go to their view at once: they have no session, no cookie, no language of their own."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import get_resolver

from adapter.browsers import DATA_POLICY, OTHER_HEADERS

PREFIX = "/api/"
# A page for people, with all that pages have.
PAGES = "/api/docs/"
ADDRESSES = "adapter.api.urls"
# Whoever opens an answer as a page gets a page that can do nothing.
DATA_HEADERS = (*OTHER_HEADERS.items(), ("Content-Security-Policy", DATA_POLICY), ("X-Frame-Options", "DENY"))


class ApiMiddleware:
    """What comes after it in the list of middlewares is for pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer ``request``."""
        path = request.path_info
        if not path.startswith(PREFIX) or path.startswith(PAGES):
            return self.get_response(request)
        # Refuses hosts that are not ours, as for pages.
        request.get_host()
        match = request.resolver_match = get_resolver(ADDRESSES).resolve(path[len(PREFIX) - 1 :])
        answer: HttpResponse = match.func(request, *match.args, **match.kwargs)
        answer.headers.setdefault("Content-Length", str(len(answer.content)))
        for name, value in DATA_HEADERS:
            answer.headers.setdefault(name, value)
        return answer
