"""The texts of slots in the API."""

from __future__ import annotations

import datetime
from functools import lru_cache

from django.utils import formats, translation


@lru_cache(maxsize=4096)
def _day_text(ordinal: int, language: str) -> str:
    # Django's own form, which is the contract's; pages and mails say dates with ``adapter.dates``.
    with translation.override(language):
        return formats.date_format(datetime.date.fromordinal(ordinal), "DATE_FORMAT")


def slot_text(local_start: datetime.datetime, language: str) -> str:
    """The label of a slot: day and hour, ``3 février 2025 09:00``."""
    return f"{_day_text(local_start.toordinal(), language)} {local_start:%H:%M}"
