"""A small w.c.s. over real HTTP: it checks signatures as w.c.s. does, answers what it is told, and remembers calls."""

from __future__ import annotations

import datetime
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from adapter.wcs.signature import SignatureRefused, verify_query
from tests.support.signed import KEY

CALLER = "agendas.test"
JSON, HTML = "application/json", "text/html"


@dataclass(frozen=True)
class Received:
    """A call as it came; ``signed_by`` is empty when the signature was missing or wrong."""

    method: str
    path: str
    query: str
    body: Any
    signed_by: str


@dataclass
class FakeForm:
    """A form of the double; ``fields`` are as in a schema, ``roles`` are its backoffice submission roles, ``functions``
    those of its workflow with their role, empty when none is set.
    """

    slug: str = "rendez-vous"
    title: str = "Rendez-vous"
    fields: list[dict[str, Any]] = field(default_factory=list)
    disabled: bool = False
    roles: frozenset[str] = frozenset({"agents"})
    functions: dict[str, str] = field(default_factory=lambda: {"Agents": "agents"})


def _functions(form: FakeForm) -> dict[str, dict[str, Any]]:
    """As in the list of forms: a role only where one is set."""
    return {
        f"_{number}": {"label": label, **({"role": {"name": role, "slug": role}} if role else {})}
        for number, (label, role) in enumerate(form.functions.items())
    }


def _exported(form: FakeForm) -> str:
    roles = "".join(f"<role>{role}</role>" for role in sorted(form.roles))
    return f"<formdef><backoffice-submission-roles>{roles}</backoffice-submission-roles></formdef>"


def refused(sentence: str, code: str = "access-denied") -> tuple[int, Any]:
    """A 403 in the words of w.c.s. (wcs-runtime §1.5)."""
    return 403, {"err": 1, "err_class": "Access denied", "err_code": code, "err_desc": sentence}


#: What ``fail_next`` knows besides ``down`` and ``slow``.
FAILURES: dict[str, tuple[int, Any]] = {
    "no-role": refused("User is not allowed.", "user-not-allowed-backoffice-submission"),
    "form-without-role": refused("No submission role.", "no-backoffice-submission-role"),
    "unknown-agent": refused("Unknown NameID.", "unknown-name-id"),
    "unknown-email": refused("Unknown email."),
    "email-inconnu": refused("Valeur inconnue pour «\N{NO-BREAK SPACE}email\N{NO-BREAK SPACE}»."),
    "disabled": refused("Disabled form."),
    "signature": refused("Invalid signature."),
    "clock": refused("Invalid timestamp field; timestamp is too far in the past."),
    "processing": refused("Formdata currently processing actions."),
    "unknown-form": (404, {"err": 1, "err_class": "Page not found", "err_desc": "Page not found"}),
    "no-export": (404, "<h1>Not Found</h1>"),
    "error": (500, "<h1>Internal Server Error</h1>"),
    "maintenance": (503, "<h1>Maintenance</h1>"),
}
DOWN, SLOW, DRIP = "down", "slow", "drip"


