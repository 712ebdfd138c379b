"""The API of the stand-in: what the adapter calls (wcs-runtime.md §1, §8, §10). Signed, JSON whatever happens."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from workflows.reader import KINDS, Field, Form

from ..drafts import ApiRefused, acting_person, make_draft, may_submit, submission_roles
from ..export import exported
from ..formdata import Formdata
from ..people import Person
from ..running import HookRefused, call_hook, call_trigger
from ..signature import Refused, check_query
from ..site import Site

Answer = tuple[int, dict[str, Any]]


class Api:
    """Answers calls below `/api/`, and triggers of jumps."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def answer(self, method: str, path: str, query: str, content_type: str, body: bytes) -> Answer:
        """HTTP status and JSON of one call; `query` is the raw query string."""
        values: dict[str, str] = {}
        for name, value in parse_qsl(query, keep_blank_values=True):
            values.setdefault(name, value)
        try:
            signer = check_query(query, self.site.settings.known.get, self.site.clock.signing(), self.site.nonces)
            return 200, self._route(method, path, values, signer, content_type, body)
        except Refused as refused:
            problem = ApiRefused(403, str(refused))
        except ApiRefused as refused:
            problem = refused
        except HookRefused as refused:
            problem = ApiRefused(refused.status, str(refused))
        return problem.status, problem.body

    def export(self, path: str, query: str) -> tuple[int, bytes]:
        """HTTP status and XML of a definition, for `/api/export-import/TYPE/SLUG/`."""
        try:
            signer = check_query(query, self.site.settings.known.get, self.site.clock.signing(), self.site.nonces)
        except Refused:
            signer = ""
        if not signer:
            return 403, b""
        match path.strip("/").split("/"):
            case ["api", "export-import", kind, slug]:
                root = next((item.root for item in KINDS.values() if item.bundle_type == kind), "")
                found = self.site.library.find(root, slug)
                if found is not None:
                    return 200, found.document.write()
        return 404, b""

    def _route(
        self, method: str, path: str, query: dict[str, str], signer: str, content_type: str, body: bytes
    ) -> dict[str, Any]:
        parts = path.strip("/").split("/")
        match parts:
            case ["api", "formdefs", slug, "submit"]:
                if method != "POST":
                    raise ApiRefused(403, "Method not allowed.")
                return make_draft(self.site, slug, query, signer, content_type, body)
            case [*_, "hooks", identifier] | [*_, "jump", "trigger", identifier]:
                return self._called(method, parts, identifier, query, signer, content_type, body)
        if not signer:
            raise ApiRefused(403, "Unsigned API call.")
        return self._read(parts, query)

    def _read(self, parts: list[str], query: dict[str, str]) -> dict[str, Any]:
        """What is only read."""
        site = self.site
        match parts:
            case ["api", "formdefs"]:
                return {"err": 0, "data": self._forms(query)}
            case ["api", "formdefs", slug, "schema"]:
                return schema(self._form(slug), site, with_ids=query.get("include-id") == "true")
            case ["api", "roles"]:
                return {"err": 0, "data": [_role(name) for name in self._roles()]}
            case ["api", "users"]:
                return {"err": 0, "data": [_listed_person(person) for person in self._people(query)]}
            case ["api", "users", wanted]:
                return _person(self._one(lambda p: wanted in (p.name_id, str(p.id))))
            case ["api", "user"]:
                person = acting_person(site, query)
                if person is None:
                    raise ApiRefused(403, "User not authenticated.")
                return _person(person)
            case ["api", "forms", slug, "list"]:
                self._form(slug)
                only = query.get("filter-internal-id")
                listed = [record for record in self._records(slug) if only in (None, str(record.number))]
                return {"err": 0, "data": [exported(record, site) for record in listed]}
            case ["api", "forms", slug, number] if number.isdigit():
                # A list is shown to a signature alone, a single record to a person only, and a draft to nobody.
                if acting_person(site, query) is None:
                    raise ApiRefused(403, "User not authenticated.")
                record = site.record(slug, int(number))
                if record is None:
                    raise ApiRefused(404, "Page not found")
                if record.draft:
                    raise ApiRefused(403, "Unsufficient roles.")
                return exported(record, site)
        raise ApiRefused(404, "Page not found")

    def _called(
        self,
        method: str,
        parts: list[str],
        identifier: str,
        query: dict[str, str],
        signer: str,
        content_type: str,
        body: bytes,
    ) -> dict[str, Any]:
        if method not in ("POST", "PUT"):
            raise ApiRefused(403, "Method not allowed.")
        place = parts[2:] if parts[:2] == ["api", "forms"] else parts
        record = self.site.record(place[0], int(place[1])) if len(place) > 2 and place[1].isdigit() else None
        if record is None or record.draft:
            raise ApiRefused(404, "Page not found")
        person = acting_person(self.site, query)
        is_json = content_type.partition(";")[0].strip() == "application/json"
        content = None
        if method == "PUT":
            # Kept as a file (§8.1).
            content = {
                "filename": identifier,
                "content_type": content_type or "application/octet-stream",
                "content": base64.b64encode(body).decode(),
                "content_is_base64": True,
            }
        elif is_json and body:
            try:
                content = json.loads(body)
            except ValueError:
                raise ApiRefused(400, "Invalid JSON") from None
        if "trigger" in place:
            url = call_trigger(self.site, record, identifier, signer=signer, user=person, content=content)
            return {"err": 0, "url": url or None}
        bypass = query.get("bypass-processing-check") == "on"
        call_hook(self.site, record, identifier, signer=signer, user=person, content=content, bypass=bypass)
        return {"err": 0}

    def _form(self, slug: str) -> Form:
        form = self.site.form(slug)
        if form is None:
            raise ApiRefused(404, "Page not found")
        return form

    def _forms(self, query: dict[str, str]) -> list[dict[str, Any]]:
        """Of an agent the ones that may be submitted; nobody and unknown agents get an empty list (§10.3)."""
        backoffice = query.get("backoffice-submission") == "on"
        person = self.site.person(name_id=query.get("NameID", ""), email=query.get("email", ""))
        found = []
        for form in self.site.library.of(Form):
            disabled = self.site.is_disabled(form)
            if disabled and query.get("include-disabled") != "on":
                continue
            if backoffice and not may_submit(self.site, form, person):
                continue
            if query.get("q", "").lower() not in form.name.lower():
                continue
            categories = [slug for slug in query.get("category_slugs", "").split(",") if slug]
            if categories and (form.category is None or form.category.slug not in categories):
                continue
            listed = self._listed(form, backoffice)
            if query.get("include-count") == "on":
                listed["count"] = len(self._records(form.slug))
            found.append(listed)
        return found

    def _records(self, slug: str) -> list[Formdata]:
        return [
            record
            for (owner, _number), record in sorted(self.site.records.items())
            if owner == slug and not record.draft and not record.removed
        ]

    def _listed(self, form: Form, backoffice: bool) -> dict[str, Any]:
        base = self.site.settings.url
        workflow = self.site.workflow(form)
        listed: dict[str, Any] = {
            "title": form.name,
            "slug": form.slug,
            "url": f"{base}{form.slug}/",
            "description": form.text("description"),
            "keywords": [word.strip() for word in form.text("keywords").split(",") if word.strip()],
            "authentication_required": any(True for _ in form.children("user-roles")),
            "always_advertise": form.text("always_advertise") == "true",
            "redirection": False,
            "functions": {
                name: {"label": label, **_role_of(form, name)}
                for name, label in (workflow.functions if workflow else {}).items()
            },
        }
        contexts = [element.text for element in form.children("required_authentication_contexts")]
        if contexts:
            listed["required_authentication_contexts"] = contexts
        if form.category:
            listed |= {"category": form.category.name, "category_slug": form.category.slug}
        if backoffice:
            listed["backoffice_submission_url"] = f"{base}backoffice/submission/{form.slug}/"
        return listed

    def _roles(self) -> list[str]:
        named = {role for person in self.site.people.values() for role in person.roles}
        named |= {role.name for form in self.site.library.of(Form) for role in form.backoffice_submission_roles}
        return sorted(named)

    def _people(self, query: dict[str, str]) -> list[Person]:
        """By name, e-mail address, uuid or a text of the profile; among holders of roles, up to a limit (§10.2)."""
        text, roles = query.get("q", ""), {role for role in query.get("roles", "").split(",") if role}
        wanted = text.lower()
        found = [
            person
            for person in self.site.people.values()
            if text == person.name_id
            or any(wanted in one.lower() for one in (person.name, person.email, *person.profile.values()))
        ]
        if roles:
            found = [person for person in found if roles & {_role(role)["id"] for role in person.roles}]
        limit = query.get("limit", "")
        return found[: int(limit)] if limit.isdecimal() else found

    def _one(self, wanted: Callable[[Person], bool]) -> Person:
        for person in self.site.people.values():
            if wanted(person):
                return person
        raise ApiRefused(404, "Page not found")


