"""The present, asked in one place. Services never ask: they are given ``now``."""

from __future__ import annotations

import datetime

from django.conf import settings


def now() -> datetime.datetime:
    """The present as an aware datetime in UTC, shifted by ``CLOCK_OFFSET`` seconds (tests and rehearsals only)."""
    return datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=settings.CLOCK_OFFSET)
