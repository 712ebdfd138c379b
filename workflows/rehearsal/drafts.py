"""Drafts made by API: `POST /api/formdefs/SLUG/submit` (wcs-runtime.md §1)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from workflows.reader import Field, Form

from .formdata import Formdata
from .people import Person, Session
from .scope import Request, Scope
from .sources import choices
from .values import NOTHING, Stored
from .widgets import item_value, several

if TYPE_CHECKING:
    from .site import Site


class ApiRefused(Exception):
    """`status` is the HTTP status, `code` the `err_code`, the message the `err_desc` (§1.5)."""

    def __init__(self, status: int, message: str, code: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code or {400: "invalid-request", 404: "not-found"}.get(status, "access-denied")

    @property
    def body(self) -> dict[str, Any]:
        """The JSON of the answer."""
        titles = {400: "Invalid request", 403: "Access denied", 404: "Page not found"}
        return {"err": 1, "err_class": titles[self.status], "err_code": self.code, "err_desc": str(self)}


def acting_person(site: Site, query: Mapping[str, str]) -> Person | None:
    """Who acts: `email` first, then `NameID`; absent or empty is nobody (§1.1). Raises `ApiRefused` for others."""
    if "email" in query:
        found = site.person(email=query["email"])
        if found is None and query["email"]:
            raise ApiRefused(403, "Unknown email.")
        return found
    if query.get("NameID"):
        found = site.person(name_id=query["NameID"])
        if found is None:
            raise ApiRefused(403, "Unknown NameID", "unknown-name-id")
        return found
    return None


def submission_roles(site: Site, form: Form) -> set[str]:
    """Names and slugs of the roles whose agents may submit: written in the form, or given to it on the site."""
    written = {name for role in form.backoffice_submission_roles for name in (role.name, role.slug) if name}
    return written | site.given_roles.get(form.slug, set())


def may_submit(site: Site, form: Form, person: Person | None) -> bool:
    """Whether an agent may submit the form in the back office."""
    return person is not None and bool(submission_roles(site, form) & person.roles)


def make_draft(
    site: Site, slug: str, query: Mapping[str, str], signer: str, content_type: str, body: bytes
) -> dict[str, Any]:
    """Check in the order of w.c.s., make the draft (or the record), and give the answer. Raises `ApiRefused`."""
    form = site.form(slug)
    if form is None:
        raise ApiRefused(404, "Page not found")
    if site.is_disabled(form):
        raise ApiRefused(403, "Disabled form.")
    if not signer:
        raise ApiRefused(403, "Unsigned API call.")
    api_user = site.api_user(signer)
    person = api_user or acting_person(site, query)
    content = _content(content_type, body)
    meta = _object(content.get("meta") or {}, "meta")
    backoffice = api_user is not None or bool(meta.get("backoffice-submission"))
    if backoffice:
        _check_agent(site, form, person)
    data = content.get("data")
    if data is None:
        workflow = _object(content.get("workflow") or {}, "workflow")
        data = {**(content.get("fields") or {}), **(workflow.get("fields") or {}), **(content.get("extra") or {})}
    data = _object(data, "data")
    context = dict(_object(content.get("context") or {}, "context"))
    user = None if meta.get("backoffice-submission") else _user(site, content.get("user"))
    channel = ""
    if context:
        channel = str(context.pop("channel", "") or "")
        user_id = context.pop("user_id", None)
        # The associated user is overwritten, even by nothing (§1.2).
        user = next((one for one in site.people.values() if str(one.id) == str(user_id)), None)
    _check_only_one(site, form, user)
    agent = person if backoffice and api_user is None else None
    record = site.new_record(form, backoffice=backoffice, agent=agent, user=user, channel=channel, context=context)
    _store(site, record, data)
    if not meta.get("draft"):
        from .running import start

        record.draft = False
        start(site, record, Session(person))
    urls = site.urls(record)
    answer: dict[str, Any] = {
        "err": 0,
        "data": {"id": str(record.id), "url": urls.front, "backoffice_url": urls.backoffice, "api_url": urls.api},
    }
    if record.tracking_code:
        answer["tracking_code"] = record.tracking_code
    return answer


def _content(content_type: str, body: bytes) -> dict[str, Any]:
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise ApiRefused(400, "Expected JSON but missing appropriate content-type.")
    try:
        content = json.loads(body) if body else {}
    except ValueError:
        raise ApiRefused(400, "Invalid JSON") from None
    return _object(content, "payload")


def _object(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ApiRefused(400, "Invalid payload." if name == "payload" else f"Invalid {name} parameter.")
    return value


def _check_agent(site: Site, form: Form, person: Person | None) -> None:
    if person is None:
        raise ApiRefused(403, "User not authenticated.")
    if not submission_roles(site, form):
        raise ApiRefused(403, "No backoffice submission role.", "no-backoffice-submission-role")
    if not may_submit(site, form, person):
        raise ApiRefused(403, "User is not allowed to submit.", "user-not-allowed-backoffice-submission")


def _check_only_one(site: Site, form: Form, user: Person | None) -> None:
    """Forms that each person may send once (§1.2)."""
    if form.text("only_allow_one") != "true" or user is None:
        return
    for (slug, _number), record in site.records.items():
        if slug == form.slug and record.user == user and not record.draft and not record.removed:
            raise ApiRefused(403, "Only one formdata by user is allowed.")


def _user(site: Site, given: Any) -> Person | None:
    if given is None:
        return None
    user = _object(given, "user")
    for name_id in user.get("NameID") or []:
        if name_id in site.people:
            return site.people[name_id]
    return site.person(email=str(user.get("email") or "-"))


def _store(site: Site, record: Formdata, data: dict[str, Any]) -> None:
    """Values by varname or field id; unknown keys are dropped, nothing is validated (§1.2, §1.3)."""
    # A look-up knows neither the context of the draft nor a browser session.
    blank = Formdata(record.form, record.id, record.receipt, data=record.data)
    session = Session(id="None")
    record.data |= stored_values(record.form.fields, data, Scope(site, Request(session), blank))


def stored_values(fields: list[Field], data: Mapping[str, Any], scope: Scope) -> dict[str, Stored]:
    """What is stored of posted values, by field id."""
    found: dict[str, Stored] = {}
    for item in fields:
        for key in filter(None, (item.varname, item.id)):
            if key in data or f"{key}_raw" in data:
                found[item.id] = scope.record.data[item.id] = _value(item, key, data, scope)
                break
    return found


def _value(item: Field, key: str, data: Mapping[str, Any], scope: Scope) -> Stored:
    """The four lines of the table in §1.3: only an id without label and without structure is looked up."""
    given, raw, structured = data.get(key), data.get(f"{key}_raw"), data.get(f"{key}_structured")
    if item.type == "block":
        rows = [row for row in given if isinstance(row, dict)] if isinstance(given, list) else []
        fields = scope.site.block_fields(item.block_slug)
        blank = Formdata(scope.record.form, scope.record.id, scope.record.receipt)
        stored = [stored_values(fields, row, Scope(scope.site, scope.request, replace(blank, data={}))) for row in rows]
        return Stored(stored, _digest(item, scope, len(stored))) if stored else NOTHING
    if item.type not in ("item", "items"):
        return Stored(given)
    if raw is not None:
        return Stored(raw, None if given is None else _label(given), structured)
    if structured is not None:
        return Stored(given, None, structured)
    if given in (None, "", []):
        return NOTHING
    wanted = [str(one) for one in given] if isinstance(given, list) else [str(given)]
    items = [one for one in choices(item, scope) if one.id in wanted]
    if item.type == "items":
        return several(item, items) if items else Stored(wanted)
    return item_value(items[0]) if items else Stored(given)


def _label(given: Any) -> str:
    return ", ".join(str(one) for one in given) if isinstance(given, list) else str(given)


def _digest(item: Field, scope: Scope, rows: int) -> str:
    block = scope.site.library.block(item.block_slug)
    return ", ".join(block.name for _ in range(rows)) if block is not None else ""
