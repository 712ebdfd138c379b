"""Openings in local time, ids of slots, and the two days on which the clocks change."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.agendas.slots import BadSlotId, PeriodRule, expand, format_slot_id, parse_slot_id
from adapter.agendas.slots.localtime import DAY, is_second_pass, local_day, to_epoch

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


def test_every_skipped_second_is_the_very_instant_of_the_change() -> None:
    change = to_epoch(PARIS, SPRING, 3 * 3600)
    found = {to_epoch(PARIS, SPRING, seconds) for seconds in range(2 * 3600, 3 * 3600, 7)}
    assert found == {change}
    assert {type(instant) for instant in found} == {int}


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


def test_the_week_of_the_month_is_counted_from_its_first_day() -> None:
    for number in range(1, 32):
        date = datetime.date(2026, 12, number)
        week = 1 + (number - 1) // 7
        for asked in range(1, 6):
            asks = rule(9, 10, weekday=date.weekday(), weeks=frozenset({asked}))
            assert asks.applies(date.toordinal()) is (asked == week)


def test_a_rule_is_valid_on_its_first_and_last_day() -> None:
    bounded = rule(9, 10, weekday=SPRING % 7, valid_from=SPRING, valid_until=SPRING + 14)
    days = [day for day in range(SPRING - 7, SPRING + 22) if bounded._replace(weekday=(day + 6) % 7).applies(day)]
    assert (days[0], days[-1]) == (SPRING, SPRING + 14)


@pytest.mark.parametrize(
    ("zone", "day", "clock", "utc"),
    [
        # The day on which clocks skip an hour: before, within, after.
        ("America/New_York", "2026-03-08", "01:30", "2026-03-08T06:30"),
        ("America/New_York", "2026-03-08", "02:30", "2026-03-08T07:00"),
        ("America/New_York", "2026-03-08", "03:30", "2026-03-08T07:30"),
        # The day on which they show one twice: the first is meant.
        ("America/New_York", "2026-11-01", "01:30", "2026-11-01T05:30"),
        ("America/New_York", "2026-11-01", "02:30", "2026-11-01T07:30"),
        # Half an hour only.
        ("Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:30"),
        ("Europe/Paris", "2026-03-29", "02:00", "2026-03-29T01:00"),
    ],
)
def test_days_of_change_elsewhere(zone: str, day: str, clock: str, utc: str) -> None:
    hour, minute = map(int, clock.split(":"))
    found = to_epoch(zone, datetime.date.fromisoformat(day).toordinal(), hour * 3600 + minute * 60)
    assert datetime.datetime.fromtimestamp(found, datetime.UTC) == datetime.datetime.fromisoformat(f"{utc}+00:00")


def test_ids_are_written_in_the_zone_that_is_asked_for() -> None:
    start = parse_slot_id("passeport:2026-11-24-0900").start("Pacific/Noumea")
    assert start is not None
    assert format_slot_id("passeport", start, "Pacific/Noumea") == "passeport:2026-11-24-0900"
    assert format_slot_id("passeport", start, "UTC") == "passeport:2026-11-23-2200"
    assert not is_second_pass("Pacific/Noumea", start)
    # 01:30 of New York for the second time; in Paris nothing is repeated then.
    again = 1793514600
    assert is_second_pass("America/New_York", again)
    assert not is_second_pass("Europe/Paris", again)


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
        ("passeport:2026-03-29-2400", "datetime"),
        ("passeport:2026-03-29-2360", "datetime"),
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
    # What is quoted is what cannot be read.
    assert refusal.value.text == str(refusal.value) == (text if part == "slot" else text.rpartition(":")[2])


def test_a_slot_id_is_a_day_and_the_seconds_since_its_midnight() -> None:
    slot = parse_slot_id("passeport:2026-11-24-2359")
    assert (slot.day, slot.seconds) == (datetime.date(2026, 11, 24).toordinal(), 23 * 3600 + 59 * 60)


def test_the_day_is_the_one_of_the_zone_that_is_asked_for() -> None:
    start = parse_slot_id("passeport:2026-11-24-0900").start("Pacific/Noumea")
    assert start is not None
    day = datetime.date(2026, 11, 24).toordinal()
    assert (local_day("Pacific/Noumea", start), local_day("UTC", start)) == (day, day - 1)


def test_the_date_of_a_slot_id_stands_after_its_last_colon() -> None:
    assert parse_slot_id("a:b:2026-11-24-0900").meeting_type == "a:b"


@given(st.text(max_size=40))
def test_no_text_breaks_the_reader_of_slot_ids(text: str) -> None:
    try:
        parse_slot_id(text)
    except BadSlotId:
        pass
