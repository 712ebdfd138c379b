"""Whether the broker of the tasks answers; bookings go on without it."""

from __future__ import annotations

import os

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

# Seconds: whoever asks is a supervisor that asks often.
PATIENCE = 0.5


def broker_answers() -> bool:
    """Redis answers a ping, or the folder of messages can be written. Other brokers are not asked: true."""
    url = settings.CELERY_BROKER_URL
    if url.startswith("filesystem:"):
        folder = settings.CELERY_HOME if settings.CELERY_HOME.exists() else settings.ADAPTER_HOME
        return os.access(folder, os.W_OK)
    if not url.startswith(("redis:", "rediss:", "unix:", "redis+socket:")):
        return True
    address = f"unix{url.removeprefix('redis+socket')}" if url.startswith("redis+socket:") else url
    try:
        with redis.Redis.from_url(
            address, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE, retry=Retry(NoBackoff(), 0)
        ) as client:
            return bool(client.ping())
    except (redis.RedisError, OSError):
        return False
