"""Nonces that were used, remembered for all processes: in Redis, or in the database without it."""

from __future__ import annotations

import datetime
import hashlib
import time

import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from redis.exceptions import RedisError

from adapter.wcs.models import UsedNonce

logger = structlog.get_logger("adapter.wcs")

# Seconds. A signature is good from 30 s before its timestamp to 30 s after: its nonce must be known that long.
REMEMBERED = 65
# After a failure of Redis the database is asked for so long, instead of waiting for Redis at each call.
PAUSE = 5.0
# One statement that two processes may send at once: exactly one of them inserts.
INSERT = "INSERT INTO wcs_usednonce (key, used_at) VALUES (%s, %s) ON CONFLICT DO NOTHING"


class _Breaker:
    """When Redis is tried again."""

    closed_until = 0.0


def first_use(orig: str, nonce: str, *, now: datetime.datetime) -> bool:
    """Whether ``nonce`` of the caller ``orig`` was not used in the last minute; it counts as used from now on."""
    key = hashlib.sha256(f"{orig}\0{nonce}".encode()).hexdigest()
    if settings.REDIS_URL and time.monotonic() >= _Breaker.closed_until:
        try:
            return cache.add(f"nonce:{key}", 1, timeout=REMEMBERED)
        except RedisError as error:
            _Breaker.closed_until = time.monotonic() + PAUSE
            logger.warning("redis_unavailable", used_for="nonces", error=type(error).__name__)
    return _first_use_in_database(key, now)


def prune_nonces(now: datetime.datetime) -> int:
    """Forget nonces whose signatures are too old to be accepted; returns how many."""
    return UsedNonce.objects.filter(used_at__lt=now - datetime.timedelta(seconds=REMEMBERED)).delete()[0]


def _first_use_in_database(key: str, now: datetime.datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [key, connection.ops.adapt_datetimefield_value(now)])
        return bool(cursor.rowcount == 1)
