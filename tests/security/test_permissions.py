"""Role × page × verb, as ``permissions.py`` says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from adapter.agendas.models import Booking
from tests.manager.settings.test_access import NAMES as SETTINGS_PAGES
from tests.manager.test_rights import listed_pages
from tests.security.permissions import CALLERS, CALLS, OTHER_VERBS, PAGES, ROLES, Call, Page


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
    # Pages about one subject have their table beside their other tests.
    rows = {page.name for page in PAGES} | {call.name for call in CALLS} | set(SETTINGS_PAGES) | listed_pages()
    without = [
        (name, address)
        for name, address in addresses(get_resolver().url_patterns)
        if name not in rows and address != "/api/.*$"
    ]
    assert not without, "add a row to tests/security/permissions.py, or to the table beside the page's tests"


def test_every_row_has_its_address() -> None:
    known = {name for name, _ in addresses(get_resolver().url_patterns)}
    assert {page.name for page in PAGES} | {call.name for call in CALLS} <= known


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages(client_of, appointment, page: Page, role: str) -> None:
    path = page.path.format(booking=appointment)
    client = client_of(role)
    column = ROLES.index(role)
    before = Booking.objects.count()
    for verb, expected in (("GET", page.get), ("HEAD", page.head or page.get), ("POST", page.post)):
        body = {"data": page.body} if verb == "POST" else {}
        answer = getattr(client, verb.lower())(path, **body)
        found = meaning(answer.status_code, answer.get("Location", ""))
        assert expected.split()[column] in found, f"{role} {verb} {path}: {answer.status_code}"
    assert Booking.objects.count() == before


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
@pytest.mark.parametrize("verb", OTHER_VERBS)
def test_other_verbs_do_nothing(client_of, appointment, page: Page, verb: str) -> None:
    answer = client_of("admin").generic(verb, page.path.format(booking=appointment))
    assert page.others in meaning(answer.status_code, answer.get("Location", "")), answer.status_code


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_form_from_elsewhere_changes_nothing(client_of, appointment, page: Page) -> None:
    """CSRF: a browser of an admin sends another site's form."""
    from django.test import Client

    logged_in = client_of("admin")
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.cookies = logged_in.cookies
    answer = client.post(page.path.format(booking=appointment), page.body)
    assert answer.status_code in (403, 405) or page.name == "root", answer.status_code


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call.verb} {call.name}")
def test_webservices(api, call: Call, caller: str) -> None:
    path, _, query = call.path.partition("?")
    values = dict(item.split("=") for item in query.split("&")) if query else {}
    answer = api.call(
        call.verb,
        path,
        query=values,
        body=call.body if call.verb in ("POST", "PATCH") else None,
        signed=caller == "signed",
    )
    assert getattr(call, caller) in meaning(answer.status, ""), answer.content
    if caller == "unsigned" and call.unsigned == "no":
        assert answer.json["err_class"] == "access denied"
        assert not Booking.objects.exists()


def test_the_session_of_an_agent_opens_no_webservice(client_of) -> None:
    client = client_of("admin")
    for call in CALLS:
        if call.unsigned == "no":
            assert client.generic(call.verb, f"/api/{call.path}").status_code == 403
