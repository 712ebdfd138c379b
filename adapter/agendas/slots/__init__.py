"""Slots: pure computation over plain data. No query, no model, no clock; times are UTC epoch seconds.

One truth for availability: listing, holding, confirming, explaining and the calendar all stand on
:func:`adapter.agendas.slots.sweep.sweep` and :func:`adapter.agendas.slots.choice.free_desks`.
"""

from adapter.agendas.slots.choice import choose_desk, fairest, free_desks
from adapter.agendas.slots.explain import Explanation, Reason, explain
from adapter.agendas.slots.ids import BadSlotId, SlotId, format_slot_id, parse_slot_id
from adapter.agendas.slots.openings import PeriodRule, expand
from adapter.agendas.slots.sweep import Offer, sweep
from adapter.agendas.slots.types import Busy, BusyKind, Closed, DeskTimetable, Interval

__all__ = [
    "BadSlotId",
    "Busy",
    "BusyKind",
    "Closed",
    "DeskTimetable",
    "Explanation",
    "Interval",
    "Offer",
    "PeriodRule",
    "Reason",
    "SlotId",
    "choose_desk",
    "expand",
    "explain",
    "fairest",
    "format_slot_id",
    "free_desks",
    "parse_slot_id",
    "sweep",
]
