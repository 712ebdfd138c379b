"""Forms of w.c.s. as agents may fill them (wcs-runtime §1, §10.3): which ones, their fields, and drafts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.core.cache import cache

from adapter.wcs.client import Reply, WcsUnreachable, call
from adapter.wcs.errors import BadAnswer, NotConfigured, TimedOut, Unreachable, error_for

# Seconds. An agent waits for these.
QUICK, DRAFT = 5.0, 10.0
KEPT = 60


@dataclass(frozen=True, slots=True)
class AgentIdentity:
    """How w.c.s. knows an agent: by ``name_id`` (the uuid of the identity provider), else by e-mail address."""

    name_id: str = ""
    email: str = ""

    def query(self) -> dict[str, str]:
        """Parameters of the address, part of what is signed."""
        return {"NameID": self.name_id} if self.name_id else {"email": self.email}


@dataclass(frozen=True, slots=True)
class FormChoice:
    """A form that an agent may submit."""

    slug: str
    title: str
    category: str = ""


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of a form; ``kind`` is w.c.s.'s type, such as ``item``."""

    varname: str
    label: str
    kind: str


@dataclass(frozen=True, slots=True)
class DraftRequest:
    """A draft to be made. ``data`` holds ``VAR``, ``VAR_raw`` and ``VAR_structured`` for each choice: with all three
    w.c.s. asks nobody about it during the call. ``context`` is the submission context."""

    form: str
    agent: AgentIdentity
    data: Mapping[str, Any]
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft; ``backoffice_url`` is where the agent fills it in."""

    id: str
    url: str
    backoffice_url: str
    api_url: str


def forms_for_agent(agent: AgentIdentity) -> list[FormChoice]:
    """The forms that the agent may submit from the back office, by title; kept for a minute. Raises ``WcsError``."""
    key = f"wcs-forms:{quote(agent.name_id or agent.email)}"
    kept: list[FormChoice] | None = cache.get(key)
    if kept is not None:
        return kept
    reply = _ask("GET", "api/formdefs/", {"backoffice-submission": "on", **agent.query()}, timeout=QUICK)
    listed = reply.content.get("data")
    if not isinstance(listed, list):
        raise BadAnswer("no list of forms")
    found = [
        FormChoice(str(item["slug"]), str(item.get("title") or item["slug"]), str(item.get("category") or ""))
        for item in listed
        if isinstance(item, dict) and item.get("slug")
    ]
    found.sort(key=lambda form: (form.title.casefold(), form.slug))
    cache.set(key, found, KEPT)
    return found


def form_fields(slug: str) -> list[FormField]:
    """The fields of a form that have an identifier. Raises ``WcsError``."""
    reply = _ask("GET", f"api/formdefs/{quote(slug, safe='')}/schema", {}, timeout=QUICK)
    listed = reply.content.get("fields")
    if not isinstance(listed, list):
        raise BadAnswer("no list of fields")
    return [
        FormField(str(item["varname"]), str(item.get("label") or ""), str(item.get("type") or ""))
        for item in listed
        if isinstance(item, dict) and item.get("varname")
    ]


def create_draft(request: DraftRequest) -> Draft:
    """Make a draft in the name of the agent. Raises ``WcsError``.

    After ``TimedOut`` there may be one all the same: it holds nothing. The draft's addresses are checked: an agent is
    only ever sent to the known w.c.s.
    """
    body = {
        "meta": {"draft": True, "backoffice-submission": True},
        "data": dict(request.data),
        "context": dict(request.context),
    }
    path = f"api/formdefs/{quote(request.form, safe='')}/submit"
    reply = _ask("POST", path, request.agent.query(), body=body, timeout=DRAFT)
    data = reply.content.get("data")
    if not isinstance(data, dict) or not data.get("id"):
        raise BadAnswer("no draft in the answer")
    addresses = {name: str(data.get(name) or "") for name in ("url", "backoffice_url", "api_url")}
    if settings.KNOWN_SERVICES.service_for_url(addresses["backoffice_url"]) is None:
        raise BadAnswer("the draft is somewhere else")
    return Draft(str(data["id"]), **addresses)


def _ask(method: str, path: str, query: Mapping[str, str], *, body: Any = None, timeout: float) -> Reply:
    service = settings.KNOWN_SERVICES.default()
    if service is None:
        raise NotConfigured
    url = f"{service.url}{path}" + (f"?{urlencode(query)}" if query else "")
    try:
        reply = call(method, url, body=body, timeout=timeout)
    except WcsUnreachable as failure:
        raise (TimedOut if failure.timed_out else Unreachable)(str(failure)) from None
    error = error_for(reply)
    if error is not None:
        raise error
    return reply
