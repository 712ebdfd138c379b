"""What holding, giving back, confirming and moving leave behind: rows, the audit log, desks that moved on."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from adapter.agendas.errors import SlotUnavailable
from adapter.agendas.models import AuditEvent, Booking, BookingState, Desk, Outcome
from adapter.agendas.services import (
    BookingDetails,
    BookingRequest,
    Confirmed,
    HoldRequest,
    confirm,
    hold,
    release,
    release_locks,
)
from adapter.agendas.services.outcomes import outcome_known
from adapter.agendas.services.situation import Shown
from tests.agendas.builders import ALICE, NOW, make_agenda, make_virtual

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

NINE, NINE_TWENTY, TEN = (f"passeport:2026-11-24-{time}" for time in ("0900", "0920", "1000"))
LATER = NOW + timedelta(hours=1)
RECORD = "https://wcs.example/backoffice/1/"


def held(code: str = "alice", slot: str = NINE, now: datetime.datetime = NOW, **values: Any) -> Booking:
    return hold(HoldRequest(values.pop("agenda", "mairie"), (slot,), code, **values), now=now, actor=ALICE).lock


def booked(code: str = "", slot: str = NINE, now: datetime.datetime = NOW, **values: Any) -> Confirmed:
    details = values.pop("details", None) or BookingDetails(backoffice_url=values.pop("record", RECORD))
    request = BookingRequest(values.pop("agenda", "mairie"), (slot,), code, details, **values)
    return confirm(request, now=now, actor=ALICE)


def events(code: str) -> list[tuple[int | None, int | None, Any]]:
    """Agenda, booking and data of the entries with ``code``, all of them by Alice."""
    found = list(AuditEvent.objects.filter(code=code).order_by("booking_id"))
    assert all((event.actor_kind, event.actor) == (ALICE.kind, ALICE.name) for event in found)
    return [(event.agenda_id, event.booking_id, event.data) for event in found]


def kept(row: Booking) -> Booking:
    return Booking.objects.get(pk=row.pk)


@contextmanager
def moving_on(*rows: Booking) -> Iterator[None]:
    """The desks of ``rows`` move on meanwhile, and no others."""
    before = dict(Desk.objects.values_list("pk", "version"))
    yield
    after = dict(Desk.objects.values_list("pk", "version"))
    assert {desk for desk in after if after[desk] != before[desk]} == {row.desk_id for row in rows}


def test_a_lock_says_who_holds_it_for_what_and_how_long() -> None:
    mairie = make_agenda()
    virtual = make_virtual("toutes", mairie)
    lock = held(
        " alice ",
        now=NOW + timedelta(milliseconds=700),
        agenda="toutes",
        duration=400,
        holder="h" * 151,
        form_slug="f" * 251,
        half_adapted=True,
    )
    row = kept(lock)
    assert (row.agenda_id, row.asked_agenda_id, row.desk_id) == (mairie.pk, virtual.pk, lock.desk_id)
    assert (row.state, row.lock_code, row.lock_duration) == (BookingState.HELD, "alice", 400)
    assert (row.created_at, row.expires_at) == (NOW, NOW + timedelta(seconds=400))
    assert (row.holder, row.form_slug, row.half_adapted) == ("h" * 150, "f" * 250, True)
    assert events("lock.created") == [(mairie.pk, lock.pk, {"desk": "guichet-1", "half_adapted": True})]


def test_holding_again_is_noted_when_it_changed_something() -> None:
    agenda = make_agenda()
    lock = held(duration=400)
    held()
    assert events("lock.repeated") == []
    with moving_on(lock):
        assert held(now=NOW + timedelta(seconds=10)).expires_at == NOW + timedelta(seconds=410)
    assert events("lock.repeated") == [(agenda.pk, lock.pk, {})]
    # Another length may be asked for, within bounds; a short one takes nothing away.
    assert held(now=NOW + timedelta(seconds=20), duration=300).expires_at == NOW + timedelta(seconds=410)
    assert held(now=NOW + timedelta(seconds=20), duration=9999).expires_at == NOW + timedelta(seconds=1220)
    assert kept(lock).expires_at == NOW + timedelta(seconds=1220)


def test_a_lock_that_moves_ends_and_names_the_new_one() -> None:
    agenda = make_agenda()
    first = held()
    then = NOW + timedelta(seconds=5)
    second = held(slot=TEN, now=then, desk="guichet-2")
    row = kept(first)
    assert (row.state, row.ended_at, row.ended_because) == (BookingState.RELEASED, then, "moved")
    assert events("lock.moved") == [(agenda.pk, first.pk, {"to": second.pk})]
    assert events("lock.expired") == []
    with moving_on(first, second):
        held(slot=NINE, now=then, desk="guichet-1")


def test_a_lapsed_lock_in_the_way_is_ended_and_one_that_is_not_is_left() -> None:
    agenda = make_agenda(desks=1)
    in_the_way, elsewhere = held(), held("bob", TEN)
    carol = held("carol", now=LATER)
    row = kept(in_the_way)
    assert (row.state, row.ended_at, row.ended_because) == (BookingState.EXPIRED, LATER, "in the way")
    assert events("lock.expired") == [(agenda.pk, in_the_way.pk, {"because": "in the way"})]
    assert kept(elsewhere).state == BookingState.HELD
    # A lock that moves onto one: both end, each for its own reason.
    moved = held("carol", TEN, now=LATER)
    assert (kept(elsewhere).ended_because, kept(carol).ended_because) == ("in the way", "moved")
    assert kept(moved).state == BookingState.HELD


def test_a_lock_that_moves_by_less_than_its_length_is_moved_and_not_lapsed() -> None:
    make_agenda(desks=1)
    lock = held(slot="mariage:2026-11-24-0900")
    held(slot="mariage:2026-11-24-0920")
    assert kept(lock).state == BookingState.RELEASED
    assert events("lock.expired") == []


def test_what_is_given_back_says_when_and_why() -> None:
    agenda = make_agenda()
    first, second = held(), held("bob", TEN)
    because = "because " * 6
    with moving_on(first):
        assert release("mairie", " alice ", now=NOW + timedelta(seconds=5), actor=ALICE, because=because) == 1
    row = kept(first)
    assert row.state == BookingState.RELEASED
    assert (row.ended_at, row.ended_because) == (NOW + timedelta(seconds=5), because[:40])
    assert events("lock.released") == [(agenda.pk, first.pk, {"because": because})]
    assert kept(second).state == BookingState.HELD
    assert release("mairie", "bob", now=NOW, actor=ALICE) == 1
    assert kept(second).ended_because == "released"


def test_of_several_locks_those_that_are_held_are_given_back() -> None:
    make_agenda()
    confirmed, live, other, lapsed = booked("alice").booking, held("b"), held("c", TEN), held("d", NINE_TWENTY)
    Booking.objects.filter(pk=lapsed.pk).update(expires_at=NOW)
    with moving_on(live, other):
        ids = [lapsed.pk, other.pk, confirmed.pk, live.pk]
        assert release_locks(ids, now=NOW, actor=ALICE) == 2
    assert [row.state for row in map(kept, (confirmed, live, other, lapsed))] == [
        BookingState.BOOKED,
        BookingState.RELEASED,
        BookingState.RELEASED,
        BookingState.HELD,
    ]
    assert kept(live).ended_because == "released"
    assert [(booking, data) for _, booking, data in events("lock.released")] == [
        (live.pk, {"because": "released"}),
        (other.pk, {"because": "released"}),
    ]


DETAILS = BookingDetails(
    label="Passeport",
    user_display_label="Ada L.",
    user_name="Ada Lovelace",
    user_first_name="Ada",
    user_last_name="Lovelace",
    user_email="ada@example.org",
    user_phone_number="0601020304",
    user_external_id="ada",
    backoffice_url="",
    form_url=" https://wcs.example/1/ ",
    cancel_callback_url="https://wcs.example/cancel/",
    presence_callback_url="https://wcs.example/presence/",
    absence_callback_url="https://wcs.example/absence/",
    extra_emails=("a@example.org", "b@example.org"),
    extra_phone_numbers=("0605060708",),
    sms_counter="sms",
    extra_data={"a": ["b"]},
)


@pytest.mark.parametrize("code", ["", "alice"])
def test_a_booking_keeps_what_it_was_told(code: str, django_assert_num_queries: Any) -> None:
    agenda = make_agenda()
    if code:
        held(code, duration=400)
    then = NOW + timedelta(seconds=5, milliseconds=600)
    result = booked(code and f" {code} ", now=then, details=DETAILS)
    row = kept(result.booking)
    expected = {
        **{name: getattr(DETAILS, name) for name in DETAILS.__slots__},
        "extra_emails": ["a@example.org", "b@example.org"],
        "extra_phone_numbers": ["0605060708"],
        "record": "https://wcs.example/1/",
        "agenda_id": agenda.pk,
        "start": datetime.datetime(2026, 11, 24, 8, 0, tzinfo=datetime.UTC),
        "end": datetime.datetime(2026, 11, 24, 8, 20, tzinfo=datetime.UTC),
        "meeting_type_id": agenda.meeting_types.get(slug="passeport").pk,
        "state": BookingState.BOOKED,
        "outcome": Outcome.CONFIRMED,
        "lock_code": code,
        "confirmed_at": NOW + timedelta(seconds=5),
    }
    assert {name: getattr(row, name) for name in expected} == expected
    # What the service gives back says the same as the row; what it does not say is read.
    with django_assert_num_queries(0):
        assert {name: getattr(result.booking, name) for name in expected} == expected
        assert (result.booking.pk, result.booking.desk_id) == (row.pk, row.desk_id)
        assert result.booking._state.adding is False
    assert result.booking.lock_duration == (400 if code else None)
    assert events("booking.confirmed") == [(agenda.pk, row.pk, {})]


def test_the_desk_of_a_lock_that_becomes_a_booking_moves_on() -> None:
    make_agenda()
    lock = held()
    with moving_on(lock):
        booked("alice")


def test_a_lock_that_becomes_a_booking_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    make_agenda()
    held()
    monkeypatch.setattr(Booking, "refresh_from_db", lambda *_arguments, **_named: pytest.fail("it is read again"))
    assert booked("alice").outcome is Outcome.CONFIRMED


def test_the_address_of_the_back_office_tells_the_record_before_that_of_the_form() -> None:
    assert BookingDetails(backoffice_url=" a ", form_url="b").record == "a"
    assert BookingDetails(form_url=" b ").record == "b"


def test_a_late_confirmation_ends_the_lapsed_locks_in_its_way() -> None:
    agenda = make_agenda(desks=1)
    lapsed, other = held(), held("bob", TEN)
    result = booked("alice", now=LATER)
    row = kept(lapsed)
    assert (row.state, row.ended_at, row.ended_because) == (BookingState.EXPIRED, LATER, "in the way")
    assert kept(other).state == BookingState.HELD
    assert events("lock.expired") == [(agenda.pk, lapsed.pk, {"because": "in the way"})]
    assert events("booking.recaptured") == [(agenda.pk, result.booking.pk, {})]
    assert events("lock.released") == []


def test_a_confirmation_over_ones_own_lock_of_another_length_ends_it() -> None:
    agenda = make_agenda(desks=1)
    lock = held(slot="mariage:2026-11-24-0900")
    then = NOW + timedelta(seconds=5)
    result = booked("alice", NINE_TWENTY, now=then)
    assert result.outcome is Outcome.RECAPTURED
    row = kept(lock)
    assert (row.state, row.ended_at, row.ended_because) == (BookingState.RELEASED, then, "superseded")
    assert events("lock.released") == [(agenda.pk, lock.pk, {"because": "superseded"})]
    assert events("lock.expired") == []


@pytest.mark.parametrize("code", ["", "alice"])
def test_a_booking_that_moves_ends_and_names_the_new_one(code: str) -> None:
    mairie = make_agenda()
    make_agenda("annexe")
    first, other = booked().booking, booked(slot=TEN).booking
    if code:
        held(code, agenda="annexe")
    then = NOW + timedelta(seconds=5)
    before = dict(Desk.objects.values_list("pk", "version"))
    result = booked(code, agenda="annexe", record="https://wcs.example/2/", now=then, cancel_booking_id=first.pk)
    after = dict(Desk.objects.values_list("pk", "version"))
    assert {desk for desk in after if after[desk] != before[desk]} == {first.desk_id, result.booking.desk_id}
    row = kept(first)
    assert (row.state, row.ended_at, row.ended_because) == (BookingState.CANCELLED, then, "moved")
    assert kept(other).state == BookingState.BOOKED
    assert events("booking.moved") == [(mairie.pk, first.pk, {"to": result.booking.pk})]
    assert (result.cancelled_booking_id, result.outcome) == (first.pk, Outcome(kept(result.booking).outcome))


def test_each_answer_names_where_it_stands() -> None:
    make_agenda(desks=1)
    names = Shown("mairie", "Mairie", "guichet-1", "Guichet 1", "passeport")
    request = HoldRequest("mairie", (NINE,), "alice")
    first, again = (hold(request, now=NOW, actor=ALICE) for _ in range(2))
    moved = hold(HoldRequest("mairie", (TEN,), "alice"), now=NOW, actor=ALICE)
    assert (first.repeated, again.repeated, moved.repeated) == (False, True, False)
    answers = [first, again, moved, booked("alice", TEN), booked("alice", TEN), booked("")]
    assert [answer.shown for answer in answers] == [names] * 6


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda: held("carol", TEN), ("hold", "held")),
        (lambda: held("alice"), ("hold", "repeated")),
        (lambda: held("carol"), ("hold", "slot-unavailable")),
        (lambda: booked("alice"), ("confirm", "confirmed")),
        (lambda: booked("carol", TEN), ("confirm", "recaptured")),
        (lambda: booked("carol"), ("confirm", "lost")),
    ],
)
def test_what_became_of_it_is_told(ask: Callable[[], Any], told: tuple[str, str]) -> None:
    make_agenda(desks=1)
    held("alice")
    heard: list[tuple[str, str]] = []

    def hear(*, action: str, outcome: str, **_more: Any) -> None:
        heard.append((action, outcome))

    outcome_known.connect(hear)
    try:
        ask()
    except SlotUnavailable:
        pass
    finally:
        outcome_known.disconnect(hear)
    assert heard == [told]
