"""Nonces that were used, remembered for all processes: in Redis, or in the database without it."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable

from django.db import connection

from adapter.shared import RedisAway, Told, tell_redis
from adapter.wcs.models import UsedNonce

# Seconds. A signature is good from 30 s before its timestamp to 30 s after: its nonce must be known that long.
REMEMBERED = 65
# One statement that two processes may send at once: exactly one of them inserts.
INSERT = "INSERT INTO wcs_usednonce (key, used_at) VALUES (%s, %s) ON CONFLICT DO NOTHING"


def use_nonce(orig: str, nonce: str, *, now: datetime.datetime) -> Callable[[], bool]:
    """Use ``nonce`` of the caller ``orig``; what is returned tells whether it was not used in the last minute.

    It waits for Redis only when it is asked.
    """
    key = hashlib.sha256(f"{orig}\0{nonce}".encode()).hexdigest()
    told = _tell_redis(key)

    def was_new() -> bool:
        if told is not None:
            try:
                return told.answer() is not None
            except RedisAway:
                pass
        return _first_use_in_database(key, now)

    return was_new


def _tell_redis(key: str) -> Told | None:
    try:
        return tell_redis("nonces", "SET", f"nonce:{key}", 1, "NX", "EX", REMEMBERED)
    except RedisAway:
        return None


def prune_nonces(now: datetime.datetime) -> int:
    """Forget nonces whose signatures are too old to be accepted; returns how many."""
    return UsedNonce.objects.filter(used_at__lt=now - datetime.timedelta(seconds=REMEMBERED)).delete()[0]


def _first_use_in_database(key: str, now: datetime.datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [key, connection.ops.adapt_datetimefield_value(now)])
        return bool(cursor.rowcount == 1)
