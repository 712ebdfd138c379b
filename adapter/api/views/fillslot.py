"""Holding and booking slots (chrono-api §7, §8)."""

from __future__ import annotations

import datetime
from typing import Any

from django.http import HttpResponse

from adapter.agendas.items import slot_item
from adapter.agendas.models import BookingState
from adapter.agendas.queries.availability import zone_name
from adapter.agendas.queries.lock_keys import TOKEN_MAX_LENGTH
from adapter.agendas.services import BookingDetails, BookingRequest, Filled, FillslotRequest, fillslot
from adapter.agendas.services.lock_rules import LOCK_CODE_MAX_LENGTH
from adapter.api.answers import booking_url, success
from adapter.api.calls import Call
from adapter.api.reading.fields import Fields
from adapter.api.views.slots import refuse_resources

TEXTS = (
    "label",
    "user_display_label",
    "user_name",
    "user_first_name",
    "user_last_name",
    "user_email",
    "user_external_id",
)
URLS = ("backoffice_url", "form_url", "cancel_callback_url", "presence_callback_url", "absence_callback_url")
# Keys that mean something, here or for other kinds of agendas: never part of extra_data.
KNOWN = frozenset(
    {
        *TEXTS,
        *URLS,
        *("user_phone_number", "extra_emails", "extra_phone_numbers", "sms_counter", "exclude_user", "bypass_delays"),
        *(
            "cancel_booking_id",
            "count",
            "lock_code",
            "lock_token",
            "lock_duration",
            "confirm_after_lock",
            "slots",
            "events",
        ),
        *("force_waiting_list", "form_slug"),
    }
)
SECONDS_IN_A_DAY = 86400


def fill_slot(call: Call, agenda: str, slot: str) -> HttpResponse:
    """Hold or book one slot."""
    return _fill(call, agenda, (slot,))


def fill_slots(call: Call, agenda: str) -> HttpResponse:
    """Hold or book several slots that follow each other, as one booking."""
    slots = tuple(call.body.words("slots"))
    if not slots and "slots" not in call.body.errors:
        call.body.refuse("slots", "This field is required.")
    return _fill(call, agenda, slots)


def _fill(call: Call, agenda: str, slots: tuple[str, ...]) -> HttpResponse:
    request = _read(call.body, agenda, slots, call.asked_at)
    refuse_resources(call)
    call.body.check()
    return success(**_content(fillslot(request, now=call.now, actor=call.actor)))


def _read(body: Fields, agenda: str, slots: tuple[str, ...], asked_at: datetime.datetime | None) -> FillslotRequest:
    texts: dict[str, Any] = {name: body.text(name) for name in TEXTS}
    urls: dict[str, Any] = {name: body.url(name) for name in URLS}
    details = BookingDetails(
        **texts,
        **urls,
        user_phone_number=body.text("user_phone_number", 50),
        extra_emails=tuple(body.words("extra_emails")),
        extra_phone_numbers=tuple(body.words("extra_phone_numbers", max_length=50)),
        sms_counter=body.text("sms_counter", 100),
        extra_data=body.others(KNOWN) or None,
    )
    body.integer("count", 0, 10**6)
    return FillslotRequest(
        booking=BookingRequest(
            agenda=agenda,
            slots=slots,
            lock_code=body.text("lock_code", LOCK_CODE_MAX_LENGTH),
            lock_token=body.text("lock_token", TOKEN_MAX_LENGTH),
            details=details,
            bypass_delays=body.boolean("bypass_delays"),
            exclude_user=body.boolean("exclude_user"),
            cancel_booking_id=body.integer("cancel_booking_id", 0, 2**63 - 1, "cancel_booking_id is not an integer"),
            asked_at=asked_at,
        ),
        confirm_after_lock=body.boolean("confirm_after_lock"),
        lock_duration=body.integer("lock_duration", 0, SECONDS_IN_A_DAY),
        form_slug=body.text("form_slug"),
    )


def _content(filled: Filled) -> dict[str, Any]:
    booking, shown = filled.booking, filled.shown
    start, end = int(booking.start.timestamp()), int(booking.end.timestamp())
    slot, after = (slot_item("", shown.meeting_type_slug, moment, zone_name()) for moment in (start, end))
    base = booking_url(booking.pk)
    content: dict[str, Any] = {
        "booking_id": booking.pk,
        "in_waiting_list": False,
        "slot": slot["id"],
        "datetime": slot["datetime"],
        "end_datetime": after["datetime"],
        "duration": (end - start) // 60,
        "desk": {"label": shown.desk_label, "slug": shown.desk_slug},
        "agenda": {"label": shown.agenda_label, "slug": shown.agenda_slug},
        "resources": [],
        "outcome": str(filled.outcome or "held"),
        "api": {
            "booking_url": base,
            "cancel_url": f"{base}cancel/",
            "ics_url": f"{base}ics/",
            "anonymize_url": f"{base}anonymize/",
            "suspend_url": f"{base}suspend/",
        },
    }
    if booking.state == BookingState.HELD and booking.expires_at:
        content["expires_at"] = booking.expires_at.isoformat()
    if filled.outcome is None and booking.half_adapted:
        content["warning"] = (
            "This slot is only held: the call names its record but does not say confirm_after_lock. It will lapse."
        )
    if filled.cancelled_booking_id is not None:
        content["cancelled_booking_id"] = filled.cancelled_booking_id
    return content
