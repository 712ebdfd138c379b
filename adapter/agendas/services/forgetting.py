"""What is personal in a booking, and erasing it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from adapter.agendas.models import Callback, CallbackState, HeldDraft

PERSONAL_TEXTS = (
    "label",
    "user_display_label",
    "user_name",
    "user_first_name",
    "user_last_name",
    "user_email",
    "user_phone_number",
    "user_external_id",
    "backoffice_url",
    "form_url",
    "cancel_callback_url",
    "presence_callback_url",
    "absence_callback_url",
    "record",
    "sms_counter",
    "user_absence_reason",
    "user_presence_reason",
)


def erased_columns() -> dict[str, Any]:
    """Values that leave nothing personal in the columns of a booking."""
    return {**dict.fromkeys(PERSONAL_TEXTS, ""), "extra_emails": [], "extra_phone_numbers": [], "extra_data": None}


def forget_traces(booking_ids: Iterable[int]) -> None:
    """Delete what else leads to the records of these bookings: their drafts, and callbacks that have ended."""
    ids = list(booking_ids)
    HeldDraft.objects.filter(booking__in=ids).delete()
    Callback.objects.filter(booking__in=ids).exclude(state=CallbackState.PENDING).delete()
