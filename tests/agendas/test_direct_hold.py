"""A hold by one statement gives what a hold step by step gives, or nothing."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapter.agendas.errors import CallerHoldsTooMuch, InvalidPayload, SlotUnavailable, UnknownAgenda
from adapter.agendas.models import Agenda, AuditEvent, Booking, BookingState, Desk, MeetingType
from adapter.agendas.queries.lock_keys import LockKey
from adapter.agendas.queries.snapshot import cache, load_snapshot
from adapter.agendas.services import HoldRequest, changing, direct_hold, hold, holding, release
from adapter.agendas.services.lock_budget import forget_counts
from tests.agendas.builders import ALICE, NOW, close, make_agenda, make_virtual
from tests.support.thorough import at_length

NINE, NINE_TWENTY, TEN = (f"passeport:2026-11-24-{time}" for time in ("0900", "0920", "1000"))
LATER = NOW + timedelta(hours=1)

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    direct_hold.forget_vain()


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each hold whether the one statement was enough."""
    found: list[bool] = []
    hold_directly = direct_hold.hold_directly

    def noting(*args: Any, **kwargs: Any) -> Any:
        result = hold_directly(*args, **kwargs)
        found.append(result is not None)
        return result

    monkeypatch.setattr(holding, "hold_directly", noting)
    return found


def held(code: str, slot: str = NINE, agenda: str = "mairie", now: datetime.datetime = NOW, **values: Any) -> Booking:
    slots = values.pop("slots", (slot,))
    return hold(HoldRequest(agenda, slots, code, **values), now=now, actor=ALICE).lock


def all_about(lock: Booking) -> dict[str, Any]:
    """What is written of a lock, but for its number and code, and its entry in the audit log."""
    row = Booking.objects.filter(pk=lock.pk).values().get()
    entry = AuditEvent.objects.filter(booking_id=lock.pk).values().get()
    return {
        **{name: value for name, value in row.items() if name not in ("id", "lock_code")},
        **{f"entry {name}": value for name, value in entry.items() if name not in ("id", "booking_id")},
    }


def step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "hold_directly", lambda *_, **__: None)


def test_the_same_is_written_and_told_as_step_by_step(monkeypatch, tried, django_assert_num_queries) -> None:
    make_agenda(desks=1, lock_duration=480)
    values: dict[str, Any] = {"holder": "wcs", "form_slug": "passeport", "half_adapted": True}
    held("first", TEN, **values)
    with django_assert_num_queries(3):
        # The statement, in a savepoint because a test is one transaction.
        mine = held("alice", **values)
    assert tried == [False, True]
    found, names = all_about(mine), vars(Booking.objects.get(pk=mine.pk))
    assert {name: value for name, value in vars(mine).items() if name != "_state"} == {
        name: value for name, value in names.items() if name != "_state"
    }
    release("mairie", "alice", now=NOW, actor=ALICE)
    AuditEvent.objects.all().delete()
    step_by_step(monkeypatch)
    assert found == all_about(held("bob", **values))


def test_what_stands_on_other_days_makes_no_desk_less_fair(tried) -> None:
    agenda = make_agenda(desks=2)
    first, second = agenda.desks.order_by("position")
    for time, days in (("0920", -1), ("0940", -1), ("1020", 1), ("1040", 1)):
        other, shift = held(time, f"passeport:2026-11-24-{time}"), timedelta(days=days)
        Booking.objects.filter(pk=other.pk).update(desk=first, start=other.start + shift, end=other.end + shift)
    once = held("once", TEN)
    Booking.objects.filter(pk=once.pk).update(desk=second)
    assert held("alice").desk_id == first.pk
    assert tried[-1]


def test_a_longer_lock_is_held_as_long_as_was_asked_and_several_slots_as_one(tried) -> None:
    make_agenda(desks=1)
    held("first", TEN)
    lock = held("alice", slots=(NINE, NINE_TWENTY), duration=1200)
    assert tried[-1]
    assert (lock.slots, lock.end - lock.start) == (2, timedelta(minutes=40))
    assert lock.expires_at == NOW + timedelta(minutes=20)


