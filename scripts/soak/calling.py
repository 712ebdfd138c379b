"""Callers over real HTTP; every call and its time goes into the ledger."""

from __future__ import annotations

import time
from typing import Any

import requests

from scripts.soak.course import Course
from scripts.soak.ledger import Ledger
from tests.support.signed import Answer, HttpApi

# Seconds. Longer than w.c.s. waits, so that a call that is too slow is seen as such.
PATIENCE = 40.0
PAUSE = 0.3


class ApiCaller:
    """w.c.s. that calls the adapter at ``base``, signed."""

    def __init__(self, base: str, ledger: Ledger, course: Course) -> None:
        self.api = HttpApi(base)
        self.api.session.trust_env = False
        self.api.timeout = PATIENCE
        self.ledger, self.course = ledger, course

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> Answer | None:
        """One call; ``None`` when no answer came: then it may have been done."""
        if not self.course.take_call():
            return None
        began, answer = time.monotonic(), None
        try:
            answer = self.api.call(method, path, body=body, query=query)
        except requests.RequestException:
            pass
        what = f"{method} {path.partition('://')[2] or path}"
        self.ledger.note_answer(what, answer.status if answer else None, time.monotonic() - began)
        return answer

    def insist(self, method: str, path: str, body: Any = None, **query: Any) -> Answer | None:
        """The same again until it is answered with anything below 500; ``None`` when the run is over before."""
        while True:
            answer = self.call(method, path, body, **query)
            if answer is not None and answer.status < 500:
                return answer
            if self.course.over():
                return None
            self.course.pause(PAUSE)


class Browser:
    """An agent's browser, logged in as ``user``."""

    def __init__(self, base: str, user: str, password: str, ledger: Ledger, course: Course) -> None:
        self.base, self.user, self.password = base, user, password
        self.ledger, self.course = ledger, course
        self.session = requests.Session()
        self.session.trust_env = False

    def get(self, path: str) -> requests.Response | None:
        """A page; ``None`` when no answer came."""
        return self._send("GET", path, {})

    def post(self, path: str, fields: dict[str, str]) -> requests.Response | None:
        """What the pop-up's script sends."""
        return self._send("POST", path, fields)

    def log_in(self) -> bool:
        """Log in; ``False`` when that was not answered."""
        if self.get("/login/") is None:
            return False
        answer = self.post("/login/", {"username": self.user, "password": self.password})
        return answer is not None and answer.status_code == 302

    def is_logged_out(self, answer: requests.Response) -> bool:
        """Whether the answer only leads to the page to log in."""
        return answer.status_code == 302 and "/login/" in answer.headers.get("Location", "")

    def _send(self, method: str, path: str, fields: dict[str, str]) -> requests.Response | None:
        if not self.course.take_call():
            return None
        headers = {"X-CSRFToken": self.session.cookies.get("wcs-booking-csrf") or ""}
        if path != "/login/":
            headers["X-Fragment"] = "pop-up"
        began, answer = time.monotonic(), None
        try:
            answer = self.session.request(
                method, f"{self.base}{path}", data=fields, headers=headers, timeout=PATIENCE, allow_redirects=False
            )
        except requests.RequestException:
            pass
        status = None if answer is None else answer.status_code
        self.ledger.note_answer(f"{method} {path}", status, time.monotonic() - began)
        return answer
