"""Erasing and deleting after an appointment."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from adapter.agendas.models import (
    Agenda,
    AuditEvent,
    Booking,
    BookingState,
    Callback,
    CallbackState,
    Desk,
    HeldDraft,
    Reminder,
)
from adapter.agendas.services import (
    Actor,
    BookingDetails,
    BookingRequest,
    HoldRequest,
    anonymize,
    cancel,
    confirm,
    hold,
    remember_draft,
)
from adapter.agendas.services.retention import anonymize_old, purge_old
from tests.agendas.builders import ALICE, NOW, make_agenda

pytestmark = pytest.mark.django_db
TASK = Actor.task("apply_retention")
DAY = datetime.timedelta(days=1)
TIMES = [f"{hour:02}{minute:02}" for hour in (9, 10, 11) for minute in (0, 20, 40)]
HOOK = "https://demarches.test/api/forms/rdv/1/hooks/annuler/"


def book(time: str = "0900", agenda: str = "mairie", **details: Any) -> Booking:
    details = {"label": "Zoé", "user_email": "zoe@example.org", "cancel_callback_url": HOOK, **details}
    request = BookingRequest(agenda, (f"passeport:2026-11-24-{time}",), details=BookingDetails(**details))
    return confirm(request, now=NOW, actor=ALICE).booking


def erase(after: float, **options: int) -> int:
    return anonymize_old(now=NOW + after * DAY, actor=TASK, **options)


def purge(after: float, **options: int) -> int:
    return purge_old(now=NOW + after * DAY, actor=TASK, **options)


def test_nothing_happens_unless_the_agenda_says_so() -> None:
    make_agenda()
    book()
    assert (erase(5000), purge(5000)) == (0, 0)


def test_personal_data_goes_on_its_day_and_the_appointment_stays() -> None:
    make_agenda(anonymize_after_days=30)
    booking = book(extra_data={"dossier": "12"})
    versions = list(Desk.objects.order_by("pk").values_list("version", flat=True))
    # The appointment ends on the 24th at 9:20 in Paris; NOW is the 23rd at 11:00.
    assert erase(30.9) == 0
    assert erase(31) == 1
    booking.refresh_from_db()
    assert (booking.label, booking.user_email, booking.cancel_callback_url, booking.extra_data) == ("", "", "", None)
    assert (booking.state, booking.anonymized_at) == (BookingState.BOOKED, NOW + 31 * DAY)
    assert AuditEvent.objects.filter(code="booking.anonymized", booking_id=booking.pk).count() == 1
    assert versions != list(Desk.objects.order_by("pk").values_list("version", flat=True))
    assert erase(32) == 0


# Everything else that is kept of a booking goes with its personal data: a new column is either erased or named here.
KEPT_COLUMNS = {
    *("id", "agenda", "asked_agenda", "desk", "meeting_type", "start", "end", "slots", "state", "created_at"),
    *("lock_code", "lock_token", "lock_duration", "expires_at", "renewals", "holder", "form_slug", "half_adapted"),
    *("ended_at", "ended_because", "moved_to", "confirmed_at", "asked_at", "outcome", "user_was_present"),
    *("anonymized_at",),
}
# Rows beside a booking: of these nothing is personal, the others are deleted (as the tests below prove).
KEPT_BESIDE = {Reminder}
DELETED_BESIDE = {Callback, HeldDraft}


def test_no_column_is_forgotten_when_personal_data_is_erased() -> None:
    """Fill each column that is not said to stay, and look for what is left."""
    make_agenda(anonymize_after_days=1)
    booking = book()
    empty, filled = Booking(), {}
    for column in Booking._meta.concrete_fields:
        if column.name not in KEPT_COLUMNS:
            kind = type(getattr(empty, column.attname))
            filled[column.attname] = {str: "Zoé", list: ["Zoé"], int: 7}.get(kind, {"who": "Zoé"})
    Booking.objects.filter(pk=booking.pk).update(**filled)
    assert erase(9) == 1
    left = Booking.objects.filter(pk=booking.pk).values(*filled).get()
    assert {name: value for name, value in left.items() if value} == {}
    assert {relation.related_model for relation in Booking._meta.related_objects} == KEPT_BESIDE | DELETED_BESIDE


def test_each_agenda_has_its_own_days() -> None:
    make_agenda(anonymize_after_days=10)
    make_agenda("annexe", desks=1, anonymize_after_days=20)
    make_agenda("ailleurs", desks=1)
    for agenda in ("mairie", "annexe", "ailleurs"):
        book(agenda=agenda)
    assert [erase(days) for days in (12, 22, 500)] == [1, 1, 0]


def test_cancelled_appointments_are_erased_too_and_what_leads_to_the_record_goes() -> None:
    make_agenda(anonymize_after_days=1)
    booking = book()
    remember_draft(booking.pk, "https://demarches.test/api/forms/rdv/1/", "")
    cancel(booking.pk, now=NOW, actor=ALICE, call_back=True)
    # w.c.s. is still owed the call.
    assert erase(9) == 0
    Callback.objects.update(state=CallbackState.DELIVERED, finished_at=NOW)
    assert erase(9) == 1
    assert not Callback.objects.exists()
    assert not HeldDraft.objects.exists()


def test_an_agent_who_erases_at_once_erases_as_much() -> None:
    make_agenda()
    booking = book()
    remember_draft(booking.pk, "https://demarches.test/api/forms/rdv/1/", "")
    Callback.objects.create(
        booking=booking, kind="presence", url=HOOK, state="failed", created_at=NOW, next_attempt_at=NOW
    )
    anonymize(booking.pk, now=NOW, actor=ALICE)
    assert not HeldDraft.objects.exists() and not Callback.objects.exists()


def test_appointments_are_deleted_on_their_day_and_the_audit_log_stays() -> None:
    make_agenda(purge_after_days=60)
    booking = book()
    assert purge(60.9) == 0
    assert purge(61) == 1
    assert not Booking.objects.exists()
    codes = list(AuditEvent.objects.filter(booking_id=booking.pk).values_list("code", flat=True))
    assert codes == ["booking.purged", "booking.confirmed"]


def test_locks_are_not_appointments() -> None:
    make_agenda(anonymize_after_days=1, purge_after_days=1)
    hold(HoldRequest("mairie", ("passeport:2026-11-24-0900",), "K"), now=NOW, actor=ALICE)
    assert (erase(50), purge(50)) == (0, 0)


@pytest.mark.parametrize("batch", [1, 2, 4, 100])
def test_batches_leave_nothing_out(batch) -> None:
    make_agenda(anonymize_after_days=1, purge_after_days=2)
    for time in TIMES:
        book(time)
    Booking.objects.filter(pk=Booking.objects.order_by("pk")[3].pk).update(start=NOW + 40 * DAY, end=NOW + 41 * DAY)
    assert erase(9, batch=batch) == len(TIMES) - 1
    assert Booking.objects.filter(anonymized_at=None).count() == 1
    assert purge(9, batch=batch) == len(TIMES) - 1
    assert Booking.objects.count() == 1
    assert Agenda.objects.count() == 1
