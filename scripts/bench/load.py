"""A plain HTTP client: little work of its own, so that the server is what is measured."""

from __future__ import annotations

import json
import multiprocessing
import re
import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

CONTEXT = multiprocessing.get_context("fork")
CHUNK = 262144


@dataclass(frozen=True)
class Answers:
    """What came back: how long the whole took, each latency (seconds), HTTP statuses, and ``err`` of each answer."""

    seconds: float
    latencies: list[float]
    statuses: list[int]
    errors: list[int]

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    @property
    def accepted(self) -> int:
        """Answers whose ``err`` is 0."""
        return self.errors.count(0)


def get(url: str, **headers: str) -> bytes:
    """The bytes of a GET request."""
    return _request("GET", url, b"", headers)


def post(url: str, body: Any, **headers: str) -> bytes:
    """The bytes of a POST request with a JSON body."""
    return _request("POST", url, json.dumps(body).encode(), {"Content-Type": "application/json", **headers})


def _request(method: str, url: str, body: bytes, headers: dict[str, str]) -> bytes:
    parts = urlsplit(url)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    lines = [
        f"{method} {target} HTTP/1.1",
        f"Host: {parts.netloc}",
        "Connection: close",
        f"Content-Length: {len(body)}",
    ]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def run(port: int, clients: Sequence[Sequence[bytes]]) -> Answers:
    """Send the requests of each client, one after the other, all clients at once.

    One process waits for all of them: it works little and hardly pushes the servers off the cores.
    """
    waiting = selectors.DefaultSelector()
    found: list[Exchange] = []
    began = time.perf_counter()
    for requests in clients:
        _send_next(port, iter(requests), waiting)
    while waiting.get_map():
        for key, _ready in waiting.select():
            exchanged: Exchange = key.data
            if exchanged.goes_on(exchanged.connection.recv(CHUNK)):
                continue
            exchanged.took = time.perf_counter() - exchanged.began
            waiting.unregister(exchanged.connection)
            exchanged.connection.close()
            found.append(exchanged)
            _send_next(port, exchanged.following, waiting)
    seconds = time.perf_counter() - began
    answers = [(exchanged.took, exchanged.answer) for exchanged in found]
    return Answers(
        seconds,
        [took for took, _ in answers],
        [int(answer[9:12] or 0) for _, answer in answers],
        [0 if b'"err":0' in answer or b'"err": 0' in answer else 1 for _, answer in answers],
    )


@dataclass
class Exchange:
    """A request that was sent, what came back so far, and what its client sends afterwards."""

    connection: socket.socket
    began: float
    following: Iterator[bytes]
    chunks: list[bytes] = field(default_factory=list)
    missing: int | None = None
    took: float = 0.0

    def goes_on(self, chunk: bytes) -> bool:
        """Keep a chunk; whether more is to come.

        Who has the whole answer hangs up, as other clients do: gunicorn waits for that.
        """
        self.chunks.append(chunk)
        if self.missing is None:
            self.missing = _missing(self.answer)
        else:
            self.missing -= len(chunk)
        return bool(chunk) and self.missing != 0

    @property
    def answer(self) -> bytes:
        """What came back so far."""
        return self.chunks[0] if len(self.chunks) == 1 else b"".join(self.chunks)


LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


def _missing(answer: bytes) -> int | None:
    """How many bytes of the body are still to come; ``None`` while nobody knows."""
    headers, end, body = answer.partition(b"\r\n\r\n")
    length = LENGTH.search(headers + b"\r\n")
    return int(length[1]) - len(body) if end and length else None


def _send_next(port: int, requests: Iterator[bytes], waiting: selectors.BaseSelector) -> None:
    request = next(requests, None)
    if request is not None:
        sent = _sent(port, request, requests)
        waiting.register(sent.connection, selectors.EVENT_READ, sent)


def _sent(port: int, request: bytes, following: Iterator[bytes]) -> Exchange:
    began = time.perf_counter()
    # Without a time limit, for which Python would ask the kernel once more each time.
    connection = socket.socket()
    try:
        connection.connect(("127.0.0.1", port))
        connection.sendall(request)
    except OSError:
        connection.close()
        raise
    return Exchange(connection, began, following)


def exchange(port: int, request: bytes) -> bytes:
    """The whole answer to one request, headers included."""
    sent = _sent(port, request, iter(()))
    with sent.connection as connection:
        while sent.goes_on(connection.recv(CHUNK)):
            pass
    return sent.answer
