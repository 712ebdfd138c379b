"""A lock at its end: it is confirmed by a clock that says "not yet" while others act on one that says "over".

All have read the lock before any of them writes; then they write one after the other, in both orders. Three guards
stand in the way: versions of desks in a transaction, compare-and-swap of the row, and the database's constraint. With
all of them off, each of these races is seen to break.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from typing import Any

import pytest

from adapter.agendas.models import AuditEvent, Booking, BookingState, Callback
from adapter.agendas.services import BookingDetails, BookingRequest, cancel, confirm, expire
from tests.agendas.builders import ALICE, NOW, make_agenda
from tests.races.processes import NO_GUARD, Guards, race, without_database_guard
from tests.races.test_slots_for_many import NINE, TEN, book_as, hold_as, overlaps

pytestmark = [pytest.mark.both_databases, pytest.mark.servers, pytest.mark.usefixtures("shared_database")]

AT_TEN = datetime.datetime(2026, 11, 24, 9, tzinfo=datetime.UTC)
SECOND = datetime.timedelta(seconds=1)
STANDING = [
    pytest.param(Guards(), id="all guards"),
    pytest.param(Guards(database=False), id="no constraint"),
    pytest.param(Guards(service=False), id="no versions, no transactions"),
]
ORDERS = pytest.mark.parametrize("confirm_first", [True, False], ids=["the confirmation first", "the other first"])


def alices_lock() -> tuple[int, datetime.datetime]:
    """The only desk's slot at ten is Alice's; answers the lock and its end."""
    lock = hold_as("alice", TEN)
    ends = Booking.objects.get(pk=lock).expires_at
    assert ends is not None
    return lock, ends


def confirm_alices(ends: datetime.datetime) -> int:
    details = BookingDetails(backoffice_url="https://wcs/1/", cancel_callback_url="https://wcs/1/hooks/cancel/")
    return confirm(BookingRequest("mairie", (TEN,), "alice", details), now=ends - SECOND, actor=ALICE).booking.pk


def tidy(now: datetime.datetime) -> int:
    return expire(now=now, actor=ALICE)


def cancel_and_tell(lock: int, now: datetime.datetime) -> int:
    return cancel(lock, now=now, actor=ALICE, call_back=True).pk


def without(guards: Guards) -> Any:
    return nullcontext() if guards.database else without_database_guard()


def in_order(confirm_first: bool, confirming: Callable[[], Any], other: Callable[[], Any]) -> list[Callable[[], Any]]:
    return [confirming, other] if confirm_first else [other, confirming]


@pytest.fixture(params=["hold", "book", "move"])
def wanting(request: pytest.FixtureRequest) -> Callable[[datetime.datetime], Callable[[], int]]:
    """Somebody else who wants the slot when Alice's lock has lapsed for them: answers the job for a moment."""

    def job(now: datetime.datetime) -> Callable[[], int]:
        if request.param == "hold":
            return partial(hold_as, "bob", TEN, now=now)
        if request.param == "book":
            return partial(book_as, "", TEN, "https://wcs/2/", now=now)
        before = Booking.objects.get(record="https://wcs/0/").pk
        return partial(book_as, "", TEN, "https://wcs/2/", now=now, cancel_booking_id=before)

    make_agenda(desks=1)
    book_as("", NINE, "https://wcs/0/")
    return job


def at_ten() -> list[int]:
    """What stands on the slot, locks included."""
    return list(Booking.objects.filter(start=AT_TEN, state__in=["held", "booked"]).values_list("pk", flat=True))


@ORDERS
@pytest.mark.parametrize("guards", [*STANDING, pytest.param(Guards(swap=False), id="no compare-and-swap")])
def test_a_confirmation_and_who_takes_a_lapsed_slot_have_one_winner(
    shared_database: dict[str, Any],
    wanting: Callable[[datetime.datetime], Callable[[], int]],
    guards: Guards,
    confirm_first: bool,
) -> None:
    _lock, ends = alices_lock()
    with without(guards):
        jobs = in_order(confirm_first, partial(confirm_alices, ends), wanting(ends + SECOND))
        first, second = race(shared_database, jobs, guards, in_turn=True)
        assert first[0] == "ok"
        assert second[0] == "refused"
        assert at_ten() == [first[1]]
        assert overlaps(ends + SECOND) == 0
        if guards.service:
            assert second[1] == "slot-unavailable"
            # Who wanted to move has lost nothing by being refused; without a transaction that would not hold.
            moved = not confirm_first and Booking.objects.get(pk=first[1]).record == "https://wcs/2/"
            before = Booking.objects.get(record="https://wcs/0/")
            assert before.state == BookingState.BOOKED or moved


