"""What processes share through Redis, while it is there; whoever uses it must do without it as well."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
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
    return tell_redis(used_for, *command).answer()


def tell_redis(used_for: str, *command: Any) -> Told:
    """Send one command; its answer can be had later. Raises :class:`RedisAway`."""
    if not settings.REDIS_URL or time.monotonic() < _Breaker.closed_until:
        raise RedisAway
    return Told(used_for, settings.REDIS_URL, command)


class Told:
    """A command that was sent. Whoever has something else to do meanwhile does not wait for its answer.

    The thread that sent it asks for the answer. Where a line turns out to be closed, the command is sent again on a new
    one: once when it is sent, once when its answer is read.
    """

    def __init__(self, used_for: str, url: str, command: tuple[Any, ...]) -> None:
        self._used_for, self._url, self._command = used_for, url, command
        # The line on which the answer comes, until it was read.
        self._connection: Any = None
        self._found: Any = None
        self._with_patience(self._send, self._send)

    def answer(self) -> Any:
        """Wait for the answer. Raises :class:`RedisAway`."""
        self.settle()
        if isinstance(self._found, redis.RedisError):
            raise RedisAway from None
        return self._found

    def settle(self) -> None:
        """Read the answer off the line, once, so that another command can be sent there."""
        if self._connection is not None:
            self._with_patience(self._read, self._send_and_read)

    def _with_patience(self, work: Callable[[], None], again: Callable[[], None]) -> None:
        """Redis closes connections that are idle, and all of them when it restarts: ``again`` tells, on a new one,
        whether it is there. What takes too long is not asked again.
        """
        try:
            try:
                work()
            except redis.ConnectionError:
                again()
        except redis.RedisError as error:
            self._connection, self._found = None, error
            _Breaker.closed_until = time.monotonic() + PAUSE
            logger.warning("redis_unavailable", used_for=self._used_for, error=type(error).__name__)

    def _send(self) -> None:
        connection = _free_line(self._url)
        connection.send_command(*self._command)
        self._connection, _line.waiting = connection, self

    def _read(self) -> None:
        ours = _line.waiting is self
        if ours:
            _line.waiting = None
        self._found = self._connection.read_response()
        # Unless the answer was read to its end, the next one on this connection would be taken for the answer of
        # another. The line may also lead elsewhere by now.
        if ours:
            _line.connection = self._connection
        self._connection = None

    def _send_and_read(self) -> None:
        self._send()
        self._read()


class _Line(threading.local):
    """The connection of this thread, and what was sent there and is not answered yet.

    A pool would do as well, at more than twice the cost of a command.
    """

    of: tuple[str, int] = ("", 0)
    connection: Any = None
    waiting: Told | None = None


_line = _Line()


def _free_line(url: str) -> Any:
    """A connection on which nothing waits for an answer; who takes it gives it back by setting it again."""
    # A process that was forked must not talk on the connection of its parent.
    of = (url, os.getpid())
    if _line.of == of and _line.waiting is not None:
        _line.waiting.settle()
    connection = _line.connection if _line.of == of else None
    if connection is None:
        connection = _pool(url).make_connection()
    _line.of, _line.connection, _line.waiting = of, None, None
    return connection


@lru_cache(maxsize=4)
def _pool(url: str) -> redis.ConnectionPool:
    """It knows how to connect to ``url``; it lends nothing."""
    return redis.ConnectionPool.from_url(url, socket_connect_timeout=CONNECT_TIMEOUT, socket_timeout=TIMEOUT)
