"""A plain HTTP client in several processes: little work of its own, so that the server is what is measured."""

from __future__ import annotations

import json
import multiprocessing
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

CONTEXT = multiprocessing.get_context("fork")


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
    """Send the requests of each client, one after the other; the clients are processes and begin together."""
    start = CONTEXT.Barrier(len(clients) + 1)
    queue: Any = CONTEXT.Queue()
    workers = [CONTEXT.Process(target=_client, args=(port, list(requests), start, queue)) for requests in clients]
    for worker in workers:
        worker.start()
    start.wait(60)
    began = time.perf_counter()
    found = [queue.get(timeout=600) for _ in workers]
    seconds = time.perf_counter() - began
    for worker in workers:
        worker.join()
    rows = [row for rows in found for row in rows]
    return Answers(seconds, [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows])


def _client(port: int, requests: list[bytes], start: Any, queue: Any) -> None:
    start.wait(60)
    rows = []
    for request in requests:
        began = time.perf_counter()
        answer = exchange(port, request)
        took = time.perf_counter() - began
        rows.append((took, int(answer[9:12] or 0), 0 if b'"err":0' in answer or b'"err": 0' in answer else 1))
    queue.put(rows)


def exchange(port: int, request: bytes) -> bytes:
    """The whole answer to one request, headers included."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(request)
        chunks = []
        while chunk := connection.recv(262144):
            chunks.append(chunk)
    return b"".join(chunks)
