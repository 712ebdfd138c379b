"""How many slots one caller may hold at a time, whatever the codes: a runaway workflow must not empty the agendas."""

from __future__ import annotations

import datetime
import time

from django.conf import settings

from adapter.agendas.errors import CallerHoldsTooMuch
from adapter.agendas.models import Booking

# Seconds for which a process believes its last count: the budget is exact within what is held in that time.
BELIEVED = 5.0
# Callers are few (services and agents); who fills this is counted anew.
MOST_CALLERS = 1000
_counted: dict[str, tuple[float, int]] = {}


def check_caller_budget(holder: str, *, now: datetime.datetime) -> None:
    """Let ``holder`` hold one more slot. Raises :class:`CallerHoldsTooMuch` (``LOCKS_PER_CALLER_MAX``, 0: no limit)."""
    limit = settings.LOCKS_PER_CALLER_MAX
    if not limit or not holder:
        return
    moment = time.monotonic()
    counted_at, live = _counted.get(holder, (-BELIEVED, limit))
    # Near the limit each hold counts anew: refusals are exact.
    if live >= limit or moment - counted_at >= BELIEVED:
        counted_at, live = moment, Booking.objects.live_locks(now).filter(holder=holder).count()
        if len(_counted) >= MOST_CALLERS:
            _counted.clear()
    if live >= limit:
        raise CallerHoldsTooMuch
    _counted[holder] = counted_at, live + 1


def forget_counts() -> None:
    """Count anew at the next hold."""
    _counted.clear()
