"""The WSGI application: API, pages for agents and citizens, and the server around it."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.middleware.shared_data import SharedDataMiddleware
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from ..site import Site
from .api import Api
from .pages_views import Pages

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from werkzeug.serving import BaseWSGIServer

HERE = os.path.dirname(__file__)
#: Bytes of a request that are read.
LIMIT = 10 * 1024 * 1024


class Application:
    """`processes` requests are handled at once, one in each process of the original (wcs-runtime.md §9).

    A call of the adapter that arrives while w.c.s. waits for the adapter takes another process: with one process it
    would wait in vain, as it would there.
    """

    def __init__(self, site: Site, *, processes: int = 2) -> None:
        self.site = site
        self.api = Api(site)
        self.pages = Pages(site)
        self._gate = threading.Semaphore(processes)
        self._app = SharedDataMiddleware(self._wsgi, {"/static": os.path.join(HERE, "static")})

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self._app(environ, start_response)

    def _wsgi(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with Request(environ) as request:
            request.max_content_length = LIMIT
            with self._gate:
                response = self._respond(request)
        return response(environ, start_response)

    def _respond(self, request: Request) -> Response:
        if request.path.startswith("/api/export-import/"):
            status, xml = self.api.export(request.path, request.query_string.decode("ascii", "replace"))
            return Response(xml, status, content_type="text/xml")
        if request.path.startswith("/api/") or "/jump/trigger/" in request.path or "/hooks/" in request.path:
            query = request.query_string.decode("ascii", "replace")
            content_type = request.headers.get("Content-Type", "")
            return json_response(
                *self.api.answer(request.method, request.path, query, content_type, request.get_data())
            )
        try:
            return self.pages.answer(request)
        except NotFound:
            return self.pages.not_found(request)
        except HTTPException as refused:
            return Response(refused.description, refused.code)


def json_response(status: int, body: dict[str, Any]) -> Response:
    """A JSON answer."""
    return Response(json.dumps(body), status, content_type="application/json")


def serve(application: Application, port: int, host: str = "127.0.0.1") -> BaseWSGIServer:
    """A server that listens already; run it with `serve_forever()`. `port` 0 takes a free one.

    Each connection has its thread, so that an idle one of a browser holds nobody up; the gate counts requests.
    """
    return make_server(host, port, application, threaded=True, request_handler=_Silent)


class _Silent(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing: calls are in the trace."""