def test_on_a_virtual_agenda_the_lock_stands_on_a_real_one_with_its_own_type(tried) -> None:
    one, two = make_agenda("mairie", desks=1, lock_duration=420), make_agenda("annexe", desks=1, lock_duration=300)
    every = make_virtual("toutes", one, two)
    places = []
    held("first", TEN, agenda="toutes")
    for code in ("alice", "bob"):
        lock = held(code, agenda="toutes")
        lock.refresh_from_db()
        assert (lock.asked_agenda_id, lock.meeting_type.agenda_id) == (every.pk, lock.agenda_id)
        assert lock.desk.agenda_id == lock.agenda_id
        places.append((lock.agenda.slug, lock.lock_duration))
    # The one that took the first has more to do that day.
    assert tried == [False, True, True]
    assert sorted(places) == [("annexe", 300), ("mairie", 420)]
    with pytest.raises(SlotUnavailable):
        held("late", agenda="toutes")


def change_type(agenda: Agenda) -> None:
    with changing(agenda):
        MeetingType.objects.filter(agenda=agenda, slug="passeport").update(enabled=False)


def close_desks(agenda: Agenda) -> None:
    with changing(agenda):
        Desk.objects.filter(agenda=agenda).update(enabled=False)


def rename(agenda: Agenda) -> None:
    with changing(agenda):
        Agenda.objects.filter(pk=agenda.pk).update(slug="hotel-de-ville")


@pytest.mark.parametrize(
    ("change", "refusal"), [(change_type, InvalidPayload), (close_desks, SlotUnavailable), (rename, UnknownAgenda)]
)
def test_settings_that_this_process_does_not_know_yet_are_read(tried, change, refusal) -> None:
    agenda = make_agenda(desks=1)
    held("first", TEN)
    known = cache.latest("mairie")
    change(agenda)
    assert cache.latest("mairie") is known
    with pytest.raises(refusal):
        held("alice")
    assert tried == [False, False]
    assert Booking.objects.count() == 1


def test_what_old_settings_refuse_new_ones_may_allow(tried) -> None:
    agenda = make_agenda(desks=1)
    held("first", TEN)
    with changing(agenda):
        MeetingType.objects.create(agenda=agenda, slug="pacs", label="PACS", duration=60)
    assert held("alice", "pacs:2026-11-24-1040").state == BookingState.HELD
    assert tried == [False, False]


def test_a_code_that_holds_something_is_looked_at_step_by_step(tried) -> None:
    make_agenda(desks=2)
    lock = held("alice")
    assert held("alice").pk == lock.pk
    moved = held("alice", TEN)
    assert list(Booking.objects.live_locks(NOW).values_list("pk", flat=True)) == [moved.pk]
    assert tried == [False] * 3


def test_a_lapsed_lock_in_the_way_is_ended_and_not_stepped_over(tried) -> None:
    make_agenda(desks=2)
    first = held("bob")
    held("carol", TEN)
    # Both desks have as little to do as the other, and the lapsed one stands on the first.
    lock = held("alice", now=LATER)
    assert tried[-1] is False
    assert lock.desk_id == first.desk_id
    first.refresh_from_db()
    assert first.state == BookingState.EXPIRED


def test_a_lapsed_lock_elsewhere_counts_for_nothing(tried) -> None:
    make_agenda(desks=2)
    first = held("bob", TEN)
    second = held("carol", NINE_TWENTY, now=LATER)
    assert second.desk_id == first.desk_id
    lock = held("alice", now=LATER)
    assert tried == [False, True, True]
    assert lock.desk_id != second.desk_id


