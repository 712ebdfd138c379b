"""The outbox: at least once, with patience, and never to strangers."""

from __future__ import annotations

import datetime

import pytest

from adapter.agendas.models import AuditEvent, Booking, Callback, CallbackState
from adapter.agendas.services import (
    Actor,
    BookingDetails,
    BookingRequest,
    cancel,
    confirm,
    note_presence,
)
from adapter.agendas.services.callbacks import (
    GIVE_UP_AFTER,
    LEASE,
    AddressNotKnown,
    Sent,
    back_off,
    callback_owed,
    deliver_due,
    retry,
)
from tests.agendas.builders import ALICE, NOW, make_agenda

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
WORKER = Actor.task("deliver_callbacks")
MINUTE = datetime.timedelta(minutes=1)
URLS = {
    f"{kind}_callback_url": f"https://demarches.test/api/forms/rdv/1/hooks/{kind}/"
    for kind in ("cancel", "presence", "absence")
}


class Wcs:
    """Answers what it is told, and remembers who was called."""

    def __init__(self, *answers: Sent) -> None:
        self.answers = list(answers)
        self.called: list[str] = []

    def __call__(self, callback: Callback) -> Sent:
        self.called.append(callback.url)
        return self.answers.pop(0) if self.answers else Sent(200)


@pytest.fixture
def booking() -> Booking:
    """A booking whose record wants to know everything."""
    make_agenda()
    request = BookingRequest("mairie", ("passeport:2026-11-24-0900",), details=BookingDetails(**URLS))
    return confirm(request, now=NOW, actor=ALICE).booking


@pytest.fixture
def owed(booking: Booking) -> Callback:
    """The call that a cancellation by an agent owes."""
    cancel(booking.pk, now=NOW, actor=Actor.agent("agent"), call_back=True)
    return Callback.objects.get()


def deliver(wcs: Wcs, now: datetime.datetime = NOW) -> Callback:
    deliver_due(now=now, send=wcs, actor=WORKER)
    return Callback.objects.order_by("pk").last()


def test_a_callback_is_delivered_once_it_is_owed_and_then_no_more(owed) -> None:
    wcs = Wcs()
    found = deliver(wcs)
    assert (found.state, found.attempts, found.last_status) == (CallbackState.DELIVERED, 1, 200)
    deliver(wcs, NOW + MINUTE)
    assert wcs.called == [URLS["cancel_callback_url"]]
    assert AuditEvent.objects.filter(code="callback.delivered").count() == 1


@pytest.mark.parametrize(
    "answer", [Sent(None, "ConnectionError"), Sent(500), Sent(403, "denied"), Sent(302), Sent(429)]
)
def test_a_failure_is_tried_again_later_not_at_once(owed, answer) -> None:
    wcs = Wcs(answer)
    found = deliver(wcs)
    assert (found.state, found.last_status) == (CallbackState.PENDING, answer.status)
    assert found.next_attempt_at > NOW
    deliver(wcs, found.next_attempt_at - datetime.timedelta(seconds=1))
    assert len(wcs.called) == 1
    assert deliver(wcs, found.next_attempt_at).state == CallbackState.DELIVERED


def test_a_record_that_is_processing_is_asked_again_sooner() -> None:
    busy = Sent(403, "Formdata currently processing actions.")
    assert back_off(1, busy, lambda: 0.5) < back_off(1, Sent(403, "denied"), lambda: 0.5)
    assert back_off(50, busy, lambda: 1.0) < datetime.timedelta(minutes=10)


def test_waiting_doubles_within_bounds_and_by_chance() -> None:
    waits = [back_off(attempt, Sent(500), lambda: 0.5) for attempt in range(1, 40)]
    assert waits[1] == 2 * waits[0]
    assert waits == sorted(waits)
    assert waits[-1] == datetime.timedelta(hours=1)
    assert back_off(3, Sent(500), lambda: 0.0) < back_off(3, Sent(500), lambda: 1.0)


@pytest.mark.parametrize("status", [404, 410])
def test_a_record_that_is_gone_ends_it(owed, status) -> None:
    assert deliver(Wcs(Sent(status))).state == CallbackState.FAILED
    assert AuditEvent.objects.filter(code="callback.failed").count() == 1


