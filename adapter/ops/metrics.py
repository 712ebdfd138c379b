"""``/metrics`` for Prometheus: figures of the database, and counters of requests of all web processes."""

from __future__ import annotations

import hmac
from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from adapter.agendas.queries.overlaps import overlaps
from adapter.agendas.services.figures import figures
from adapter.clock import now
from adapter.ops.broker import broker_answers
from adapter.ops.request_metrics import readable_registry
from tasks.models import TaskRun

LOOPBACK = ("127.0.0.1", "::1")


class DatabaseCollector(Collector):
    """Figures of locks, outbox and tasks."""

    def collect(self) -> Iterator[Metric]:
        """Read them now; ``booking_adapter_database_up`` 0 and nothing else when the database is away."""
        try:
            read = list(self._read())
        except DatabaseError:
            read = []
        yield _gauge("database_up", "Whether the database answers", float(bool(read)))
        yield from read

    def _read(self) -> Iterator[Metric]:
        found = figures(now=now())
        for name, text, value in (
            ("live_locks", "Locks that have not lapsed", found.live_locks),
            ("lapsed_locks", "Locks past their end that no task has marked yet", found.lapsed_locks),
            ("oldest_lapsed_lock_seconds", "Age of the oldest of them", found.oldest_lapsed_lock),
            ("half_adapted_holds", "Holds that named their record and were never confirmed", found.half_adapted),
            ("outbox_pending", "Calls owed to w.c.s.", found.outbox_pending),
            ("outbox_failed", "Calls to w.c.s. that were given up", found.outbox_failed),
            ("outbox_oldest_seconds", "Age of the oldest call that is owed", found.oldest_owed),
        ):
            yield _gauge(name, text, float(value))
        text = "Appointments to come that stand where another one stands: must be 0"
        yield _gauge("overlaps", text, float(len(overlaps(now=now(), only_to_come=True))))
        runs = CounterMetricFamily("booking_adapter_task_runs", "Runs of a task", labels=["task"])
        failures = CounterMetricFamily("booking_adapter_task_failures", "Runs that failed", labels=["task"])
        success = GaugeMetricFamily("booking_adapter_task_last_success", "When it last succeeded", labels=["task"])
        took = GaugeMetricFamily("booking_adapter_task_duration_seconds", "What the last run took", labels=["task"])
        result = GaugeMetricFamily("booking_adapter_task_last_result", "How much it last handled", labels=["task"])
        for run in TaskRun.objects.exclude(name=TaskRun.SCHEDULER):
            runs.add_metric([run.name], run.runs)
            failures.add_metric([run.name], run.failures)
            took.add_metric([run.name], run.duration_ms / 1000)
            if run.last_success_at:
                success.add_metric([run.name], run.last_success_at.timestamp())
            if run.last_result is not None:
                result.add_metric([run.name], run.last_result)
        yield from (runs, failures, success, took, result)


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"booking_adapter_{name}", text, value=value)


class SituationCollector(Collector):
    """What is not in the database."""

    def __init__(self, counted: bool) -> None:
        self.counted = counted

    def collect(self) -> Iterator[Metric]:
        """Whether the broker answers, and whether the counters below are those of all web processes."""
        yield _gauge("broker_up", "Whether the broker of the tasks answers", float(broker_answers()))
        yield _gauge("requests_counted", "Whether the counters of requests can be added up", float(self.counted))


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For who has the token of ``METRICS_TOKEN``; without one, for this machine only. Others get 404."""
    if not _allowed(request):
        raise Http404
    counters = readable_registry(several_processes=bool(request.META.get("wsgi.multiprocess")))
    registry = CollectorRegistry(auto_describe=False)
    registry.register(DatabaseCollector())
    registry.register(SituationCollector(counters is not None))
    text = generate_latest(registry) + (generate_latest(counters) if counters is not None else b"")
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)


def _allowed(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode())
    # What comes through a proxy of this machine comes from elsewhere.
    return request.META.get("REMOTE_ADDR") in LOOPBACK and "X-Forwarded-For" not in request.headers