def test_the_budget_of_a_caller_counts_here_too(tried, settings) -> None:
    make_agenda(desks=3)
    settings.LOCKS_PER_CALLER_MAX = 2
    forget_counts()
    held("one", TEN, holder="wcs")
    mine = held("two", holder="wcs")
    with pytest.raises(CallerHoldsTooMuch):
        held("three", holder="wcs")
    # What is held already may be held again.
    assert held("two", holder="wcs").pk == mine.pk
    assert tried == [False, True, False, False]


def test_who_is_preferred_or_excluded_is_looked_at_step_by_step(tried) -> None:
    make_agenda(desks=2)
    held("first", TEN)
    assert held("alice", desk="guichet-1").desk.slug == "guichet-1"
    held("bob", exclude_user="somebody")
    assert tried == [False]


@pytest.fixture
def asks(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], bool]:
    """Whether the one statement is tried for a slot that is full."""
    sent: list[str] = []
    fetch = direct_hold.fetch

    def noting(sql: str, parameters: Any) -> Any:
        sent.append(sql)
        return fetch(sql, parameters)

    def refused(slot: str) -> bool:
        sent.clear()
        with pytest.raises(SlotUnavailable):
            held("late", slot)
        return bool(sent)

    monkeypatch.setattr(direct_hold, "fetch", noting)
    return refused


def test_full_slots_are_not_tried_again_at_once(tried, asks, monkeypatch) -> None:
    make_agenda(desks=1)
    held("alice")
    held("carol", TEN)
    direct_hold.forget_vain()
    assert asks(NINE)
    assert not asks(NINE)
    # Only so many are remembered.
    monkeypatch.setattr(direct_hold, "MOST_VAIN", 1)
    assert asks(TEN)
    assert not asks(TEN)
    assert asks(NINE)
    # Given back, it is held again, step by step while it is remembered, then at once.
    release("mairie", "alice", now=NOW, actor=ALICE)
    held("bob")
    assert tried[-1] is False
    release("mairie", "bob", now=NOW, actor=ALICE)
    direct_hold.forget_vain()
    held("bob")
    assert tried[-1] is True


def test_full_slots_are_tried_again_after_a_while(asks, monkeypatch) -> None:
    monkeypatch.setattr(direct_hold, "VAIN_FOR", -1.0)
    make_agenda(desks=1)
    held("alice")
    held("carol", TEN)
    assert asks(NINE)
    assert asks(NINE)


def test_inside_a_transaction_it_is_undone_with_it(tried) -> None:
    make_agenda(desks=1)
    held("first", TEN)
    with transaction.atomic():
        held("alice")
        transaction.set_rollback(True)
    assert tried == [False, True]
    assert Booking.objects.count() == 1


STARTS = [9 * 60 + 20 * step for step in range(9)]
KINDS = st.sampled_from([("passeport", 20), ("passeport-famille", 40), ("mariage", 60)])
# The second one has 23 hours.
DAYS = st.sampled_from([datetime.date(2026, 11, 24), datetime.date(2027, 3, 28)])
NOBODY: dict[str, Any] = {"holder": "", "form_slug": "", "half_adapted": False}


