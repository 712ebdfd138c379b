"""How much one caller may ask for."""

from __future__ import annotations

import datetime
import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache
from django.test import RequestFactory

from adapter import budgets
from adapter.agendas.errors import CallerHoldsTooMuch
from adapter.agendas.models import Booking
from adapter.agendas.services import BookingRequest, HoldRequest, confirm, hold, lock_budget
from tests.agendas.builders import ALICE, NOW, make_agenda
from tests.support.servers import free_port
from tests.support.signed import Api, known_services

pytestmark = pytest.mark.both_databases


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    cache.clear()
    budgets.forget()
    lock_budget.forget_counts()
    # One minute for the whole test: its turn must not come in the middle.
    monkeypatch.setattr(budgets.time, "time", lambda: 1_800_000_030.0)
    yield
    budgets.forget()
    lock_budget.forget_counts()


@pytest.fixture
def api(db, settings) -> Api:
    settings.KNOWN_SERVICES = known_services()
    make_agenda()
    return Api()


def test_a_caller_that_asks_too_often_waits(api, settings) -> None:
    settings.CALLS_PER_MINUTE_MAX = 3
    assert [api.get("agenda/").status for _ in range(4)] == [200, 200, 200, 429]
    refused = api.post("agenda/mairie/fillslot/passeport:2026-11-24-0900/", {"lock_code": "K"})
    assert refused.status == 429
    assert refused.headers["Retry-After"] == "30"
    assert (refused.json["err"], refused.json["err_code"]) == (1, "too-many-calls")
    assert refused.json["err_class"] == refused.json["reason"] == "too many calls, please wait"
    assert not Booking.objects.exists()


def test_the_next_minute_is_a_new_one(api, settings, monkeypatch) -> None:
    settings.CALLS_PER_MINUTE_MAX = 1
    assert [api.get("agenda/").status for _ in range(2)] == [200, 429]
    monkeypatch.setattr(budgets.time, "time", lambda: 1_800_000_061.0)
    assert api.get("agenda/").status == 200


def test_a_call_that_is_not_signed_spends_nothing_of_the_service(api, settings) -> None:
    settings.CALLS_PER_MINUTE_MAX = 2
    for _ in range(5):
        assert api.call("GET", "agenda/", query={"orig": "wcs.test"}, signed=False).status == 403
    assert api.get("agenda/").status == 200


def test_addresses_without_a_signature_have_a_budget_of_their_own(api, settings) -> None:
    settings.PUBLIC_AVAILABILITY = True
    settings.ANONYMOUS_CALLS_PER_MINUTE_MAX = 2
    ask = lambda address: api.client.get("/api/agenda/", REMOTE_ADDR=address).status_code  # noqa: E731
    assert [ask("192.0.2.1"), ask("192.0.2.1"), ask("192.0.2.1"), ask("192.0.2.2")] == [200, 200, 429, 200]
    assert api.get("agenda/").status == 200


@pytest.mark.parametrize(
    ("proxies", "forwarded", "found"),
    [
        (0, "203.0.113.9", "192.0.2.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "10.9.9.9, 203.0.113.9", "203.0.113.9"),
        (2, "10.9.9.9, 203.0.113.9, 198.51.100.1", "203.0.113.9"),
        (2, "203.0.113.9", "192.0.2.1"),
        (1, "", "192.0.2.1"),
    ],
)
def test_only_what_our_own_proxies_wrote_is_believed(settings, proxies, forwarded, found) -> None:
    settings.PROXIES_IN_FRONT = proxies
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR="192.0.2.1")
    assert budgets.client_address(request) == found


def test_a_large_budget_is_exact_for_one_process() -> None:
    granted = sum(budgets.spend("calls", "a", 1234) == 0 for _ in range(2000))
    assert granted == 1234


def test_threads_share_what_their_process_took() -> None:
    with ThreadPoolExecutor(8) as pool:
        granted = sum(pool.map(lambda _: budgets.spend("calls", "a", 400) == 0, range(1000)))
    # Blocks that two threads fetched at once may lose a part; nobody gets more than there is.
    assert 300 <= granted <= 400


def test_processes_share_the_budget_through_redis(settings) -> None:
    url = os.environ.get("TEST_REDIS_URL")
    if not url:
        pytest.skip("no Redis")
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": url}}
    cache.clear()
    assert budgets.spend("calls", "a", 2) == 0
    budgets.forget()  # another process
    assert budgets.spend("calls", "a", 2) == 0
    assert budgets.spend("calls", "a", 2) > 0


