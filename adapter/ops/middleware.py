"""One log line a request, without its query: that holds lock codes and signatures."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

logger = structlog.get_logger("adapter.request")
QUIET_PATHS = ("/healthz", "/readyz", "/metrics", "/static/")

# Parts of addresses that only their owner may know.
SECRET_PARTS = {"secret", "code"}


def path_to_log(request: HttpRequest) -> str:
    """The path; where a part of it is a secret, the pattern that it matched."""
    match = request.resolver_match
    if match is not None and SECRET_PARTS & match.kwargs.keys():
        return f"/{match.route}"
    return request.path


class RequestMiddleware:
    """Binds a request id to the logs and writes what was answered in how many milliseconds."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer ``request``."""
        started = time.monotonic()
        with structlog.contextvars.bound_contextvars(request_id=uuid.uuid4().hex[:12]):
            response = self.get_response(request)
            if not request.path.startswith(QUIET_PATHS):
                logger.info(
                    "request",
                    method=request.method,
                    path=path_to_log(request),
                    status=response.status_code,
                    ms=round((time.monotonic() - started) * 1000, 1),
                )
        return response
