"""Reminders: who gets one, when, with which words, and once."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from adapter.agendas.errors import InvalidPayload
from adapter.agendas.models import Agenda, AuditEvent, Booking, Reminder, ReminderState
from adapter.agendas.reminder_texts import validate_reminder_text
from adapter.agendas.services import Actor, BookingDetails, BookingRequest, anonymize, cancel, confirm
from adapter.agendas.services.reminder_messages import ReminderMessage, compose
from adapter.agendas.services.reminders import FIRST_DELAY, LEASE, ReminderRefused, ReminderRun, send_due
from adapter.agendas.services.setup import Lifecycle, change_lifecycle
from tests.agendas.builders import ALICE, NOW, make_agenda, make_virtual

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
TASK = Actor.task("send_reminders")
HOUR = datetime.timedelta(hours=1)
# Wednesday 25 November, 9:00 in Paris.
SLOT, START = "passeport:2026-11-25-0900", datetime.datetime(2026, 11, 25, 8, 0, tzinfo=datetime.UTC)
DETAILS: dict[str, Any] = {
    "user_email": "zoe@example.org",
    "user_first_name": "Zoé",
    "user_last_name": "Martin",
    "label": "Passeport",
    "form_url": "https://demarches.test/rendez-vous/12/",
}


@pytest.fixture
def mairie() -> Agenda:
    return make_agenda(reminder_hours=24)


def book(slot: str = SLOT, *, at: datetime.datetime = NOW, **details: Any) -> Booking:
    return confirm(
        BookingRequest("mairie", (slot,), details=BookingDetails(**{**DETAILS, **details})), now=at, actor=ALICE
    ).booking


class Mailbox:
    """Takes messages; ``problem`` is raised instead."""

    def __init__(self) -> None:
        self.messages: list[ReminderMessage] = []
        self.problem: Exception | None = None
        self.meanwhile: Callable[[], object] = lambda: None

    def __call__(self, message: ReminderMessage) -> None:
        self.meanwhile()
        if self.problem:
            raise self.problem
        self.messages.append(message)


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


def run(mailbox: Mailbox, at: datetime.datetime = START - 24 * HOUR) -> ReminderRun:
    return send_due(now=at, send=mailbox, actor=TASK)


def test_a_reminder_is_sent_when_its_hour_has_come_and_not_before(mairie, mailbox) -> None:
    booking = book()
    assert run(mailbox, START - 24 * HOUR - datetime.timedelta(seconds=1)).sent == 0
    assert run(mailbox).sent == 1
    [message] = mailbox.messages
    assert message.recipients == ("zoe@example.org",)
    assert Reminder.objects.get().state == ReminderState.SENT
    assert AuditEvent.objects.get(code="reminder.sent").booking_id == booking.pk


def test_it_is_sent_once_however_often_the_task_runs(mairie, mailbox) -> None:
    book()
    # Another worker runs while the message is being sent.
    mailbox.meanwhile = lambda: run(Mailbox())
    run(mailbox)
    mailbox.meanwhile = lambda: None
    for minutes in (1, 10, 600):
        run(mailbox, START - 24 * HOUR + datetime.timedelta(minutes=minutes))
    assert len(mailbox.messages) == 1
    assert AuditEvent.objects.filter(code="reminder.sent").count() == 1


def test_nobody_is_reminded_of_what_is_not_to_come(mairie, mailbox) -> None:
    cancelled = book()
    cancel(cancelled.pk, now=NOW, actor=ALICE)
    erased = book("passeport:2026-11-25-0920")
    anonymize(erased.pk, now=NOW, actor=ALICE)
    book("passeport:2026-11-25-0940", user_email="")
    book("passeport:2026-11-25-1000", user_email="not an address")
    assert run(mailbox, START - HOUR).sent == 0
    assert run(mailbox, START + 24 * HOUR).sent == 0
    assert mailbox.messages == []


def test_who_booked_after_the_hour_of_the_reminder_has_just_been_told(mairie, mailbox) -> None:
    mairie.minimal_booking_delay = 0
    mairie.save()
    book(at=START - 23 * HOUR)
    assert run(mailbox, START - 22 * HOUR).sent == 0


def test_an_agenda_without_hours_reminds_nobody(mailbox) -> None:
    make_agenda()
    book()
    assert run(mailbox, START - HOUR).sent == 0


def test_others_named_by_the_booking_get_it_too_without_seeing_each_other(mairie) -> None:
    booking = book(extra_emails=("a@example.org", "bad", "zoe@example.org"))
    assert compose(booking).recipients == ("zoe@example.org", "a@example.org")


def test_a_mail_server_that_is_down_is_tried_again_with_pauses(mairie, mailbox) -> None:
    book()
    mailbox.problem = ConnectionRefusedError()
    first = START - 24 * HOUR
    assert run(mailbox, first).retried == 1
    assert Reminder.objects.get().last_error == "ConnectionRefusedError"
    assert run(mailbox, first + FIRST_DELAY / 2).retried == 0
    assert run(mailbox, first + FIRST_DELAY * 2).retried == 1
    mailbox.problem = None
    assert run(mailbox, first + FIRST_DELAY * 3).sent == 0
    assert run(mailbox, first + 2 * HOUR).sent == 1


def test_it_is_given_up_when_the_appointment_begins(mairie, mailbox) -> None:
    book()
    mailbox.problem = OSError()
    run(mailbox, START - FIRST_DELAY)
    assert Reminder.objects.get().state == ReminderState.FAILED
    assert AuditEvent.objects.filter(code="reminder.failed").count() == 1


def test_an_address_that_is_refused_is_not_tried_again(mairie, mailbox) -> None:
    book()
    mailbox.problem = ReminderRefused("the mail server refuses the address")
    assert run(mailbox).failed == 1
    mailbox.problem = None
    assert run(mailbox, START - HOUR).sent == 0


def test_a_mail_server_that_is_down_is_not_asked_for_each_of_a_thousand(mairie, mailbox) -> None:
    for minute in (0, 20, 40):
        for hour in (9, 10):
            book(f"passeport:2026-11-25-{hour:02}{minute:02}")
    mailbox.problem = TimeoutError()
    assert run(mailbox, START - 20 * HOUR).retried == 3
    mailbox.problem = None
    assert run(mailbox, START - 19 * HOUR).sent == 6


def test_a_run_ends_in_time_and_the_next_one_goes_on(mairie, mailbox) -> None:
    book()
    at = START - 20 * HOUR
    assert send_due(now=at, send=mailbox, actor=TASK, seconds=-1).sent == 0
    assert not Reminder.objects.exists()
    assert send_due(now=at, send=mailbox, actor=TASK, seconds=60).sent == 1


def test_who_died_with_a_message_in_hand_is_replaced_with_the_same_message_id(mairie, mailbox) -> None:
    booking = book()
    at = START - 24 * HOUR

    def die() -> None:
        raise KeyboardInterrupt

    mailbox.meanwhile = die
    with pytest.raises(KeyboardInterrupt):
        run(mailbox, at)
    mailbox.meanwhile = lambda: None
    assert run(mailbox, at + LEASE / 2).sent == 0
    assert run(mailbox, at + LEASE + datetime.timedelta(seconds=1)).sent == 1
    assert mailbox.messages[0].message_id == compose(booking).message_id


def test_a_booking_cancelled_before_the_second_attempt_is_not_reminded(mairie, mailbox) -> None:
    booking = book()
    mailbox.problem = OSError()
    run(mailbox)
    cancel(booking.pk, now=NOW, actor=ALICE)
    mailbox.problem = None
    assert run(mailbox, START - HOUR).sent == 0
    assert Reminder.objects.get().state == ReminderState.FAILED


def test_the_usual_words_are_in_the_language_of_the_site(mairie, settings) -> None:
    booking = book()
    settings.LANGUAGE_CODE = "en"
    message = compose(booking)
    assert [fact for fact in ("Wednesday, November 25, 2026", "09:00") if fact not in message.subject] == []
    assert "https://demarches.test/rendez-vous/12/" in message.body
    assert "Passeport, Mairie (Guichet 1)" in message.body
    settings.LANGUAGE_CODE = "fr"
    with translation.override("en"):
        french = compose(booking)
    assert [fact for fact in ("mercredi 25 novembre 2026", "09:00") if fact not in french.subject] == []
    assert "https://demarches.test/rendez-vous/12/" in french.body


@pytest.mark.parametrize(
    ("language", "day"), [("fr", "du mardi 1er décembre 2026 à 09:00"), ("en", "on Tuesday, December 1, 2026 at 09:00")]
)
def test_the_first_of_a_month_is_said_as_the_language_says_it(mairie, settings, language, day) -> None:
    settings.LANGUAGE_CODE = language
    assert compose(book("passeport:2026-12-01-0900")).subject.endswith(day)


def test_without_an_address_of_the_request_no_link_is_promised(mairie) -> None:
    for address in ("", "javascript:alert(1)"):
        booking = book(form_url=address)
        body = compose(booking).body
        assert "javascript" not in body and body.rstrip().endswith(".")


def test_an_agenda_has_words_of_its_own(mairie) -> None:
    mairie.reminder_subject, mairie.reminder_body = "{{label}} :\n {{ date }}", "{{ name }} {{ link }} 50 % { }"
    mairie.save()
    message = compose(book(label="{{ name }}", user_first_name="{{ link }}", user_last_name=""))
    # What people typed is never read as a field.
    assert message.subject == "{{ name }} : mercredi 25 novembre 2026"
    assert message.body == "{{ link }} https://demarches.test/rendez-vous/12/ 50 % { }"


@pytest.mark.parametrize(
    "text", ["{{ nom }}", "{{ date|upper }}", "{% if x %}", "{{ date", "date }}", "{{ }}", "{{ date.day }}", "{# x #}"]
)
def test_what_cannot_be_filled_in_is_refused_when_it_is_saved(mairie, text) -> None:
    with pytest.raises(ValidationError):
        validate_reminder_text(text)
    with pytest.raises(InvalidPayload) as refusal:
        change_lifecycle(mairie, Lifecycle(reminder_hours=24, reminder_body=text), now=NOW, actor=TASK)
    assert set(refusal.value.errors) == {"reminder_body"}
    assert Agenda.objects.get().reminder_body == ""


def test_the_settings_are_changed_together_and_recorded(mairie) -> None:
    version = mairie.config_version
    wanted = Lifecycle(48, "{{ date }}", "{{ time }}", 30, 365)
    changed = change_lifecycle(mairie, wanted, now=NOW, actor=TASK)
    assert (changed.reminder_hours, changed.purge_after_days) == (48, 365)
    assert Agenda.objects.get().config_version != version
    event = AuditEvent.objects.get(code="agenda.changed")
    assert event.data["changes"]["reminder_hours"] == ["24", "48"]
    change_lifecycle(mairie, wanted, now=NOW, actor=TASK)
    assert AuditEvent.objects.filter(code="agenda.changed").count() == 1


@pytest.mark.parametrize(
    "wanted",
    [
        Lifecycle(reminder_hours=0),
        Lifecycle(reminder_hours=10**4),
        Lifecycle(anonymize_after_days=0),
        Lifecycle(anonymize_after_days=30, purge_after_days=29),
        Lifecycle(reminder_subject="x" * 201),
    ],
)
def test_impossible_settings_are_refused(mairie, wanted) -> None:
    with pytest.raises(InvalidPayload):
        change_lifecycle(mairie, wanted, now=NOW, actor=TASK)
    fresh = Agenda.objects.get()
    assert (fresh.reminder_hours, fresh.purge_after_days, fresh.reminder_subject) == (24, None, "")


def test_a_virtual_agenda_has_none_of_its_own(mairie) -> None:
    virtual = make_virtual("toutes", mairie)
    with pytest.raises(InvalidPayload):
        change_lifecycle(virtual, Lifecycle(reminder_hours=1), now=NOW, actor=TASK)