class WcsDouble:
    """``with WcsDouble() as wcs``: ``wcs.url``, ``wcs.calls``, ``wcs.fail_next("no-role")``.

    It lists ``forms``, gives their schema and makes drafts, all with the checks of the real one: ``agent_roles`` are
    the roles of every agent but those of ``unknown_agents`` (NameIDs or e-mail addresses). Any other address, such as
    a hook, answers ``{"err": 0}``. ``answers`` are (status, JSON or text) to be given first, in turn. An unsigned or
    wrongly signed call gets 403, whatever was to be answered. ``known_services`` of ``tests.support.signed`` makes the
    setting that goes with ``url``.
    """

    def __init__(self, *forms: FakeForm) -> None:
        self.calls: list[Received] = []
        self.answers: list[tuple[int, Any] | str] = []
        self.forms = list(forms)
        self.agent_roles = {"agents"}
        self.unknown_agents: set[str] = set()
        # Data sources by slug, as they are exported (XML).
        self.sources: dict[str, str] = {}
        # Records by form and number, as they are exported; drafts have no status.
        self.records: dict[str, dict[int, dict[str, Any]]] = {}
        self._nonces: set[tuple[str, str]] = set()
        self._closing = threading.Event()
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
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    def fail_next(self, failure: str) -> None:
        """Let the next call fail: ``down`` (cut off), ``slow`` (silent till the end of the test), ``drip`` (an answer
        that never ends), or a key of ``FAILURES``.
        """
        self.answers.append(failure if failure in (DOWN, SLOW, DRIP) else FAILURES[failure])

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(request.path)
        content = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        call = Received(
            request.command,
            parts.path,
            parts.query,
            json.loads(content) if content else None,
            self._signer(parts.query),
        )
        self.calls.append(call)
        answer: tuple[int, Any] | str = refused("Access denied")
        if call.signed_by:
            answer = self.answers.pop(0) if self.answers else self._usual(call)
        if isinstance(answer, str):
            self._misbehave(request, answer)
            return
        status, body = answer
        text = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        request.send_response(status)
        request.send_header("Content-Type", HTML if isinstance(body, str) else JSON)
        request.send_header("Content-Length", str(len(text)))
        if status in (301, 302, 307):
            request.send_header("Location", "http://127.0.0.1:9/")
        request.end_headers()
        request.wfile.write(text)

    def _misbehave(self, request: BaseHTTPRequestHandler, how: str) -> None:
        request.close_connection = True
        if how == SLOW:
            self._closing.wait()
        if how != DRIP:
            return
        request.send_response(200)
        request.end_headers()
        try:
            while not self._closing.wait(0.01):
                request.wfile.write(b" ")
        except OSError:
            pass

    def _usual(self, call: Received) -> tuple[int, Any]:
        query = {name: values[0] for name, values in parse_qs(call.query).items()}
        agent = query.get("NameID") or query.get("email") or ""
        known = bool(agent) and agent not in self.unknown_agents
        match call.path.strip("/").split("/"):
            case ["api", "formdefs"]:
                return 200, {"err": 0, "data": self._listed(query, known)}
            case ["api", "formdefs", slug, "schema"]:
                form = self._form(slug)
                return (200, {"name": form.title, "fields": form.fields}) if form else FAILURES["unknown-form"]
            case ["api", "formdefs", slug, "submit"]:
                return self._submitted(self._form(slug), known)
            case ["api", "forms", slug, "list"]:
                return self._records_listed(slug, query)
            case ["api", "forms", slug, number] if number.isdigit():
                found = self.records.get(slug, {}).get(int(number))
                if not agent and self._form(slug):
                    # A list is shown to a signature alone, a single record to an account only.
                    return refused("Utilisateur non authentifié.")
                return (200, found) if found else FAILURES["unknown-form"]
            case ["api", "export-import", "forms", slug]:
                form = self._form(slug)
                return (200, _exported(form)) if form else FAILURES["no-export"]
            case ["api", "export-import", "data-sources", slug]:
                return (200, self.sources[slug]) if slug in self.sources else FAILURES["no-export"]
            case ["api", "user"] if not known:
                return FAILURES["unknown-agent"]
        return 200, {"err": 0}

    def _form(self, slug: str) -> FakeForm | None:
        return next((form for form in self.forms if form.slug == slug), None)

    def _listed(self, query: dict[str, str], known: bool) -> list[dict[str, str]]:
        backoffice = query.get("backoffice-submission") == "on"
        with_disabled = query.get("include-disabled") == "on"
        return [
            {"slug": form.slug, "title": form.title, "functions": _functions(form)}
            for form in self.forms
            if (with_disabled or not form.disabled) and (not backoffice or (known and form.roles & self.agent_roles))
        ]

    def _records_listed(self, slug: str, query: dict[str, str]) -> tuple[int, Any]:
        if self._form(slug) is None:
            return FAILURES["unknown-form"]
        listed = [item for _, item in sorted(self.records.get(slug, {}).items()) if item["workflow"]["status"]]
        if "filter-internal-id" in query:
            listed = [item for item in listed if item["internal_id"] == query["filter-internal-id"]]
        first = int(query.get("offset") or 0)
        return 200, {"err": 0, "data": listed[first : first + int(query.get("limit") or 10**6)]}

    def add_record(
        self, slug: str, number: int, status: str = "En attente", data: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """A record, submitted unless ``status`` is empty; ``data`` is what its workflow keeps (wcs-runtime §5.1)."""
        place = f"{slug}/{number}/"
        state = {"id": "wf-6", "name": status} if status else None
        found = {
            "id": f"{slug}/{number}",
            "internal_id": str(number),
            "text": f"Rendez-vous #{number}",
            "url": f"{self.url}{place}",
            "backoffice_url": f"{self.url}backoffice/management/{place}",
            "api_url": f"{self.url}api/forms/{place}",
            "workflow": {"status": state, "real_status": state, "fields": {}, "data": data or {}},
        }
        return self.records.setdefault(slug, {}).setdefault(number, found)

    def _submitted(self, form: FakeForm | None, known: bool) -> tuple[int, Any]:
        if form is None:
            return FAILURES["unknown-form"]
        if form.disabled:
            return FAILURES["disabled"]
        if not known:
            return FAILURES["unknown-agent"]
        if not form.roles & self.agent_roles:
            return FAILURES["no-role" if form.roles else "form-without-role"]
        number = self._new_number()
        places = {"url": "", "backoffice_url": "backoffice/management/", "api_url": "api/forms/"}
        addresses = {name: f"{self.url}{place}{form.slug}/{number}/" for name, place in places.items()}
        return 200, {"err": 0, "data": {"id": number, **addresses}}

    def _new_number(self) -> str:
        """The number of a new record."""
        return str(len(self.calls))

    def _signer(self, query: str) -> str:
        now = datetime.datetime.now(datetime.UTC)
        try:
            return verify_query(query, {CALLER: KEY}.get, now=now, first_use=self._first_use)
        except SignatureRefused:
            return ""

    def _first_use(self, orig: str, nonce: str) -> bool:
        new = (orig, nonce) not in self._nonces
        self._nonces.add((orig, nonce))
        return new
