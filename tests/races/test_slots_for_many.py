"""Many clients at the same moment: exact counts, each guard alone, and a negative control without any."""

from __future__ import annotations

from collections import Counter
from contextlib import nullcontext
from functools import partial
from typing import Any

import pytest

from adapter.agendas.errors import SlotUnavailable
from adapter.agendas.models import AuditEvent, Booking, BookingState
from adapter.agendas.services import (
    BookingDetails,
    BookingRequest,
    HoldRequest,
    confirm,
    expire,
    hold,
)
from tests.agendas.builders import ALICE, NOW, make_agenda, make_virtual
from tests.races.processes import Guards, race, without_database_guard
from tests.support.thorough import at_length

CLIENTS = at_length(8, 32)
NINE = "passeport:2026-11-24-0900"
TEN = "passeport:2026-11-24-1000"
LATER = NOW.replace(hour=12)

pytestmark = [pytest.mark.both_databases, pytest.mark.servers, pytest.mark.usefixtures("shared_database")]


def hold_as(code: str, slot: str = NINE, agenda: str = "mairie", now: Any = NOW) -> int:
    return hold(HoldRequest(agenda, (slot,), code), now=now, actor=ALICE).lock.pk


def book_as(
    code: str, slot: str = NINE, record: str = "", agenda: str = "mairie", now: Any = NOW, **values: Any
) -> int:
    details = BookingDetails(backoffice_url=record)
    return confirm(BookingRequest(agenda, (slot,), code, details, **values), now=now, actor=ALICE).booking.pk


def overlaps(now: Any = NOW) -> int:
    """Pairs of live rows that share a desk and a moment."""
    rows = list(Booking.objects.live(now).values_list("desk_id", "start", "end"))
    return sum(
        1
        for index, (desk, start, end) in enumerate(rows)
        for other, begin, finish in rows[index + 1 :]
        if desk == other and start < finish and begin < end
    )


@pytest.mark.parametrize(
    "guards",
    [Guards(), Guards(database=False), Guards(service=False)],
    ids=["both guards", "the service alone", "the database alone"],
)
def test_many_clients_on_one_slot_of_two_desks_get_exactly_two_locks(
    shared_database: dict[str, Any], guards: Guards
) -> None:
    make_agenda(desks=2)
    with nullcontext() if guards.database else without_database_guard():
        # Without the service's own guard, writers meet in the database, where PostgreSQL may tell some of them to
        # try again: never more than two win, and with the service's guard exactly two.
        clients = CLIENTS if guards.service else 6
        answers = race(shared_database, [partial(hold_as, f"code-{number}") for number in range(clients)], guards)
        counted = Counter(answer for answer, _ in answers)
        assert counted["ok"] == 2 if guards.service else 1 <= counted["ok"] <= 2
        assert Booking.objects.live(NOW).count() == counted["ok"]
        assert overlaps() == 0


def test_without_any_guard_the_race_is_there(shared_database: dict[str, Any]) -> None:
    make_agenda(desks=2)
    with without_database_guard():
        jobs = [partial(hold_as, f"code-{number}") for number in range(CLIENTS)]
        answers = race(shared_database, jobs, Guards(service=False, database=False))
        assert sum(answer == "ok" for answer, _ in answers) > 2
        assert overlaps() > 0
        Booking.objects.all().delete()


@pytest.mark.parametrize("guards", [Guards(), Guards(database=False), Guards(service=False)])
def test_many_bookings_of_one_slot_give_exactly_two(shared_database: dict[str, Any], guards: Guards) -> None:
    make_agenda(desks=2)
    with nullcontext() if guards.database else without_database_guard():
        clients = CLIENTS if guards.service else 6
        jobs = [partial(book_as, "", NINE, f"https://wcs/{number}/") for number in range(clients)]
        answers = race(shared_database, jobs, guards)
        won = sum(answer == "ok" for answer, _ in answers)
        assert won == 2 if guards.service else 1 <= won <= 2
        assert overlaps() == 0


def test_mixed_durations_never_overlap_and_waste_nothing(shared_database: dict[str, Any]) -> None:
    make_agenda(desks=2)
    slots = [NINE, "passeport:2026-11-24-0920", "passeport-famille:2026-11-24-0900", "mariage:2026-11-24-0900"]
    jobs = [partial(hold_as, f"code-{number}", slots[number % 4]) for number in range(at_length(8, 24))]
    race(shared_database, jobs, Guards())
    assert overlaps() == 0
    # Whoever was refused is refused still: nothing was left free by mistake.
    for slot in (NINE, "passeport-famille:2026-11-24-0900", "mariage:2026-11-24-0900"):
        with pytest.raises(SlotUnavailable):
            hold_as("late", slot)


