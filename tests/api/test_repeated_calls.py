"""A call that was sent before is answered and obeyed by nobody, whatever it asks, with Redis and without it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache

from adapter.agendas.models import AuditEvent, Booking
from adapter.agendas.services import listing, offering
from adapter.api import budgets
from adapter.api.calls import Call
from adapter.api.routes import ROUTES
from adapter.budgets import forget
from adapter.shared import Told
from adapter.wcs.signature import NONCE_USED
from tests.agendas.builders import NOW
from tests.support.signed import Api, signed_query

pytestmark = pytest.mark.both_databases

SLOT = "passeport:2026-11-24-0900"
LIST = "agenda/mairie/meetings/passeport/datetimes/"
VALUES = {"agenda": "mairie", "meeting_type": "passeport", "slot": SLOT, "booking": "1", "code": "K"}
OPERATIONS = [(method, route.address) for route in ROUTES for method in route.operations]


@pytest.fixture(params=["Redis", "no Redis"])
def memory(request, settings) -> None:
    """Where nonces are remembered."""
    if request.param == "Redis":
        request.getfixturevalue("redis")
    else:
        settings.REDIS_URL = None


def address(path: str) -> str:
    """With everything that is named in it."""
    for name, value in VALUES.items():
        for kind in ("slug", "str", "int", "path", "code", "slot"):
            path = path.replace(f"<{kind}:{name}>", value)
    assert "<" not in path, path
    return f"/api/{path}"


def twice(api: Api, method: str, path: str, body: Any = None, **query: str) -> list[tuple[int, Any]]:
    """Status and reason of two calls with the same signature."""
    signed = signed_query("&".join(f"{name}={value}" for name, value in query.items()))
    answers = [
        api.client.generic(method, f"{path}?{signed}", body or b"{}", content_type="application/json") for _ in range(2)
    ]
    return [(answer.status_code, answer.json().get("err_desc")) for answer in answers]


@pytest.mark.usefixtures("memory")
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_no_operation_answers_a_call_twice(api, mairie, method, path) -> None:
    _first, second = twice(api, method, address(path))
    assert second == (403, NONCE_USED)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/api/agenda/nowhere/meetings/passeport/datetimes/", None),
        ("GET", f"/api/{LIST}?date_start=never", None),
        ("POST", f"/api/agenda/mairie/fillslot/{SLOT}/", b"no JSON"),
        ("POST", "/api/agenda/nowhere/fillslots/", b'{"slots": "x"}'),
    ],
)
def test_not_even_what_is_wrong_with_it_is_told_twice(api, mairie, redis, method, path, body) -> None:
    path, _, query = path.partition("?")
    asked = dict([query.split("=")]) if query else {}
    first, second = twice(api, method, path, body, **asked)
    assert first[0] in (400, 404)
    assert second == (403, NONCE_USED)


def test_a_list_that_is_asked_for_again_renews_no_lease(api, mairie, redis, set_clock) -> None:
    api.post(f"agenda/mairie/fillslot/{SLOT}/", {"lock_code": "K"})
    held_until = Booking.objects.get().expires_at
    set_clock(NOW + timedelta(minutes=6))
    signed = signed_query("lock_code=K")
    assert api.client.get(f"/api/{LIST}?{signed}").status_code == 200
    renewed_until = Booking.objects.get().expires_at
    assert renewed_until > held_until
    set_clock(NOW + timedelta(minutes=13))
    assert api.client.get(f"/api/{LIST}?{signed}").status_code == 403
    assert Booking.objects.get().expires_at == renewed_until
    assert AuditEvent.objects.filter(code="lock.renewed").count() == 1


def test_a_hold_that_is_sent_again_holds_nothing(api, mairie, redis) -> None:
    body = b'{"lock_code": "K"}'
    first, second = twice(api, "POST", f"/api/agenda/mairie/fillslot/{SLOT}/", body)
    assert (first[0], second) == (200, (403, NONCE_USED))
    assert AuditEvent.objects.count() == 1


def test_while_redis_answers_a_list_reads_what_it_needs_and_no_more(api, mairie, redis, monkeypatch) -> None:
    happened: list[str] = []

    def noting(place: Any, name: str, word: str) -> None:
        work = getattr(place, name)

        def noted(*args: Any, **kwargs: Any) -> Any:
            happened.append(word)
            return work(*args, **kwargs)

        monkeypatch.setattr(place, name, noted)

    noting(Told, "_send", "sent to Redis")
    noting(Told, "_read", "Redis answered")
    noting(listing, "load_snapshot", "versions")
    noting(Call, "settle", "settled")
    noting(offering, "rows_on_desks", "rows")
    offering.offers.clear()
    assert api.get(LIST).status == 200
    assert happened[:5] == ["sent to Redis", "versions", "settled", "Redis answered", "sent to Redis"]
    assert "rows" in happened[5:]


def test_an_anonymous_call_beyond_its_budget_asks_the_database_for_nothing(
    api, mairie, settings, django_assert_num_queries
) -> None:
    settings.PUBLIC_AVAILABILITY = True
    settings.ANONYMOUS_CALLS_PER_MINUTE_MAX = 1
    cache.clear()
    forget()
    assert api.call("GET", LIST, signed=False).status == 200
    with django_assert_num_queries(0):
        assert api.call("GET", LIST, signed=False).status == 429
    cache.clear()
    forget()


def test_a_repeat_takes_nothing_from_the_budget_of_who_sent_it_first(api, mairie, redis, settings, monkeypatch) -> None:
    counted: list[str] = []
    spend = budgets.spend

    def counting(budget: str, who: str, limit: int) -> int:
        counted.append(who)
        return spend(budget, who, limit)

    monkeypatch.setattr(budgets, "spend", counting)
    twice(api, "GET", f"/api/{LIST}")
    assert len(counted) == 1


JUNK = [b"[]", b"no JSON", b"\xff\xfe"]


@pytest.mark.parametrize("body", JUNK)
@pytest.mark.parametrize(("method", "path"), [("DELETE", "booking/{}/"), ("POST", "booking/{}/cancel/")])
def test_a_body_that_nobody_asked_for_is_not_read(api, mairie, method, path, body) -> None:
    booking = api.post(f"agenda/mairie/fillslot/{SLOT}/", {}).json["booking_id"]
    answer = api.client.generic(
        method, f"/api/{path.format(booking)}?{signed_query()}", body, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["err"]) == (200, 0)
    assert Booking.objects.get(pk=booking).state == "cancelled"
