"""Closures out of an iCalendar file (RFC 5545), recurrences included.

Files come from outside: what they may ask of this process (events, occurrences, seconds) is bounded.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events
import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.utils.translation import gettext as _

from adapter.agendas.services.closure_rows import ClosureRow
from adapter.deadline import DeadlineReached, deadline

logger = structlog.get_logger("adapter.sources")

# Nobody books further ahead; an endless recurrence must end somewhere.
DAYS_AHEAD = 600
MAX_EVENTS = 5000
MAX_CLOSURES = 5000
# Seconds for reading a whole file.
MAX_SECONDS = 8.0
# Of one event: rules of recurrence, and dates that are added or left out.
MAX_RULES = 5
MAX_DATES = 1000
FREQUENCIES = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
MAX_TIMES_A_DAY = 24
EARLIEST_YEAR = 1900
LABEL_LENGTH = 150


class IcsError(ValueError):
    """The file cannot be used; the sentence says why."""


def not_a_calendar() -> IcsError:
    """What is said of any other file."""
    return IcsError(_("This is not a calendar in the iCalendar format (.ics), as calendar programs export it."))


def read_ics(text: str, *, now: datetime.datetime, zone: str) -> list[ClosureRow]:
    """The closures of today (local) and the next 600 days, in order of time, each once.

    Times without a time zone are local to ``zone``; a day is from midnight to midnight there. Cancelled events are left
    out; an event that says no end lasts until the end of its day. Raises :class:`IcsError`.
    """
    tz = ZoneInfo(zone)
    begin = datetime.datetime.combine(now.astimezone(tz).date(), datetime.time.min, tz)
    finish = begin + datetime.timedelta(days=DAYS_AHEAD)
    found: set[ClosureRow] = set()
    last_moment = time.monotonic() + MAX_SECONDS
    try:
        with deadline(MAX_SECONDS):
            for series in _series(text):
                if time.monotonic() > last_moment:
                    # Where threads serve, no alarm is heard.
                    raise DeadlineReached
                for row in _closures(series, begin, finish, tz):
                    found.add(row)
                    if len(found) > MAX_CLOSURES:
                        raise IcsError(_("The file closes more than %(count)d times.") % {"count": MAX_CLOSURES})
    except DeadlineReached:
        raise IcsError(_("The recurrences of this file take too long to work out.")) from None
    return sorted(found)


def _series(text: str) -> Iterator[icalendar.Calendar]:
    """A calendar for each event and its changed occurrences (they share a UID)."""
    try:
        calendars = icalendar.Calendar.from_ical(text, multiple=True)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError, OSError):
        # OSError: a time zone is looked for as a file of that name.
        raise not_a_calendar() from None
    if not calendars or any(calendar.name != "VCALENDAR" for calendar in calendars):
        raise not_a_calendar()
    count = 0
    for calendar in calendars:
        series: dict[str, icalendar.Calendar] = {}
        for event in calendar.walk("VEVENT"):
            count += 1
            if count > MAX_EVENTS:
                raise IcsError(_("The file has more than %(count)d events.") % {"count": MAX_EVENTS})
            _check(event, count)
            uid = str(event.get("UID") or f"\x00{count}")
            if uid not in series:
                series[uid] = icalendar.Calendar()
                if "X-WR-TIMEZONE" in calendar:
                    series[uid]["X-WR-TIMEZONE"] = calendar["X-WR-TIMEZONE"]
            series[uid].add_component(event)
        yield from series.values()


def _check(event: Any, number: int) -> None:
    """Refuse what would not end, or not soon."""
    errors = getattr(event, "errors", None)
    if errors:
        # Pairs of a property and what the library says of it, in English.
        raise IcsError(
            _("The event “%(event)s” cannot be read: its %(property)s makes no sense.")
            % {"event": _label(event) or number, "property": str(errors[0][0])[:40]}
        )
    if "DTSTART" not in event:
        raise IcsError(_("The event “%(event)s” has no start (DTSTART).") % {"event": _label(event) or number})
    rules = [*_each(event, "RRULE"), *_each(event, "EXRULE")]
    dates = sum(len(getattr(item, "dts", [item])) for name in ("RDATE", "EXDATE") for item in _each(event, name))
    if len(rules) > MAX_RULES or dates > MAX_DATES:
        raise IcsError(
            _("The event “%(event)s” has too many rules or dates of recurrence.") % {"event": _label(event) or number}
        )
    for rule in rules:
        times = 1
        for part in ("BYHOUR", "BYMINUTE", "BYSECOND"):
            times *= max(1, len(rule.get(part, [])))
        intervals = rule.get("INTERVAL", [1])
        if (
            {str(item).upper() for item in rule.get("FREQ", [])} - FREQUENCIES
            or "FREQ" not in rule
            or times > MAX_TIMES_A_DAY
            or any(not isinstance(item, int) or item < 1 for item in intervals)
            or _year(event) < EARLIEST_YEAR
        ):
            raise IcsError(_("A recurrence is too frequent or makes no sense: %(rule)s") % {"rule": _rule_text(rule)})


def _each(event: Any, name: str) -> list[Any]:
    found = event.get(name)
    return found if isinstance(found, list) else [] if found is None else [found]


def _year(event: Any) -> int:
    start = getattr(event["DTSTART"], "dt", None)
    return start.year if isinstance(start, datetime.date) else 0


def _rule_text(rule: Any) -> str:
    try:
        return str(rule.to_ical().decode())[:150]
    except (ValueError, AttributeError):
        return str(rule)[:150]


def _closures(
    series: icalendar.Calendar, begin: datetime.datetime, finish: datetime.datetime, tz: ZoneInfo
) -> Iterator[ClosureRow]:
    # A day more on both sides: the library compares times that have no zone with times that have one.
    day = datetime.timedelta(days=1)
    try:
        occurrences = recurring_ical_events.of(series).between(begin - day, finish + day)
    except SoftTimeLimitExceeded:
        raise
    except Exception as error:  # the library has no common error, and raises whatever it stumbles on
        first: Any = next(iter(series.walk("VEVENT")), {})
        logger.info("ics_event_not_read", error=repr(error)[:200])
        raise IcsError(_("The event “%(event)s” cannot be read.") % {"event": _label(first)}) from None
    for event in occurrences:
        if str(event.get("STATUS", "")).upper() == "CANCELLED":
            continue
        start, end = _bounds(event, tz)
        if start < end and end > begin and start < finish:
            yield ClosureRow(start.astimezone(datetime.UTC), end.astimezone(datetime.UTC), _label(event))


def _bounds(event: Any, tz: ZoneInfo) -> tuple[datetime.datetime, datetime.datetime]:
    start = event["DTSTART"].dt
    first = _moment(start, tz)
    end = event["DTEND"].dt if "DTEND" in event else None
    if end is None and "DURATION" in event:
        end = start + event["DURATION"].dt
    if end is None or end == start:
        next_day = (start if not isinstance(start, datetime.datetime) else first.astimezone(tz).date()) + (
            datetime.timedelta(days=1)
        )
        return first, _moment(next_day, tz)
    return first, _moment(end, tz)


def _moment(value: datetime.date, tz: ZoneInfo) -> datetime.datetime:
    if not isinstance(value, datetime.datetime):
        value = datetime.datetime.combine(value, datetime.time.min)
    return value.replace(tzinfo=tz) if value.tzinfo is None else value


def _label(event: Any) -> str:
    text = "".join(char if char.isprintable() else " " for char in str(event.get("SUMMARY", "")))
    return " ".join(text.split())[:LABEL_LENGTH]
