"""Settings, database, cache and broker."""

from __future__ import annotations

import datetime
import os
import secrets
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from adapter.clock import real_now
from adapter.ops.doctor.lines import Level, Line

# Seconds.
TIMEOUT = 2.0
SKEW = 5.0
# Tasks that wait; the schedule adds some each minute and drops those that nobody takes.
BACKLOG = 1000
# SQLite, and no Redis: right for one machine, and no reason for monitoring to ring every day.
MEANT = ("adapter.W001", "adapter.W002")
# The demo is spoken to on its own machine, without TLS.
MEANT_IN_DEMO = ("adapter.E002",)
THIS_MACHINE = ("127.0.0.1", "localhost", "::1")
QUEUE = "booking-adapter"


def settings_in_order(now: datetime.datetime) -> Iterator[Line]:
    """Django's checks for production: every error, and the warnings that are the adapter's own."""
    found = [
        message
        for message in checks.run_checks(include_deployment_checks=True)
        if not message.is_silenced() and (message.level >= checks.ERROR or str(message.id).startswith("adapter."))
    ]
    for message in found:
        level = Level.CRITICAL if message.level >= checks.ERROR else Level.WARNING
        text = f"{message.id}: {message.msg}"
        if message.id in MEANT:
            level = Level.OK
        elif message.id in MEANT_IN_DEMO and _is_a_demo():
            level, text = Level.OK, f"{text} Right for a demo on this machine."
        yield Line("settings", level, text, message.hint or "")
    if not found:
        yield Line("settings", Level.OK, "The settings are fit for production.")


def _is_a_demo() -> bool:
    """Started as one, and out of reach of others."""
    return settings.DEMO and urlsplit(settings.BASE_URL).hostname in THIS_MACHINE


def database(now: datetime.datetime) -> Iterator[Line]:
    """It answers, and its clock is ours."""
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.execute("SELECT sqlite_version()")
            yield Line("database", Level.OK, f"SQLite {cursor.fetchone()[0]} answers.")
            return
        cursor.execute("SELECT current_setting('server_version'), clock_timestamp()")
        version, theirs = cursor.fetchone()
    apart = abs((theirs - real_now()).total_seconds())
    if apart > SKEW:
        yield Line(
            "database",
            Level.WARNING,
            f"PostgreSQL {version} answers; its clock is {apart:.0f} seconds away.",
            "Set the clocks of both machines by NTP.",
        )
    else:
        yield Line("database", Level.OK, f"PostgreSQL {version} answers.")


def migrations(now: datetime.datetime) -> Iterator[Line]:
    """The tables are those of this version."""
    executor = MigrationExecutor(connection)
    pending = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if pending:
        yield Line("migrations", Level.CRITICAL, f"{pending} migrations to apply.", "Run manage.py migrate.")
    else:
        yield Line("migrations", Level.OK, "All migrations are applied.")


def cache_answers(now: datetime.datetime) -> Iterator[Line]:
    """What is written can be read; without a Redis the cache is this process's own."""
    if not settings.REDIS_URL:
        yield Line("cache", Level.OK, "Each process has a cache of its own.")
        return
    key, value = "doctor", secrets.token_hex(8)
    try:
        cache.set(key, value, 30)
        answer = cache.get(key)
    except Exception as error:  # whatever the library of Redis may raise
        yield Line("cache", Level.WARNING, f"Redis does not answer: {type(error).__name__}.", "Start Redis again.")
        return
    if answer == value:
        yield Line("cache", Level.OK, "Redis answers.")
    else:
        yield Line("cache", Level.WARNING, "Redis forgets at once what it is given.", "Look at its memory limits.")


def broker(now: datetime.datetime) -> Iterator[Line]:
    """Tasks can be queued. Without it bookings go on, and what is owed waits."""
    url = settings.CELERY_BROKER_URL
    if url.startswith("filesystem:"):
        home = settings.CELERY_HOME
        if not home.exists():
            yield Line("broker", Level.WARNING, f"{home} is not there yet.", "It is made when a worker starts.")
        elif os.access(home, os.W_OK):
            yield Line("broker", Level.OK, "Tasks are queued in files.")
        else:
            yield Line("broker", Level.CRITICAL, f"{home} cannot be written to.", "Give it to the adapter's user.")
        return
    try:
        waiting = _waiting(url)
    except Exception as error:  # whatever a broker's library may raise
        yield Line(
            "broker",
            Level.WARNING,
            f"The broker does not answer: {type(error).__name__}. Bookings go on; tasks wait.",
            "Start it again; see CELERY_BROKER_URL.",
        )
        return
    if waiting > BACKLOG:
        yield Line("broker", Level.WARNING, f"Tasks that wait: {waiting}.", "See that a worker runs.")
    else:
        yield Line("broker", Level.OK, f"The broker answers; tasks that wait: {waiting}.")


def _waiting(url: str) -> int:
    """How many tasks are queued; asked with short patience."""
    # A library that other commands do without.
    from kombu import Connection

    from tasks.brokers import broker_url

    options: dict[str, Any] = {"max_retries": 0}
    if url.startswith(("redis", "unix")):
        options |= {"socket_connect_timeout": TIMEOUT, "socket_timeout": TIMEOUT}
    with Connection(broker_url(url), connect_timeout=TIMEOUT, transport_options=options) as link:
        link.ensure_connection(max_retries=1, interval_start=0, timeout=TIMEOUT)
        channel = link.default_channel
        queue = channel.queue_declare(queue=QUEUE, durable=True)
        return int(queue.message_count or 0)
