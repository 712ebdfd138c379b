"""Health for load balancers and supervisors."""

from __future__ import annotations

from functools import cache

from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from adapter.ops.broker import broker_answers

KEEP_NOTHING = {"Cache-Control": "no-store"}


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"}, headers=KEEP_NOTHING)


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when the database answers and has the tables of this version, 503 otherwise.

    Tables of a newer version are fine: that is what an upgrade looks like to the processes that still run. A broker
    that is away, or a database that only reads, makes it ``degraded``, still 200: the rest works, and another web
    process would not help.
    """
    try:
        pending = len(_migrations() - MigrationRecorder(connection).applied_migrations().keys())
        writable = _is_writable()
    except DatabaseError:
        return JsonResponse({"status": "unavailable", "database": "unreachable"}, status=503, headers=KEEP_NOTHING)
    state = {"database": "ok" if writable else "read-only", "migrations": f"{pending} to apply" if pending else "ok"}
    if pending:
        return JsonResponse({"status": "unavailable", **state}, status=503, headers=KEEP_NOTHING)
    broker = broker_answers()
    state["broker"] = "ok" if broker else "unreachable"
    return JsonResponse({"status": "ok" if broker and writable else "degraded", **state}, headers=KEEP_NOTHING)


def _is_writable() -> bool:
    sql = "SHOW transaction_read_only" if connection.vendor == "postgresql" else "PRAGMA query_only"
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0] in ("off", 0)


@cache
def _migrations() -> frozenset[tuple[str, str]]:
    """The migrations of this version: they do not change while the process runs."""
    return frozenset(MigrationLoader(None).disk_migrations)
