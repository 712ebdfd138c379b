"""What processes share through Redis, while it is there; whoever uses it must do without it as well."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Any

import redis
import structlog
from django.conf import settings

logger = structlog.get_logger("adapter.shared")

# After a failure Redis is left alone so long (seconds), instead of being waited for at each call.
PAUSE = 5.0
CONNECT_TIMEOUT, TIMEOUT = 0.3, 0.5


class RedisAway(Exception):
    """There is no Redis, or it does not answer."""


class _Breaker:
    """When Redis is tried again."""

    closed_until = 0.0


def reconnect() -> None:
    """Try Redis at once, whatever happened before."""
    _Breaker.closed_until = 0.0


def ask_redis(used_for: str, *command: Any) -> Any:
    """The answer to one command, texts as bytes. Raises :class:`RedisAway`."""
    if not settings.REDIS_URL or time.monotonic() < _Breaker.closed_until:
        raise RedisAway
    try:
        return _client(settings.REDIS_URL).execute_command(*command)
    except redis.RedisError as error:
        _Breaker.closed_until = time.monotonic() + PAUSE
        logger.warning("redis_unavailable", used_for=used_for, error=type(error).__name__)
        raise RedisAway from None


@lru_cache(maxsize=4)
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_connect_timeout=CONNECT_TIMEOUT, socket_timeout=TIMEOUT)
