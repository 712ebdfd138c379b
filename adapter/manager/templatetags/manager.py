"""Filters of the back office's templates."""

from __future__ import annotations

import datetime

from django import template
from django.utils import timezone

from adapter.manager import words

register = template.Library()


@register.filter
def duration_words(minutes: int) -> str:
    """Minutes in words."""
    return words.minutes_in_words(int(minutes))


@register.filter
def event_words(code: str) -> str:
    """An audit event in words."""
    return words.event_in_words(code)


@register.filter
def clock(value: datetime.datetime) -> str:
    """Local ``HH:MM``."""
    return f"{timezone.localtime(value):%H:%M}"


@register.filter
def minutes_left(expires_at: datetime.datetime, now: datetime.datetime) -> int:
    """Whole minutes until ``expires_at``, at least 1 while it is to come."""
    return max(0, -(-int((expires_at - now).total_seconds()) // 60))


@register.filter
def lookup(mapping: dict[object, object], key: object) -> object:
    """``mapping[key]``, or an empty text."""
    return mapping.get(key, "")
