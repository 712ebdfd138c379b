"""Dates as people read them: French says « 1er décembre », which Django's own formats do not."""

from __future__ import annotations

import datetime
import re
from typing import Any

from django import template
from django.template import defaultfilters
from django.utils import formats, timezone, translation

# Loaded into every template (TEMPLATES): nobody has to remember which filter is the right one.
register = template.Library()

DAY_OF_MONTH = re.compile(r"(?<!\\)j")


def date_text(value: datetime.date, pattern: str = "DATE_FORMAT") -> str:
    """A day, or a moment in local time, in the language of the page; ``pattern`` as for Django's ``date_format``."""
    return formats.date_format(value, _as_said(value, pattern))


def short_moment_text(value: datetime.datetime) -> str:
    """A moment, short and local, in the language of the page."""
    return date_text(timezone.localtime(value), "SHORT_DATETIME_FORMAT")


@register.filter(expects_localtime=True, is_safe=False)
def date(value: Any, pattern: str | None = None) -> Any:
    """Django's ``date``, with the first of a month as French says it."""
    return defaultfilters.date(value, _as_said(value, pattern or "DATE_FORMAT"))


def _as_said(value: Any, pattern: str) -> str:
    language = (translation.get_language() or "").partition("-")[0]
    # "j" alone is a number for a machine, such as a part of an address.
    if language != "fr" or pattern == "j" or getattr(value, "day", None) != 1:
        return pattern
    return DAY_OF_MONTH.sub(r"j\\e\\r", formats.get_format(pattern))
