"""Is it bookable? What a form and its workflow do about slots, judged together."""

from .check import check_bookings

__all__ = ["check_bookings"]