@ORDERS
def test_without_any_guard_an_acknowledged_confirmation_is_lost_or_overlaps(
    shared_database: dict[str, Any],
    wanting: Callable[[datetime.datetime], Callable[[], int]],
    confirm_first: bool,
) -> None:
    lock, ends = alices_lock()
    with without_database_guard():
        jobs = in_order(confirm_first, partial(confirm_alices, ends), wanting(ends + SECOND))
        answers = race(shared_database, jobs, NO_GUARD, in_turn=True)
        assert [answer for answer, _ in answers] == ["ok", "ok"]
        if confirm_first:
            assert Booking.objects.get(pk=lock).state == BookingState.EXPIRED
        else:
            assert len(at_ten()) == 2
            assert overlaps(ends + SECOND) == 1
        Booking.objects.all().delete()


@ORDERS
@pytest.mark.parametrize("guards", STANDING)
def test_a_confirmation_and_the_tidying_of_its_lock_agree(
    shared_database: dict[str, Any], guards: Guards, confirm_first: bool
) -> None:
    make_agenda(desks=1)
    lock, ends = alices_lock()
    with without(guards):
        jobs = in_order(confirm_first, partial(confirm_alices, ends), partial(tidy, ends + SECOND))
        answers = race(shared_database, jobs, guards, in_turn=True)
        booking, tidied = answers if confirm_first else reversed(answers)
        # Tidied first, the slot is taken again under a new number: the log of locks keeps the one that lapsed.
        assert tidied == ("ok", 0 if confirm_first else 1)
        assert booking[0] == "ok"
        assert (booking[1] == lock) is confirm_first
        assert at_ten() == [booking[1]]
        assert AuditEvent.objects.filter(code="lock.expired").count() == tidied[1]


def test_without_any_guard_tidying_ends_an_acknowledged_confirmation(shared_database: dict[str, Any]) -> None:
    make_agenda(desks=1)
    lock, ends = alices_lock()
    with without_database_guard():
        jobs = [partial(confirm_alices, ends), partial(tidy, ends + SECOND)]
        assert race(shared_database, jobs, NO_GUARD, in_turn=True) == [("ok", lock), ("ok", 1)]
        assert Booking.objects.get(pk=lock).state == BookingState.EXPIRED
        assert at_ten() == []
        Booking.objects.all().delete()


@ORDERS
@pytest.mark.parametrize("guards", [*STANDING, pytest.param(Guards(service=False, database=False), id="the row alone")])
def test_an_agent_who_cancels_while_it_is_confirmed_cancels_what_it_has_become(
    shared_database: dict[str, Any], guards: Guards, confirm_first: bool
) -> None:
    make_agenda(desks=1)
    lock, ends = alices_lock()
    with without(guards):
        jobs = in_order(confirm_first, partial(confirm_alices, ends), partial(cancel_and_tell, lock, NOW))
        answers = race(shared_database, jobs, guards, in_turn=True)
        assert [answer for answer, _ in answers] == ["ok", "ok"]
        state = Booking.objects.get(pk=lock).state
        owed = Callback.objects.filter(booking_id=lock, kind=Callback.Kind.CANCEL).count()
        if confirm_first:
            # It was a booking already: w.c.s. is owed the call.
            assert (state, owed, len(at_ten())) == (BookingState.CANCELLED, 1, 0)
        else:
            assert (state, owed, len(at_ten())) == (BookingState.RELEASED, 0, 1)
        assert overlaps() == 0
        Callback.objects.all().delete()


@ORDERS
def test_without_any_guard_a_cancellation_is_not_told_or_does_not_stand(
    shared_database: dict[str, Any], confirm_first: bool
) -> None:
    make_agenda(desks=1)
    lock, ends = alices_lock()
    with without_database_guard():
        jobs = in_order(confirm_first, partial(confirm_alices, ends), partial(cancel_and_tell, lock, NOW))
        answers = race(shared_database, jobs, NO_GUARD, in_turn=True)
        assert answers == [("ok", lock), ("ok", lock)]
        state = Booking.objects.get(pk=lock).state
        # Either the citizen's appointment is gone and w.c.s. was never told, or what was cancelled stands.
        assert state == (BookingState.RELEASED if confirm_first else BookingState.BOOKED)
        assert not Callback.objects.exists()
        Booking.objects.all().delete()
