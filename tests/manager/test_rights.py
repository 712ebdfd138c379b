"""Who may do what: one table of roles, pages and verbs."""

from __future__ import annotations

import uuid

import pytest
from django.urls import URLPattern, resolve

from adapter.agendas.models import Booking, BookingState, Callback
from adapter.agendas.services import BookingDetails, BookingRequest, HoldRequest, cancel, confirm, hold
from adapter.manager.urls import urlpatterns
from adapter.manager.views import bookings, feeds, home, locks, printing, reconciliation, rehearsals, studio, why
from tests.agendas.builders import ALICE, NOW

VISITOR, STRANGER, VIEWER, BOOKER, EDITOR, ADMIN = "visitor", "stranger", "viewer", "booker", "editor", "admin"
ALL = (VISITOR, STRANGER, VIEWER, BOOKER, EDITOR, ADMIN)
SEE = (VIEWER, BOOKER, EDITOR, ADMIN)
LOGGED_IN = (STRANGER, *SEE)
ACT = (BOOKER, ADMIN)
DAY = "/manage/agendas/mairie/day/2026/11/24/"

# Verb, address, who may; the others get 403, and visitors are led to the log-in.
TABLE = [
    ("GET", "/manage/", LOGGED_IN),
    ("GET", "/manage/agendas/", LOGGED_IN),
    ("GET", "/manage/bookings/", LOGGED_IN),
    ("GET", "/manage/bookings/export/csv/", LOGGED_IN),
    ("GET", "/manage/bookings/export/ods/", LOGGED_IN),
    ("GET", "/manage/bookings/{booking}/", SEE),
    ("GET", "/manage/bookings/{hidden}/", (ADMIN,)),
    ("GET", "/manage/bookings/{lock}/", SEE),
    ("GET", "/manage/bookings/{booking}/cancel/", ACT),
    ("POST", "/manage/bookings/{booking}/cancel/", ACT),
    ("POST", "/manage/bookings/{hidden}/cancel/", (ADMIN,)),
    ("POST", "/manage/bookings/{cancelled}/callbacks/{callback}/retry/", ACT),
    ("GET", "/manage/locks/", LOGGED_IN),
    ("POST", "/manage/locks/release/", LOGGED_IN),
    ("POST", "/manage/locks/release/?lock={lock}", ACT),
    ("POST", "/manage/locks/release/?lock={hidden_lock}", (ADMIN,)),
    ("POST", "/manage/locks/expire/", (ADMIN,)),
    ("GET", "/manage/reconciliation/", (ADMIN,)),
    ("POST", "/manage/reconciliation/compare/", (ADMIN,)),
    ("POST", "/manage/reconciliation/1/repair/", (ADMIN,)),
    ("GET", "/manage/feeds/", (ADMIN,)),
    ("POST", "/manage/feeds/1/revoke/", (ADMIN,)),
    ("GET", "/manage/studio/", (EDITOR, ADMIN)),
    ("POST", "/manage/studio/", (EDITOR, ADMIN)),
    ("POST", "/manage/studio/download/", (EDITOR, ADMIN)),
    ("GET", "/manage/studio/kit/", (EDITOR, ADMIN)),
    ("POST", "/manage/studio/rehearse/", (EDITOR, ADMIN)),
    ("GET", "/manage/studio/rehearsals/{rehearsal}/", (EDITOR, ADMIN)),
    ("GET", "/manage/studio/rehearsals/{rehearsal}/state/", (EDITOR, ADMIN)),
    ("GET", "/manage/studio/rehearsals/{rehearsal}/report/", (EDITOR, ADMIN)),
    ("GET", "/manage/agendas/mairie/why/", SEE),
    ("GET", "/manage/agendas/cachee/why/", (ADMIN,)),
    ("GET", f"{DAY}print/", SEE),
    ("GET", "/manage/agendas/mairie/feed/", SEE),
    ("POST", "/manage/agendas/mairie/feed/make/", SEE),
    ("POST", "/manage/agendas/mairie/feed/revoke/", SEE),
    ("POST", "/manage/agendas/cachee/feed/make/", (ADMIN,)),
]


