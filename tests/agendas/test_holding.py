"""Holding a slot under a lock code."""

from __future__ import annotations

import datetime
from datetime import timedelta
from typing import Any

import pytest

from adapter.agendas.errors import (
    CallerHoldsTooMuch,
    InvalidPayload,
    LockUnknown,
    RenewalsExhausted,
    SlotUnavailable,
    TooManyLocks,
    UnknownAgenda,
)
from adapter.agendas.models import AuditEvent, Booking, BookingState
from adapter.agendas.services import (
    BookingDetails,
    BookingRequest,
    Held,
    HoldRequest,
    SlotQuery,
    confirm,
    hold,
    list_slots,
    locks_of,
    release,
    renew,
)
from adapter.agendas.services.lock_budget import forget_counts
from tests.agendas.builders import ALICE, NOW, make_agenda, make_virtual

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

NINE = "passeport:2026-11-24-0900"
NINE_TWENTY = "passeport:2026-11-24-0920"


def held(code: str, *slots: str, now: datetime.datetime = NOW, agenda: str = "mairie", **values: Any) -> Held:
    return hold(HoldRequest(agenda, slots or (NINE,), code, **values), now=now, actor=ALICE)


def free_for(code: str, slot: str = NINE, now: datetime.datetime = NOW, agenda: str = "mairie") -> bool:
    listing = list_slots(agenda, slot.split(":", maxsplit=1)[0], SlotQuery(lock_code=code), now=now, actor=ALICE)
    return slot in {listing.slot(start).id for start in listing.offer.free}


def test_a_held_slot_is_free_for_its_code_and_for_nobody_else() -> None:
    make_agenda(desks=1)
    held("alice")
    assert free_for("alice")
    assert not free_for("bob")
    assert not free_for("")
    with pytest.raises(SlotUnavailable):
        held("bob")


def test_a_lock_holds_nothing_personal_and_ends_after_its_duration() -> None:
    make_agenda()
    lock = held("alice").lock
    assert lock.expires_at == NOW + timedelta(seconds=600)
    assert lock.label == lock.user_email == lock.record == ""


def test_an_expired_lock_blocks_nothing_though_no_task_ran() -> None:
    make_agenda(desks=1)
    lapsed = held("alice").lock
    later = NOW + timedelta(seconds=600)
    assert free_for("bob", now=later)
    taken = held("bob", now=later).lock
    lapsed.refresh_from_db()
    assert (lapsed.state, lapsed.desk_id) == (BookingState.EXPIRED, taken.desk_id)


def test_a_lock_still_blocks_one_second_before_its_end() -> None:
    make_agenda(desks=1)
    held("alice")
    with pytest.raises(SlotUnavailable):
        held("bob", now=NOW + timedelta(seconds=599))


def test_holding_again_gives_the_same_lock_with_a_new_lease() -> None:
    make_agenda()
    first = held("alice")
    again = held("alice", now=NOW + timedelta(seconds=30))
    assert again.repeated and again.lock.pk == first.lock.pk
    assert again.lock.expires_at == NOW + timedelta(seconds=630)
    assert Booking.objects.count() == 1


def test_repeating_for_ever_does_not_hold_for_ever() -> None:
    make_agenda(desks=1)
    ceiling = NOW + timedelta(seconds=600 * 11)
    now = NOW
    while now < ceiling:
        lock = held("alice", now=now).lock
        assert lock.created_at == NOW
        assert lock.expires_at is not None and lock.expires_at <= ceiling
        now += timedelta(seconds=500)
    assert held("bob", now=ceiling).lock


def test_another_slot_of_the_agenda_moves_the_lock() -> None:
    make_agenda(desks=1)
    first = held("alice").lock
    second = held("alice", NINE_TWENTY).lock
    first.refresh_from_db()
    assert (first.state, first.ended_because) == (BookingState.RELEASED, "moved")
    assert second.state == BookingState.HELD
    assert held("bob").lock


def test_a_slot_that_overlaps_ones_own_lock_can_be_held() -> None:
    make_agenda(desks=1)
    held("alice")
    assert held("alice", "mariage:2026-11-24-0900").lock.desk


def test_a_refused_move_keeps_the_lock() -> None:
    make_agenda(desks=1)
    held("alice")
    held("bob", NINE_TWENTY)
    with pytest.raises(SlotUnavailable):
        held("alice", NINE_TWENTY)
    assert [lock.start for lock in locks_of("mairie", "alice", now=NOW)] == [
        datetime.datetime(2026, 11, 24, 8, 0, tzinfo=datetime.UTC)
    ]


def test_another_agenda_keeps_its_own_lock() -> None:
    make_agenda("mairie")
    make_agenda("annexe")
    held("alice")
    held("alice", agenda="annexe")
    assert len(locks_of("mairie", "alice", now=NOW)) == len(locks_of("annexe", "alice", now=NOW)) == 1