def test_without_redis_each_process_counts_by_itself(settings) -> None:
    address = f"redis://127.0.0.1:{free_port()}/0"
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": address}}
    assert [budgets.spend("calls", "a", 2) == 0 for _ in range(3)] == [True, True, False]


def test_one_caller_cannot_hold_everything(db, settings) -> None:
    settings.LOCKS_PER_CALLER_MAX = 2
    make_agenda()
    slots = [f"passeport:2026-11-24-{time}" for time in ("0900", "0920", "0940")]
    ask = lambda slot, code, holder: hold(  # noqa: E731
        HoldRequest("mairie", (slot,), code, holder=holder), now=NOW, actor=ALICE
    )
    ask(slots[0], "A", "wcs.test")
    ask(slots[1], "B", "wcs.test")
    with pytest.raises(CallerHoldsTooMuch):
        ask(slots[2], "C", "wcs.test")
    assert Booking.objects.count() == 2
    # What is held already can be asked for again, moved and booked; others are not concerned.
    assert ask(slots[1], "B", "wcs.test").repeated
    ask(slots[2], "B", "wcs.test")
    ask(slots[1], "D", "other.test")
    confirm(BookingRequest("mairie", (slots[0],), "A"), now=NOW, actor=ALICE)
    ask(slots[0], "E", "wcs.test")


class TestCounting:
    """When what a caller holds is counted, and when the last count is believed: a query or none."""

    @pytest.fixture
    def counts(self, db, settings, monkeypatch, django_assert_num_queries):
        settings.LOCKS_PER_CALLER_MAX = 4
        moment = [1000.0]
        monkeypatch.setattr(lock_budget.time, "monotonic", lambda: moment[0])

        def check(expected: bool, *, at: float = 1000.0, holder: str = "wcs.test") -> None:
            moment[0] = at
            with django_assert_num_queries(int(expected)):
                lock_budget.check_caller_budget(holder, now=NOW)

        return check

    def test_a_count_is_believed_for_a_while_and_not_near_the_limit(self, counts) -> None:
        counts(True)
        for _ in range(3):
            counts(False, at=1004.9)
        # Four are held as far as is known: more are never refused unseen.
        counts(True, at=1004.9)
        counts(False, at=1009.8)
        counts(True, at=1009.9)

    def test_each_caller_is_counted_by_itself_and_those_of_long_ago_are_forgotten(self, counts, monkeypatch) -> None:
        monkeypatch.setattr(lock_budget, "MOST_CALLERS", 2)
        counts(True, holder="a")
        counts(True, holder="b")
        counts(False, holder="a")
        counts(True, holder="c")
        counts(True, holder="a")
        counts(False, holder="c")

    def test_without_a_limit_or_a_name_nothing_is_counted(self, counts, settings) -> None:
        counts(False, holder="")
        settings.LOCKS_PER_CALLER_MAX = 0
        counts(False)

    def test_lapsed_locks_count_no_more(self, db, settings) -> None:
        settings.LOCKS_PER_CALLER_MAX = 1
        make_agenda()
        request = HoldRequest("mairie", ("passeport:2026-11-24-0900",), "A", holder="wcs.test")
        lock = hold(request, now=NOW, actor=ALICE).lock
        with pytest.raises(CallerHoldsTooMuch):
            lock_budget.check_caller_budget("wcs.test", now=lock.expires_at - datetime.timedelta(seconds=1))
        lock_budget.check_caller_budget("wcs.test", now=lock.expires_at)


def test_the_refusal_has_the_shape_of_the_contract(api, settings, monkeypatch) -> None:
    settings.LOCKS_PER_CALLER_MAX = 1
    slots = [item["id"] for item in api.get("agenda/mairie/meetings/passeport/datetimes/").json["data"]]
    assert api.post(f"agenda/mairie/fillslot/{slots[0]}/", {"lock_code": "A"}).json["err"] == 0
    refused = api.post(f"agenda/mairie/fillslot/{slots[1]}/", {"lock_code": "B"})
    assert refused.status == 200
    assert (refused.json["err"], refused.json["err_code"]) == (1, "caller-holds-too-much")


def test_refused_signatures_cost_something(api, settings) -> None:
    settings.REFUSED_CALLS_PER_MINUTE_MAX = 2
    answers = [api.call("GET", "agenda/", query={"signature": "x", "orig": "y"}, signed=False) for _ in range(3)]
    assert [answer.status for answer in answers] == [403, 403, 429]
    assert answers[-1].headers["Retry-After"]
    assert api.get("agenda/").status == 200
