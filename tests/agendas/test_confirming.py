"""Turning a lock into a booking, booking at once, moving a booking."""

from __future__ import annotations

import datetime
from datetime import timedelta
from typing import Any

import pytest

from adapter.agendas.errors import AlreadyCancelled, CancelledBookingRefused, SlotUnavailable, Superseded
from adapter.agendas.models import Booking, BookingState, Outcome
from adapter.agendas.services import (
    BookingDetails,
    BookingRequest,
    Confirmed,
    Filled,
    FillslotRequest,
    HoldRequest,
    cancel,
    cancel_for_record,
    changing,
    confirm,
    fillslot,
    hold,
)
from tests.agendas.builders import ALICE, NOW, make_agenda, make_virtual

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

NINE = "passeport:2026-11-24-0900"
NINE_TWENTY = "passeport:2026-11-24-0920"
EXPIRED = NOW + timedelta(seconds=601)


def held(code: str, slot: str = NINE, now: datetime.datetime = NOW, agenda: str = "mairie") -> Booking:
    return hold(HoldRequest(agenda, (slot,), code), now=now, actor=ALICE).lock


def confirmed(
    code: str,
    slot: str = NINE,
    record: str = "https://wcs.example/backoffice/1/",
    now: datetime.datetime = NOW,
    agenda: str = "mairie",
    details: dict[str, Any] | None = None,
    **values: Any,
) -> Confirmed:
    said = BookingDetails(backoffice_url=record, **(details or {}))
    return confirm(BookingRequest(agenda, (slot,), code, said, **values), now=now, actor=ALICE)


def test_a_lock_becomes_the_booking_on_the_desk_that_was_held() -> None:
    make_agenda()
    held("bob")
    lock = held("alice")
    result = confirmed("alice", details={"label": "Passeport", "user_email": "nothing", "extra_data": {"a": "b"}})
    assert result.outcome is Outcome.CONFIRMED
    assert (result.booking.pk, result.booking.desk_id) == (lock.pk, lock.desk_id)
    assert (result.booking.state, result.booking.label) == (BookingState.BOOKED, "Passeport")
    assert result.booking.extra_data == {"a": "b"}


def test_a_confirm_before_expiry_succeeds_whatever_the_delays_say_by_then() -> None:
    agenda = make_agenda(desks=1)
    held("alice")
    agenda.minimal_booking_delay = 30
    agenda.save()
    assert confirmed("alice", now=NOW + timedelta(seconds=599)).outcome is Outcome.CONFIRMED


def test_what_was_held_is_confirmed_though_its_desk_takes_no_more_appointments() -> None:
    agenda = make_agenda(desks=2)
    lock = held("alice")
    with changing(agenda):
        agenda.desks.filter(pk=lock.desk_id).update(enabled=False)
    first, again = confirmed("alice"), confirmed("alice")
    assert (first.outcome, again.outcome) == (Outcome.CONFIRMED, Outcome.ALREADY_CONFIRMED)
    assert first.booking.pk == again.booking.pk == lock.pk


def test_a_repeat_gives_the_same_booking() -> None:
    make_agenda()
    held("alice")
    first, again = confirmed("alice"), confirmed("alice", now=NOW + timedelta(days=1))
    assert again.outcome is Outcome.ALREADY_CONFIRMED
    assert again.booking.pk == first.booking.pk
    assert Booking.objects.filter(state=BookingState.BOOKED).count() == 1


def test_two_records_of_one_session_get_two_bookings() -> None:
    make_agenda(desks=2)
    held("session")
    first = confirmed("session", record="https://wcs.example/1/")
    held("session")
    second = confirmed("session", record="https://wcs.example/2/")
    assert first.booking.pk != second.booking.pk
    assert second.outcome is Outcome.CONFIRMED
    assert confirmed("session", record="https://wcs.example/1/").booking.pk == first.booking.pk


def test_records_without_an_address_are_told_apart_by_their_lock() -> None:
    make_agenda(desks=2)
    held("session")
    first = confirmed("session", record="")
    assert confirmed("session", record="").booking.pk == first.booking.pk
    held("session")
    assert confirmed("session", record="").booking.pk != first.booking.pk


def test_a_late_confirm_takes_the_slot_again_when_it_is_free() -> None:
    make_agenda(desks=1)
    lock = held("alice")
    result = confirmed("alice", now=EXPIRED)
    assert result.outcome is Outcome.RECAPTURED
    lock.refresh_from_db()
    assert lock.state == BookingState.EXPIRED


def test_a_late_confirm_is_lost_when_somebody_took_the_slot_and_names_others() -> None:
    make_agenda(desks=1)
    held("alice")
    held("bob", now=EXPIRED)
    with pytest.raises(SlotUnavailable) as refusal:
        confirmed("alice", now=EXPIRED)
    assert refusal.value.lost
    assert [slot.id[-4:] for slot in refusal.value.nearest] == ["0920", "0940", "1000"]


def test_a_booking_without_a_code_is_plain_and_refused_on_a_held_slot() -> None:
    make_agenda(desks=1)
    held("alice")
    with pytest.raises(SlotUnavailable) as refusal:
        confirmed("", record="")
    assert not refusal.value.lost
    assert confirmed("", NINE_TWENTY).outcome is Outcome.CONFIRMED


