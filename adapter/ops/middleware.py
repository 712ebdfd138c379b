"""One log line, one measure and (when tracing is on) one span a request; never its query, which holds codes."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable

import structlog
from django.http import Http404, HttpRequest, HttpResponse

from adapter.ops import request_metrics
from adapter.ops.metrics import metrics
from adapter.ops.telemetry import tracing
from adapter.ops.views import healthz, readyz

logger = structlog.get_logger("adapter.request")
QUIET_PATHS = ("/static/",)
PROBES: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/healthz": healthz,
    "/readyz": readyz,
    "/metrics": metrics,
}


class ProbeMiddleware:
    """Answers load balancers and Prometheus before anything else: they call by address, not by a name in ALLOWED_HOSTS,
    and ask so often that nobody wants to read about it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """A probe's answer, or the next one's."""
        probe = PROBES.get(request.path)
        if probe is None:
            return self.get_response(request)
        try:
            answer = probe(request)
        except Http404:
            answer = HttpResponse(status=404)
        answer.headers["X-Content-Type-Options"] = "nosniff"
        return answer


class RequestMiddleware:
    """Binds a request id to the logs and writes what was answered in how many milliseconds.

    Codes and secrets in paths are taken out of every line: see :mod:`adapter.ops.scrubbing`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer ``request``."""
        started = time.monotonic()
        request_id = secrets.token_hex(6)
        with structlog.contextvars.bound_contextvars(request_id=request_id), tracing.request_span(request) as span:
            response = self.get_response(request)
            seconds = time.monotonic() - started
            route = request_metrics.route_of(request)
            span.answered(route, response.status_code)
            request_metrics.observe(request.method, route, response.status_code, seconds)
            if not request.path.startswith(QUIET_PATHS):
                logger.info(
                    "request",
                    method=request.method,
                    path=request.path,
                    status=response.status_code,
                    ms=round(seconds * 1000, 1),
                )
        # Support asks for it, and finds the line.
        response.headers["X-Request-Id"] = request_id
        return response
