"""Moves, cancellations, imports and closed desks that meet a hold or a confirmation half-way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from typing import Any

import pytest

from adapter.agendas.models import Agenda, AuditEvent, Booking, BookingState, Desk
from adapter.agendas.services import cancel, changing
from adapter.agendas.services.setup import delete_desk
from adapter.agendas.services.transfer import export_agendas, import_agendas
from tests.agendas.builders import ALICE, NOW, make_agenda, make_virtual
from tests.races.processes import NO_GUARD, Guards, race, without_database_guard
from tests.races.test_slots_for_many import NINE, TEN, book_as, hold_as, overlaps

pytestmark = [pytest.mark.both_databases, pytest.mark.servers, pytest.mark.usefixtures("shared_database")]

HOLDERS = 6
BOTH = (Guards(), Guards(database=False))


def drop(booking_id: int) -> str:
    return cancel(booking_id, now=NOW, actor=ALICE).state


@pytest.mark.parametrize("round_", range(3))
def test_a_lock_that_is_confirmed_and_cancelled_at_once_ends_one_way(
    shared_database: dict[str, Any], round_: int
) -> None:
    make_agenda(desks=1)
    lock = hold_as("alice")
    answers = race(shared_database, [partial(book_as, "alice", NINE, "https://wcs/1/"), partial(drop, lock)], Guards())
    assert [answer for answer, _ in answers] == ["ok", "ok"]
    # Whoever came second saw what the first one did: the lock was released and the slot taken again, or the booking
    # was cancelled. What was told to be cancelled does not stand.
    state = Booking.objects.get(pk=lock).state
    standing = Booking.objects.filter(state=BookingState.BOOKED).count()
    assert (state, standing) in [(BookingState.RELEASED, 1), (BookingState.CANCELLED, 0)]
    assert overlaps() == 0


def test_ten_cancellations_of_one_booking_are_one(shared_database: dict[str, Any]) -> None:
    make_agenda(desks=1)
    booking = book_as("", NINE, "https://wcs/1/")
    answers = race(shared_database, [partial(drop, booking) for _ in range(10)], Guards())
    assert Counter(answers) == {("ok", "cancelled"): 1, ("refused", "already-cancelled"): 9}
    assert AuditEvent.objects.filter(code="booking.cancelled").count() == 1


def test_a_move_never_takes_a_slot_that_is_being_confirmed(shared_database: dict[str, Any]) -> None:
    make_agenda(desks=1)
    before = book_as("", NINE, "https://wcs/1/")
    lock = hold_as("alice", TEN)
    confirming = partial(book_as, "alice", TEN, "https://wcs/2/")
    moving = partial(book_as, "", TEN, "https://wcs/3/", cancel_booking_id=before)
    answers = race(shared_database, [confirming, moving, moving], Guards())
    assert Counter(answers) == {("ok", lock): 1, ("refused", "slot-unavailable"): 2}
    assert set(Booking.objects.filter(state=BookingState.BOOKED).values_list("pk", flat=True)) == {before, lock}


@pytest.mark.parametrize("guards", [*BOTH, Guards(service=False)], ids=["both", "service alone", "database alone"])
def test_a_move_and_bookings_of_the_same_free_slot_have_one_winner(
    shared_database: dict[str, Any], guards: Guards
) -> None:
    make_agenda(desks=1)
    before = book_as("", NINE, "https://wcs/1/")
    jobs: list[Any] = [partial(book_as, "", TEN, "https://wcs/2/", cancel_booking_id=before)]
    jobs += [partial(book_as, "", TEN, f"https://wcs/{number}/") for number in range(3, 3 + HOLDERS)]
    with nullcontext() if guards.database else without_database_guard():
        answers = race(shared_database, jobs, guards)
        assert sum(answer == "ok" for answer, _ in answers) == 1
        assert overlaps() == 0
    if guards == Guards():
        # A move that was refused has cancelled nothing.
        standing = set(Booking.objects.filter(state=BookingState.BOOKED).values_list("record", flat=True))
        assert ("https://wcs/1/" in standing) is not ("https://wcs/2/" in standing)


@pytest.mark.parametrize("guards", [*BOTH, Guards(service=False)], ids=["both", "service alone", "database alone"])
def test_a_virtual_agenda_and_its_real_ones_hold_as_many_as_there_are_desks(
    shared_database: dict[str, Any], guards: Guards
) -> None:
    mairie, annexe = make_agenda("mairie", desks=1), make_agenda("annexe", desks=1)
    make_virtual("toutes", mairie, annexe)
    names = ["mairie", "annexe", "toutes", "toutes"]
    jobs = [partial(hold_as, f"code-{number}", agenda=names[number % 4]) for number in range(8)]
    with nullcontext() if guards.database else without_database_guard():
        answers = race(shared_database, jobs, guards)
        won = sum(answer == "ok" for answer, _ in answers)
        assert won == 2 if guards.service else 1 <= won <= 2
        assert Booking.objects.live(NOW).count() == won
        assert overlaps() == 0


def test_without_any_guard_a_virtual_agenda_and_its_real_ones_give_a_desk_twice(
    shared_database: dict[str, Any],
) -> None:
    mairie, annexe = make_agenda("mairie", desks=1), make_agenda("annexe", desks=1)
    make_virtual("toutes", mairie, annexe)
    jobs = [
        partial(hold_as, f"code-{number}", agenda=name) for number, name in enumerate(("mairie", "annexe", "toutes"))
    ]
    with without_database_guard():
        answers = race(shared_database, jobs, NO_GUARD)
        assert [answer for answer, _ in answers] == ["ok", "ok", "ok"]
        assert overlaps() == 1
        Booking.objects.all().delete()


def test_without_any_guard_a_move_takes_a_slot_that_is_being_booked(shared_database: dict[str, Any]) -> None:
    make_agenda(desks=1)
    before = book_as("", NINE, "https://wcs/1/")
    moving = partial(book_as, "", TEN, "https://wcs/2/", cancel_booking_id=before)
    with without_database_guard():
        answers = race(shared_database, [moving, partial(book_as, "", TEN, "https://wcs/3/")], NO_GUARD)
        assert [answer for answer, _ in answers] == ["ok", "ok"]
        assert overlaps() == 1
        Booking.objects.all().delete()


def remove_desk() -> None:
    delete_desk(Desk.objects.get(agenda__slug="mairie", slug="guichet-2"), now=NOW, actor=ALICE)


@pytest.mark.parametrize("guards", [*BOTH, Guards(service=False)], ids=["all", "no constraint", "foreign key alone"])
def test_a_desk_that_is_removed_takes_no_hold_with_it(shared_database: dict[str, Any], guards: Guards) -> None:
    make_agenda(desks=2)
    jobs: list[Any] = [remove_desk, *(partial(hold_as, f"code-{number}") for number in range(HOLDERS))]
    with nullcontext() if guards.database else without_database_guard():
        removed, *holds = race(shared_database, jobs, guards)
        assert removed[0] == "ok" if guards.service else True
        desks = Desk.objects.filter(agenda__slug="mairie").count()
        assert desks == (1 if removed[0] == "ok" else 2)
        # Who was told "held" is held, on a desk that is there.
        won = {value for answer, value in holds if answer == "ok"}
        assert set(Booking.objects.live(NOW).values_list("pk", flat=True)) == won
        assert len(won) == desks if guards.service else len(won) <= desks
        assert not Booking.objects.exclude(desk__in=Desk.objects.all()).exists()


def close_desk() -> None:
    agenda = Agenda.objects.get(slug="mairie")
    with changing(agenda):
        Desk.objects.filter(agenda=agenda).update(enabled=False)


def import_without_mornings(document: dict[str, Any]) -> None:
    import_agendas(document, now=NOW, actor=ALICE)


def afternoons_only() -> Callable[[], None]:
    document = export_agendas(["mairie"])
    for agenda in document["agendas"]:
        for desk in agenda["desks"]:
            desk["openings"] = [item for item in desk["openings"] if item["start"] >= "12:00"]
    return partial(import_without_mornings, document)


@pytest.mark.parametrize("change", ["a desk is closed", "an import drops the mornings"])
def test_holds_that_meet_a_change_of_settings_start_again_with_the_new_ones(
    shared_database: dict[str, Any], change: str
) -> None:
    make_agenda(desks=1)
    job = close_desk if change == "a desk is closed" else afternoons_only()
    # Holds and bookings have read what is free, the change has taken the desks: only then all go on.
    jobs: list[Any] = [job, *(partial(hold_as, f"code-{number}") for number in range(HOLDERS))]
    jobs += [partial(book_as, "", NINE, f"https://wcs/{number}/") for number in range(HOLDERS)]
    answers = race(shared_database, jobs, Guards())
    assert Counter(answer for answer, _ in answers) == {"ok": 1, "refused": 2 * HOLDERS}
    assert not Booking.objects.exists()


@pytest.mark.parametrize("change", ["a desk is closed", "an import drops the mornings"])
def test_without_the_versions_of_desks_slots_are_given_that_are_there_no_more(
    shared_database: dict[str, Any], change: str
) -> None:
    make_agenda(desks=1)
    job = close_desk if change == "a desk is closed" else afternoons_only()
    jobs: list[Any] = [job, *(partial(hold_as, f"code-{number}") for number in range(2))]
    race(shared_database, jobs, Guards(service=False))
    assert Booking.objects.live(NOW).count() == 1
