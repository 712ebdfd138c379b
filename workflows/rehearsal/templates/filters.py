"""Filters that w.c.s. adds to Django's or replaces, as its documentation and real exports use them."""

from __future__ import annotations

import datetime
import math
import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any
from urllib.parse import urljoin

from django.template import Library
from django.utils import dateformat

from .bounds import MOST_DIGITS
from .dates import as_date, as_datetime, as_time, zone

register = Library()


# -- dates and times


@register.filter(is_safe=False)
def date(value: Any, pattern: str | None = None) -> Any:
    """A date, formatted when a pattern is given; "" when the value is none."""
    moment = as_datetime(value)
    if moment is None:
        return ""
    return moment.date() if pattern is None else dateformat.format(moment, pattern)


@register.filter(is_safe=False)
def time(value: Any, pattern: str | None = None) -> Any:
    """A time of day, formatted when a pattern is given; "" when the value is none."""
    found = as_time(value)
    if found is None:
        return ""
    return found if pattern is None else dateformat.time_format(found, pattern)


@register.filter(is_safe=False)
def datetime_(value: Any, pattern: str | None = None) -> Any:
    """A moment, formatted when a pattern is given; "" when the value is none."""
    moment = as_datetime(value)
    if moment is None:
        return ""
    return moment if pattern is None else dateformat.format(moment, pattern)


register.filters["datetime"] = register.filters.pop("datetime_")
register.filter("parse_date", lambda value: as_date(value) or "")
register.filter("parse_time", lambda value: as_time(value) or "")
register.filter("parse_datetime", lambda value: as_datetime(value) or "")


def _moved(value: Any, **delta: float) -> Any:
    moment = as_datetime(value)
    return "" if moment is None else moment + datetime.timedelta(**delta)


@register.filter
def add_days(value: Any, days: Any) -> Any:
    """The date so many days later."""
    found, number = as_date(value), _number(days)
    return "" if found is None or number is None else found + datetime.timedelta(days=float(number))


@register.filter
def add_hours(value: Any, hours: Any) -> Any:
    """The moment so many hours later."""
    return _moved(value, hours=float(_number(hours) or 0))


@register.filter
def add_minutes(value: Any, minutes: Any) -> Any:
    """The moment so many minutes later."""
    return _moved(value, minutes=float(_number(minutes) or 0))


def _age(value: Any, since: Any) -> datetime.timedelta | None:
    start = as_datetime(value)
    end = as_datetime(since) if since not in (None, "") else datetime.datetime.now(zone())
    return None if start is None or end is None else end - start


@register.filter
def age_in_days(value: Any, now: Any = None) -> Any:
    """Whole days since the value, or between the two."""
    start, end = as_date(value), as_date(now) if now not in (None, "") else datetime.datetime.now(zone()).date()
    return "" if start is None or end is None else (end - start).days


