"""Calendars of others: what they close, and what they may not do to us."""

from __future__ import annotations

import datetime
from concurrent.futures import ThreadPoolExecutor

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from hypothesis import given
from hypothesis import strategies as st

from adapter.agendas.services import ics
from adapter.agendas.services.closure_rows import ClosureRow
from adapter.agendas.services.ics import IcsError, read_ics

NOW = datetime.datetime(2026, 11, 23, 10, 0, tzinfo=datetime.UTC)
PARIS = "Europe/Paris"


def calendar(*events: str) -> str:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//FR"]
    for number, event in enumerate(events):
        lines += ["BEGIN:VEVENT", f"UID:{number}@test", *event.split("|"), "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


def read(*events: str) -> list[ClosureRow]:
    return read_ics(calendar(*events), now=NOW, zone=PARIS)


def utc(*parts: int) -> datetime.datetime:
    return datetime.datetime(*parts, tzinfo=datetime.UTC)


def test_a_day_is_closed_from_midnight_to_midnight_local_time() -> None:
    assert read("DTSTART;VALUE=DATE:20261225|SUMMARY:Noël") == [
        ClosureRow(utc(2026, 12, 24, 23), utc(2026, 12, 25, 23), "Noël")
    ]


def test_several_days_end_before_the_day_that_dtend_names() -> None:
    [row] = read("DTSTART;VALUE=DATE:20261221|DTEND;VALUE=DATE:20261224")
    assert (row.start, row.end) == (utc(2026, 12, 20, 23), utc(2026, 12, 23, 23))


@pytest.mark.parametrize(
    ("start", "hour"),
    [
        ("DTSTART:20261201T090000", 8),
        ("DTSTART:20261201T090000Z", 9),
        ("DTSTART;TZID=Europe/London:20261201T090000", 9),
    ],
)
def test_times_are_local_unless_they_say(start, hour) -> None:
    [row] = read(f"{start}|DURATION:PT1H")
    assert (row.start, row.end) == (utc(2026, 12, 1, hour), utc(2026, 12, 1, hour + 1))


def test_an_event_without_end_lasts_until_the_end_of_its_day() -> None:
    [row] = read("DTSTART:20261201T140000")
    assert row.end == utc(2026, 12, 1, 23)


def test_recurrences_keep_their_local_hour_when_clocks_change() -> None:
    rows = read("DTSTART:20261019T090000|DTEND:20261019T100000|RRULE:FREQ=WEEKLY")
    starts = [row.start for row in rows]
    assert starts[0] == utc(2026, 11, 23, 8)
    assert utc(2027, 3, 22, 8) in starts
    assert utc(2027, 3, 29, 7) in starts
    assert starts[-1] < NOW + datetime.timedelta(days=601)


def test_excluded_and_cancelled_occurrences_are_open() -> None:
    rows = read(
        "DTSTART;VALUE=DATE:20261201|RRULE:FREQ=DAILY;COUNT=3|EXDATE;VALUE=DATE:20261202",
        "DTSTART;VALUE=DATE:20261210|STATUS:CANCELLED",
    )
    assert [row.start.day for row in rows] == [30, 2]


def test_a_changed_occurrence_takes_the_place_of_the_original() -> None:
    text = calendar(
        "DTSTART:20261201T090000|DTEND:20261201T100000|RRULE:FREQ=DAILY;COUNT=2",
        "RECURRENCE-ID:20261202T090000|DTSTART:20261202T150000|DTEND:20261202T160000",
    ).replace("UID:1@test", "UID:0@test")
    rows = read_ics(text, now=NOW, zone=PARIS)
    assert [row.start.hour for row in rows] == [8, 14]


def test_the_past_and_the_far_future_are_left_out() -> None:
    assert read("DTSTART;VALUE=DATE:20261122", "DTSTART;VALUE=DATE:20300101") == []


@pytest.mark.parametrize(
    "event",
    [
        "DTSTART:20261201T090000|RRULE:FREQ=SECONDLY",
        "DTSTART:20261201T090000|RRULE:FREQ=MINUTELY;INTERVAL=7",
        "DTSTART:20261201T090000|RRULE:FREQ=DAILY;BYHOUR=" + ",".join(map(str, range(24))) + ";BYMINUTE=0,30",
        "DTSTART:20261201T090000|RRULE:FREQ=DAILY;INTERVAL=0",
        "DTSTART:00010101T000000Z|RRULE:FREQ=DAILY",
        "SUMMARY:no start",
        "DTSTART:sometime",
    ],
)
def test_what_would_not_end_or_makes_no_sense_is_refused(event) -> None:
    with pytest.raises(IcsError):
        read(event)


@pytest.mark.parametrize("text", ["", "hello", "BEGIN:VCALENDAR", "BEGIN:VEVENT\r\nEND:VEVENT\r\n", "\0" * 100])
def test_what_is_no_calendar_is_refused(text) -> None:
    with pytest.raises(IcsError):
        read_ics(text, now=NOW, zone=PARIS)


def test_too_many_events_are_refused() -> None:
    with pytest.raises(IcsError, match="5000"):
        read(*["DTSTART;VALUE=DATE:20261201"] * 5001)


@given(st.text(alphabet="BEGIN:VEVT\r\nDSA;=20261T09Z,RULFQ", max_size=300))
def test_any_text_is_read_or_refused(text) -> None:
    try:
        read_ics(f"BEGIN:VCALENDAR\r\n{text}\r\nEND:VCALENDAR\r\n", now=NOW, zone=PARIS)
    except IcsError:
        pass


# Days that never come, searched for one by one since 1900.
NEVER = "RRULE:FREQ=DAILY;BYMONTH=2,4;BYMONTHDAY=31"


def endless(*lines: str) -> str:
    return "\r\n".join(
        [
            "BEGIN:VCALENDAR",
            "BEGIN:VEVENT",
            "UID:1",
            "DTSTART:19000101T090000",
            *lines,
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        ]
    )


@pytest.mark.parametrize(
    "lines",
    [
        [NEVER] * 20,
        [f"EXRULE:FREQ=DAILY;BYMONTHDAY={day}" for day in range(1, 21)],
        ["RDATE:" + ",".join(f"202612{day:02}T0{hour}0000" for day in range(1, 29) for hour in range(9))] * 5,
        [f"EXDATE:2026{month:02}{day:02}T090000" for month in range(1, 13) for day in range(1, 29)] * 4,
    ],
)
def test_an_event_has_few_rules_and_dates(lines) -> None:
    with pytest.raises(IcsError, match="récurrence"):
        read_ics(endless(*lines), now=NOW, zone="Europe/Paris")


def test_a_single_event_meets_the_deadline(monkeypatch) -> None:
    monkeypatch.setattr(ics, "MAX_SECONDS", 0.2)
    with pytest.raises(IcsError, match="trop long"):
        read_ics(endless(*[NEVER] * ics.MAX_RULES), now=NOW, zone="Europe/Paris")


def test_a_thread_meets_the_deadline_between_two_events(monkeypatch) -> None:
    monkeypatch.setattr(ics, "MAX_SECONDS", 0.0)
    with ThreadPoolExecutor() as pool, pytest.raises(IcsError, match="trop long"):
        pool.submit(read_ics, endless(), now=NOW, zone="Europe/Paris").result()


def test_the_limit_of_a_task_is_not_swallowed(monkeypatch) -> None:
    def interrupted(_calendar: object) -> None:
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(ics.recurring_ical_events, "of", interrupted)
    with pytest.raises(SoftTimeLimitExceeded):
        read_ics(endless(), now=NOW, zone="Europe/Paris")


@pytest.mark.parametrize("zone", ["Europe", "America/Argentina", "a" * 300])
@pytest.mark.parametrize("line", ["DTSTART;TZID={}:20261202T090000", "EXDATE;TZID={}:20261202T090000"])
def test_a_time_zone_that_is_no_file_is_refused(zone, line) -> None:
    text = f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\n{line.format(zone)}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    with pytest.raises(IcsError):
        read_ics(text, now=NOW, zone=PARIS)