def _role(name: str) -> dict[str, Any]:
    slug = name.lower().replace(" ", "-")
    return {
        "id": slug,
        "slug": slug,
        "name": name,
        "text": name,
        "allows_backoffice_access": True,
        "emails": [],
        "emails_to_members": False,
        "details": "",
    }


def _role_of(form: Form, function: str) -> dict[str, Any]:
    """The role that the form gives to a function of its workflow."""
    for element in form.children("roles"):
        if element.get("role_key") == function and element.text:
            return {"role": _role(element.text)}
    return {}


def _listed_person(person: Person) -> dict[str, Any]:
    return {**_person(person), "text": person.name, "description": person.email}


def _person(person: Person) -> dict[str, Any]:
    return {
        **{f"user_{name.lstrip('_')}": value for name, value in person.profile.items()},
        "id": person.id,
        "user_id": person.id,
        "user_display_name": person.name,
        "user_email": person.email,
        "user_admin_access": False,
        "user_backoffice_access": bool(person.roles),
        "user_nameid": person.name_id,
        "user_name_identifier_0": person.name_id,
        "user_roles": [_role(role) for role in sorted(person.roles)],
    }


def schema(form: Form, site: Site, *, with_ids: bool) -> dict[str, Any]:
    """The fields of a form and the roles that may submit it (§10.3)."""
    return {
        "name": form.name,
        "slug": form.slug,
        "fields": [_field(field, with_ids) for field in form.fields],
        "backoffice_submission_roles": sorted(submission_roles(site, form)),
        "workflow": {"name": found.name, "slug": found.slug} if (found := site.workflow(form)) else None,
    }


def _field(field: Field, with_ids: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"type": field.type, "label": field.label, "varname": field.varname or None}
    if field.type not in ("page", "comment", "title", "subtitle", "computed"):
        found["required"] = field.required
    if field.data_source is not None and field.data_source.type:
        found["data_source"] = {"type": field.data_source.type, "value": field.data_source.value}
    if field.items:
        found["items"] = field.items
    if with_ids:
        found["id"] = field.id
    return found
