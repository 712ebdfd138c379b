"""The calendar as plain data: columns, lanes, closures, free times; and the days on which clocks change."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

import pytest

from adapter.agendas.services import BookingRequest, HoldRequest, confirm, hold
from adapter.manager.access import Access
from adapter.manager.calendar.board import Board, Filter, day_board, week_board
from adapter.manager.calendar.reading import read_calendar
from adapter.manager.calendar.span import Span
from tests.agendas.builders import ALICE, NOW, close, make_agenda, make_virtual

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 11, 24)
PARIS = ZoneInfo("Europe/Paris")
EVERYTHING = Access(True, frozenset())


def at(hour: int, minute: int = 0, day: datetime.date = DAY) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(hour, minute), PARIS)


def book(agenda: str, time: str, meeting_type: str = "passeport") -> None:
    confirm(BookingRequest(agenda, (f"{meeting_type}:2026-11-24-{time}",)), now=NOW, actor=ALICE)


def day(agenda: str = "mairie", date: datetime.date = DAY, now: datetime.datetime = NOW, **chosen) -> Board:
    return day_board(read_calendar(agenda, Span("day", date).window, now, EVERYTHING), date, Filter(**chosen))


def week(agenda: str = "mairie", date: datetime.date = DAY, now: datetime.datetime = NOW, **chosen) -> Board:
    span = Span("week", date)
    return week_board(read_calendar(agenda, span.window, now, EVERYTHING), span.days, Filter(**chosen))


def tuesday(board: Board):
    return next(column for column in board.columns if column.day == DAY)


def test_things_that_overlap_stand_side_by_side_and_others_do_not_narrow() -> None:
    make_agenda(desks=3)
    for time in ("0900", "0900", "0900", "1000"):
        book("mairie", time)
    blocks = [(item.span.begins, item.lane, item.lanes) for item in tuesday(week()).blocks]
    assert blocks == [("09:00", 0, 3), ("09:00", 1, 3), ("09:00", 2, 3), ("10:00", 0, 2)]
    alone = [(item.lane, item.lanes) for column in day().columns for item in column.blocks]
    assert set(alone) == {(0, 1)}


def test_every_line_has_its_hour_the_last_one_too() -> None:
    make_agenda(desks=1, weekdays=range(7), hours=[("08:00", "16:30")])
    assert day().hours == [*range(8, 18)]
    assert week().hours == [*range(8, 18)]


def test_room_is_left_beside_what_stands_while_a_desk_is_free() -> None:
    make_agenda(desks=3)
    book("mairie", "0900")
    [block] = tuesday(week()).blocks
    assert (block.lane, block.lanes) == (0, 2)


def test_a_closure_of_one_desk_is_drawn_in_a_merged_column_with_its_name() -> None:
    agenda = make_agenda(desks=2)
    close(agenda, at(14), at(16), agenda.desks.get(slug="guichet-2"), label="Formation")
    close(agenda, at(10), at(11), label="Réunion")
    found = {(item.label, item.desks, item.span.begins, item.lanes) for item in tuesday(week()).closings}
    assert found == {("Formation", "Guichet 2", "14:00", 2), ("Réunion", "", "10:00", 1)}
    by_desk = {column.label: {item.label for item in column.closings} for column in day().columns}
    assert by_desk == {"Guichet 1": {"Réunion"}, "Guichet 2": {"Réunion", "Formation"}}


def test_a_closure_while_the_desk_is_not_open_anyway_is_not_drawn() -> None:
    agenda = make_agenda()
    close(agenda, at(12, 30), at(13), label="Midi")
    assert tuesday(week()).closings == []


@pytest.mark.parametrize("taken", [0, 1])
def test_the_pointer_is_told_the_desk_that_a_hold_takes(taken) -> None:
    make_agenda(desks=2)
    for _ in range(taken):
        book("mairie", "1100", "mariage")
    board = week()
    data = read_calendar("mairie", Span("week", DAY).window, NOW, EVERYTHING)
    starts = dict(board.free_times(data)["columns"]["day-2026-11-24"]["starts"]["passeport"])
    lock = hold(HoldRequest("mairie", ("passeport:2026-11-24-0900",), "K"), now=NOW, actor=ALICE).lock
    assert starts[9 * 60] == lock.desk_id


def test_free_times_are_what_the_lists_offer() -> None:
    make_agenda(desks=1)
    book("mairie", "0920")
    [column] = day().columns
    starts = column.starts()
    assert 9 * 60 in starts["passeport"]
    assert 9 * 60 + 20 not in starts["passeport"]
    assert 9 * 60 not in starts["passeport-famille"]
    assert [(gap.span.begins, gap.span.ends) for gap in column.gaps] == [
        ("09:00", "09:20"),
        ("09:40", "12:00"),
        ("13:30", "16:50"),
    ]


def test_a_gap_that_is_too_short_for_the_chosen_type_takes_another_one() -> None:
    make_agenda(desks=1)
    book("mairie", "0920")
    gap = day().columns[0].gaps[0]
    first = gap.first("mariage")
    assert first is not None
    assert first[:2] == ("passeport", 9 * 60)


def test_one_agenda_of_a_virtual_one_and_one_desk() -> None:
    make_virtual("toutes", make_agenda(desks=2), make_agenda("annexe", desks=1))
    assert [(c.label, c.sublabel) for c in day("toutes").columns] == [
        ("Guichet 1", "Annexe"),
        ("Guichet 1", "Mairie"),
        ("Guichet 2", "Mairie"),
    ]
    assert [c.sublabel for c in day("toutes", only="annexe").columns] == ["Annexe"]
    book("annexe", "0900")
    assert len(tuesday(week("toutes")).blocks) == 1
    assert tuesday(week("toutes", only="mairie")).blocks == []


@pytest.mark.parametrize(
    ("date", "hours"),
    [(datetime.date(2027, 3, 28), ("01:00", "05:00")), (datetime.date(2026, 10, 25), ("01:00", "05:00"))],
)
def test_days_on_which_clocks_change(date, hours) -> None:
    make_agenda(desks=1, weekdays=range(7), hours=[hours], minimal_booking_delay=0)
    now = datetime.datetime.combine(date - datetime.timedelta(days=3), datetime.time(12), PARIS)
    board = day(date=date, now=now)
    [column] = board.columns
    assert [(span.begins, span.ends) for span in column.openings] == [hours]
    starts = column.starts()["passeport"]
    skipped = {minute for minute in starts if 120 <= minute < 180}
    # In spring clocks jump from 2:00 to 3:00; in autumn the hour from 2:00 is there twice, its first pass can be had.
    assert bool(skipped) is (date.month == 10)
    lock = hold(HoldRequest("mairie", (f"passeport:{date}-0300",), "K"), now=now, actor=ALICE).lock
    [block] = day(date=date, now=now).columns[0].blocks
    assert (block.booking.id, block.span.begins, block.span.ends) == (lock.pk, "03:00", "03:20")


def test_a_week_over_a_change_of_clocks_shows_seven_right_days() -> None:
    make_agenda(desks=1, weekdays=range(7), minimal_booking_delay=0)
    now = datetime.datetime(2027, 3, 20, 12, tzinfo=PARIS)
    columns = week(date=datetime.date(2027, 3, 28), now=now).columns
    assert [column.day.day for column in columns] == [22, 23, 24, 25, 26, 27, 28]
    assert {(column.openings[0].begins, column.openings[-1].ends) for column in columns} == {("09:00", "17:00")}
