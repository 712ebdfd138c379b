"""A throw-away Redis server."""

from __future__ import annotations

import shutil
import subprocess

import redis

from tests.support.servers import Server


class RedisMissing(Exception):
    """``redis-server`` is not installed."""


class RedisServer(Server):
    """Redis that keeps nothing on disk."""

    def __init__(self) -> None:
        if shutil.which("redis-server") is None:
            raise RedisMissing("Redis is not installed")
        super().__init__("adapter-redis-")

    def start(self) -> str:
        """Start it and wait until it answers; returns its address."""
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen(command, cwd=self.home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        url = f"redis://127.0.0.1:{self.port}/0"
        client = redis.Redis.from_url(url, retry=None)
        while self.process.poll() is None:
            try:
                client.ping()
                return url
            except redis.ConnectionError:
                continue
        raise RuntimeError("redis-server did not start")

    def stop(self) -> None:
        """Stop it and remove its directory."""
        self.kill()
        self.clean()

    def kill(self) -> None:
        """Stop it the hard way; :meth:`start` starts it again on the same port."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


def redis_server() -> RedisServer:
    """A server that is not started yet. Raises :class:`RedisMissing`."""
    return RedisServer()
