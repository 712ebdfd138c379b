"""What a form and its workflows do about appointments, found by what they do, whatever their names.

Checker, upgrader and rehearsal stand on the same analysis.
"""

from .analysis import Analysis, BookingAction, HoldCall, SlotField, analyse
from .expressions import (
    CONTEXT_CODE,
    HOLD_BODY,
    LOCK_CODE,
    Place,
    booking_places,
    has_lock_code,
    is_booking_url,
    is_cancel_url,
    mentions,
    places,
    sends_context_code,
    unparsable,
)

__all__ = [
    "CONTEXT_CODE",
    "HOLD_BODY",
    "LOCK_CODE",
    "Analysis",
    "BookingAction",
    "HoldCall",
    "Place",
    "SlotField",
    "analyse",
    "booking_places",
    "has_lock_code",
    "is_booking_url",
    "is_cancel_url",
    "mentions",
    "places",
    "sends_context_code",
    "unparsable",
]