@register.filter
def age_in_hours(value: Any, now: Any = None) -> Any:
    """Whole hours since the value."""
    found = _age(value, now)
    return "" if found is None else int(found.total_seconds() // 3600)


def _months(value: Any, now: Any) -> int | None:
    start, end = as_date(value), as_date(now) if now not in (None, "") else datetime.datetime.now(zone()).date()
    if start is None or end is None:
        return None
    return (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)


@register.filter
def age_in_months(value: Any, now: Any = None) -> Any:
    """Whole months since the value."""
    found = _months(value, now)
    return "" if found is None else found


@register.filter
def age_in_years(value: Any, now: Any = None) -> Any:
    """Whole years since the value."""
    found = _months(value, now)
    return "" if found is None else found // 12


# -- numbers


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or value in (None, ""):
        return None
    try:
        found = Decimal(str(value).strip().replace(",", ".").replace("\xa0", "").replace(" ", ""))
    except InvalidOperation:
        return None
    # A number with a million zeros takes minutes to write out, and is none that anybody means.
    return found if found.is_finite() and -MOST_DIGITS < found.adjusted() < MOST_DIGITS else None


def _short(number: Decimal) -> Any:
    """A whole number as an int."""
    return int(number) if number == number.to_integral_value() else number


@register.filter
def decimal(value: Any, digits: Any = None) -> Any:
    """A number with decimals, 0 for what is none; rounded to so many digits."""
    number = _number(value)
    number = Decimal(0) if number is None else number
    if digits is None:
        return number
    return number.quantize(Decimal(1).scaleb(-int(digits)), rounding=ROUND_HALF_UP)


@register.filter
def integer(value: Any) -> int:
    """A whole number, 0 for what is none."""
    return int(_number(value) or 0)


@register.filter
def add(value: Any, other: Any) -> Any:
    """Numbers are added, even when they are texts; lists and texts are joined."""
    left, right = _number(value), _number(other)
    if left is not None and right is not None:
        return _short(left + right)
    if isinstance(value, list) and isinstance(other, list):
        return value + other
    if left is not None and other in (None, ""):
        return value
    if right is not None and value in (None, ""):
        return other
    moment = as_datetime(value) if isinstance(value, datetime.date) else None
    if moment is not None and right is not None:
        return moment + datetime.timedelta(days=float(right))
    return f"{'' if value is None else value}{'' if other is None else other}"


def _both(value: Any, other: Any) -> tuple[Decimal, Decimal]:
    return _number(value) or Decimal(0), _number(other) or Decimal(0)


@register.filter
def subtract(value: Any, other: Any) -> Any:
    """The difference."""
    left, right = _both(value, other)
    return _short(left - right)


@register.filter
def multiply(value: Any, other: Any) -> Any:
    """The product."""
    left, right = _both(value, other)
    return _short(left * right)


@register.filter
def divide(value: Any, other: Any) -> Any:
    """The quotient, "" by zero."""
    left, right = _both(value, other)
    return "" if not right else _short(left / right)


@register.filter
def ceil(value: Any) -> Any:
    """Up to the next whole number."""
    number = _number(value)
    return "" if number is None else math.ceil(number)


@register.filter
def floor(value: Any) -> Any:
    """Down to the next whole number."""
    number = _number(value)
    return "" if number is None else math.floor(number)


@register.filter
def abs(value: Any) -> Any:
    """Without its sign."""
    number = _number(value)
    return "" if number is None else _short(number.copy_abs())


@register.filter("sum")
def sum_(values: Any) -> Any:
    """The sum of a list of numbers."""
    if not isinstance(values, list | tuple):
        return ""
    return _short(sum((_number(value) or Decimal(0) for value in values), Decimal(0)))


# -- lists and objects


def _below(value: Any, key: Any) -> Any:
    try:
        if isinstance(value, list | tuple):
            return value[int(key)]
        return value[key]
    except (KeyError, IndexError, TypeError, ValueError):
        return None


@register.filter
def get(value: Any, key: Any) -> Any:
    """What is under a key of an object, or at an index of a list; None without it."""
    return _below(value, key)


@register.filter
def getlist(values: Any, key: Any) -> list[Any]:
    """What is under a key, of each object of a list."""
    return [_below(value, key) for value in values] if isinstance(values, list | tuple) else []


@register.filter("list")
def list_(value: Any) -> list[Any]:
    """As a list."""
    return list(value) if isinstance(value, list | tuple | set | dict) else [] if value in (None, "") else [value]


@register.filter
def count(value: Any) -> int:
    """How many there are."""
    try:
        return len(value)
    except TypeError:
        return 0


@register.filter
def is_empty(value: Any) -> bool:
    """Whether it is None, or an empty text, list or object."""
    return value is None or (isinstance(value, str | list | tuple | dict) and len(value) == 0)


# -- texts


@register.filter
def split(value: Any, separator: str = " ") -> list[str]:
    """The parts between separators."""
    return str(value).split(separator) if value not in (None, "") else []


@register.filter
def splitlines(value: Any) -> list[str]:
    """The lines."""
    return str(value).splitlines() if value not in (None, "") else []


@register.filter
def strip(value: Any, characters: str | None = None) -> str:
    """Without blanks (or these characters) at both ends."""
    return "" if value is None else str(value).strip(characters)


@register.filter
def removeprefix(value: Any, prefix: str) -> str:
    """Without that beginning."""
    return "" if value is None else str(value).removeprefix(prefix)


@register.filter
def removesuffix(value: Any, suffix: str) -> str:
    """Without that end."""
    return "" if value is None else str(value).removesuffix(suffix)


@register.filter
def unaccent(value: Any) -> str:
    """Without accents."""
    decomposed = unicodedata.normalize("NFKD", "" if value is None else str(value))
    return re.sub(r"[\u0300-\u036f]", "", decomposed)


@register.filter("urljoin")
def urljoin_(base: Any, path: Any) -> str:
    """The address of `path` seen from `base`."""
    return urljoin(str(base or ""), str(path or ""))
