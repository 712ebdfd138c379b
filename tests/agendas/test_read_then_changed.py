"""What was read before deciding has changed by the time of writing: it is looked at again, and never guessed.

The races prove it with many processes; here each change happens once, at that very moment, in this process.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection, connections

from adapter.agendas.errors import AlreadyCancelled, Busy, SlotUnavailable
from adapter.agendas.models import Agenda, AuditEvent, Booking, BookingState, Desk, Outcome
from adapter.agendas.services import (
    BookingDetails,
    BookingRequest,
    Confirmed,
    Held,
    HoldRequest,
    cancel,
    changing,
    confirm,
    guard,
    hold,
    holding,
    release,
    release_locks,
    renew,
    restoring,
)
from adapter.agendas.services import situation as situation_module
from adapter.agendas.services.guard import ATTEMPTS, CAUTIOUS_FROM, STEP_BITS, StaleRead, attempt, take_all, take_desks
from tests.agendas.builders import ALICE, NOW, make_agenda

pytestmark = pytest.mark.django_db

NINE, TEN = "passeport:2026-11-24-0900", "passeport:2026-11-24-1000"
Meanwhile = Callable[[Callable[[], Any]], None]


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """Do something once, after the next service has read what stands and before it writes."""
    read = situation_module.read_standing

    def arrange(action: Callable[[], Any]) -> None:
        waiting = [action]

        def reading(*arguments: Any) -> Any:
            found = read(*arguments)
            while waiting:
                waiting.pop()()
            return found

        monkeypatch.setattr(situation_module, "read_standing", reading)

    return arrange


def hold_as(code: str, slot: str = NINE) -> Held:
    return hold(HoldRequest("mairie", (slot,), code), now=NOW, actor=ALICE)


def book_as(code: str = "", slot: str = NINE, record: str = "https://wcs/1/", replaces: int | None = None) -> Confirmed:
    request = BookingRequest("mairie", (slot,), code, BookingDetails(backoffice_url=record), cancel_booking_id=replaces)
    return confirm(request, now=NOW, actor=ALICE)


def close_the_agenda() -> None:
    agenda = Agenda.objects.get(slug="mairie")
    with changing(agenda):
        Desk.objects.filter(agenda=agenda).update(enabled=False)


def test_another_time_of_the_same_desk_does_not_disturb(meanwhile: Meanwhile) -> None:
    make_agenda(desks=1)
    meanwhile(lambda: hold_as("bob", TEN))
    assert not hold_as("alice").repeated
    assert Booking.objects.live_locks(NOW).count() == 2


def test_the_place_itself_is_given_to_who_came_first(meanwhile: Meanwhile) -> None:
    make_agenda(desks=1)
    meanwhile(lambda: hold_as("bob"))
    with pytest.raises(SlotUnavailable):
        hold_as("alice")
    assert list(Booking.objects.live_locks(NOW).values_list("lock_code", flat=True)) == ["bob"]


def test_another_desk_is_taken_when_the_first_choice_is_gone(meanwhile: Meanwhile) -> None:
    make_agenda(desks=2)
    others: list[Held] = []
    meanwhile(lambda: others.append(hold_as("bob")))
    mine = hold_as("alice")
    assert {mine.shown.desk_slug, others[0].shown.desk_slug} == {"guichet-1", "guichet-2"}


@pytest.mark.parametrize("ask", [lambda: hold_as("alice"), lambda: book_as()])
def test_nothing_is_given_on_settings_that_are_no_more(meanwhile: Meanwhile, ask: Callable[[], Any]) -> None:
    make_agenda(desks=1)
    meanwhile(close_the_agenda)
    with pytest.raises(SlotUnavailable):
        ask()
    assert not Booking.objects.exists()


def test_a_lock_that_is_given_back_while_it_is_confirmed_is_taken_again(meanwhile: Meanwhile) -> None:
    make_agenda(desks=1)
    lock = hold_as("alice").lock
    meanwhile(lambda: release("mairie", "alice", now=NOW, actor=ALICE))
    confirmed = book_as("alice")
    assert confirmed.outcome == Outcome.RECAPTURED
    assert confirmed.booking.pk != lock.pk
    assert Booking.objects.get(pk=lock.pk).state == BookingState.RELEASED


def test_a_lock_that_was_confirmed_meanwhile_is_held_by_nobody_any_more(meanwhile: Meanwhile) -> None:
    make_agenda(desks=1)
    hold_as("alice")
    meanwhile(lambda: book_as("alice"))
    # A repeat of the hold, a little later: its lease would begin anew.
    later = NOW + datetime.timedelta(minutes=1)
    with pytest.raises(SlotUnavailable):
        hold(HoldRequest("mairie", (NINE,), "alice"), now=later, actor=ALICE)
    assert Booking.objects.get().state == BookingState.BOOKED


def test_a_repeat_that_meets_another_repeat_finds_its_booking(meanwhile: Meanwhile) -> None:
    make_agenda(desks=1)
    hold_as("alice")
    made: list[Confirmed] = []
    meanwhile(lambda: made.append(book_as("alice")))
    again = book_as("alice")
    assert (again.outcome, again.booking.pk) == (Outcome.ALREADY_CONFIRMED, made[0].booking.pk)


@pytest.mark.parametrize("code", ["", "alice"])
def test_what_is_cancelled_while_it_is_moved_is_not_moved(meanwhile: Meanwhile, code: str) -> None:
    make_agenda(desks=1)
    before = book_as().booking
    if code:
        hold_as(code, TEN)
    meanwhile(lambda: cancel(before.pk, now=NOW, actor=ALICE))
    with pytest.raises(AlreadyCancelled):
        book_as(code, TEN, "https://wcs/2/", replaces=before.pk)
    assert not Booking.objects.filter(state=BookingState.BOOKED).exists()
    assert AuditEvent.objects.filter(code="booking.moved").count() == 0


def test_what_is_moved_to_a_lock_that_is_lost_meanwhile_stays_where_it_is(meanwhile: Meanwhile) -> None:
    make_agenda(desks=1)
    before = book_as().booking
    hold_as("alice", TEN)

    def lose() -> None:
        release("mairie", "alice", now=NOW, actor=ALICE)
        hold_as("bob", TEN)

    meanwhile(lose)
    with pytest.raises(SlotUnavailable):
        book_as("alice", TEN, "https://wcs/2/", replaces=before.pk)
    before.refresh_from_db()
    assert before.state == BookingState.BOOKED


def test_a_lapsed_lock_that_somebody_tidied_meanwhile_is_passed_over(meanwhile: Meanwhile) -> None:
    make_agenda(desks=1)
    hold_as("bob")
    later = NOW + datetime.timedelta(hours=1)
    meanwhile(lambda: Booking.objects.filter(lock_code="bob").update(state=BookingState.EXPIRED))
    lock = hold(HoldRequest("mairie", (NINE,), "alice"), now=later, actor=ALICE).lock
    assert list(Booking.objects.live_locks(later).values_list("pk", flat=True)) == [lock.pk]
    # Who tidied it has said so: it is not said twice.
    assert not AuditEvent.objects.filter(code="lock.expired").exists()


def test_a_repeat_does_not_shorten_what_was_renewed_meanwhile(meanwhile: Meanwhile) -> None:
    make_agenda(desks=1)
    lock = hold_as("alice").lock
    minute = datetime.timedelta(minutes=1)
    meanwhile(lambda: renew("mairie", "alice", now=NOW + 2 * minute, actor=ALICE))
    again = hold(HoldRequest("mairie", (NINE,), "alice"), now=NOW + minute, actor=ALICE).lock
    lock.refresh_from_db()
    assert lock.expires_at == again.expires_at == NOW + 12 * minute


def test_a_lock_that_is_confirmed_while_it_is_given_back_stays_a_booking(monkeypatch: pytest.MonkeyPatch) -> None:
    make_agenda(desks=1)
    lock = hold_as("alice").lock

    def confirmed_first(desks: Iterable[int]) -> dict[int, int]:
        Booking.objects.filter(pk=lock.pk).update(state=BookingState.BOOKED)
        return take_all(desks)

    monkeypatch.setattr(holding, "take_all", confirmed_first)
    assert release_locks([lock.pk], now=NOW, actor=ALICE) == 0
    lock.refresh_from_db()
    assert (lock.state, lock.ended_at) == (BookingState.BOOKED, None)
    assert not AuditEvent.objects.filter(code="lock.released").exists()


def test_a_lock_whose_new_place_is_taken_meanwhile_stays_where_it_is(meanwhile: Meanwhile) -> None:
    make_agenda(desks=1)
    lock = hold_as("alice").lock
    meanwhile(lambda: hold_as("bob", TEN))
    with pytest.raises(SlotUnavailable):
        hold_as("alice", TEN)
    assert Booking.objects.live_locks(NOW).get(lock_code="alice").pk == lock.pk


@pytest.mark.parametrize(
    ("ask", "moves"), [(hold_as, False), (book_as, False), (book_as, True)], ids=["hold", "book", "move"]
)
def test_in_the_end_desks_are_taken_before_anything_is_read(
    ask: Callable[..., Any], moves: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    desks = set(make_agenda(desks=2).desks.values_list("pk", flat=True))
    elsewhere = make_agenda("annexe", desks=1)
    values: dict[str, Any] = {}
    if moves:
        request = BookingRequest("annexe", (NINE,), "", BookingDetails(form_url="https://wcs/2/"))
        values["replaces"] = confirm(request, now=NOW, actor=ALICE).booking.pk
        desks |= set(elsewhere.desks.values_list("pk", flat=True))
    done: list[Any] = []
    take_all, read = situation_module.take_all, situation_module.read_standing

    def taking(wanted: Iterable[int]) -> dict[int, int]:
        done.append(set(taken := list(wanted)))
        return take_all(taken)

    def reading(*arguments: Any) -> Any:
        done.append("read")
        return read(*arguments)

    monkeypatch.setattr(guard, "CAUTIOUS_FROM", 1)
    monkeypatch.setattr(situation_module, "take_all", taking)
    monkeypatch.setattr(situation_module, "read_standing", reading)
    ask("alice", **values)
    assert done[:2] == [desks, "read"]


def test_a_restoration_is_made_whole_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a list made in between is kept under the desk's new version, without what is written afterwards."""
    desk = make_agenda(desks=1).desks.get()
    lock = hold_as("alice").lock
    desk.refresh_from_db()

    def fail(*_arguments: Any) -> None:
        raise OSError

    monkeypatch.setattr(restoring, "record", fail)
    with pytest.raises(OSError):
        restoring.restore(lock.pk, BookingDetails(), now=NOW, actor=ALICE)
    lock.refresh_from_db()
    assert lock.state == BookingState.HELD
    assert Desk.objects.get().version == desk.version


