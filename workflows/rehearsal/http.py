"""HTTP as w.c.s. does it: signing, 28 seconds, no retry (wcs-runtime.md §4.2, §9); faults are put in here."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

import requests

from .clock import Clock
from .signature import sign_url
from .trace import Call, Trace

#: Seconds, for everything but named calls that say otherwise.
TIMEOUT = 28.0
#: Characters of an answer that a report keeps.
KEPT = 100_000

#: What an adapter answers that cannot work for the moment.
UNAVAILABLE = {
    "err": 1,
    "err_class": "the service is busy, please try again",
    "err_desc": "the service is busy, please try again",
    "reason": "busy",
}

FaultKind = Literal["down", "lost-answer", "error-after", "error-before", "unavailable"]


class NoAnswer(Exception):
    """Network error: no connection, time-out, or an address that is none."""


@dataclass(frozen=True)
class Answer:
    """An HTTP answer; `json` is `None` when the body is not JSON (then `is_json` is false)."""

    status: int
    text: str
    headers: Mapping[str, str]
    json: Any
    is_json: bool


@dataclass
class Fault:
    """What goes wrong with the next `times` calls for which `matches` (method, path, body) holds.

    `down`: no connection. `lost-answer`: the call arrives and is carried out, the answer does not come back.
    `error-after`: carried out, then 500. `error-before`: 500, and nothing was done. `unavailable`: 503 in the JSON of
    an adapter whose database is down, and nothing was done.
    """

    kind: FaultKind
    matches: Callable[[str, str, Any], bool] = lambda method, path, body: True
    times: int = 1


@dataclass
class Client:
    """Sends requests and traces them. `secrets`: host without port → key (the section `wscall-secrets`).

    `only` are the beginnings of the addresses that may be called, all when it is empty: definitions of strangers must
    not reach what only this machine can. An address of somebody else is not called, and redirects are not followed.
    """

    orig: str
    secrets: Mapping[str, str]
    clock: Clock
    trace: Trace
    faults: list[Fault] = field(default_factory=list)
    only: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.session = requests.Session()
        self.session.trust_env = False

    def knows(self, url: str) -> bool:
        """Whether the address is signed automatically."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        return not parts.username and (parts.hostname or "") in self.secrets

    def signed(self, url: str, key: str = "") -> str:
        """With `key` no `orig` is added; else the host's secret is used, with `orig`; else as it is (§4.2)."""
        if key:
            return sign_url(url, key, self.clock.signing())
        if self.knows(url):
            return sign_url(url, self.secrets[urlsplit(url).hostname or ""], self.clock.signing(), self.orig)
        return url

    def send(
        self,
        who: str,
        method: str,
        url: str,
        *,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        key: str = "",
        timeout: float = TIMEOUT,
    ) -> Answer:
        """Send once and return the answer. Raises `NoAnswer`."""
        call = Call(who, method, url, body)
        self.trace.calls.append(call)
        fault = self._fault(method, url, body)
        call.fault = fault.kind if fault else ""
        began = time.monotonic()
        try:
            try:
                signed = self.signed(url, key)
            except ValueError:
                raise NoAnswer(f"invalid URL {url[:200]!r}") from None
            return self._send(call, fault, signed, headers or {}, timeout)
        except NoAnswer as error:
            call.error = str(error)
            raise
        finally:
            call.ms = round((time.monotonic() - began) * 1000)

    def _fault(self, method: str, url: str, body: Any) -> Fault | None:
        for fault in self.faults:
            if fault.times > 0 and fault.matches(method, _path(url), body):
                fault.times -= 1
                return fault
        return None

    def _send(self, call: Call, fault: Fault | None, url: str, headers: Mapping[str, str], timeout: float) -> Answer:
        if fault and fault.kind == "down":
            raise NoAnswer("connection refused")
        if not re.match(r"https?://[^/]", url):
            raise NoAnswer(f"invalid URL {url[:200]!r}")
        if self.only and not url.startswith(self.only):
            raise NoAnswer("not called: outside of the rehearsal")
        if fault and fault.kind == "error-before":
            return self._answered(call, 500, "<h1>Internal Server Error</h1>", {})
        if fault and fault.kind == "unavailable":
            return self._answered(call, 503, json.dumps(UNAVAILABLE), {})
        data = None if call.body is None else json.dumps(call.body).encode()
        sent = dict(headers) | ({"Content-type": "application/json"} if data is not None else {})
        try:
            response = self.session.request(
                call.method, url, data=data, headers=sent, timeout=timeout, allow_redirects=not self.only
            )
        except (requests.RequestException, ValueError, UnicodeError) as error:
            raise NoAnswer(f"{type(error).__name__}") from None
        if fault:
            call.unseen = _decoded(response.content.decode("utf-8", "replace"))[0]
        if fault and fault.kind == "lost-answer":
            raise NoAnswer("timed out; the call had been carried out")
        if fault and fault.kind == "error-after":
            return self._answered(call, 500, "<h1>Internal Server Error</h1>", {})
        return self._answered(call, response.status_code, response.content.decode("utf-8", "replace"), response.headers)

    @staticmethod
    def _answered(call: Call, status: int, text: str, headers: Mapping[str, str]) -> Answer:
        decoded, is_json = _decoded(text)
        call.status = status
        call.answer = decoded if is_json else text[:KEPT]
        return Answer(status, text, {name.lower(): value for name, value in headers.items()}, decoded, is_json)


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def _decoded(text: str) -> tuple[Any, bool]:
    try:
        return json.loads(text), True
    except ValueError:
        return None, False