def test_plain_bookings_without_a_record_are_each_their_own() -> None:
    make_agenda(desks=2)
    assert confirmed("", record="").booking.pk != confirmed("", record="").booking.pk


def test_a_plain_booking_repeated_by_its_record_is_the_same() -> None:
    make_agenda(desks=2)
    assert confirmed("").booking.pk == confirmed("").booking.pk


def test_after_a_cancellation_the_same_record_can_book_again() -> None:
    make_agenda()
    held("alice")
    first = confirmed("alice").booking
    cancel(first.pk, now=NOW, actor=ALICE)
    again = confirmed("alice")
    assert again.booking.pk != first.pk
    assert again.booking.state == BookingState.BOOKED


def test_moving_is_one_step_even_onto_the_time_it_leaves() -> None:
    make_agenda(desks=1)
    first = confirmed("", "mariage:2026-11-24-0900").booking
    moved = confirmed("", NINE_TWENTY, cancel_booking_id=first.pk)
    first.refresh_from_db()
    assert (first.state, first.ended_because) == (BookingState.CANCELLED, "moved")
    assert moved.cancelled_booking_id == first.pk


def test_moving_to_a_held_slot_confirms_it_and_a_repeat_changes_nothing() -> None:
    make_agenda(desks=1)
    first = confirmed("").booking
    held("alice", NINE_TWENTY)
    moved = confirmed("alice", NINE_TWENTY, cancel_booking_id=first.pk)
    again = confirmed("alice", NINE_TWENTY, cancel_booking_id=first.pk)
    assert again.outcome is Outcome.ALREADY_CONFIRMED
    assert (again.booking.pk, again.cancelled_booking_id) == (moved.booking.pk, first.pk)


def test_a_move_that_is_refused_keeps_the_booking() -> None:
    make_agenda(desks=1)
    first = confirmed("").booking
    held("bob", NINE_TWENTY)
    with pytest.raises(SlotUnavailable):
        confirmed("", NINE_TWENTY, cancel_booking_id=first.pk)
    first.refresh_from_db()
    assert first.state == BookingState.BOOKED


def test_a_move_to_another_agenda_frees_the_first() -> None:
    make_agenda("mairie", desks=1)
    make_agenda("annexe", desks=1)
    first = confirmed("").booking
    assert confirmed("", NINE_TWENTY, agenda="annexe", cancel_booking_id=first.pk).booking.agenda.slug == "annexe"
    first.refresh_from_db()
    assert first.state == BookingState.CANCELLED


def test_what_is_not_a_standing_booking_cannot_be_moved() -> None:
    make_agenda()
    with pytest.raises(CancelledBookingRefused, match="^cancellation booking: booking does not exist$"):
        confirmed("", cancel_booking_id=10**6)
    with pytest.raises(CancelledBookingRefused):
        confirmed("", NINE_TWENTY, cancel_booking_id=held("alice").pk)
    first = confirmed("").booking
    cancel(first.pk, now=NOW, actor=ALICE)
    with pytest.raises(AlreadyCancelled, match="^cancellation booking: booking already cancelled$"):
        confirmed("", NINE_TWENTY, cancel_booking_id=first.pk)


def test_a_user_is_not_booked_twice_at_one_time_when_that_is_asked() -> None:
    make_agenda(desks=2)
    make_agenda("annexe", desks=1)
    user = {"user_external_id": "ada"}
    first = confirmed("", details=user).booking
    for agenda in ("mairie", "annexe"):
        with pytest.raises(SlotUnavailable):
            confirmed("", record="https://wcs.example/2/", agenda=agenda, details=user, exclude_user=True)
    moved = confirmed("", "mariage:2026-11-24-0900", details=user, exclude_user=True, cancel_booking_id=first.pk)
    assert moved.booking.state == BookingState.BOOKED


def test_a_refusal_for_a_user_is_one_of_the_code_and_counts_its_own_lock_as_free() -> None:
    make_agenda(desks=1)
    make_agenda("annexe", desks=1)
    user = {"user_external_id": "ada"}
    confirmed("", agenda="annexe", details=user)
    held("alice", NINE_TWENTY)
    for code, near in (("alice", ["0920", "0940", "1000"]), ("", ["0940", "1000", "1020"])):
        with pytest.raises(SlotUnavailable) as refusal:
            confirmed(code, record="https://wcs.example/2/", details=user, exclude_user=True)
        assert refusal.value.lost == bool(code)
        assert [slot.id[-4:] for slot in refusal.value.nearest] == near
    # Nobody asked for it here.
    assert confirmed("", record="https://wcs.example/2/", details=user).booking.state == BookingState.BOOKED


def test_a_lost_slot_is_told_with_the_time_of_ones_own_lock_as_free() -> None:
    make_agenda(desks=1)
    held("alice", NINE_TWENTY)
    held("bob")
    with pytest.raises(SlotUnavailable) as refusal:
        confirmed("alice")
    assert refusal.value.lost
    assert [slot.id[-4:] for slot in refusal.value.nearest] == ["0920", "0940", "1000"]


