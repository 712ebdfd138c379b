"""Nonces that were used, remembered for all processes: in Redis, or in the database without it."""

from __future__ import annotations

import datetime
import hashlib

from django.db import connection

from adapter.shared import RedisAway, ask_redis
from adapter.wcs.models import UsedNonce

# Seconds. A signature is good from 30 s before its timestamp to 30 s after: its nonce must be known that long.
REMEMBERED = 65
# One statement that two processes may send at once: exactly one of them inserts.
INSERT = "INSERT INTO wcs_usednonce (key, used_at) VALUES (%s, %s) ON CONFLICT DO NOTHING"


def first_use(orig: str, nonce: str, *, now: datetime.datetime) -> bool:
    """Whether ``nonce`` of the caller ``orig`` was not used in the last minute; it counts as used from now on."""
    key = hashlib.sha256(f"{orig}\0{nonce}".encode()).hexdigest()
    try:
        return ask_redis("nonces", "SET", f"nonce:{key}", 1, "NX", "EX", REMEMBERED) is not None
    except RedisAway:
        return _first_use_in_database(key, now)


def prune_nonces(now: datetime.datetime) -> int:
    """Forget nonces whose signatures are too old to be accepted; returns how many."""
    return UsedNonce.objects.filter(used_at__lt=now - datetime.timedelta(seconds=REMEMBERED)).delete()[0]


def _first_use_in_database(key: str, now: datetime.datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [key, connection.ops.adapt_datetimefield_value(now)])
        return bool(cursor.rowcount == 1)
