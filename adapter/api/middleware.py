"""Calls of the API go to their view at once: they have no session, no cookie, no language of their own."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import get_resolver

PREFIX = "/api/"
# A page for people, with all that pages have.
PAGES = "/api/docs/"
ADDRESSES = "adapter.api.urls"


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
        view, arguments, values = get_resolver(ADDRESSES).resolve(path[len(PREFIX) - 1 :])
        answer: HttpResponse = view(request, *arguments, **values)
        answer.headers.setdefault("Content-Length", str(len(answer.content)))
        answer.headers.setdefault("X-Frame-Options", "DENY")
        return answer
