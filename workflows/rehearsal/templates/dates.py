"""Dates and times of templates: whatever is given is read first, and they compare with texts."""

from __future__ import annotations

import datetime
import re
from typing import Any

from django.utils.dateparse import parse_date, parse_datetime, parse_time

from .lazy import Lazy, plain
from .locale import language, zone

#: As people and programs write them; the ones of the site's language are tried first.
DATES = {"en": ("%Y-%m-%d", "%y-%m-%d"), "fr": ("%d/%m/%Y", "%d/%m/%y")}
MOMENTS = {
    "en": (
        "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%y-%m-%d %H:%M",
        "%y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S%z", "%y-%m-%d %H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S.%f%z",
    ),
    "fr": (
        "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %Hh%M", "%d/%m/%y %H:%M", "%d/%m/%y %H:%M:%S",
        "%d/%m/%y %Hh%M",
    ),
}  # fmt: skip
#: How a date and a moment are printed without a pattern.
PRINTED = {"en": ("%Y-%m-%d", "%Y-%m-%d %H:%M"), "fr": ("%d/%m/%Y", "%d/%m/%Y %H:%M")}
#: A year that is being typed.
TOO_EARLY = re.compile(r"0\d\d\d-\d\d-\d\d")
LONGEST = 64


class _Flexible:  # noqa: PLW1641
    """Dates that compare with other dates, moments and texts, by the moment that both stand for."""

    def _both(self, other: Any) -> tuple[datetime.datetime, datetime.datetime] | None:
        mine, others = as_moment(self), as_moment(other)
        return None if mine is None or others is None else (mine, others)

    def __eq__(self, other: object) -> bool:
        both = self._both(other)
        return both is not None and _naive(both[0]) == _naive(both[1])

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __lt__(self, other: Any) -> bool:
        both = self._both(other)
        return both is not None and _naive(both[0]) < _naive(both[1])

    def __gt__(self, other: Any) -> bool:
        both = self._both(other)
        return both is not None and _naive(both[0]) > _naive(both[1])

    def __le__(self, other: Any) -> bool:
        return self == other or self < other

    def __ge__(self, other: Any) -> bool:
        return self == other or self > other


class Day(_Flexible, datetime.date):
    """A date."""

    __hash__ = datetime.date.__hash__


class Moment(_Flexible, datetime.datetime):
    """A moment of the site's clock, without a zone."""

    __hash__ = datetime.datetime.__hash__


def _naive(moment: datetime.datetime) -> tuple[int, ...]:
    return (*moment.timetuple()[:6], moment.microsecond)


def day_of(value: datetime.date) -> Day:
    """The date that compares with texts."""
    return Day(value.year, value.month, value.day)


def moment_of(value: datetime.datetime) -> Moment:
    """The moment in the site's zone that compares with texts; one without a zone is of that zone."""
    local = value.astimezone(zone()) if value.tzinfo is not None else value
    return Moment(*local.timetuple()[:6], local.microsecond)


def as_moment(value: Any) -> Moment | None:
    """A moment, None when the value is none. A date is its midnight."""
    found: Any = plain(value) if isinstance(value, Lazy) else value
    if isinstance(found, str):
        found = _read(found.strip(), moments=True, dates=True)
    if isinstance(found, datetime.datetime):
        return moment_of(found)
    if isinstance(found, datetime.date):
        return Moment(found.year, found.month, found.day)
    return None


def strict_moment(value: Any) -> Moment | None:
    """A moment when the value says a time of day too, else None."""
    found: Any = plain(value)
    if isinstance(found, str):
        found = _read(found.strip(), moments=True, dates=False)
    return moment_of(found) if isinstance(found, datetime.datetime) else None


def _read(text: str, *, moments: bool, dates: bool) -> datetime.datetime | datetime.date | None:
    if not text or len(text) > LONGEST or TOO_EARLY.fullmatch(text):
        return None
    first = language() if language() in DATES else "en"
    order = sorted(DATES, key=lambda name: name != first)
    patterns = [pattern for name in order for pattern in MOMENTS[name]] if moments else []
    patterns += [pattern for name in order for pattern in DATES[name]] if dates else []
    for pattern in patterns:
        try:
            return datetime.datetime.strptime(text, pattern)  # noqa: DTZ007 – of the site's zone
        except ValueError:
            continue
    try:
        return (parse_datetime(text) if moments else None) or (parse_date(text) if dates else None)
    except ValueError:
        return None


def as_date(value: Any) -> Day | None:
    """The date of a value."""
    found = as_moment(value)
    return day_of(found) if found else None


def as_time(value: Any) -> datetime.time | None:
    """The time of day of a value: of a moment, or of a text such as `10:30`."""
    found: Any = plain(value)
    if isinstance(found, datetime.time):
        return found
    moment = as_moment(found)
    if moment is not None:
        return moment.time()
    try:
        return parse_time(found.strip()) if isinstance(found, str) and len(found) <= LONGEST else None
    except ValueError:
        return None


def printed(value: Any) -> str:
    """A date, moment or time as templates show it without a pattern."""
    day, moment = PRINTED["fr" if language() == "fr" else "en"]
    if isinstance(value, datetime.datetime):
        return moment_of(value).strftime(moment)
    if isinstance(value, datetime.date):
        return value.strftime(day)
    return str(value.strftime("%H:%M"))
