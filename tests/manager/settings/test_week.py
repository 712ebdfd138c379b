"""The picture of a week is that of the slots."""

from __future__ import annotations

import datetime
import html
import re

import pytest

from adapter.agendas.models import Agenda, Closure, ExcludedPeriod, OpeningPeriod
from adapter.agendas.queries.snapshot import load_snapshot
from adapter.manager.settings.week import Week, monday_of, picture
from tests.agendas.builders import NOW, close, make_agenda, make_virtual

pytestmark = pytest.mark.django_db
MONDAY = datetime.date(2026, 11, 23)


def week(slug: str = "mairie", monday: datetime.date = MONDAY) -> Week:
    return picture(load_snapshot(slug)[0], monday)


def open_on(number: int, found: Week, row: int = 0) -> list[str]:
    return [piece.text for piece in found.rows[row].days[number].open_pieces]


def closed_on(number: int, found: Week, row: int = 0) -> list[tuple[str, str]]:
    return [(piece.text, piece.label) for piece in found.rows[row].days[number].closed_pieces]


def moment(day: int, hour: int, minute: int = 0) -> datetime.datetime:
    """UTC; Paris is an hour ahead."""
    return datetime.datetime(2026, 11, day, hour, minute, tzinfo=datetime.UTC)


def test_desks_with_the_same_week_share_a_picture() -> None:
    make_agenda(desks=3)
    found = week()
    assert [row.names for row in found.rows] == [("Guichet 1", "Guichet 2", "Guichet 3")]
    assert open_on(0, found) == ["09:00 – 12:00", "13:30 – 17:00"]
    assert open_on(5, found) == []
    assert (found.first, found.last) == (9, 17)


def test_exceptions_cut_openings_and_say_why() -> None:
    agenda = make_agenda()
    close(agenda, moment(23, 10), moment(23, 14), agenda.desks.all()[0], label="Formation")
    found = week()
    assert [row.names for row in found.rows] == [("Guichet 1",), ("Guichet 2",)]
    assert open_on(0, found) == ["09:00 – 11:00", "15:00 – 17:00"]
    assert closed_on(0, found) == [("11:00 – 12:00", "Formation"), ("13:30 – 15:00", "Formation")]
    assert open_on(0, found, row=1) == ["09:00 – 12:00", "13:30 – 17:00"]


def test_exceptions_that_overlap_are_drawn_once_with_both_names() -> None:
    agenda = make_agenda(desks=1)
    close(agenda, moment(23, 8), moment(23, 10), label="A")
    close(agenda, moment(23, 9), moment(23, 11), label="B")
    assert closed_on(0, week()) == [("09:00 – 12:00", "A, B")]


def test_weeks_of_the_month_single_dates_and_validity_are_seen() -> None:
    desk = make_agenda(desks=1, weekdays=[]).desks.get()
    nine, ten = datetime.time(9), datetime.time(10)
    OpeningPeriod.objects.create(desk=desk, weekday=0, weeks_of_month=[1], start_time=nine, end_time=ten)
    OpeningPeriod.objects.create(desk=desk, date=datetime.date(2026, 11, 28), start_time=nine, end_time=ten)
    OpeningPeriod.objects.create(
        desk=desk, weekday=1, start_time=nine, end_time=ten, valid_from=datetime.date(2026, 12, 1)
    )
    assert [bool(day.pieces) for day in week().rows[0].days] == [False] * 5 + [True, False]
    december = week(monday=datetime.date(2026, 12, 7))
    assert [bool(day.pieces) for day in december.rows[0].days] == [True, True] + [False] * 5


def test_a_day_of_changing_clocks_shows_what_clocks_show() -> None:
    desk = make_agenda(desks=1, weekdays=[]).desks.get()
    OpeningPeriod.objects.create(desk=desk, weekday=6, start_time=datetime.time(1), end_time=datetime.time(0))
    assert open_on(6, week(monday=datetime.date(2026, 10, 19))) == ["01:00 – 24:00"]
    assert open_on(6, week(monday=datetime.date(2027, 3, 22))) == ["01:00 – 24:00"]


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("09:00", "12:00", (9, 10, 11, 12)),
        ("09:30", "16:30", (9, 11, 13, 15, 17)),
        ("07:15", "20:00", (7, 11, 15, 19, 23)),
        ("00:00", "24:00", (0, 4, 8, 12, 16, 20, 24)),
        ("17:00", "24:00", (16, 18, 20, 22, 24)),
        ("23:00", "24:00", (23, 24)),
    ],
)
def test_the_scale_holds_every_opening(start, end, hours) -> None:
    make_agenda(desks=1, hours=[(start, end)])
    found = week()
    assert found.hours == hours
    for day in found.rows[0].days:
        for piece in day.pieces:
            assert found.first * 60 <= piece.start < piece.end <= found.last * 60


def test_a_virtual_agenda_shows_its_real_ones_without_the_excluded_periods() -> None:
    virtual = make_virtual("toutes", make_agenda(desks=1), make_agenda("annexe", desks=1, weekdays=[1]))
    ExcludedPeriod.objects.create(agenda=virtual, weekday=1, start_time=datetime.time(9), end_time=datetime.time(12))
    found = week("toutes")
    assert [row.names for row in found.rows] == [("Annexe, Guichet 1",), ("Mairie, Guichet 1",)]
    assert open_on(1, found) == ["13:30 – 17:00"]
    assert {piece.label for row in found.rows for day in row.days for piece in day.closed_pieces} == {"période exclue"}


def test_the_page_says_in_words_what_the_picture_shows(mairie, editor) -> None:
    close(mairie, moment(24, 8), moment(24, 9), label="Formation")
    page = editor.get("/manage/agendas/mairie/settings/?week=2026-11-24").content.decode()
    row = re.search(r'<th scope="row">mar 24</th>.*?</tr>', page, re.S)
    assert row
    text = re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", row[0]))).strip()
    assert text == "mar 24 10:00 – 12:00, 13:30 – 17:00 (Formation 09:00 – 10:00)"
    assert row[0].count('class="open"') == 2
    assert row[0].count('class="closed"') == 1


@pytest.mark.parametrize("text", ["", "nonsense", "2026-99-99", "0001-01-01", "9999-12-31"])
def test_nonsense_shows_the_present_week(mairie, editor, text) -> None:
    assert monday_of(text, NOW.date()) == MONDAY
    assert "mar 24" in editor.get(f"/manage/agendas/mairie/settings/?week={text}").content.decode()


@pytest.mark.parametrize("desks", [1, 20])
def test_the_page_asks_the_database_a_fixed_number_of_questions(
    editor, mairie, desks, django_assert_max_num_queries
) -> None:
    for number in range(desks):
        desk = mairie.desks.create(slug=f"autre-{number}", label=f"Autre {number}", position=9)
        desk.openings.create(weekday=0, start_time=datetime.time(9), end_time=datetime.time(10))
        close(mairie, moment(24, 9), moment(24, 10), desk)
    assert Closure.objects.count() == desks
    assert Agenda.objects.count() == 1
    with django_assert_max_num_queries(30):
        editor.get("/manage/agendas/mairie/settings/")
