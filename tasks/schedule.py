"""What runs when."""

from __future__ import annotations

from typing import Any

from celery.schedules import crontab, schedule
from django.conf import settings

# The queue of rehearsals, which have a worker of their own.
REHEARSALS = "booking-adapter-rehearsals"
MINUTE = 60
DAY = 24 * 60 * MINUTE
# Seconds between two runs of what is to be done each minute; tests have no minute to wait.
EVERY = settings.SCHEDULE_EVERY
# Local time; not on the hour, when everybody else's jobs start.
NIGHT = crontab(hour="3", minute="17")
LATER_AT_NIGHT = crontab(hour="3", minute="37")
BEFORE_DAWN = crontab(hour="5", minute="7")
LAST_AT_NIGHT = crontab(hour="4", minute="7")
QUARTER = crontab(minute="*/15")


def _entry(task: str, when: schedule, *, expires: float) -> dict[str, Any]:
    """``expires`` in seconds: a run that found no worker in time is dropped, the next one does its work."""
    return {"task": f"tasks.jobs.{task}", "schedule": when, "options": {"expires": expires}}


#: Seconds between two runs of each task, for who looks whether they run.
PERIODS: dict[str, int] = {
    "release_expired_locks": EVERY,
    "deliver_callbacks": EVERY,
    "send_reminders": EVERY,
    "learn_form_titles": EVERY,
    "refresh_calendars": 15 * MINUTE,
    "refresh_holidays": DAY,
    "apply_retention": DAY,
    "watch_overlaps": DAY,
    "reconcile": DAY,
    "prune": DAY,
    "forget_rehearsals": 15 * MINUTE,
}
#: Those that the worker of rehearsals runs: when they are late, it is that one which is missing.
BY_REHEARSALS = frozenset({"forget_rehearsals"})

SCHEDULE: dict[str, dict[str, Any]] = {
    "release expired locks": _entry("release_expired_locks", schedule(EVERY), expires=max(1, EVERY - 5)),
    "deliver callbacks": _entry("deliver_callbacks", schedule(EVERY), expires=max(1, EVERY - 5)),
    "send reminders": _entry("send_reminders", schedule(EVERY), expires=max(1, EVERY - 5)),
    "learn form titles": _entry("learn_form_titles", schedule(EVERY), expires=max(1, EVERY - 5)),
    "refresh calendars": _entry("refresh_calendars", QUARTER, expires=14 * MINUTE),
    "refresh holidays": _entry("refresh_holidays", NIGHT, expires=6 * 60 * MINUTE),
    "apply retention": _entry("apply_retention", LATER_AT_NIGHT, expires=6 * 60 * MINUTE),
    "watch overlaps": _entry("watch_overlaps", LAST_AT_NIGHT, expires=6 * 60 * MINUTE),
    "reconcile": _entry("reconcile", BEFORE_DAWN, expires=2 * 60 * MINUTE),
    "prune": _entry("prune", LATER_AT_NIGHT, expires=6 * 60 * MINUTE),
    "forget rehearsals": {
        "task": "tasks.rehearsing.forget_rehearsals",
        "schedule": QUARTER,
        "options": {"expires": 14 * MINUTE},
    },
}
