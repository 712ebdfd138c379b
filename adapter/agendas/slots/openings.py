"""From rules in local time (every Monday, each 1st Wednesday, one date) to intervals in UTC."""

from __future__ import annotations

import datetime
from functools import lru_cache
from typing import NamedTuple

from adapter.agendas.slots.intervals import merge
from adapter.agendas.slots.localtime import to_epoch
from adapter.agendas.slots.types import Interval


class PeriodRule(NamedTuple):
    """A period of local time: on a weekday (0 is Monday; ``weeks`` empty means every week) or on one date.

    ``start`` and ``end`` are seconds after local midnight (end up to 86400); dates are proleptic ordinals.
    """

    weekday: int | None
    weeks: frozenset[int]
    date: int | None
    start: int
    end: int
    valid_from: int | None = None
    valid_until: int | None = None

    def applies(self, ordinal: int) -> bool:
        """Whether the rule holds on that local day."""
        if self.valid_from is not None and ordinal < self.valid_from:
            return False
        if self.valid_until is not None and ordinal > self.valid_until:
            return False
        if self.date is not None:
            return self.date == ordinal
        if (ordinal + 6) % 7 != self.weekday:
            return False
        return not self.weeks or (datetime.date.fromordinal(ordinal).day - 1) // 7 + 1 in self.weeks


@lru_cache(maxsize=1024)
def expand(rules: tuple[PeriodRule, ...], first_day: int, last_day: int, zone: str) -> tuple[Interval, ...]:
    """The intervals that ``rules`` open on the local days ``first_day`` to ``last_day``, both included.

    Sorted and disjoint. Periods of one day that touch or overlap are joined; days are not joined across midnight, so
    that the grid of starts never depends on how many days are looked at.
    """
    intervals: list[Interval] = []
    for ordinal in range(first_day, last_day + 1):
        intervals += merge(
            (to_epoch(zone, ordinal, rule.start), to_epoch(zone, ordinal, rule.end))
            for rule in rules
            if rule.applies(ordinal)
        )
    return tuple(intervals)
