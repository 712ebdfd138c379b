"""A small w.c.s. over real HTTP: it checks signatures as w.c.s. does, answers what it is told, and remembers calls."""

from __future__ import annotations

import datetime
import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from adapter.wcs.signature import SignatureRefused, verify_query
from tests.support.signed import KEY

CALLER = "agendas.test"


@dataclass(frozen=True)
class Received:
    """A call as it came; ``signed_by`` is empty when the signature was missing or wrong."""

    method: str
    path: str
    query: str
    body: Any
    signed_by: str


class WcsDouble:
    """``with WcsDouble() as wcs``: ``wcs.url``, ``wcs.calls``; ``wcs.answers`` are (status, JSON) in turn, then 200.

    An unsigned or wrongly signed call gets 403, whatever was to be answered.
    """

    def __init__(self) -> None:
        self.calls: list[Received] = []
        self.answers: list[tuple[int, Any]] = []
        self._nonces: set[tuple[str, str]] = set()
        double = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: Any) -> None:
                pass

            def do_POST(self) -> None:
                double._answer(self)

            do_GET = do_POST

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """Its address, with a final slash."""
        return f"http://127.0.0.1:{self._server.server_port}/"

    def __enter__(self) -> WcsDouble:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(request.path)
        content = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        try:
            signer = verify_query(
                parts.query,
                {CALLER: KEY}.get,
                now=datetime.datetime.now(datetime.UTC),
                first_use=self._first_use,
            )
        except SignatureRefused:
            signer = ""
        body = json.loads(content) if content else None
        self.calls.append(Received(request.command, parts.path, parts.query, body, signer))
        status, answer = (403, {"err": 1, "err_desc": "Access denied"}) if not signer else (200, {"err": 0})
        if signer and self.answers:
            status, answer = self.answers.pop(0)
        text = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
        request.send_response(status)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(text)))
        if status in (301, 302, 307):
            request.send_header("Location", "http://127.0.0.1:9/")
        request.end_headers()
        request.wfile.write(text)

    def _first_use(self, orig: str, nonce: str) -> bool:
        new = (orig, nonce) not in self._nonces
        self._nonces.add((orig, nonce))
        return new
