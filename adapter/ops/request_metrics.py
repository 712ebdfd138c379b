"""Counters that live in processes: requests, and what became of holds and confirmations.

With several web processes each writes a file of its own below ``PROMETHEUS_MULTIPROC_DIR``, which
``adapter.ops.gunicorn`` sets, and whichever process is asked adds them up.
"""

from __future__ import annotations

import os
from typing import Any

from django.http import HttpRequest
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNKNOWN = "unknown"
# Seconds. w.c.s. gives up after 28.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 28.0)

registry = CollectorRegistry()
REQUESTS = Counter("booking_adapter_requests", "Requests answered", ["method", "route", "status"], registry=registry)
LATENCY = Histogram("booking_adapter_request_seconds", "Time to answer", ["route"], buckets=BUCKETS, registry=registry)
OUTCOMES = Counter(
    "booking_adapter_outcomes", "What became of holds and confirmations", ["action", "outcome"], registry=registry
)
LIMITED = Counter("booking_adapter_limited_calls", "Calls refused by a budget", ["budget"], registry=registry)


def route_of(request: HttpRequest) -> str:
    """The name of the address that answered: few values, and nothing of what the address named."""
    match = request.resolver_match
    return (match.view_name if match else "") or UNKNOWN


def observe(method: str | None, route: str, status: int, seconds: float) -> None:
    """Count one answer."""
    REQUESTS.labels(method if method in METHODS else "OTHER", route, str(status)).inc()
    LATENCY.labels(route).observe(seconds)


def count_outcome(sender: Any, action: str, outcome: str, **_: Any) -> None:
    """Listens to the services' signal ``outcome_known``."""
    OUTCOMES.labels(action, outcome).inc()


def count_limited(sender: Any, budget: str, **_: Any) -> None:
    """Listens to ``call_limited``."""
    LIMITED.labels(budget).inc()


def readable_registry(*, several_processes: bool) -> CollectorRegistry | None:
    """Where the counters of all web processes are; ``None`` when they cannot be added up from here."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        shared = CollectorRegistry()
        MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
        return shared
    return None if several_processes else registry
