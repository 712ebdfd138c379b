"""Who came: what the workflow tells, what an agent records, and what w.c.s. is told of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adapter.agendas.errors import AlreadyCancelled, AppointmentAhead, BookingIsCancelled, UnknownBooking
from adapter.agendas.models import AuditEvent, Booking, Callback, CallbackState
from adapter.agendas.services import (
    Actor,
    BookingDetails,
    BookingRequest,
    HoldRequest,
    cancel,
    confirm,
    hold,
    note_presence,
    record_presence,
)
from adapter.agendas.services.callbacks import Sent, deliver_due, retry
from tests.agendas.builders import ALICE, NOW, make_agenda

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

AGENT, WORKER = Actor.agent("agent"), Actor.task("deliver_callbacks")
NINE = "passeport:2026-11-24-0900"
CAME, MISSED = "https://wcs.example/hooks/presence/", "https://wcs.example/hooks/absence/"


@pytest.fixture
def booking() -> Booking:
    make_agenda(desks=1)
    details = BookingDetails(presence_callback_url=CAME, absence_callback_url=MISSED)
    return confirm(BookingRequest("mairie", (NINE,), details=details), now=NOW, actor=ALICE).booking


def note(booking: Booking, came: bool | None, after: timedelta = timedelta()):
    return note_presence(booking.pk, came, now=booking.start + after, actor=AGENT)


def owed() -> list[str]:
    return [callback.url for callback in Callback.objects.order_by("pk") if callback.state == CallbackState.PENDING]


def send(booking: Booking, status: int) -> None:
    deliver_due(now=booking.start, send=lambda _callback: Sent(status), actor=WORKER)


def test_an_agent_notes_who_came_from_the_start_on_and_wcs_is_told(booking) -> None:
    with pytest.raises(AppointmentAhead):
        note(booking, True, -timedelta(seconds=1))
    assert not note_presence(booking.pk, True, now=booking.start, actor=AGENT).told_before
    booking.refresh_from_db()
    assert booking.user_was_present is True
    assert owed() == [CAME]
    event = AuditEvent.objects.get(code="booking.changed")
    assert (event.actor, event.data["present"]) == ("agent", [None, True])
    # Again: nothing more.
    assert not note(booking, True).telling
    assert owed() == [CAME]
    assert AuditEvent.objects.filter(code="booking.changed").count() == 1


def test_what_was_noted_can_be_corrected_and_reasons_go_with_what_they_explain(booking) -> None:
    record_presence(booking.pk, {"user_was_present": False, "user_absence_reason": "grippe"}, {}, now=NOW, actor=ALICE)
    note(booking, True)
    booking.refresh_from_db()
    assert (booking.user_was_present, booking.user_absence_reason) == (True, "")
    note(booking, False)
    assert owed() == [CAME, MISSED]


@pytest.mark.parametrize(("status", "known"), [(None, False), (500, True), (200, True)])
def test_taking_it_back_withdraws_the_call_and_says_whether_wcs_may_know(booking, status, known) -> None:
    note(booking, True)
    if status:
        send(booking, status)
    noted = note(booking, None)
    assert (noted.booking.user_was_present, noted.telling, noted.told_before) == (None, False, known)
    assert owed() == []


def test_the_workflow_tells_presence_at_any_time_and_is_not_called_back(booking) -> None:
    changes = {"user_was_present": False, "user_absence_reason": "grippe"}
    record_presence(booking.pk, changes, {"note": "x"}, now=NOW, actor=ALICE)
    booking.refresh_from_db()
    assert (booking.user_was_present, booking.user_absence_reason, booking.extra_data) == (
        False,
        "grippe",
        {"note": "x"},
    )
    assert not Callback.objects.exists()


def test_what_the_workflow_tells_replaces_a_call_that_waits(booking) -> None:
    note(booking, True)
    record_presence(booking.pk, {"user_was_present": True}, {}, now=NOW, actor=ALICE)
    assert owed() == [CAME]
    record_presence(booking.pk, {"user_was_present": False}, {}, now=NOW, actor=ALICE)
    assert owed() == []


def test_a_call_that_was_given_up_is_not_repeated_once_it_is_not_true_any_more(booking) -> None:
    note(booking, True)
    send(booking, 404)
    given_up = Callback.objects.get()
    assert given_up.can_be_retried
    note(booking, False)
    assert not Callback.objects.get(pk=given_up.pk).can_be_retried
    assert not retry(given_up.pk, now=NOW, actor=AGENT)


def test_only_of_an_appointment_is_it_noted_who_came(booking) -> None:
    lock = hold(HoldRequest("mairie", ("passeport:2026-11-24-0920",), "K"), now=NOW, actor=ALICE).lock
    cancel(booking.pk, now=NOW, actor=ALICE)
    for row in (booking, lock):
        with pytest.raises(AlreadyCancelled):
            note(row, True)
    with pytest.raises(BookingIsCancelled):
        record_presence(booking.pk, {"user_was_present": True}, {}, now=NOW, actor=ALICE)
    with pytest.raises(UnknownBooking):
        note_presence(10**30, True, now=NOW, actor=AGENT)


def test_the_log_tells_what_changed_and_nothing_personal(booking) -> None:
    changes = {"user_was_present": False, "user_absence_reason": "Hospital"}
    record_presence(booking.pk, changes, {"note": "Ada called"}, now=NOW, actor=ALICE)
    record_presence(booking.pk, changes, {"note": "Ada called"}, now=NOW, actor=ALICE)
    first, second = AuditEvent.objects.filter(code="booking.changed").order_by("id")
    assert first.data == {
        "fields": ["user_absence_reason", "user_was_present"],
        "extra": ["note"],
        "present": [None, False],
    }
    assert second.data == {"fields": [], "extra": [], "present": [False, False]}


def test_what_wcs_was_told_is_told_to_the_agent_though_a_correction_never_left(booking) -> None:
    note(booking, True)
    send(booking, 200)
    note(booking, False)
    assert note(booking, None).told_before
