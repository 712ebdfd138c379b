"""Calls of the API go to their view at once: they have no session, no cookie, no language of their own."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.http.response import ResponseHeaders
from django.middleware.security import SecurityMiddleware
from django.urls import get_resolver

from adapter.browsers import DATA_POLICY, OTHER_HEADERS

PREFIX = "/api/"
# A page for people, with all that pages have.
PAGES = "/api/docs/"
ADDRESSES = "adapter.api.urls"
# Whoever opens an answer as a page gets a page that can do nothing.
DATA_HEADERS = {**OTHER_HEADERS, "Content-Security-Policy": DATA_POLICY, "X-Frame-Options": "DENY"}


class ApiMiddleware:
    """What comes after it in the list of middlewares is for pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._security = SecurityMiddleware(get_response)
        self._prepared: dict[bool, ResponseHeaders] = {}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer ``request``."""
        path = request.path_info
        if not path.startswith(PREFIX) or path.startswith(PAGES):
            return self.get_response(request)
        try:
            request.get_host()
        except DisallowedHost:
            # Refused there, as for pages.
            return self.get_response(request)
        match = request.resolver_match = get_resolver(ADDRESSES).resolve(path[len(PREFIX) - 1 :])
        answer: HttpResponse = match.func(request, *match.args, **match.kwargs)
        answer.headers.setdefault("Content-Length", str(len(answer.content)))
        # What the answer says itself goes before what all of them say. Those ten headers were checked when they were
        # prepared: to set them one by one costs as much as all the rest of Django in a call.
        answer.headers._store = {**self._headers(request)._store, **answer.headers._store}
        return answer

    def _headers(self, request: HttpRequest) -> ResponseHeaders:
        """What every answer says: to callers by https also to stay with it."""
        secure = request.is_secure()
        if secure not in self._prepared:
            headers = HttpResponse(headers=DATA_HEADERS)
            del headers["Content-Type"]
            self._prepared[secure] = self._security.process_response(request, headers).headers
        return self._prepared[secure]
