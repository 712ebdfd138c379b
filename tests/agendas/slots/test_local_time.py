"""Openings in local time, ids of slots, and the two days on which the clocks change."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.agendas.slots import BadSlotId, PeriodRule, expand, format_slot_id, parse_slot_id
from adapter.agendas.slots.localtime import DAY, is_second_pass, to_epoch

PARIS = "Europe/Paris"
SPRING = datetime.date(2026, 3, 29).toordinal()
AUTUMN = datetime.date(2026, 10, 25).toordinal()
ZONES = st.sampled_from([PARIS, "Europe/Brussels", "America/Cayenne", "Pacific/Noumea", "Indian/Reunion", "UTC"])
DAYS = st.integers(datetime.date(2020, 1, 1).toordinal(), datetime.date(2035, 1, 1).toordinal())


def rule(start: int, end: int, **values: object) -> PeriodRule:
    """A rule for every day that is given as ``date``, in hours."""
    fields: dict[str, object] = {"weekday": None, "weeks": frozenset(), "date": None, **values}
    return PeriodRule(start=start * 3600, end=end * 3600, **fields)


def hours_open(day: int, start: int, end: int) -> float:
    [(begin, finish)] = expand((rule(start, end, date=day),), day, day, PARIS)
    return (finish - begin) / 3600


def test_a_night_has_an_hour_less_in_spring_and_more_in_autumn() -> None:
    assert hours_open(SPRING, 0, 6) == 5
    assert hours_open(AUTUMN, 0, 6) == 7
    assert hours_open(SPRING + 1, 0, 6) == 6
    assert hours_open(SPRING, 0, 24) == 23
    assert hours_open(AUTUMN, 0, 24) == 25


def test_an_opening_that_begins_in_the_skipped_hour_begins_when_the_clocks_change() -> None:
    [(begin, _)] = expand((PeriodRule(None, frozenset(), SPRING, 2 * 3600 + 1800, 5 * 3600),), SPRING, SPRING, PARIS)
    assert datetime.datetime.fromtimestamp(begin, ZoneInfo(PARIS)).strftime("%H:%M") == "03:00"


def test_a_time_shown_twice_is_the_first_one() -> None:
    start = to_epoch(PARIS, AUTUMN, 2 * 3600 + 1800)
    assert datetime.datetime.fromtimestamp(start, datetime.UTC).strftime("%H:%M") == "00:30"
    assert not is_second_pass(PARIS, start)
    assert is_second_pass(PARIS, start + 3600)


@given(ZONES, DAYS, st.integers(0, DAY - 1))
def test_conversion_agrees_with_zoneinfo_when_the_time_exists(zone: str, day: int, seconds: int) -> None:
    wall = datetime.datetime.combine(datetime.date.fromordinal(day), datetime.time()) + datetime.timedelta(
        seconds=seconds
    )
    aware = wall.replace(tzinfo=ZoneInfo(zone))
    epoch = to_epoch(zone, day, seconds)
    if aware.astimezone(datetime.UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wall:
        assert epoch == int(aware.timestamp())
    else:
        # Skipped: the instant of the change is the first that clocks show after it.
        shown = datetime.datetime.fromtimestamp(epoch, ZoneInfo(zone)).replace(tzinfo=None)
        before = datetime.datetime.fromtimestamp(epoch - 1, ZoneInfo(zone)).replace(tzinfo=None)
        assert before < wall < shown


def test_a_day_ends_where_the_next_begins() -> None:
    assert to_epoch(PARIS, AUTUMN, DAY) == to_epoch(PARIS, AUTUMN + 1, 0)


def test_weeks_of_the_month_and_validity_limit_a_weekly_rule() -> None:
    first_and_third = rule(9, 10, weekday=2, weeks=frozenset({1, 3}))
    december = range(datetime.date(2026, 12, 1).toordinal(), datetime.date(2027, 1, 1).toordinal())
    assert [datetime.date.fromordinal(day).day for day in december if first_and_third.applies(day)] == [2, 16]
    bounded = rule(9, 10, weekday=2, valid_from=december[0] + 5, valid_until=december[0] + 15)
    assert [datetime.date.fromordinal(day).day for day in december if bounded.applies(day)] == [9, 16]


def test_periods_that_touch_are_joined_but_not_across_midnight() -> None:
    day = SPRING + 7
    joined = expand((rule(9, 12, date=day), rule(12, 14, date=day)), day, day, PARIS)
    assert [(end - start) // 3600 for start, end in joined] == [5]
    night = expand((rule(20, 24, date=day), rule(0, 4, date=day + 1)), day, day + 1, PARIS)
    assert [(end - start) // 3600 for start, end in night] == [4, 4]


@given(DAYS, st.integers(0, 1439))
def test_a_slot_id_survives_the_round_trip_when_clocks_show_it(day: int, minute: int) -> None:
    date = datetime.date.fromordinal(day)
    text = f"passeport:{date:%Y-%m-%d}-{minute // 60:02}{minute % 60:02}"
    slot = parse_slot_id(text)
    assert str(slot) == text
    start = slot.start(PARIS)
    if start is None:
        assert date.month in (3,) and date.weekday() == 6
    else:
        assert format_slot_id("passeport", start, PARIS) == text


def test_a_time_that_clocks_skip_has_no_start() -> None:
    assert parse_slot_id("passeport:2026-03-29-0230").start(PARIS) is None
    assert parse_slot_id("passeport:2026-03-29-0300").start(PARIS) is not None


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "slot"),
        ("passeport", "slot"),
        (":2026-03-29-0900", "slot"),
        ("passeport:", "datetime"),
        ("passeport:2026-02-30-0900", "datetime"),
        ("passeport:2026-03-29-2460", "datetime"),
        ("passeport:2026-03-29-0960", "datetime"),
        ("passeport:2026-03-29 0900", "datetime"),
        ("passeport:0000-03-29-0900", "datetime"),
        ("passeport:9999-12-31-0900", "datetime"),
        ("passeport:２０２６-03-29-0900", "datetime"),
    ],
)
def test_what_is_not_a_slot_id_is_refused(text: str, part: str) -> None:
    with pytest.raises(BadSlotId) as refusal:
        parse_slot_id(text)
    assert refusal.value.part == part


@given(st.text(max_size=40))
def test_no_text_breaks_the_reader_of_slot_ids(text: str) -> None:
    try:
        parse_slot_id(text)
    except BadSlotId:
        pass
