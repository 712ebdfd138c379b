"""A small HTTP server in this process that answers what it is told and keeps what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qsl

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response


@dataclass(frozen=True)
class Seen:
    """One request: `query` is raw, `body` the decoded JSON."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: Any

    @property
    def values(self) -> dict[str, str]:
        """Parameters, without those of a signature."""
        signing = ("algo", "timestamp", "nonce", "signature")
        return {name: value for name, value in parse_qsl(self.query, keep_blank_values=True) if name not in signing}


@dataclass
class Told:
    """What is answered at a path. `before` is called first: tests do there what happens meanwhile."""

    status: int = 200
    text: str = "{}"
    headers: dict[str, str] = field(default_factory=dict)
    before: Callable[[Seen], Any] | None = None


class Double:
    """`with Double() as double`: listens on a free port; `url` has its final slash."""

    def __init__(self) -> None:
        self.told: dict[tuple[str, str], Told] = {}
        self.seen: list[Seen] = []
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True, request_handler=_Silent)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def tell(self, path: str, answer: Any = None, *, method: str = "", **more: Any) -> None:
        """Answer JSON at `path`; `text`, `status`, `headers` and `before` say otherwise."""
        self.told[method, path] = Told(**{"text": json.dumps(answer), **more})

    def list(self, path: str, *items: Any, **more: Any) -> None:
        """Answer a list of choices."""
        self.tell(path, {"err": 0, "data": list(items)}, **more)

    def calls(self, path: str) -> list[Seen]:
        """Requests to a path."""
        return [seen for seen in self.seen if seen.path == path]

    def _answer(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        raw = request.get_data()
        seen = Seen(
            request.method,
            request.path,
            request.query_string.decode(),
            {name.lower(): value for name, value in request.headers.items()},
            json.loads(raw) if raw else None,
        )
        self.seen.append(seen)
        told = self.told.get((request.method, request.path)) or self.told.get(("", request.path)) or Told(status=404)
        if told.before is not None:
            told.before(seen)
        response = Response(told.text, told.status, headers=told.headers)
        return response(environ, start_response)


class _Silent(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing."""
