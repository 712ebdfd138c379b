"""Dates and times of templates: whatever text or value is given is read first."""

from __future__ import annotations

import datetime
import re
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime, parse_time

FRENCH = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}))?)?")
SHORT_TIME = re.compile(r"(\d{1,2})[:h](\d{2})?(?::(\d{2}))?")


def zone() -> ZoneInfo:
    """The zone of the site."""
    return ZoneInfo(settings.TIME_ZONE)


def as_datetime(value: Any) -> datetime.datetime | None:
    """An aware datetime in the site's zone, None when the value is none. A date is its midnight."""
    found: Any = value
    if isinstance(value, str):
        found = _read(value.strip())
    if isinstance(found, datetime.date) and not isinstance(found, datetime.datetime):
        found = datetime.datetime.combine(found, datetime.time())
    if not isinstance(found, datetime.datetime):
        return None
    return timezone.localtime(found, zone()) if timezone.is_aware(found) else found.replace(tzinfo=zone())


def _read(text: str) -> datetime.datetime | datetime.date | None:
    try:
        found = parse_datetime(text) or parse_date(text)
        if found is not None:
            return found
        match = FRENCH.fullmatch(text)
        if match:
            day, month, year, hour, minute, second = (int(part or 0) for part in match.groups())
            return datetime.datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 – the caller gives it a zone
    except ValueError:
        pass
    return None


def as_date(value: Any) -> datetime.date | None:
    """The date of a value."""
    found = as_datetime(value)
    return found.date() if found else None


def as_time(value: Any) -> datetime.time | None:
    """The time of day of a value."""
    if isinstance(value, datetime.time):
        return value
    if isinstance(value, str):
        text = value.strip()
        match = SHORT_TIME.fullmatch(text)
        try:
            if match:
                return datetime.time(int(match[1]), int(match[2] or 0), int(match[3] or 0))
            found = parse_time(text)
        except ValueError:
            return None
        if found is not None:
            return found
    moment = as_datetime(value)
    return moment.time().replace(microsecond=0) if moment else None
