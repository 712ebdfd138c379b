"""What processes share through Redis, while it is there; whoever uses it must do without it as well."""

from __future__ import annotations

import os
import threading
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
        try:
            return _exchange(settings.REDIS_URL, command)
        except redis.ConnectionError:
            # Redis closes connections that are idle, and all of them when it restarts: a new one tells whether it is
            # there. What takes too long is not asked again.
            return _exchange(settings.REDIS_URL, command)
    except redis.RedisError as error:
        _Breaker.closed_until = time.monotonic() + PAUSE
        logger.warning("redis_unavailable", used_for=used_for, error=type(error).__name__)
        raise RedisAway from None


class _Line(threading.local):
    """The connection of this thread. A pool would do as well, at more than twice the cost of a command."""

    of: tuple[str, int] = ("", 0)
    connection: Any = None


_line = _Line()


def _exchange(url: str, command: tuple[Any, ...]) -> Any:
    # A process that was forked must not talk on the connection of its parent.
    of = (url, os.getpid())
    connection = _line.connection if _line.of == of else None
    if connection is None:
        connection = _pool(url).make_connection()
        _line.of = of
    # Unless the answer was read to its end, the next one on this connection would be taken for the answer of another.
    _line.connection = None
    connection.send_command(*command)
    answer = connection.read_response()
    _line.connection = connection
    return answer


@lru_cache(maxsize=4)
def _pool(url: str) -> redis.ConnectionPool:
    """It knows how to connect to ``url``; it lends nothing."""
    return redis.ConnectionPool.from_url(url, socket_connect_timeout=CONNECT_TIMEOUT, socket_timeout=TIMEOUT)
