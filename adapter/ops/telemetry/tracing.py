"""Spans of requests, tasks and SQL statements, sent to a collector by OTLP over HTTP.

Written by hand, not by instrumentation packages: those put addresses with their queries, and so codes and signatures,
in attributes. Here a span holds a route's name, a method, a status, and SQL with place-holders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.signals import connection_created
from django.http import HttpRequest

_spans: dict[str, Any] = {}
_tracer: Any = None
LONGEST_STATEMENT = 500


class NoSpan:
    """Stands in when tracing is off."""

    def answered(self, route: str, status: int) -> None:
        """Nothing to do."""


class RequestSpan:
    """A request that is being answered."""

    def __init__(self, span: Any, method: str) -> None:
        self.span = span
        self.method = method

    def answered(self, route: str, status: int) -> None:
        """Name the span by its route, now that it is known."""
        self.span.update_name(f"{self.method} {route}")
        self.span.set_attribute("http.route", route)
        self.span.set_attribute("http.response.status_code", status)
        if status >= 500:
            from opentelemetry.trace import Status, StatusCode

            self.span.set_status(Status(StatusCode.ERROR))


def start_tracing(endpoint: str, *, service: str, release: str) -> None:
    """Send spans to ``endpoint`` (address of a collector, without ``/v1/traces``) from now on.

    Raises ``ImproperlyConfigured`` when the optional packages are missing.
    """
    global _tracer  # noqa: PLW0603
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise ImproperlyConfigured(
            f"OTEL_EXPORTER_OTLP_ENDPOINT: install the extra 'tracing' of this package first ({error.name} is missing)."
        ) from None
    from celery.signals import task_postrun, task_prerun

    provider = TracerProvider(resource=Resource.create({"service.name": service, "service.version": release}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")))
    _tracer = provider.get_tracer("booking-adapter", release)
    connection_created.connect(_trace_statements, dispatch_uid="adapter.ops.tracing")
    task_prerun.connect(_task_begins, dispatch_uid="adapter.ops.tracing")
    task_postrun.connect(_task_ends, dispatch_uid="adapter.ops.tracing")


def request_span(request: HttpRequest) -> AbstractContextManager[NoSpan | RequestSpan]:
    """A span around the answer to ``request``; part of the caller's trace when it sends ``traceparent``."""
    return nullcontext(NoSpan()) if _tracer is None else _request_span(request)


@contextmanager
def _request_span(request: HttpRequest) -> Iterator[RequestSpan]:
    from opentelemetry.trace import SpanKind
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier = {"traceparent": request.headers.get("traceparent", "")}
    method = request.method or ""
    with _tracer.start_as_current_span(
        method,
        context=TraceContextTextMapPropagator().extract(carrier),
        kind=SpanKind.SERVER,
        attributes={"http.request.method": method},
        # Words of errors may quote a row or a body.
        record_exception=False,
    ) as span:
        yield RequestSpan(span, method)


def _trace_statements(connection: Any, **_: Any) -> None:
    if _statement not in connection.execute_wrappers:
        connection.execute_wrappers.append(_statement)


def _statement(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    if _tracer is None:
        return execute(sql, params, many, context)
    from opentelemetry.trace import SpanKind

    words = str(sql).split(None, 1)
    with _tracer.start_as_current_span(
        words[0].upper() if words else "SQL",
        kind=SpanKind.CLIENT,
        attributes={
            "db.system.name": context["connection"].vendor,
            # With place-holders: values are never part of it.
            "db.query.text": str(sql)[:LONGEST_STATEMENT],
        },
        record_exception=False,
    ):
        return execute(sql, params, many, context)


def _task_begins(task_id: str, task: Any, **_: Any) -> None:
    if _tracer is not None:
        opened = _tracer.start_as_current_span(task.name, record_exception=False)
        opened.__enter__()
        _spans[task_id] = opened


def _task_ends(task_id: str, **_: Any) -> None:
    opened = _spans.pop(task_id, None)
    if opened is not None:
        opened.__exit__(None, None, None)
