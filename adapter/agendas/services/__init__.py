"""The public door of the agendas app: every rule about slots, locks and bookings is behind these names.

Each service takes the time as ``now`` and, when it changes something, who acts as ``actor``; each is one transaction.
Refusals are exceptions of :mod:`adapter.agendas.errors`.
"""

from adapter.agendas.services.actor import Actor
from adapter.agendas.services.bookings import (
    active_booking,
    anonymize,
    bookings_of_user,
    cancel,
    cancel_by_agent,
    cancel_for_record,
    find_booking,
    owe_callback,
    record_presence,
    why_not_cancellable,
)
from adapter.agendas.services.configuration import changing, touch_agendas
from adapter.agendas.services.confirming import BookingDetails, BookingRequest, Confirmed, confirm
from adapter.agendas.services.drafts import remember_draft
from adapter.agendas.services.expiring import expire
from adapter.agendas.services.explaining import explain_day
from adapter.agendas.services.fillslot import Filled, FillslotRequest, fillslot
from adapter.agendas.services.holding import Held, HoldRequest, hold, locks_of, release, release_locks
from adapter.agendas.services.listing import Slot, SlotListing, SlotQuery, ask_slots, list_slots, nearest_slots
from adapter.agendas.services.previewing import DeskPreview, desk_that_would_take
from adapter.agendas.services.refusals import refusals_of
from adapter.agendas.services.renewing import renew
from adapter.agendas.services.taking_over import take_over

__all__ = [
    "Actor",
    "BookingDetails",
    "BookingRequest",
    "Confirmed",
    "DeskPreview",
    "Filled",
    "FillslotRequest",
    "Held",
    "HoldRequest",
    "Slot",
    "SlotListing",
    "SlotQuery",
    "active_booking",
    "anonymize",
    "ask_slots",
    "bookings_of_user",
    "cancel",
    "cancel_by_agent",
    "cancel_for_record",
    "changing",
    "confirm",
    "desk_that_would_take",
    "expire",
    "explain_day",
    "fillslot",
    "find_booking",
    "hold",
    "list_slots",
    "locks_of",
    "nearest_slots",
    "owe_callback",
    "record_presence",
    "refusals_of",
    "release",
    "release_locks",
    "remember_draft",
    "renew",
    "take_over",
    "touch_agendas",
    "why_not_cancellable",
]
