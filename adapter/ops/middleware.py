"""One log line, one measure and (when tracing is on) one span a request; never its query, which holds codes."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

from adapter.ops import request_metrics
from adapter.ops.telemetry import tracing

logger = structlog.get_logger("adapter.request")
QUIET_PATHS = ("/healthz", "/readyz", "/metrics", "/static/")


class RequestMiddleware:
    """Binds a request id to the logs and writes what was answered in how many milliseconds."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer ``request``."""
        started = time.monotonic()
        request_id = uuid.uuid4().hex[:12]
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
