"""Filters on dates and times."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from django.template import Library, defaultfilters
from django.utils.dateformat import DateFormat

from ..budget import spend
from ..dates import Moment, as_date, as_moment, as_time, day_of, moment_of, strict_moment
from ..locale import language, now
from .numbers import parsed

register = Library()

#: Days that may be gone through.
MOST_DAYS = 40_000


#: Days of the week as Django's own French has them, whatever catalogs are loaded beside it.
FRENCH_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


class _Format(DateFormat):
    def l(self) -> str:  # noqa: E743 – the letter of the pattern
        """The day of the week."""
        day = self.data
        if language() == "fr" and isinstance(day, datetime.date):
            return FRENCH_DAYS[day.weekday()]
        return str(super().l())


def formatted(value: Any, pattern: str) -> str:
    """A date, moment or time by a pattern of Django; "" when the pattern asks for what there is not."""
    if value is None:
        return ""
    try:
        if isinstance(value, datetime.date) and not pattern.endswith("_FORMAT"):
            return _Format(value).format(pattern)
        return str(defaultfilters.date(value, pattern))
    except (NotImplementedError, TypeError, AttributeError):
        return ""


@register.filter(is_safe=False)
def date(value: Any, pattern: str | None = None) -> Any:
    """A date, formatted when a pattern is given; "" when the value is none."""
    if pattern is None:
        return as_date(value) or ""
    return formatted(value if isinstance(value, datetime.time) else as_moment(value), str(pattern))


@register.filter(name="datetime", is_safe=False)
def datetime_(value: Any, pattern: str | None = None) -> Any:
    """A moment, formatted when a pattern is given; "" when the value is none."""
    if pattern is None:
        return as_moment(value) or ""
    return formatted(value if isinstance(value, datetime.time) else as_moment(value), str(pattern))


@register.filter(name="time", is_safe=False)
def time_(value: Any, pattern: str | None = None) -> Any:
    """A time of day, formatted when a pattern is given; "" when the value is none."""
    found = as_time(value)
    if pattern is None:
        return "" if found is None else found
    return formatted(found, str(pattern))


@register.filter
def parse_date(value: Any) -> Any:
    """The date of a text, None when it is none."""
    return as_date(value)


@register.filter
def parse_datetime(value: Any) -> Any:
    """The moment of a text, None when it is none."""
    return as_moment(value)


@register.filter
def parse_time(value: Any) -> Any:
    """The time of day of a text, None when it is none."""
    return as_time(value)


@register.filter(is_safe=False)
def add_days(value: Any, days: Any) -> Any:
    """The date (or moment, when a time of day was given) so many days later."""
    moment = strict_moment(value)
    start: Any = moment or as_date(value)
    if not start:
        return ""
    moved = start + datetime.timedelta(days=float(parsed(days)))
    return moved if moment else day_of(moved)


def _later(value: Any, **delta: float) -> Any:
    moment = as_moment(value)
    return "" if moment is None else moment_of(moment + datetime.timedelta(**delta))


@register.filter(is_safe=False)
def add_hours(value: Any, hours: Any) -> Any:
    """The moment so many hours later."""
    return _later(value, hours=float(parsed(hours)))


@register.filter(is_safe=False)
def add_minutes(value: Any, minutes: Any) -> Any:
    """The moment so many minutes later."""
    return _later(value, minutes=float(parsed(minutes)))


def _pair(value: Any, until: Any) -> tuple[datetime.date, datetime.date] | None:
    start = as_date(value)
    end = now().date() if until is None else as_date(until)
    return None if start is None or end is None else (start, end)


@register.filter(is_safe=False)
def age_in_days(value: Any, until: Any = None) -> Any:
    """Days since the date, or between the two."""
    pair = _pair(value, until)
    return "" if pair is None else (pair[1] - pair[0]).days


@register.filter(is_safe=False)
def age_in_hours(value: Any, until: Any = None) -> Any:
    """Whole hours since the moment, or between the two."""
    start = as_moment(value)
    end = moment_of(now()) if until is None else as_moment(until)
    return "" if start is None or end is None else int((end - start).total_seconds() / 3600)


def _years_and_months(value: Any, until: Any) -> tuple[int, int] | None:
    pair = _pair(value, until)
    if pair is None:
        return None
    born, today = pair
    months = (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day)
    return months // 12, months % 12


@register.filter(is_safe=False)
def age_in_months(value: Any, today: Any = None) -> Any:
    """Whole months since the date."""
    found = _years_and_months(value, today)
    return "" if found is None else found[0] * 12 + found[1]


@register.filter(is_safe=False)
def age_in_years(value: Any, today: Any = None) -> Any:
    """Whole years since the date."""
    found = _years_and_months(value, today)
    return "" if found is None else found[0]


@register.filter
def datetime_in_past(value: Any) -> bool:
    """Whether the moment is over."""
    moment: Moment | None = as_moment(value)
    return moment is not None and moment <= now()


@register.filter
def adjust_to_week_monday(value: Any) -> Any:
    """The Monday of that week."""
    found = as_date(value)
    return "" if found is None else found - datetime.timedelta(days=found.weekday())


@register.filter
def iterate_days_until(value: Any, until: Any) -> list[Any]:
    """Each day from the one to the other, both included."""
    return list(_days(as_date(value), as_date(until)))


def _days(first: datetime.date | None, last: datetime.date | None) -> Iterator[datetime.date]:
    if first is None or last is None:
        return
    for number in range(max((last - first).days, 0) + 1):
        spend(MOST_DAYS // 1000)
        yield first + datetime.timedelta(days=number)
