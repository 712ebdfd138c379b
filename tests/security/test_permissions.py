"""Role × page × verb, as ``permissions.py`` says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from adapter.agendas.models import Agenda, AuditEvent, Booking, Callback
from tests.security.permissions import ALL_PAGES, CALLERS, CALLS, OTHER_VERBS, ROLES


def meaning(status: int, location: str) -> set[str]:
    """The words of the table that an answer deserves."""
    if status == 302:
        return {"login", "any"} if location.startswith("/login/?next=") else {"moved", "any"}
    words = {200: {"ok", "refused"}, 400: {"refused"}, 403: {"no"}, 404: {"hidden", "refused"}, 405: {"verb"}}
    return words.get(status, {"refused"} if status == 409 else {f"status {status}"}) | {"any"}


def addresses(patterns: list[URLPattern | URLResolver], before: str = "/") -> Iterator[tuple[str, str]]:
    """Every address with its name."""
    for pattern in patterns:
        here = before + str(pattern.pattern).removeprefix("^")
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, here)
        else:
            yield pattern.name or "", here


def test_every_address_has_its_row() -> None:
    rows = {page.name for page in ALL_PAGES} | {call.name for call in CALLS}
    without = [
        (name, address)
        for name, address in addresses(get_resolver().url_patterns)
        if name not in rows and address != "/api/.*$"
    ]
    assert not without, "add a row to tests/security/permissions.py"


def test_every_row_has_its_address() -> None:
    known = {name for name, _ in addresses(get_resolver().url_patterns)}
    assert {page.name for page in ALL_PAGES} | {call.name for call in CALLS} <= known


@contextmanager
def undone(client: Client) -> Iterator[None]:
    """Whatever is changed meanwhile, in the database and in the browser, is as before afterwards."""
    cookies = deepcopy(client.cookies)
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    client.cookies = cookies


def everything() -> tuple[list[object], ...]:
    """What nobody changes who may not."""
    bookings = Booking.objects.order_by("pk").values_list("pk", "state")
    return list(bookings), list(Agenda.objects.order_by("pk").values_list("slug", "config_version")), _noted()


def _noted() -> list[object]:
    return [AuditEvent.objects.count(), Callback.objects.count()]


@pytest.mark.parametrize("role", ROLES)
def test_pages(client_of, numbers, role: str) -> None:
    client, column, before = client_of(role), ROLES.index(role), everything()
    wrong = []
    for page in ALL_PAGES:
        path = page.path.format(**numbers)
        body = {name: value.format(**numbers) for name, value in page.body.items()}
        for verb, words in (("GET", page.get), ("HEAD", page.head or page.get), ("POST", page.post)):
            expected = words.split()[column]
            with undone(client):
                answer = getattr(client, verb.lower())(path, **({"data": body} if verb == "POST" else {}))
                found = meaning(answer.status_code, answer.get("Location", ""))
                if expected not in found or answer.status_code >= 500:
                    wrong.append(f"{verb} {path} {body}: {answer.status_code}, not {expected}")
                if expected in ("no", "login", "verb") and (
                    everything() != before or b"demarches.test" in answer.content
                ):
                    wrong.append(f"{verb} {path} {body}: refused and done all the same")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("verb", OTHER_VERBS)
def test_other_verbs_do_nothing(client_of, numbers, verb: str) -> None:
    client, before = client_of("admin"), everything()
    wrong = []
    for page in ALL_PAGES:
        with undone(client):
            answer = client.generic(verb, page.path.format(**numbers))
            if page.others not in meaning(answer.status_code, answer.get("Location", "")) or everything() != before:
                wrong.append(f"{page.path}: {answer.status_code}, not {page.others}")
    assert not wrong, "\n".join(wrong)


def test_a_form_from_elsewhere_changes_nothing(client_of, numbers) -> None:
    """CSRF: a browser of an admin sends another site's form."""
    client, before = client_of("admin"), everything()
    client.handler.enforce_csrf_checks = True
    wrong = []
    for page in ALL_PAGES:
        with undone(client):
            body = {name: value.format(**numbers) for name, value in page.body.items()}
            answer = client.post(page.path.format(**numbers), body)
            if (answer.status_code not in (403, 405) and page.name != "root") or everything() != before:
                wrong.append(f"{page.path}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("caller", CALLERS)
def test_webservices(api, caller: str) -> None:
    wrong = []
    for call in CALLS:
        path, _, query = call.path.partition("?")
        values = dict(item.split("=") for item in query.split("&")) if query else {}
        body = call.body if call.verb in ("POST", "PATCH") else None
        with undone(api.client):
            answer = api.call(call.verb, path, query=values, body=body, signed=caller == "signed")
            right = getattr(call, caller) in meaning(answer.status, "")
            if caller == "unsigned" and call.unsigned == "no":
                right = right and answer.json["err_class"] == "access denied" and not Booking.objects.exists()
            if not right:
                wrong.append(f"{call.verb} {path}: {answer.status} {answer.content!r}")
    assert not wrong, "\n".join(wrong)


def test_the_session_of_an_agent_opens_no_webservice(client_of) -> None:
    client = client_of("admin")
    for call in CALLS:
        if call.unsigned == "no":
            assert client.generic(call.verb, f"/api/{call.path}").status_code == 403