def test_one_record_confirming_many_times_at_once_gets_one_booking(shared_database: dict[str, Any]) -> None:
    make_agenda(desks=2)
    hold_as("alice")
    jobs = [partial(book_as, "alice", NINE, "https://wcs/1/") for _ in range(at_length(8, 16))]
    answers = race(shared_database, jobs, Guards())
    assert len({value for answer, value in answers if answer == "ok"}) == 1
    assert Counter(answer for answer, _ in answers) == {"ok": len(jobs)}
    assert Booking.objects.filter(state=BookingState.BOOKED).count() == 1


def test_the_same_code_holding_many_times_at_once_has_one_lock(shared_database: dict[str, Any]) -> None:
    make_agenda(desks=2)
    answers = race(shared_database, [partial(hold_as, "alice") for _ in range(at_length(8, 16))], Guards())
    assert len({value for answer, value in answers if answer == "ok"}) == 1
    assert Booking.objects.live_locks(NOW).count() == 1


def test_a_confirm_before_expiry_wins_against_everybody_who_wants_the_slot(shared_database: dict[str, Any]) -> None:
    make_agenda(desks=1)
    lock = hold_as("alice")
    jobs = [partial(book_as, "alice", NINE, "https://wcs/1/")]
    jobs += [partial(hold_as, f"code-{number}") for number in range(15)]
    answers = race(shared_database, jobs, Guards())
    assert [value for answer, value in answers if answer == "ok"] == [lock]


def test_confirm_and_expiry_at_the_last_moment_agree(shared_database: dict[str, Any]) -> None:
    make_agenda(desks=1)
    hold_as("alice")

    def tidy() -> int:
        return expire(now=LATER, actor=ALICE)

    jobs: list[Any] = [partial(book_as, "alice", NINE, "https://wcs/1/", now=LATER), tidy, tidy]
    jobs += [partial(hold_as, f"code-{number}", now=LATER) for number in range(5)]
    race(shared_database, jobs, Guards())
    assert Booking.objects.live(LATER).count() == 1
    assert overlaps(LATER) == 0
    assert AuditEvent.objects.filter(code="lock.expired").count() == 1


def test_two_moves_of_one_booking_leave_one_booking(shared_database: dict[str, Any]) -> None:
    make_agenda(desks=2)
    first = book_as("", NINE, "https://wcs/1/")
    jobs = [
        partial(book_as, "", f"passeport:2026-11-24-10{minute:02}", f"https://wcs/{minute}/", cancel_booking_id=first)
        for minute in (0, 20, 40)
    ]
    answers = race(shared_database, jobs, Guards())
    assert sum(answer == "ok" for answer, _ in answers) == 1
    assert Booking.objects.filter(state=BookingState.BOOKED).count() == 1


def test_crossing_moves_do_not_block_each_other(shared_database: dict[str, Any]) -> None:
    make_agenda("mairie", desks=1)
    make_agenda("annexe", desks=1)
    here, there = book_as("", NINE, "1"), book_as("", NINE, "2", agenda="annexe")
    jobs = [
        partial(book_as, "", TEN, "3", agenda="annexe", cancel_booking_id=here),
        partial(book_as, "", TEN, "4", agenda="mairie", cancel_booking_id=there),
    ]
    answers = race(shared_database, jobs, Guards())
    assert [answer for answer, _ in answers] == ["ok", "ok"]
    assert Booking.objects.filter(state=BookingState.BOOKED).count() == 2


def test_a_virtual_agenda_and_its_real_ones_share_their_desks(shared_database: dict[str, Any]) -> None:
    mairie, annexe = make_agenda("mairie", desks=1), make_agenda("annexe", desks=1)
    make_virtual("toutes", mairie, annexe)
    names = ["mairie", "annexe", "toutes", "toutes"]
    jobs = [partial(hold_as, f"code-{number}", agenda=names[number % 4]) for number in range(at_length(8, 24))]
    answers = race(shared_database, jobs, Guards())
    assert sum(answer == "ok" for answer, _ in answers) == 2
    assert overlaps() == 0
