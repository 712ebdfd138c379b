"""What a form and its workflows do about appointments, found by what they do, whatever their names.

Checker, upgrader and rehearsal stand on the same analysis.
"""

from .analysis import Analysis, BookingAction, HoldCall, SlotField, analyse
from .expressions import (
    CONTEXT_CODE,
    LOCK_CODE,
    TOKEN,
    TOKEN_FIELD,
    Place,
    booking_places,
    guarded,
    has_lock_code,
    hold_body,
    hold_condition,
    is_booking_url,
    is_cancel_url,
    makes_token,
    mentions,
    places,
    sends_context_code,
    sent_token,
    unparsable,
)

__all__ = [
    "CONTEXT_CODE",
    "LOCK_CODE",
    "Analysis",
    "BookingAction",
    "HoldCall",
    "Place",
    "TOKEN",
    "TOKEN_FIELD",
    "SlotField",
    "analyse",
    "booking_places",
    "guarded",
    "has_lock_code",
    "hold_body",
    "hold_condition",
    "is_booking_url",
    "is_cancel_url",
    "makes_token",
    "mentions",
    "places",
    "sends_context_code",
    "sent_token",
    "unparsable",
]