class TestTaking:
    """Desks are taken at the versions that were read, and their versions move."""

    def test_a_desk_that_was_not_read_is_taken_as_it_is_and_one_that_moved_or_is_gone_is_not(self) -> None:
        first, second = make_agenda(desks=2).desks.values_list("pk", flat=True)
        seen = take_all([first])
        take_desks([first, second], seen)
        for wanted, known in (([first], seen), ([first, second], seen), ([second, second + 1000], {})):
            with pytest.raises(StaleRead):
                take_desks(wanted, known)

    @pytest.mark.parametrize("chance", [0, 1, 2**STEP_BITS - 1])
    def test_a_version_goes_up_whatever_chance_says(self, chance: int, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(guard.secrets, "randbits", lambda _bits: chance)
        desk = make_agenda(desks=1).desks.get()
        before = desk.version
        taken = take_all([desk.pk])
        desk.refresh_from_db()
        assert taken == {desk.pk: desk.version}
        assert desk.version > before


class TestAttempts:
    """How often a service tries, and what is told in the end."""

    def test_it_tries_again_and_takes_the_desks_first_in_the_end(self) -> None:
        seen: list[bool] = []

        def work(cautious: bool) -> str:
            seen.append(cautious)
            assert connection.in_atomic_block or not cautious
            if len(seen) < ATTEMPTS:
                raise StaleRead
            return "done"

        assert attempt(work) == "done"
        assert seen == [number >= CAUTIOUS_FROM for number in range(1, ATTEMPTS + 1)]

    @pytest.mark.parametrize(
        ("failure", "told"), [(StaleRead(), Busy), (IntegrityError(), SlotUnavailable)], ids=["stale", "refused"]
    )
    def test_it_ends_with_a_refusal_that_can_be_told(self, failure: Exception, told: type[Exception]) -> None:
        calls = []

        def work(cautious: bool) -> None:
            calls.append(cautious)
            raise failure

        with pytest.raises(told):
            attempt(work)
        assert len(calls) == ATTEMPTS

    def test_a_refusal_by_the_database_counts_only_if_it_is_the_last(self) -> None:
        failures = [StaleRead(), IntegrityError(), *[StaleRead()] * (ATTEMPTS - 2)]

        def work(_cautious: bool) -> None:
            raise failures.pop()

        # The last two were: refused, then stale.
        with pytest.raises(Busy):
            attempt(work)

    def test_a_lock_that_cannot_be_had_in_time_is_said_at_once(self) -> None:
        calls = []

        def work(cautious: bool) -> None:
            calls.append(cautious)
            raise OperationalError("lock timeout")

        connection.ensure_connection()
        with pytest.raises(Busy):
            attempt(work)
        assert calls == [False]

    def test_who_is_chosen_to_lose_a_deadlock_tries_again(self) -> None:
        class Deadlock(Exception):
            sqlstate = "40P01"

        calls = []

        def work(cautious: bool) -> str:
            calls.append(cautious)
            if len(calls) == 1:
                raise OperationalError from Deadlock()
            return "done"

        assert attempt(work) == "done"

        def never(_cautious: bool) -> None:
            raise OperationalError from Deadlock()

        with pytest.raises(Busy):
            attempt(never)

    def test_a_lost_connection_is_not_called_busy(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def work(_cautious: bool) -> None:
            raise OperationalError("server closed the connection unexpectedly")

        class Gone:
            closed = True

        monkeypatch.setattr(connections["default"], "connection", Gone())
        with pytest.raises(OperationalError):
            attempt(work)
        monkeypatch.undo()
