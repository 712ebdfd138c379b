"""Lists that are kept: never older than what a call could read by itself, shared by processes, told apart by ETag."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from adapter.agendas.models import Agenda, Booking, Desk
from adapter.agendas.queries.kept import kept_desks, rows_on_desks
from adapter.agendas.services import (
    BookingRequest,
    HoldRequest,
    SlotQuery,
    cancel,
    changing,
    confirm,
    hold,
    list_slots,
    renew,
)
from adapter.agendas.services.guard import exclusive, take_all
from adapter.agendas.services.offering import offers
from adapter.api.ready import ready_answers
from adapter.shared import ask_redis
from tests.agendas.builders import ALICE, NOW, make_agenda
from tests.support.redis import RedisServer
from tests.support.signed import Api

LIST = "agenda/mairie/meetings/passeport/datetimes/"
NINE = "passeport:2026-11-24-0900"
MINUTE = datetime.timedelta(minutes=1)

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("kept_nowhere")]


@pytest.fixture
def kept_nowhere(transactional_db: None) -> None:
    """Nothing is kept inside a transaction: these tests run without one."""
    for cache in (kept_desks, offers, ready_answers):
        cache.clear()


@pytest.fixture
def one_desk(transactional_db: None) -> Agenda:
    return make_agenda(desks=1)


def queries(work: Callable[[], Any]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        work()
    # Without Redis the nonce of each call is written into the database.
    return [item["sql"] for item in captured if "wcs_usednonce" not in item["sql"]]


def is_free(api: Api, slot: str = NINE, **query: Any) -> bool:
    items = {item["id"]: item for item in api.get(LIST, **query).json["data"]}
    return not items[slot]["disabled"]


def hold_nine(code: str = "alice", now: datetime.datetime = NOW) -> int:
    return hold(HoldRequest("mairie", (NINE,), code), now=now, actor=ALICE).lock.pk


def test_an_unchanged_list_costs_one_query_whoever_asks(api: Api, one_desk: Agenda) -> None:
    first = api.get(LIST, lock_code="alice")
    assert len(queries(lambda: api.get(LIST, lock_code="bob"))) == 1
    assert api.get(LIST).content == first.content


def test_every_change_on_a_desk_is_seen_by_the_next_call(api: Api, one_desk: Agenda) -> None:
    assert is_free(api)
    lock = hold_nine()
    assert not is_free(api)
    cancel(lock, now=NOW, actor=ALICE)
    assert is_free(api)
    booking = confirm(BookingRequest("mairie", (NINE,)), now=NOW, actor=ALICE).booking
    assert not is_free(api)
    cancel(booking.pk, now=NOW, actor=ALICE)
    assert is_free(api)
    with changing(one_desk):
        Desk.objects.update(enabled=False)
    assert api.get(LIST).json["data"] == []


def test_a_kept_list_is_not_given_to_who_holds_a_slot_of_it(api: Api, one_desk: Agenda) -> None:
    hold_nine()
    assert not is_free(api)
    assert is_free(api, lock_code="alice")
    assert not is_free(api, lock_code="bob")
    assert not is_free(api)


def test_a_lock_lapses_in_a_kept_list_without_any_change(api: Api, one_desk: Agenda, set_clock: Any) -> None:
    hold_nine()
    assert not is_free(api)
    set_clock(NOW + 10 * MINUTE - datetime.timedelta(seconds=1))
    assert not is_free(api)
    set_clock(NOW + 10 * MINUTE)
    assert is_free(api)
    # Clocks of two machines differ: an answer of the later one is not true for the earlier one.
    set_clock(NOW + 9 * MINUTE)
    assert not is_free(api)


def test_a_renewed_lock_lasts_longer_in_a_kept_list(api: Api, one_desk: Agenda, set_clock: Any) -> None:
    hold_nine()
    assert not is_free(api)
    renew("mairie", "alice", now=NOW + 8 * MINUTE, actor=ALICE)
    set_clock(NOW + 12 * MINUTE)
    assert not is_free(api)


def test_a_lock_held_again_lasts_longer_in_a_kept_list(api: Api, one_desk: Agenda, set_clock: Any) -> None:
    hold_nine()
    assert not is_free(api)
    hold_nine(now=NOW + 8 * MINUTE)
    set_clock(NOW + 12 * MINUTE)
    assert not is_free(api)


def test_what_passes_leaves_a_list_whose_delays_count_from_the_present(api: Api, set_clock: Any) -> None:
    make_agenda(minimal_booking_delay=0, minimal_booking_time=None)
    first = api.get(LIST).json["data"][0]["id"]
    assert first == "passeport:2026-11-23-1100"
    set_clock(NOW + MINUTE)
    assert api.get(LIST).json["data"][0]["id"] == "passeport:2026-11-23-1120"


def test_only_the_desk_that_changed_is_read_anew(one_desk: Agenda) -> None:
    make_agenda("grande", desks=3)
    list_slots("grande", "passeport", SlotQuery(), now=NOW)
    hold(HoldRequest("grande", (NINE,), "alice"), now=NOW, actor=ALICE)
    [changed] = Booking.objects.values_list("desk_id", flat=True)
    versions = dict(Desk.objects.filter(agenda__slug="grande").values_list("pk", "version"))
    begin = int((NOW + datetime.timedelta(days=2)).timestamp())
    kept = [desk for desk, version in versions.items() if kept_desks.get(desk, version, begin, begin + 60)]
    assert sorted([*kept, changed]) == sorted(versions)


def test_nothing_is_kept_of_a_transaction_that_may_still_write(one_desk: Agenda) -> None:
    [desk] = Desk.objects.values_list("pk", flat=True)
    begin, finish = int(NOW.timestamp()), int(NOW.timestamp()) + 10 * 86400
    with exclusive():
        versions = take_all([desk])
        assert rows_on_desks(versions, begin, finish)[desk].booked == ()
        # Written under the version that was read with nothing there.
        Booking.objects.create(
            agenda=one_desk,
            asked_agenda=one_desk,
            desk_id=desk,
            meeting_type=one_desk.meeting_types.all()[0],
            start=NOW + datetime.timedelta(days=1),
            end=NOW + datetime.timedelta(days=1, minutes=20),
            state="booked",
            created_at=NOW,
        )
    assert len(rows_on_desks(versions, begin, finish)[desk].booked) == 1


def test_versions_never_come_back(one_desk: Agenda) -> None:
    [desk] = Desk.objects.values_list("pk", flat=True)
    seen = set()
    for _ in range(5):
        with exclusive():
            seen |= set(take_all([desk]).values())
            transaction.set_rollback(True)
    assert len(seen) == 5


def test_who_has_the_list_already_is_told_304(api: Api, one_desk: Agenda) -> None:
    first = api.get(LIST)
    etag = first.headers["ETag"]
    again = api.call("GET", LIST, if_none_match=etag)
    assert (again.status, again.content, again.headers["ETag"]) == (304, b"", etag)
    hold_nine()
    changed = api.call("GET", LIST, if_none_match=etag)
    assert changed.status == 200
    assert changed.headers["ETag"] != etag
    # What somebody holds is theirs alone: no ETag, nothing to be kept.
    own = api.get(LIST, lock_code="alice")
    assert "ETag" not in own.headers
    assert own.headers["Cache-Control"] == "no-store"


def test_processes_share_lists_through_redis(api: Api, one_desk: Agenda, redis: RedisServer) -> None:
    hold_nine("secret-of-a-session")
    first = api.get(LIST).content
    _as_another_process()
    assert len(queries(lambda: api.get(LIST))) == 1
    assert api.get(LIST).content == first
    _as_another_process()
    assert is_free(api, lock_code="secret-of-a-session")
    [key] = ask_redis("tests", "KEYS", "slots:*")
    assert b"secret-of-a-session" not in ask_redis("tests", "GET", key)


def test_without_redis_lists_are_right_all_the_same(api: Api, one_desk: Agenda, redis: RedisServer) -> None:
    assert is_free(api)
    redis.kill()
    assert is_free(api)
    hold_nine()
    assert not is_free(api)


def _as_another_process() -> None:
    for cache in (kept_desks, offers, ready_answers):
        cache.clear()