def test_a_virtual_agenda_moves_the_lock_of_its_real_ones_and_names_the_real_one() -> None:
    mairie, annexe = make_agenda("mairie", desks=1), make_agenda("annexe", desks=1)
    make_virtual("toutes", mairie, annexe)
    first = held("alice").lock
    second = held("alice", NINE_TWENTY, agenda="toutes").lock
    first.refresh_from_db()
    assert first.state == BookingState.RELEASED
    assert second.agenda in (mairie, annexe)
    assert second.asked_agenda.slug == "toutes"


def test_several_consecutive_slots_are_one_lock_on_one_desk() -> None:
    make_agenda(desks=1)
    lock = held("alice", NINE_TWENTY, NINE).lock
    assert (lock.end - lock.start, lock.slots) == (timedelta(minutes=40), 2)
    assert not free_for("bob", NINE_TWENTY)


@pytest.mark.parametrize(
    ("slots", "sentence"),
    [
        (("nonsense",), "invalid slot: nonsense"),
        (("passeport:2026-13-24-0900",), "bad datetime format: 2026-13-24-0900"),
        (("visa:2026-11-24-0900",), "invalid meeting type id: visa"),
        ((NINE, "mariage:2026-11-24-0920"), "all slots must have the same meeting type id (mariage, passeport)"),
        ((NINE, "passeport:2026-11-24-1000"), "slots must follow each other"),
    ],
)
def test_slots_that_cannot_be_are_refused(slots: tuple[str, ...], sentence: str) -> None:
    make_agenda()
    with pytest.raises(InvalidPayload) as refusal:
        held("alice", *slots)
    assert refusal.value.err_class == sentence
    assert not Booking.objects.exists()


@pytest.mark.parametrize(
    "slot",
    [
        "passeport:2026-11-24-0910",
        "passeport:2026-11-24-1150",
        "passeport:2026-11-24-0800",
        "passeport:2026-11-28-0900",
        "passeport:2026-11-23-1410",
        "passeport:2027-03-01-0900",
        "passeport:2026-11-20-0900",
    ],
    ids=["off the grid", "does not fit", "closed", "saturday", "too soon", "too late", "past"],
)
def test_what_the_list_does_not_offer_cannot_be_held(slot: str) -> None:
    make_agenda()
    assert not free_for("", slot)
    with pytest.raises(SlotUnavailable):
        held("alice", slot)


def test_delays_are_bypassed_on_request_but_not_the_present() -> None:
    make_agenda()
    assert held("alice", "passeport:2026-11-23-1410", bypass_delays=True)
    with pytest.raises(SlotUnavailable):
        held("bob", "passeport:2026-11-23-0900", bypass_delays=True)


def test_a_refusal_names_the_nearest_free_slots() -> None:
    make_agenda(desks=1)
    held("alice", NINE_TWENTY)
    with pytest.raises(SlotUnavailable) as refusal:
        held("bob", NINE_TWENTY)
    assert [slot.id[-4:] for slot in refusal.value.nearest] == ["0900", "0940", "1000"]


def test_a_refusal_counts_the_time_of_ones_own_lock_as_free() -> None:
    make_agenda(desks=1)
    held("alice")
    held("bob", NINE_TWENTY)
    with pytest.raises(SlotUnavailable) as refusal:
        held("alice", NINE_TWENTY)
    assert [slot.id[-4:] for slot in refusal.value.nearest] == ["0900", "0940", "1000"]
    assert not refusal.value.lost


def test_a_user_with_an_appointment_at_that_time_is_refused_when_that_is_asked() -> None:
    make_agenda(desks=1)
    make_agenda("annexe", desks=1)
    said = BookingDetails(user_external_id="ada")
    confirm(BookingRequest("annexe", (NINE,), details=said), now=NOW, actor=ALICE)
    held("alice", NINE_TWENTY)
    with pytest.raises(SlotUnavailable) as refusal:
        held("alice", exclude_user="ada")
    assert [slot.id[-4:] for slot in refusal.value.nearest] == ["0920", "0940", "1000"]
    assert held("alice", exclude_user="grace")
    assert held("alice", NINE_TWENTY, exclude_user="ada")
    assert held("alice")


def test_desks_fill_fairly_and_a_preferred_one_is_taken_when_free() -> None:
    make_agenda(desks=2)
    assert held("a").lock.desk.slug == "guichet-1"
    assert held("b", NINE_TWENTY).lock.desk.slug == "guichet-2"
    assert held("c", "passeport:2026-11-24-0940", desk="guichet-2").lock.desk.slug == "guichet-2"
    assert held("d", "passeport:2026-11-24-1000").lock.desk.slug == "guichet-1"


@pytest.mark.parametrize(("asked", "seconds"), [(None, 600), (400, 400), (10, 300), (99999, 1200)])
def test_the_duration_asked_for_is_kept_within_bounds(asked: int | None, seconds: int) -> None:
    make_agenda()
    assert held("alice", duration=asked).lock.expires_at == NOW + timedelta(seconds=seconds)


