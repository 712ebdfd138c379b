"""Forms of w.c.s. as agents may fill them (wcs-runtime §1, §10.3): which ones, their fields, and drafts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.core.cache import cache

from adapter.wcs.client import Reply, WcsUnreachable, call
from adapter.wcs.errors import AgentUnknown, BadAnswer, NotConfigured, TimedOut, Unreachable, error_for

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
    """A form. ``functions_without_role`` are the labels of its workflow's functions that nobody fills."""

    slug: str
    title: str
    category: str = ""
    functions_without_role: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of a form; ``kind`` is w.c.s.'s type, such as ``item``.

    ``source_type`` is empty without a data source, ``json`` and the like for one described in the field, whose address
    (a template) is ``source``, else the slug of a named one (wcs-xml, fields).
    """

    varname: str
    label: str
    kind: str
    source_type: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class FormSchema:
    """A form and its fields that have an identifier."""

    slug: str
    title: str
    fields: tuple[FormField, ...]

    def field(self, varname: str) -> FormField | None:
        """The field with that identifier."""
        return next((item for item in self.fields if item.varname == varname), None)


@dataclass(frozen=True, slots=True)
class DraftRequest:
    """A draft to be made. ``data`` holds ``VAR``, ``VAR_raw`` and ``VAR_structured`` for each choice: with all three
    w.c.s. asks nobody about it during the call. ``context`` is the submission context.
    """

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


def forms_for_agent(agent: AgentIdentity, *, fresh: bool = False) -> list[FormChoice]:
    """The forms that the agent may submit from the back office, by title. Raises ``WcsError``.

    Kept for a minute, unless ``fresh``. w.c.s. lists nothing for an agent it does not know.
    """
    key = f"wcs-forms:{quote(agent.name_id or agent.email)}"
    kept: list[FormChoice] | None = None if fresh else cache.get(key)
    if kept is not None:
        return kept
    found = _listed({"backoffice-submission": "on", **agent.query()})
    cache.set(key, found, KEPT)
    return found


@dataclass(frozen=True, slots=True)
class FormState:
    """A form as w.c.s. has it, whoever may fill it in."""

    form: FormChoice
    enabled: bool


def all_forms() -> dict[str, FormState]:
    """Every form of w.c.s. by its slug, disabled ones included; two calls. Raises ``WcsError``."""
    enabled = {form.slug for form in _listed({})}
    return {form.slug: FormState(form, form.slug in enabled) for form in _listed({"include-disabled": "on"})}


def knows_agent(agent: AgentIdentity) -> bool:
    """Whether w.c.s. has an account for the agent (wcs-runtime §10.2). Raises ``WcsError`` for other refusals."""
    try:
        ask("GET", "api/user/", agent.query(), timeout=QUICK)
    except AgentUnknown:
        return False
    return True


def form_schema(slug: str) -> FormSchema:
    """The form with its fields. Raises ``WcsError``."""
    content = ask("GET", f"api/formdefs/{quote(slug, safe='')}/schema", {}, timeout=QUICK).content
    listed = content.get("fields")
    if not isinstance(listed, list):
        raise BadAnswer("no list of fields")
    fields = tuple(_field(item) for item in listed if isinstance(item, dict) and item.get("varname"))
    return FormSchema(slug, str(content.get("name") or slug), fields)


def _listed(query: Mapping[str, str]) -> list[FormChoice]:
    listed = ask("GET", "api/formdefs/", query, timeout=QUICK).content.get("data")
    if not isinstance(listed, list):
        raise BadAnswer("no list of forms")
    found = [
        FormChoice(
            str(item["slug"]),
            str(item.get("title") or item["slug"]),
            str(item.get("category") or ""),
            tuple(_functions_without_role(item.get("functions"))),
        )
        for item in listed
        if isinstance(item, dict) and item.get("slug")
    ]
    return sorted(found, key=lambda form: (form.title.casefold(), form.slug))


def _functions_without_role(functions: Any) -> Iterator[str]:
    if isinstance(functions, dict):
        for name, function in functions.items():
            if isinstance(function, dict) and not function.get("role"):
                yield str(function.get("label") or name)


def _field(item: Mapping[str, Any]) -> FormField:
    source = item.get("data_source")
    source = source if isinstance(source, dict) else {}
    return FormField(
        str(item["varname"]),
        str(item.get("label") or ""),
        str(item.get("type") or ""),
        str(source.get("type") or ""),
        str(source.get("value") or ""),
    )


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
    reply = ask("POST", path, request.agent.query(), body=body, timeout=DRAFT)
    data = reply.content.get("data")
    if not isinstance(data, dict) or not data.get("id"):
        raise BadAnswer("no draft in the answer")
    addresses = {name: str(data.get(name) or "") for name in ("url", "backoffice_url", "api_url")}
    if settings.KNOWN_SERVICES.service_for_url(addresses["backoffice_url"]) is None:
        raise BadAnswer("the draft is somewhere else")
    return Draft(str(data["id"]), **addresses)


def ask(method: str, path: str, query: Mapping[str, str], *, body: Any = None, timeout: float) -> Reply:
    """One signed call to the w.c.s. in which agents fill forms; the answer is a JSON object. Raises ``WcsError``."""
    reply = send(method, path, query, body=body, timeout=timeout)
    error = error_for(reply)
    if error is not None:
        raise error
    return reply


def send(method: str, path: str, query: Mapping[str, str], *, body: Any = None, timeout: float) -> Reply:
    """The same, whatever it answers. Raises ``NotConfigured``, ``TimedOut``, ``Unreachable``."""
    service = settings.KNOWN_SERVICES.default()
    if service is None:
        raise NotConfigured
    url = f"{service.url}{path}" + (f"?{urlencode(query)}" if query else "")
    try:
        return call(method, url, body=body, timeout=timeout)
    except WcsUnreachable as failure:
        raise (TimedOut if failure.timed_out else Unreachable)(str(failure)) from None
