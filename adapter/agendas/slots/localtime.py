"""Between local wall-clock time and UTC epoch seconds, right on the days the clocks change."""

from __future__ import annotations

import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY = 86400
EPOCH_ORDINAL = datetime.date(1970, 1, 1).toordinal()


@lru_cache(maxsize=4096)
def utc_offsets(zone: str, ordinal: int) -> tuple[int, int]:
    """UTC offsets (seconds) at the midnights that begin and end the local day ``ordinal``."""
    return _offset_at_midnight(zone, ordinal), _offset_at_midnight(zone, ordinal + 1)


@lru_cache(maxsize=4096)
def _offset_at_midnight(zone: str, ordinal: int) -> int:
    midnight = datetime.datetime.combine(datetime.date.fromordinal(ordinal), datetime.time(), ZoneInfo(zone))
    offset = midnight.utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


def to_epoch(zone: str, ordinal: int, seconds: int) -> int:
    """The instant at which clocks show ``seconds`` after midnight on the local day ``ordinal``.

    ``seconds`` may be 86400 (the midnight that ends the day). A time that the clocks skip gives the instant of the
    change; a time they show twice gives the first one.
    """
    if seconds == DAY:
        ordinal, seconds = ordinal + 1, 0
    wall = (ordinal - EPOCH_ORDINAL) * DAY + seconds
    before, after = utc_offsets(zone, ordinal)
    if before == after:
        return wall - before
    return _to_epoch_on_change_day(zone, ordinal, seconds)


def _to_epoch_on_change_day(zone: str, ordinal: int, seconds: int) -> int:
    wall_clock = datetime.datetime.combine(
        datetime.date.fromordinal(ordinal), datetime.time(), ZoneInfo(zone)
    ) + datetime.timedelta(seconds=seconds)
    first = int(wall_clock.replace(fold=0).timestamp())
    second = int(wall_clock.replace(fold=1).timestamp())
    if second >= first:
        return first
    # Skipped by the clocks: `second` lies before the change and `first` after it. Find the change between them.
    low, high = second, first
    low_offset = _offset(zone, low)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, middle) == low_offset:
            low = middle
        else:
            high = middle
    return high


def _offset(zone: str, epoch: int) -> int:
    offset = datetime.datetime.fromtimestamp(epoch, ZoneInfo(zone)).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


def local_day(zone: str, epoch: int) -> int:
    """Ordinal of the local day in which ``epoch`` lies."""
    return datetime.datetime.fromtimestamp(epoch, ZoneInfo(zone)).toordinal()


def is_second_pass(zone: str, epoch: int) -> bool:
    """Whether clocks show the time of ``epoch`` for the second time that day."""
    ordinal = local_day(zone, epoch)
    before, after = utc_offsets(zone, ordinal)
    return before != after and datetime.datetime.fromtimestamp(epoch, ZoneInfo(zone)).fold == 1
