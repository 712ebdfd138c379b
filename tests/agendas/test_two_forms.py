"""Two forms that are filled in with one lock code: each keeps its slot by a token of its own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapter.agendas.errors import SlotUnavailable, TooManyLocks
from adapter.agendas.models import Booking, BookingState, Outcome
from adapter.agendas.queries.snapshot import cache
from adapter.agendas.services import (
    BookingDetails,
    BookingRequest,
    Confirmed,
    Held,
    HoldRequest,
    SlotQuery,
    confirm,
    hold,
    list_slots,
    take_over,
)
from tests.agendas.builders import ALICE, NOW, make_agenda, make_virtual

pytestmark = pytest.mark.django_db

NINE, TEN, ELEVEN = (f"passeport:2026-11-24-{time}" for time in ("0900", "1000", "1100"))


def held(token: str, slot: str = NINE, *, code: str = "K", agenda: str = "mairie", seconds: float = 0) -> Held:
    request = HoldRequest(agenda, (slot,), code, lock_token=token)
    return hold(request, now=NOW + timedelta(seconds=seconds), actor=ALICE)


def booked(token: str, slot: str = NINE, *, record: str = "1", seconds: float = 0) -> Confirmed:
    details = BookingDetails(form_url=f"https://wcs.test/{record}/")
    request = BookingRequest("mairie", (slot,), "K", details, lock_token=token)
    return confirm(request, now=NOW + timedelta(seconds=seconds), actor=ALICE)


def free(token: str, slot: str = NINE, *, code: str = "K", seconds: float = 0) -> bool:
    query = SlotQuery(lock_code=code, lock_token=token)
    listing = list_slots("mairie", "passeport", query, now=NOW + timedelta(seconds=seconds), actor=ALICE)
    return slot in {listing.slot(start).id for start in listing.offer.free}


def live() -> dict[str, str]:
    """Slot times by token."""
    rows = Booking.objects.live_locks(NOW).values_list("lock_token", "start")
    return {token: f"{start + timedelta(hours=1):%H%M}" for token, start in rows}


@pytest.mark.parametrize("agenda", ["mairie", "toutes"])
def test_two_forms_keep_their_slots_and_each_moves_its_own(agenda: str) -> None:
    make_virtual("toutes", make_agenda(desks=1))
    held("a", NINE, agenda=agenda)
    held("b", TEN, agenda=agenda)
    assert live() == {"a": "0900", "b": "1000"}
    held("b", ELEVEN, agenda=agenda)
    assert live() == {"a": "0900", "b": "1100"}
    assert held("a", NINE, agenda=agenda).repeated
    for token, slot in (("a", NINE), ("b", ELEVEN)):
        result = booked(token, slot, record=token)
        assert result.outcome == Outcome.CONFIRMED


def test_the_other_form_stands_in_the_way_like_anybody_else() -> None:
    make_agenda(desks=1)
    held("a")
    assert (free("a"), free("b"), free("", code="L")) == (True, False, False)
    with pytest.raises(SlotUnavailable):
        held("b")
    with pytest.raises(SlotUnavailable):
        booked("b")
    assert booked("a").outcome == Outcome.CONFIRMED


def test_with_a_second_desk_both_hold_the_same_time_and_both_are_booked_on_their_desks() -> None:
    make_agenda(desks=2)
    first, second = held("a").lock, held("b").lock
    assert first.desk_id != second.desk_id
    assert booked("b", record="2").booking.desk_id == second.desk_id
    assert booked("a", record="1").booking.desk_id == first.desk_id


def test_without_a_token_it_is_as_before_and_a_list_without_one_shows_what_the_code_holds() -> None:
    make_agenda(desks=1)
    held("", NINE)
    held("", TEN)
    assert live() == {"": "1000"}
    # Sources that w.c.s. makes itself cannot name a token.
    held("a", ELEVEN, code="L")
    assert free("", ELEVEN, code="L")
    assert held("", ELEVEN, code="L").repeated


def test_what_an_agent_holds_from_the_calendar_is_taken_by_the_form_that_is_opened_with_its_code() -> None:
    make_agenda(desks=1)
    lock = held("").lock
    assert free("a")
    again = held("a")
    assert (again.repeated, again.lock.pk) == (True, lock.pk)
    # From then on it is this form's.
    assert not free("b")
    held("a", TEN)
    assert live() == {"a": "1000"}


def test_only_the_locks_of_the_form_that_asks_are_renewed() -> None:
    make_agenda(desks=2)
    mine, other = held("a").lock, held("b", TEN).lock
    assert free("a", seconds=400)
    mine.refresh_from_db()
    other.refresh_from_db()
    assert (mine.renewals, other.renewals) == (1, 0)


def test_the_budget_is_that_of_the_code(settings) -> None:
    settings.LOCKS_PER_CODE_MAX = 2
    make_agenda(desks=3)
    held("a", NINE)
    held("b", TEN)
    with pytest.raises(TooManyLocks):
        held("c", ELEVEN)
    # What a form has it may move.
    held("b", ELEVEN)


def test_a_lapsed_lock_of_one_form_is_captured_again_by_it_while_the_other_keeps_its_own() -> None:
    make_agenda(desks=1)
    held("a", NINE)
    held("b", TEN, seconds=500)
    assert booked("a", NINE, seconds=700).outcome == Outcome.RECAPTURED
    assert booked("b", TEN, record="2", seconds=700).outcome == Outcome.CONFIRMED


def test_a_confirmation_takes_the_lock_of_its_own_token_before_one_without() -> None:
    make_agenda(desks=2)
    held("", NINE, code="K")
    own = held("a", NINE, code="L").lock
    Booking.objects.filter(pk=own.pk).update(lock_code="K")
    assert booked("a").booking.pk == own.pk


def test_a_lock_that_is_taken_over_belongs_to_the_form_that_is_opened_with_its_new_code() -> None:
    make_agenda(desks=1)
    lock = held("a").lock
    take_over(lock.pk, "N", holder="agent", form_slug="", now=NOW, actor=ALICE)
    assert (free("b", code="N"), held("b", code="N").repeated) == (True, True)


TOKENS, SLOTS = st.sampled_from(["", "a", "b"]), st.sampled_from([NINE, TEN])


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(["K", "L"]), TOKENS, SLOTS), min_size=1, max_size=6), st.integers(1, 2))
def test_a_hold_agrees_with_the_list_of_its_form(calls, desks) -> None:
    with transaction.atomic():
        make_agenda(desks=desks)
        cache.clear()
        for code, token, slot in calls:
            offered = free(token, slot, code=code)
            try:
                held(token, slot, code=code)
                assert offered
            except SlotUnavailable:
                assert not offered
            assert Booking.objects.filter(state=BookingState.HELD).count() <= 2 * desks
        transaction.set_rollback(True)
