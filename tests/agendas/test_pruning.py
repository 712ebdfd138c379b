"""What is forgotten after ``LOCK_LOG_DAYS``, and what never is."""

from __future__ import annotations

import datetime

import pytest

from adapter.agendas.models import AuditEvent, Booking, BookingState, Callback, CallbackState, HeldDraft, Reminder
from adapter.agendas.services import (
    Actor,
    BookingDetails,
    BookingRequest,
    HoldRequest,
    cancel,
    confirm,
    expire,
    hold,
    remember_draft,
)
from adapter.agendas.services.pruning import prune
from adapter.agendas.services.reminders import send_due
from tests.agendas.builders import ALICE, NOW, make_agenda

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
DAY = datetime.timedelta(days=1)
KEEP = 30 * DAY
SLOT = "passeport:2026-11-25-0900"
TASK = Actor.task("prune")


def test_locks_that_ended_are_forgotten_with_their_drafts_and_bookings_stay() -> None:
    make_agenda()
    lock = hold(HoldRequest("mairie", (SLOT,), "lapsed"), now=NOW, actor=ALICE).lock
    remember_draft(lock.pk, "https://demarches.test/api/forms/rdv/1/", "")
    expire(now=NOW + DAY, actor=TASK)
    hold(HoldRequest("mairie", (SLOT,), "kept"), now=NOW, actor=ALICE)
    kept = confirm(BookingRequest("mairie", (SLOT,), "kept"), now=NOW, actor=ALICE).booking
    cancel(kept.pk, now=NOW, actor=ALICE)
    events = AuditEvent.objects.count()
    assert prune(now=NOW + KEEP, keep=KEEP) == 0
    assert prune(now=NOW + KEEP + DAY, keep=KEEP) > 0
    assert [booking.pk for booking in Booking.objects.all()] == [kept.pk]
    assert not HeldDraft.objects.exists()
    assert AuditEvent.objects.count() == events


def test_a_lock_that_lives_and_a_call_that_is_owed_are_never_forgotten() -> None:
    make_agenda()
    hold(HoldRequest("mairie", (SLOT,), "K"), now=NOW, actor=ALICE)
    details = BookingDetails(cancel_callback_url="https://demarches.test/api/forms/rdv/1/hooks/x/")
    booking = confirm(BookingRequest("mairie", (SLOT,), details=details), now=NOW, actor=ALICE).booking
    cancel(booking.pk, now=NOW, actor=Actor.agent("agent"), call_back=True)
    prune(now=NOW + 400 * DAY, keep=KEEP)
    assert Booking.objects.get(lock_code="K").state == BookingState.HELD
    assert Callback.objects.get().state == CallbackState.PENDING
    Callback.objects.update(state=CallbackState.DELIVERED, finished_at=NOW)
    assert prune(now=NOW + 400 * DAY, keep=KEEP) == 1


def test_the_note_of_a_reminder_goes_when_its_appointment_is_long_past_and_nothing_is_sent_again() -> None:
    make_agenda(reminder_hours=24)
    details = BookingDetails(user_email="zoe@example.org")
    confirm(BookingRequest("mairie", (SLOT,), details=details), now=NOW, actor=ALICE)
    assert send_due(now=NOW + DAY, send=lambda message: None, actor=TASK).sent == 1
    assert prune(now=NOW + KEEP, keep=KEEP) == 0
    assert prune(now=NOW + KEEP + 3 * DAY, keep=KEEP) == 1
    assert not Reminder.objects.exists()
    assert send_due(now=NOW + KEEP + 3 * DAY, send=lambda message: None, actor=TASK).sent == 0
