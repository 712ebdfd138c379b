"""What happens to bookings and lapsed locks afterwards."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adapter.agendas.errors import (
    AlreadyCancelled,
    AppointmentOver,
    BookingIsCancelled,
    PersonCame,
    UnknownBooking,
)
from adapter.agendas.models import AuditEvent, Booking, BookingState, Callback
from adapter.agendas.services import (
    BookingDetails,
    BookingRequest,
    HoldRequest,
    active_booking,
    anonymize,
    bookings_of_user,
    cancel,
    cancel_by_agent,
    confirm,
    expire,
    hold,
    record_presence,
    why_not_cancellable,
)
from tests.agendas.builders import ALICE, NOW, make_agenda

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

NINE = "passeport:2026-11-24-0900"
HOOK = "https://wcs.example/api/forms/rdv/1/hooks/annulation/"


def booked(slot: str = NINE, **details: str) -> Booking:
    request = BookingRequest("mairie", (slot,), "", BookingDetails(**details))
    return confirm(request, now=NOW, actor=ALICE).booking


def test_a_cancelled_booking_frees_its_desk_and_cannot_be_cancelled_again() -> None:
    make_agenda(desks=1)
    booking = booked()
    cancel(booking.pk, now=NOW, actor=ALICE)
    assert booked().pk != booking.pk
    with pytest.raises(AlreadyCancelled):
        cancel(booking.pk, now=NOW, actor=ALICE)
    with pytest.raises(BookingIsCancelled):
        active_booking(booking.pk, now=NOW)


def test_only_an_agents_cancellation_is_told_to_wcs() -> None:
    make_agenda()
    cancel(booked(cancel_callback_url=HOOK).pk, now=NOW, actor=ALICE)
    assert not Callback.objects.exists()
    cancel(booked(cancel_callback_url=HOOK).pk, now=NOW, actor=ALICE, call_back=True)
    [callback] = Callback.objects.all()
    assert (callback.url, callback.kind, callback.next_attempt_at) == (HOOK, "cancel", NOW)
    cancel(booked().pk, now=NOW, actor=ALICE, call_back=True)
    assert Callback.objects.count() == 1


def test_an_agent_cancels_until_the_end_of_an_appointment_and_wcs_at_any_time() -> None:
    make_agenda(desks=1)
    booking = booked(cancel_callback_url=HOOK)
    under_way, over = booking.end - timedelta(seconds=1), booking.end
    assert why_not_cancellable(booking, now=under_way) is None
    assert isinstance(why_not_cancellable(booking, now=over), AppointmentOver)
    with pytest.raises(AppointmentOver):
        cancel_by_agent(booking.pk, now=over, actor=ALICE)
    assert Booking.objects.get().state == BookingState.BOOKED
    cancel_by_agent(booking.pk, now=under_way, actor=ALICE)
    assert Booking.objects.get().ended_because == "cancelled by an agent"
    assert Callback.objects.get().url == HOOK
    with pytest.raises(AlreadyCancelled):
        cancel_by_agent(booking.pk, now=under_way, actor=ALICE)
    cancel(booked().pk, now=over, actor=ALICE)


def test_an_agent_cannot_cancel_the_appointment_of_somebody_who_came() -> None:
    make_agenda(desks=1)
    booking = booked(cancel_callback_url=HOOK)
    record_presence(booking.pk, {"user_was_present": True}, {}, now=NOW, actor=ALICE)
    with pytest.raises(PersonCame):
        cancel_by_agent(booking.pk, now=NOW, actor=ALICE)
    assert not Callback.objects.exists()
    record_presence(booking.pk, {"user_was_present": False}, {}, now=NOW, actor=ALICE)
    assert cancel_by_agent(booking.pk, now=NOW, actor=ALICE).state == BookingState.CANCELLED


def test_a_lock_is_no_appointment_to_be_cancelled_by_an_agent() -> None:
    make_agenda()
    lock = hold(HoldRequest("mairie", (NINE,), "K"), now=NOW, actor=ALICE).lock
    with pytest.raises(AlreadyCancelled):
        cancel_by_agent(lock.pk, now=NOW, actor=ALICE)
    with pytest.raises(UnknownBooking):
        cancel_by_agent(lock.pk + 1, now=NOW, actor=ALICE)


def test_cancelling_a_lock_releases_it_and_a_lapsed_one_is_gone() -> None:
    make_agenda()
    lock = hold(HoldRequest("mairie", (NINE,), "alice"), now=NOW, actor=ALICE).lock
    assert cancel(lock.pk, now=NOW, actor=ALICE).state == BookingState.RELEASED
    lapsed = hold(HoldRequest("mairie", (NINE,), "bob"), now=NOW, actor=ALICE).lock
    with pytest.raises(AlreadyCancelled):
        cancel(lapsed.pk, now=NOW + timedelta(hours=1), actor=ALICE)
    with pytest.raises(BookingIsCancelled):
        active_booking(lapsed.pk, now=NOW + timedelta(hours=1))


def test_unknown_numbers_are_refused() -> None:
    for number in (10**6, 10**30):
        with pytest.raises(UnknownBooking):
            active_booking(number, now=NOW)


def test_anonymising_erases_everything_personal_and_keeps_the_time() -> None:
    make_agenda()
    booking = booked(label="Ada L.", user_email="ada@example.org", backoffice_url="https://wcs.example/1/")
    anonymize(booking.pk, now=NOW, actor=ALICE)
    booking.refresh_from_db()
    assert booking.label == booking.user_email == booking.record == booking.backoffice_url == ""
    assert booking.anonymized_at == NOW
    assert booking.state == BookingState.BOOKED
    anonymize(booking.pk, now=NOW + timedelta(days=1), actor=ALICE)
    booking.refresh_from_db()
    assert booking.anonymized_at == NOW


def test_a_users_bookings_leave_out_locks_and_cancelled_ones() -> None:
    make_agenda()
    kept = booked(user_external_id="ada")
    gone = booked("passeport:2026-11-24-0920", user_external_id="ada")
    cancel(gone.pk, now=NOW, actor=ALICE)
    assert list(bookings_of_user("ada")) == [kept]
    assert list(bookings_of_user("ada", agenda="mairie")) == [kept]
    assert not bookings_of_user("ada", date_start=NOW + timedelta(days=5))
    assert not bookings_of_user("grace")


def test_expiring_marks_lapsed_locks_once_and_keeps_their_rows() -> None:
    make_agenda(desks=2)
    for number, code in enumerate("abc"):
        hold(HoldRequest("mairie", (f"passeport:2026-11-24-09{number * 20:02}",), code), now=NOW, actor=ALICE)
    booked("passeport:2026-11-24-1000")
    later = NOW + timedelta(seconds=600)
    assert expire(now=later - timedelta(seconds=1), actor=ALICE) == 0
    assert expire(now=later, actor=ALICE, batch=2) == 3
    assert expire(now=later, actor=ALICE) == 0
    lapsed = Booking.objects.filter(state=BookingState.EXPIRED)
    assert {row.ended_at for row in lapsed} == {later}
    assert AuditEvent.objects.filter(code="lock.expired").count() == 3
    assert Booking.objects.filter(state=BookingState.BOOKED).count() == 1