def test_an_agenda_has_its_own_duration() -> None:
    make_agenda(lock_duration=900)
    assert held("alice").lock.expires_at == NOW + timedelta(seconds=900)


@pytest.mark.parametrize("code", ["", "   ", "x" * 257])
def test_a_code_that_is_blank_or_too_long_is_refused(code: str) -> None:
    make_agenda()
    with pytest.raises(InvalidPayload) as refusal:
        held(code)
    assert list(refusal.value.errors) == ["lock_code"]
    assert not Booking.objects.exists()


def test_the_longest_code_is_taken_as_it_is() -> None:
    make_agenda()
    assert held("x" * 256).lock.lock_code == "x" * 256


def test_a_code_is_taken_without_surrounding_spaces() -> None:
    make_agenda()
    assert held(" alice ").lock.pk == held("alice").lock.pk


def test_a_code_has_a_budget_of_live_locks(settings: Any) -> None:
    settings.LOCKS_PER_CODE_MAX = 2
    for slug in ("a", "b", "c"):
        make_agenda(slug)
    held("alice", agenda="a")
    held("alice", agenda="b")
    with pytest.raises(TooManyLocks):
        held("alice", agenda="c")
    assert held("alice", NINE_TWENTY, agenda="a")
    assert held("alice", agenda="c", now=NOW + timedelta(hours=1))


def test_only_live_locks_of_the_code_itself_count(settings: Any) -> None:
    settings.LOCKS_PER_CODE_MAX = 1
    make_agenda(desks=1)
    make_agenda("annexe", desks=1)
    held("alice")
    confirm(BookingRequest("mairie", (NINE,), "alice", BookingDetails(form_url="1")), now=NOW, actor=ALICE)
    held("bob", NINE_TWENTY)
    assert held("alice", "passeport:2026-11-24-0940")
    with pytest.raises(TooManyLocks):
        held("alice", agenda="annexe")


def test_a_caller_with_a_long_name_has_a_budget_too(settings: Any) -> None:
    settings.LOCKS_PER_CALLER_MAX = 1
    forget_counts()
    make_agenda()
    held("alice", holder="h" * 160)
    with pytest.raises(CallerHoldsTooMuch):
        held("bob", holder="h" * 160)
    # What moves is not one more.
    assert held("alice", NINE_TWENTY, holder="h" * 160)
    forget_counts()


def test_a_lock_is_renewed_up_to_a_ceiling(settings: Any) -> None:
    settings.LOCK_RENEWALS_MAX = 2
    make_agenda()
    held("alice")
    for number in (1, 2):
        [lock] = renew("mairie", "alice", now=NOW + timedelta(seconds=500 * number), actor=ALICE)
        assert lock.renewals == number
    with pytest.raises(RenewalsExhausted):
        renew("mairie", "alice", now=NOW + timedelta(seconds=1500), actor=ALICE)


def test_listing_with_the_code_renews_a_lock_past_half_its_life_only() -> None:
    make_agenda()
    lock = held("alice").lock
    free_for("alice", now=NOW + timedelta(seconds=299))
    lock.refresh_from_db()
    assert lock.renewals == 0
    free_for("bob", now=NOW + timedelta(seconds=301))
    lock.refresh_from_db()
    assert lock.renewals == 0
    free_for("alice", now=NOW + timedelta(seconds=301))
    lock.refresh_from_db()
    assert (lock.renewals, lock.expires_at) == (1, NOW + timedelta(seconds=901))


def test_a_lapsed_lock_cannot_be_renewed() -> None:
    make_agenda()
    held("alice")
    with pytest.raises(LockUnknown):
        renew("mairie", "alice", now=NOW + timedelta(seconds=600), actor=ALICE)


def test_released_time_is_free_at_once_and_a_second_release_says_so() -> None:
    make_agenda(desks=1)
    held("alice")
    assert release("mairie", "alice", now=NOW, actor=ALICE) == 1
    assert free_for("bob")
    with pytest.raises(LockUnknown):
        release("mairie", "alice", now=NOW, actor=ALICE)


def test_unknown_agendas_are_refused() -> None:
    with pytest.raises(UnknownAgenda):
        held("alice", agenda="nowhere")


def test_every_change_is_in_the_audit_log_without_the_code() -> None:
    make_agenda()
    held("secret-code")
    held("secret-code", NINE_TWENTY)
    release("mairie", "secret-code", now=NOW, actor=ALICE)
    events = list(AuditEvent.objects.order_by("id"))
    assert [event.code for event in events] == ["lock.created", "lock.created", "lock.moved", "lock.released"]
    assert {event.actor for event in events} == {"alice.example"}
    assert not any("secret-code" in str(event.data) for event in events)