def test_it_is_given_up_after_three_days(owed) -> None:
    wcs = Wcs(*[Sent(500)] * 1000)
    now = NOW
    while (found := deliver(wcs, now)).state == CallbackState.PENDING:
        now = found.next_attempt_at
    assert found.state == CallbackState.FAILED
    assert GIVE_UP_AFTER - datetime.timedelta(hours=2) < found.finished_at - NOW <= GIVE_UP_AFTER
    assert 70 < len(wcs.called) < 200


def test_a_stranger_is_never_called(owed) -> None:
    def refuse(_callback: Callback) -> Sent:
        raise AddressNotKnown("the address is not of a known service")

    assert deliver(refuse).state == CallbackState.FAILED


def test_a_sender_that_breaks_stops_no_other(booking) -> None:
    note_presence(booking.pk, True, now=booking.start, actor=ALICE)
    cancel(booking.pk, now=booking.start, actor=ALICE, call_back=True)
    called = []

    def send(callback: Callback) -> Sent:
        called.append(callback.kind)
        if callback.kind == Callback.Kind.PRESENCE:
            raise RuntimeError
        return Sent(200)

    run = deliver_due(now=booking.start, send=send, actor=WORKER)
    assert called == ["presence", "cancel"]
    assert (run.delivered, run.retried) == (1, 1)


def test_a_worker_that_dies_loses_its_lease(owed) -> None:
    def die(_callback: Callback) -> Sent:
        raise SystemExit

    with pytest.raises(SystemExit):
        deliver_due(now=NOW, send=die, actor=WORKER)
    wcs = Wcs()
    deliver(wcs, NOW + LEASE - MINUTE / 2)
    assert wcs.called == []
    assert deliver(wcs, NOW + LEASE + MINUTE).state == CallbackState.DELIVERED


def test_attendance_goes_out_in_the_order_in_which_it_was_recorded(booking) -> None:
    for came in (True, False):
        note_presence(booking.pk, came, now=booking.start, actor=ALICE)
    wcs = Wcs(Sent(500))
    deliver(wcs, booking.start)
    assert wcs.called == [URLS["presence_callback_url"]]
    deliver(wcs, booking.start + 5 * MINUTE)
    assert wcs.called[1:] == [URLS["presence_callback_url"], URLS["absence_callback_url"]]


def test_giving_up_can_be_taken_back(owed) -> None:
    deliver(Wcs(Sent(404)))
    assert retry(owed.pk, now=NOW + MINUTE, actor=ALICE)
    assert deliver(Wcs(), NOW + MINUTE).state == CallbackState.DELIVERED
    assert not retry(owed.pk, now=NOW + MINUTE, actor=ALICE)
    assert not retry(999999, now=NOW, actor=ALICE)


@pytest.mark.django_db(transaction=True)
def test_listeners_hear_of_it_after_the_commit_and_their_failure_harms_nobody() -> None:
    make_agenda()
    request = BookingRequest("mairie", ("passeport:2026-11-24-0900",), details=BookingDetails(**URLS))
    booking = confirm(request, now=NOW, actor=ALICE).booking
    heard = []

    def listener(callback_id: int, **_: object) -> None:
        heard.append(Callback.objects.get(pk=callback_id).kind)
        raise RuntimeError

    callback_owed.connect(listener)
    try:
        cancel(booking.pk, now=NOW, actor=ALICE, call_back=True)
    finally:
        callback_owed.disconnect(listener)
    assert heard == ["cancel"]


def test_a_lock_owes_nothing(booking) -> None:
    from adapter.agendas.services import HoldRequest, hold

    lock = hold(HoldRequest("mairie", ("passeport:2026-11-24-0920",), "K"), now=NOW, actor=ALICE).lock
    cancel(lock.pk, now=NOW, actor=ALICE, call_back=True)
    assert not Callback.objects.exists()


def test_a_run_begins_no_call_after_its_time(owed) -> None:
    wcs = Wcs(Sent(200))
    assert deliver_due(now=NOW, send=wcs, actor=WORKER, seconds=-1).attempts == 0
    assert (wcs.called, Callback.objects.get().attempts) == ([], 0)
    assert deliver_due(now=NOW, send=wcs, actor=WORKER, seconds=60).delivered == 1
