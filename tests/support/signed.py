"""Calling the adapter as w.c.s. does: signed, from templates, over HTTP."""

from __future__ import annotations

import datetime
import json
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from django.test import Client

from adapter.wcs.known_services import KnownServices, parse_known_services
from adapter.wcs.signature import sign_query

KEY, ORIG = "test-key", "wcs.test"


def known_services(url: str = "http://127.0.0.1:9/") -> KnownServices:
    """One w.c.s. at ``url`` that calls us as ``ORIG``, and that we call as ``agendas.test``."""
    service = {"title": "w.c.s.", "url": url, "orig": "agendas.test", "secret": KEY, "verif_orig": ORIG}
    return parse_known_services({"wcs": {"test": service}})


def signed_query(query: str = "") -> str:
    """A query string signed just now."""
    return sign_query(query, KEY, orig=ORIG, now=datetime.datetime.now(datetime.UTC))


class Answer:
    """An answer of the API."""

    def __init__(self, status: int, content: bytes, headers: Any) -> None:
        self.status = status
        self.content = content
        self.headers = headers

    @property
    def json(self) -> Any:
        """The JSON body."""
        assert self.headers["Content-Type"] == "application/json", self.headers["Content-Type"]
        return json.loads(self.content)


class Api:
    """Signed calls in this process (Django's test client)."""

    def __init__(self) -> None:
        self.client = Client(raise_request_exception=False)

    def get(self, path: str, **query: Any) -> Answer:
        """GET ``/api/PATH``."""
        return self.call("GET", path, query=query)

    def post(self, path: str, body: Any = None, **query: Any) -> Answer:
        """POST a JSON body."""
        return self.call("POST", path, body={} if body is None else body, query=query)

    def call(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: dict[str, Any] | None = None,
        content_type: str = "application/json",
        signed: bool = True,
        **headers: str,
    ) -> Answer:
        """Any call; ``path`` is below ``/api/``, or absolute as answers give it."""
        address = urlsplit(path).path if "://" in path else f"/api/{path}"
        text = urlencode(query or {})
        content = body if isinstance(body, (bytes, str)) else b"" if body is None else json.dumps(body)
        found = self.client.generic(
            method,
            address,
            content,
            content_type=content_type,
            QUERY_STRING=signed_query(text) if signed else text,
            headers=headers or None,
        )
        return Answer(found.status_code, found.content, found.headers)


class HttpApi(Api):
    """The same over real HTTP, to the server at ``base``."""

    def __init__(self, base: str) -> None:
        self.base = base.rstrip("/")
        self.session = requests.Session()
        # Seconds: w.c.s. does not wait longer.
        self.timeout = 28.0

    def call(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: dict[str, Any] | None = None,
        content_type: str = "application/json",
        signed: bool = True,
        **headers: str,
    ) -> Answer:
        """As above; absolute addresses are called on this server."""
        address = urlsplit(path).path if "://" in path else f"/api/{path}"
        text = urlencode(query or {})
        content = body if isinstance(body, (bytes, str)) else b"" if body is None else json.dumps(body)
        text = signed_query(text) if signed else text
        found = self.session.request(
            method,
            f"{self.base}{address}" + (f"?{text}" if text else ""),
            data=content,
            headers={"Content-Type": content_type, **headers},
            timeout=self.timeout,
            allow_redirects=False,
        )
        return Answer(found.status_code, found.content, found.headers)
