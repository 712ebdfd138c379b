"""HTTP calls to w.c.s.: signed, only to known services, without redirects, bounded in time and size."""

from __future__ import annotations

import datetime
import json
import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests
import structlog
from django.conf import settings
from urllib3.exceptions import HTTPError, ReadTimeoutError

from adapter.clock import real_now
from adapter.wcs.known_services import KnownService
from adapter.wcs.signature import sign_url

logger = structlog.get_logger("adapter.wcs")

# Seconds.
CONNECT_TIMEOUT = 3.0
MAX_BYTES = 5 * 1024 * 1024
CHUNK = 65536


class WcsUnreachable(Exception):
    """No usable answer. ``timed_out`` when w.c.s. took too long: then it may have done what was asked."""

    def __init__(self, message: str, *, timed_out: bool = False) -> None:
        super().__init__(message)
        self.timed_out = timed_out


class UnknownAddress(Exception):
    """The address is not on a service of ``KNOWN_SERVICES``: it is never called."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: HTTP status, its JSON (``None`` when it is not), and the address without its query.

    ``skew`` is how many seconds its clock is ahead of ours, to a second or so; ``None`` when it does not tell the time.
    ``raw`` is the body as it came.
    """

    status: int
    content: Any
    url: str
    skew: float | None = None
    raw: bytes = field(default=b"", repr=False)

    @property
    def error(self) -> str:
        """What the answer says went wrong, in at most 300 characters; empty for a success."""
        if self.status < 400 and not (isinstance(self.content, dict) and self.content.get("err")):
            return ""
        if isinstance(self.content, dict):
            found = self.content.get("err_desc") or self.content.get("err_class") or self.content.get("err_code")
            if found:
                return str(found)[:300]
        return f"HTTP {self.status}"


def service_for(url: str) -> KnownService:
    """The known service on which ``url`` lies. Raises :class:`UnknownAddress`."""
    service: KnownService | None = settings.KNOWN_SERVICES.service_for_url(url)
    if service is None:
        raise UnknownAddress("the address is not of a known service")
    return service


def call(method: str, url: str, *, body: Any = None, timeout: float = 15.0) -> Reply:
    """Sign and send; ``timeout`` in seconds bounds the whole call. Raises ``UnknownAddress``, ``WcsUnreachable``."""
    service = service_for(url)
    sent_at = real_now()
    signed = sign_url(url, service.secret, orig=service.orig, now=sent_at)
    began = time.monotonic()
    place = urlsplit(url)._replace(query="", fragment="").geturl()
    try:
        with requests.Session() as session:
            # Neither proxies nor passwords of the environment.
            session.trust_env = False
            with session.request(
                method,
                signed,
                data=None if body is None else json.dumps(body).encode(),
                headers={
                    "Accept": "application/json",
                    **({"Content-Type": "application/json"} if body is not None else {}),
                },
                timeout=(min(CONNECT_TIMEOUT, timeout), timeout),
                allow_redirects=False,
                stream=True,
            ) as response:
                answered_at = real_now()
                text = _read(response, began + timeout)
    except (requests.Timeout, ReadTimeoutError) as error:
        raise WcsUnreachable(type(error).__name__, timed_out=True) from None
    except (requests.RequestException, HTTPError) as error:
        raise WcsUnreachable(type(error).__name__) from None
    finally:
        logger.info("wcs_call", method=method, url=place, ms=round((time.monotonic() - began) * 1000))
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        content = None
    skew = _skew(response.headers.get("Date"), sent_at, answered_at)
    return Reply(response.status_code, content, place, skew, text)


def _skew(date: str | None, sent_at: datetime.datetime, answered_at: datetime.datetime) -> float | None:
    """By the header ``Date``, written between the two moments and cut to whole seconds."""
    try:
        theirs = parsedate_to_datetime(date or "")
    except ValueError:
        return None
    if theirs.tzinfo is None:
        theirs = theirs.replace(tzinfo=datetime.UTC)
    half_a_second = datetime.timedelta(seconds=0.5)
    return (theirs + half_a_second - (sent_at + (answered_at - sent_at) / 2)).total_seconds()


def _read(response: requests.Response, deadline: float) -> bytes:
    parts: list[bytes] = []
    size = 0
    # What there is at each reading: an answer that comes in drops must not outlast the deadline.
    while part := response.raw.read1(CHUNK, decode_content=True):
        parts.append(part)
        size += len(part)
        if size > MAX_BYTES:
            raise WcsUnreachable("the answer is too long")
        if time.monotonic() > deadline:
            raise WcsUnreachable("the answer takes too long", timed_out=True)
    return b"".join(parts)
