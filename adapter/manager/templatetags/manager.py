"""Filters of the back office's templates."""

from __future__ import annotations

import datetime

from django import template
from django.utils import timezone

from adapter.agendas.models import Booking, Callback
from adapter.dates import date_text
from adapter.manager import words
from adapter.manager.calendar.blocks import clock_text

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
    return words.minutes_left(expires_at, now)


@register.filter
def time_left(expires_at: datetime.datetime, now: datetime.datetime) -> str:
    """How long a lock still lasts, in words."""
    return words.time_left(expires_at, now)


@register.filter
def seconds_words(seconds: int) -> str:
    """Seconds in words, to the minute."""
    return words.minutes_in_words(int(seconds) // 60)


@register.filter
def minute_text(minutes: int) -> str:
    """Minutes after midnight as ``HH:MM``."""
    return clock_text(int(minutes))


@register.filter
def is_web(url: str) -> bool:
    """Whether an address may be a link: texts of other systems are not trusted."""
    return url.startswith(("http://", "https://"))


@register.filter
def name_beside_label(booking: Booking) -> str:
    """Whose appointment it is, unless its name says so already."""
    return words.name_beside_label(booking)


@register.filter
def appointment_name(booking: Booking) -> str:
    """What an appointment is called."""
    return words.appointment_name(booking)


@register.filter
def callback_words(callback: Callback) -> str:
    """How far a call to w.c.s. got."""
    return words.callback_in_words(callback)


@register.filter
def weekday_names(_value: str) -> list[str]:
    """Monday to Sunday, short."""
    # 1 January 2024 is a Monday.
    return [date_text(datetime.date(2024, 1, day), "D") for day in range(1, 8)]
