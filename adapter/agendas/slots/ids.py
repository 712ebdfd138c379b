"""Slot ids of the contract: ``MEETINGTYPE:YYYY-MM-DD-HHMM``, local time."""

from __future__ import annotations

import datetime
import re
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from adapter.agendas.slots.localtime import to_epoch

SLOT_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})-(\d{2})(\d{2})", re.ASCII)
# Years outside of this cannot be converted to every time zone; no agenda goes there.
YEARS = range(1970, 9000)


class BadSlotId(ValueError):
    """The text is not a slot id. ``part`` is ``slot`` (no such shape) or ``datetime`` (no such date)."""

    def __init__(self, part: str, text: str) -> None:
        super().__init__(text)
        self.part = part
        self.text = text


class SlotId(NamedTuple):
    """A parsed slot id: the meeting type's slug, and the start as local day (ordinal) and seconds."""

    meeting_type: str
    day: int
    seconds: int

    def start(self, zone: str) -> int | None:
        """UTC epoch seconds of the start; ``None`` when clocks in ``zone`` never show that time."""
        return _shown_at(zone, self.day, self.seconds)

    def __str__(self) -> str:
        date = datetime.date.fromordinal(self.day)
        return f"{self.meeting_type}:{date:%Y-%m-%d}-{self.seconds // 3600:02}{self.seconds // 60 % 60:02}"


@lru_cache(maxsize=4096)
def _shown_at(zone: str, day: int, seconds: int) -> int | None:
    epoch = to_epoch(zone, day, seconds)
    local = datetime.datetime.fromtimestamp(epoch, ZoneInfo(zone))
    shown = local.toordinal(), local.hour * 3600 + local.minute * 60
    return epoch if shown == (day, seconds) else None


def parse_slot_id(text: str) -> SlotId:
    """Read a slot id. Raises :class:`BadSlotId`."""
    meeting_type, separator, moment = text.rpartition(":")
    if not separator or not meeting_type:
        raise BadSlotId("slot", text)
    match = SLOT_DATE.fullmatch(moment)
    if match is None:
        raise BadSlotId("datetime", moment)
    year, month, day, hour, minute = map(int, match.groups())
    if year not in YEARS or hour > 23 or minute > 59:
        raise BadSlotId("datetime", moment)
    try:
        ordinal = datetime.date(year, month, day).toordinal()
    except ValueError:
        raise BadSlotId("datetime", moment) from None
    return SlotId(meeting_type, ordinal, hour * 3600 + minute * 60)


def format_slot_id(meeting_type: str, start: int, zone: str) -> str:
    """The id of the slot that begins at ``start`` (UTC epoch seconds)."""
    return f"{meeting_type}:{datetime.datetime.fromtimestamp(start, ZoneInfo(zone)):%Y-%m-%d-%H%M}"