def test_delays_are_bypassed_on_request() -> None:
    make_agenda()
    soon = "passeport:2026-11-23-1410"
    with pytest.raises(SlotUnavailable):
        confirmed("", soon)
    assert confirmed("", soon, bypass_delays=True).booking.state == BookingState.BOOKED


def test_a_repeat_is_one_of_the_code_the_record_and_the_slot() -> None:
    make_agenda(desks=2)
    first = confirmed("alice").booking
    others = [confirmed("bob"), confirmed("alice", NINE_TWENTY), confirmed("", "passeport:2026-11-24-0940")]
    assert len({first.pk, *(other.booking.pk for other in others)}) == 4
    assert confirmed(" alice ").booking.pk == first.pk


def test_a_virtual_agenda_books_a_real_one_and_spreads() -> None:
    mairie, annexe = make_agenda("mairie", desks=1), make_agenda("annexe", desks=1)
    make_virtual("toutes", mairie, annexe)
    taken = {confirmed("", record=str(number), agenda="toutes").booking.agenda.slug for number in range(2)}
    assert taken == {"mairie", "annexe"}
    with pytest.raises(SlotUnavailable):
        confirmed("", record="3", agenda="toutes")


def filled(code: str, *, confirm_after_lock: bool = False, record: str = "") -> Filled:
    request = BookingRequest("mairie", (NINE,), code, BookingDetails(backoffice_url=record))
    return fillslot(FillslotRequest(request, confirm_after_lock), now=NOW, actor=ALICE)


def test_a_call_with_a_code_holds_and_with_confirm_books() -> None:
    make_agenda()
    assert filled("alice").outcome is None
    assert filled("alice", confirm_after_lock=True).outcome is Outcome.CONFIRMED
    assert filled("", confirm_after_lock=True).outcome is Outcome.CONFIRMED


def test_a_hold_that_names_its_record_is_flagged_and_stays_a_hold() -> None:
    make_agenda()
    result = filled("alice", record="https://wcs.example/1/")
    assert result.outcome is None
    assert result.booking.half_adapted
    assert result.booking.backoffice_url == ""


def test_a_setting_takes_a_hold_that_names_its_record_as_a_confirmation(settings: Any) -> None:
    settings.CONFIRM_WHEN_RECORD_KNOWN = True
    make_agenda()
    assert filled("alice").outcome is None
    assert filled("alice", record="https://wcs.example/1/").outcome is Outcome.CONFIRMED


def sent(seconds: int) -> datetime.datetime:
    """When w.c.s. sent a call."""
    return NOW + timedelta(seconds=seconds)


def standing() -> list[int]:
    return list(Booking.objects.filter(state=BookingState.BOOKED).order_by("pk").values_list("pk", flat=True))


def test_a_move_to_a_slot_that_the_record_has_already_gives_up_the_other_one() -> None:
    make_agenda()
    first, second = confirmed("", NINE).booking, confirmed("", NINE_TWENTY).booking
    moved = confirmed("", NINE, cancel_booking_id=second.pk)
    assert (moved.booking.pk, moved.cancelled_booking_id) == (first.pk, second.pk)
    assert standing() == [first.pk]
    second.refresh_from_db()
    assert second.moved_to == first.pk


@pytest.mark.parametrize("by_number", [True, False])
def test_a_late_cancellation_gives_up_its_booking_and_none_that_was_made_after_it(by_number) -> None:
    make_agenda()
    first = confirmed("", NINE, asked_at=sent(1)).booking
    second = confirmed("", NINE_TWENTY, asked_at=sent(30)).booking
    late: dict[str, Any] = {"now": sent(31), "actor": ALICE, "asked_at": sent(2)}
    if by_number:
        cancel(first.pk, records=[second.record], **late)
    else:
        assert cancel_for_record([second.record], **late) == [first.pk]
    assert standing() == [second.pk]
    with pytest.raises(Superseded):
        cancel_for_record([second.record], **late)


def test_a_cancellation_does_not_undo_a_booking_that_was_asked_for_again_after_it() -> None:
    make_agenda()
    booking = confirmed("alice", asked_at=sent(1)).booking
    confirmed("alice", asked_at=sent(30))
    with pytest.raises(Superseded):
        cancel(booking.pk, now=sent(31), actor=ALICE, asked_at=sent(2))
    assert standing() == [booking.pk]


def test_a_late_repeat_of_a_move_is_answered_with_the_booking_that_was_made() -> None:
    make_agenda()
    first = confirmed("", NINE, asked_at=sent(1)).booking
    moved = confirmed("", NINE_TWENTY, cancel_booking_id=first.pk, asked_at=sent(30)).booking
    again = confirmed("", NINE_TWENTY, cancel_booking_id=first.pk, asked_at=sent(2))
    assert (again.booking.pk, again.outcome) == (moved.pk, Outcome.ALREADY_CONFIRMED)
    with pytest.raises(Superseded):
        confirmed("", NINE, cancel_booking_id=first.pk, asked_at=sent(2))
    assert standing() == [moved.pk]
