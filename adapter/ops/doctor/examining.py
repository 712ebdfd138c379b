"""All that is looked at, in order. What breaks while it is looked at is itself a finding."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable

from django.db import DatabaseError

from adapter.ops.doctor import platform, wcs, work
from adapter.ops.doctor.lines import Level, Line
from adapter.ops.doctor.schedule import schedule

Look = Callable[[datetime.datetime], Iterable[Line]]
LOOKS: tuple[tuple[str, Look], ...] = (
    ("settings", platform.settings_in_order),
    ("database", platform.database),
    ("migrations", platform.migrations),
    ("cache", platform.cache_answers),
    ("broker", platform.broker),
    ("schedule", schedule),
    ("locks", work.locks),
    ("outbox", work.outbox),
    ("reminders", work.reminders),
    ("overlaps", work.no_overlaps),
    ("wcs", wcs.services),
)


def examine(*, now: datetime.datetime) -> list[Line]:
    """Look at everything; changes nothing, takes some seconds at the most, and never raises."""
    lines: list[Line] = []
    for code, look in LOOKS:
        try:
            lines.extend(look(now))
        except DatabaseError as error:
            lines.append(
                Line(
                    code,
                    Level.CRITICAL,
                    f"The database could not be asked: {type(error).__name__}.",
                    "See “database” and “migrations”.",
                )
            )
        except Exception as error:  # One look that breaks must not hide the others.
            lines.append(
                Line(code, Level.CRITICAL, f"It could not be looked at: {type(error).__name__}: {error}"[:300])
            )
    return lines