def at(day: datetime.date, minutes: int) -> datetime.datetime:
    """So many minutes after midnight by the clocks of the town."""
    return datetime.datetime.combine(day, datetime.time(minutes // 60, minutes % 60), ZoneInfo("Europe/Paris"))


@settings(max_examples=at_length(20, 80), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    others=st.lists(
        st.tuples(
            st.integers(0, 2),
            st.sampled_from([0, 0, 0, -1, 1]),
            st.sampled_from([*STARTS, 23 * 60]),
            KINDS,
            st.sampled_from(["booked", "held", "lapsed"]),
        ),
        max_size=14,
    ),
    day=DAYS,
    asked=st.tuples(st.sampled_from(STARTS), KINDS, st.booleans()),
    closed=st.sampled_from([None, 0, 1]),
    agenda=st.sampled_from(["mairie", "toutes"]),
)
def test_the_desk_is_the_one_that_is_chosen_step_by_step(others, day, asked, closed, agenda) -> None:
    """Whatever stands there and on days beside: both ways choose the same desk, or the statement leaves it alone."""
    with transaction.atomic():
        open_late: dict[str, Any] = {"weekdays": range(7), "maximal_booking_delay": 200}
        mairie = make_agenda("mairie", desks=2, **open_late)
        make_virtual("toutes", mairie, make_agenda("annexe", desks=1, **open_late))
        desks = [*mairie.desks.order_by("position"), *Desk.objects.filter(agenda__slug="annexe")]
        if closed is not None:
            close(mairie, at(day, 0), at(day, 11 * 60), desks[closed])
        for desk, beside, minutes, (kind, length), state in others:
            start = at(day + timedelta(days=beside), minutes).astimezone(datetime.UTC)
            end = start + timedelta(minutes=length)
            if not Booking.objects.filter(desk=desks[desk]).overlapping(start, end).exists():
                _stands(desks[desk], kind, start, end, state)
        start, (kind, length), two = asked
        slots = tuple(
            f"{kind}:{day}-{minutes // 60:02}{minutes % 60:02}"
            for minutes in (start, start + length)[: 2 if two else 1]
        )
        load_snapshot(agenda)
        direct_hold.forget_vain()
        found = direct_hold.hold_directly(
            agenda, slots, LockKey("mine"), duration=None, bypass_delays=False, now=NOW, actor=ALICE, **NOBODY
        )
        if found is not None:
            lock, shown = found
            Booking.objects.filter(pk=lock.pk).delete()
            with pytest.MonkeyPatch.context() as patch:
                step_by_step(patch)
                again = hold(HoldRequest(agenda, slots, "mine"), now=NOW, actor=ALICE)
            assert (again.lock.desk_id, again.shown) == (lock.desk_id, shown)
            assert (again.lock.start, again.lock.end) == (lock.start, lock.end)
            assert not Booking.objects.filter(state=BookingState.EXPIRED).exists()
        else:
            _only_for_a_reason(agenda, slots)
        transaction.set_rollback(True)


def _stands(desk: Desk, kind: str, start: datetime.datetime, end: datetime.datetime, state: str) -> None:
    booked = state == "booked"
    Booking.objects.create(
        agenda=desk.agenda,
        asked_agenda=desk.agenda,
        desk=desk,
        meeting_type=MeetingType.objects.get(agenda=desk.agenda, slug=kind),
        start=start,
        end=end,
        state=BookingState.BOOKED if booked else BookingState.HELD,
        lock_code="" if booked else f"other-{desk.pk}-{start}",
        expires_at=None if booked else NOW + timedelta(minutes=9 if state == "held" else -9),
        created_at=NOW,
    )


def _only_for_a_reason(agenda: str, slots: tuple[str, ...]) -> None:
    """It was left alone: the slot is full, or a lapsed lock was in the way."""
    try:
        with pytest.MonkeyPatch.context() as patch:
            step_by_step(patch)
            hold(HoldRequest(agenda, slots, "mine"), now=NOW, actor=ALICE)
    except SlotUnavailable:
        return
    assert Booking.objects.filter(state=BookingState.EXPIRED).exists()


def test_a_refusal_by_the_database_leaves_the_transaction_around_it_usable(tried) -> None:
    """What stands on the desk under another agenda's number is seen by the exclusion constraint alone."""
    agenda = make_agenda(desks=1)
    held("first", TEN)
    lock = held("bob")
    direct_hold.forget_vain()
    Booking.objects.filter(pk=lock.pk).update(agenda=make_agenda("annexe"))
    load_snapshot("mairie")
    with pytest.raises(IntegrityError), transaction.atomic():
        direct_hold.hold_directly(
            "mairie", (NINE,), LockKey("alice"), duration=None, bypass_delays=False, now=NOW, actor=ALICE, **NOBODY
        )
    with pytest.raises(SlotUnavailable):
        held("alice")
    assert held("carol", NINE_TWENTY).desk.agenda == agenda
