"""Lists that w.c.s. asks for before the choice that they depend on: its addresses then hold ``None`` or nothing."""

from __future__ import annotations

from django.http import HttpResponse

from adapter.api.answers import success
from adapter.api.calls import Call

UNANSWERED = "None"


def list_nothing(call: Call, **_: str) -> HttpResponse:
    """No meeting types."""
    return success(data=[])


def list_no_datetimes(call: Call, **_: str) -> HttpResponse:
    """No slots; what else was sent does not matter."""
    meta = {
        "no_bookable_datetimes": True,
        "bookable_datetimes_number_total": 0,
        "bookable_datetimes_number_available": 0,
        "first_bookable_slot": None,
    }
    return success(data=[], meta=meta)
