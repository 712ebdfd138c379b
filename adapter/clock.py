"""The present, asked in one place. Services never ask: they are given ``now``."""

from __future__ import annotations

import datetime

from django.conf import settings


def real_now() -> datetime.datetime:
    """The present as other machines see it, never shifted: signatures are about their clocks, not about ours."""
    return datetime.datetime.now(datetime.UTC)


def now() -> datetime.datetime:
    """The present as an aware datetime in UTC, shifted by ``CLOCK_OFFSET`` seconds (tests and rehearsals only)."""
    return real_now() + datetime.timedelta(seconds=settings.CLOCK_OFFSET)