@pytest.fixture
def numbers(town) -> dict[str, object]:
    """A booking, a lock and a cancelled booking in *mairie*, and what *cachee* has."""

    def book(agenda: str, start: str) -> int:
        details = BookingDetails(cancel_callback_url="https://demarches.test/hook/")
        return confirm(
            BookingRequest(agenda, (f"passeport:2026-11-24-{start}",), details=details), now=NOW, actor=ALICE
        ).booking.pk

    def lock(agenda: str, start: str) -> int:
        return hold(HoldRequest(agenda, (f"passeport:2026-11-24-{start}",), "K"), now=NOW, actor=ALICE).lock.pk

    cancelled = book("mairie", "1000")
    cancel(cancelled, now=NOW, actor=ALICE, call_back=True)
    return {
        "booking": book("mairie", "0900"),
        "cancelled": cancelled,
        "callback": Callback.objects.get().pk,
        "lock": lock("mairie", "0920"),
        "rehearsal": uuid.UUID(int=1),
        "hidden": book("cachee", "0900"),
        "hidden_lock": lock("cachee", "0920"),
    }


@pytest.mark.parametrize("role", ALL)
@pytest.mark.parametrize(("verb", "path", "allowed"), TABLE)
def test_every_role_may_do_what_the_table_says(log_in, numbers, verb, path, allowed, role) -> None:
    address, _mark, query = path.format(**numbers).partition("?")
    client = log_in(role)
    data = dict([query.split("=")]) if query else {}
    before = list(Booking.objects.order_by("pk").values_list("pk", "state"))
    answer = client.generic(verb, address) if not data else client.post(address, data)
    if role == VISITOR:
        assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, "/login/")
    elif role in allowed:
        # A rehearsal is its session's: see its own tests.
        accepted = (404,) if "/rehearsals/" in path else (200, 302, 400)
        assert answer.status_code in accepted, answer.status_code
    else:
        assert answer.status_code == 403
    if role not in allowed:
        assert list(Booking.objects.order_by("pk").values_list("pk", "state")) == before
        assert not [field for field in ("booking", "lock") if b"demarches.test" in answer.content]


def listed_pages() -> set[str]:
    """Names of the addresses in the table; a feed is protected by its secret, see ``test_feeds.py``."""
    numbers = {
        "rehearsal": uuid.UUID(int=1),
        **dict.fromkeys(("booking", "hidden", "lock", "cancelled", "callback"), 1),
    }
    paths = [path.partition("?")[0].format(**numbers) for _verb, path, _allowed in TABLE]
    return {resolve(path).url_name for path in paths} | {"manager-feed"}


@pytest.mark.once
def test_the_table_misses_no_page() -> None:
    """A page that is added to one of these modules must be added to the table."""
    modules = (bookings, feeds, home, locks, printing, reconciliation, rehearsals, studio, why)
    names = {module.__name__ for module in modules}
    # What is included from elsewhere, such as the settings, has its own table.
    pages = [item for item in urlpatterns if isinstance(item, URLPattern)]
    ours = {item.name for item in pages if item.callback.__module__ in names}
    assert ours <= listed_pages()
    assert len(ours) > 15


@pytest.mark.parametrize("path", ["/manage/bookings/{booking}/cancel/", "/manage/locks/expire/", "/manage/studio/"])
def test_what_changes_something_needs_the_token_of_the_page(log_in, numbers, path) -> None:
    client = log_in(ADMIN)
    client.handler.enforce_csrf_checks = True
    assert client.post(path.format(**numbers)).status_code == 403
    assert Booking.objects.get(pk=numbers["booking"]).state == BookingState.BOOKED


@pytest.mark.parametrize("path", ["/manage/bookings/1/cancel/", "/manage/bookings/{big}/", "/manage/bookings/0/"])
def test_what_is_not_there_is_404(log_in, path) -> None:
    assert log_in(ADMIN).get(path.format(big=2**64)).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/manage/locks/release/",
        "/manage/locks/expire/",
        "/manage/studio/download/",
        "/manage/agendas/mairie/feed/make/",
    ],
)
def test_nothing_is_changed_by_looking(log_in, path) -> None:
    assert log_in(ADMIN).get(path).status_code == 405
