"""JSON schemas of what is sent and answered."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def text(description: str = "", **more: Any) -> Schema:
    """A text."""
    return {"type": "string", **({"description": description} if description else {}), **more}


def integer(description: str = "", **more: Any) -> Schema:
    """A whole number."""
    return {"type": "integer", **({"description": description} if description else {}), **more}


def boolean(description: str = "") -> Schema:
    """A boolean."""
    return {"type": "boolean", **({"description": description} if description else {})}


def maybe(schema: Schema) -> Schema:
    """The same, or null."""
    return {**schema, "type": [schema["type"], "null"]}


def array(items: Schema) -> Schema:
    """A list."""
    return {"type": "array", "items": items}


def record(required: dict[str, Schema], optional: dict[str, Schema] | None = None, *, open_: bool = False) -> Schema:
    """An object; ``open_`` when other keys are allowed."""
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": sorted(required),
        "additionalProperties": open_,
    }


def reference(name: str) -> Schema:
    """A schema by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def answer(required: dict[str, Schema], optional: dict[str, Schema] | None = None) -> Schema:
    """``err`` 0 with flat keys, or a refusal: both are HTTP 200 (the contract's way)."""
    return {"oneOf": [record({"err": {"const": 0}, **required}, optional), reference("Refusal")]}


ADDRESS = text("Absolute address.", format="uri")
MOMENT = text("Local time, `YYYY-MM-DD HH:MM:SS`.", pattern=r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")
INSTANT = text("Instant in ISO 8601, UTC.", format="date-time")
NAMED = record({"label": text(), "slug": text()})
PLAIN_ITEM = record({"id": text("Slug."), "text": text("Label.")})
SLOT_ID = text("`MEETINGTYPE:YYYY-MM-DD-HHMM`, local time.")

ERROR_KEYS = {
    "err_class": text("Stable English cause."),
    "err_desc": text("The same, for people."),
    "reason": text("Copy of `err_class`."),
}
ERROR_OPTIONS: dict[str, Schema] = {
    "err_code": text("Stable code of the refusal."),
    "errors": {"type": "object", "additionalProperties": array(text()), "description": "Sentences per bad field."},
    "suggestions": array(reference("Slot")),
    "outcome": {"const": "lost"},
}

WRITABLE_BODY: dict[str, Schema] = {
    "lock_code": text("Holds the slot under this code; with `confirm_after_lock`, books what it holds.", maxLength=256),
    "lock_token": text("Tells apart the forms that are filled in with one lock code.", maxLength=64),
    "confirm_after_lock": {"type": ["boolean", "string", "null"], "description": "Book what `lock_code` holds."},
    "lock_duration": {"type": ["integer", "string", "null"], "description": "Seconds, within the configured bounds."},
    "form_slug": text("The form that is filled in while the slot is held: agents see its title.", maxLength=250),
    "label": text(maxLength=250),
    "user_display_label": text("Summary in calendar files.", maxLength=250),
    "user_name": text(maxLength=250),
    "user_first_name": text(maxLength=250),
    "user_last_name": text(maxLength=250),
    "user_email": text(maxLength=250),
    "user_phone_number": text(maxLength=50),
    "user_external_id": text(maxLength=250),
    "exclude_user": {"type": ["boolean", "string", "null"], "description": "Refuse when the user is busy then."},
    "bypass_delays": {"type": ["boolean", "string", "null"]},
    "backoffice_url": text("Tells the record: a repeat for the same one is the same booking.", maxLength=500),
    "form_url": text(maxLength=500),
    "cancel_callback_url": text("Called, signed, when an agent cancels.", maxLength=500),
    "presence_callback_url": text(maxLength=500),
    "absence_callback_url": text(maxLength=500),
    "cancel_booking_id": {"type": ["integer", "string", "null"], "description": "Booking that this one replaces."},
    "extra_emails": {"type": ["array", "string", "null"], "items": text()},
    "extra_phone_numbers": {"type": ["array", "string", "null"], "items": text()},
    "sms_counter": text(maxLength=100),
    "count": {"type": ["integer", "string", "null"]},
}
PRESENCE_BODY: dict[str, Schema] = {
    "user_was_present": {"type": ["boolean", "string", "null"]},
    "user_absence_reason": text(maxLength=250),
    "user_presence_reason": text(maxLength=250),
}
RECORD_BODY: dict[str, Schema] = {
    "backoffice_url": text("Tells the record, as when it booked.", maxLength=500),
    "form_url": text(maxLength=500),
}
BOOKING_STATE: dict[str, Schema] = {
    "in_waiting_list": {"const": False},
    "user_was_present": {"type": ["boolean", "null"]},
    "user_absence_reason": text(),
    "user_presence_reason": text(),
    "extra_data": {"type": ["object", "null"]},
}

AGENDA_ADDRESSES = ("meetings_url", "desks_url", "shared_resources_url", "resources_url", "fillslots_url")
BOOKING_ADDRESSES = ("booking_url", "cancel_url", "ics_url", "anonymize_url", "suspend_url")

SCHEMAS: dict[str, Schema] = {
    "Refusal": record({"err": integer(minimum=1), **ERROR_KEYS}, ERROR_OPTIONS),
    "Agenda": record(
        {
            "id": text("Slug."),
            "slug": text(),
            "text": text("Label."),
            "kind": {"enum": ["meetings", "virtual"]},
            "free_range": {"const": False},
            "minimal_booking_delay": maybe(integer("Days.")),
            "minimal_booking_delay_in_working_days": {"const": False},
            "maximal_booking_delay": maybe(integer("Days.")),
            "edit_role": maybe(text()),
            "view_role": maybe(text()),
            "category": maybe(text("Slug.")),
            "shared_resources": array(PLAIN_ITEM),
            "api": record(dict.fromkeys(AGENDA_ADDRESSES, ADDRESS)),
        }
    ),
    "MeetingType": record(
        {
            "id": text("Slug."),
            "text": text(),
            "duration": integer("Minutes."),
            "api": record({"datetimes_url": ADDRESS}),
        }
    ),
    "Slot": record(
        {
            "id": SLOT_ID,
            "datetime": MOMENT,
            "date": text(format="date"),
            "text": text("Label in the configured language."),
            "disabled": boolean("No desk is left."),
        },
        {
            "api": record({"fillslot_url": ADDRESS}),
            "booked_for_external_user": boolean("The user asked about has a booking then."),
        },
    ),
    "Agendas": answer({"data": array(reference("Agenda"))}),
    "OneAgenda": answer({"data": reference("Agenda")}),
    "MeetingTypes": answer({"data": array(reference("MeetingType"))}),
    "OneMeetingType": answer({"data": reference("MeetingType")}),
    "Desks": answer({"data": array(PLAIN_ITEM)}),
    "Resources": answer({"data": array(PLAIN_ITEM)}),
    "Slots": answer(
        {
            "data": array(reference("Slot")),
            "meta": record(
                {
                    "no_bookable_datetimes": boolean(),
                    "bookable_datetimes_number_total": integer(),
                    "bookable_datetimes_number_available": integer(),
                    "first_bookable_slot": {"oneOf": [reference("Slot"), {"type": "null"}]},
                }
            ),
        }
    ),
    "FillslotBody": {"type": "object", "properties": WRITABLE_BODY, "additionalProperties": True},
    "FillslotsBody": {
        "type": "object",
        "properties": {
            "slots": {
                "type": ["array", "string"],
                "items": text(),
                "description": "Slot ids, in a list or with commas.",
            },
            **WRITABLE_BODY,
        },
        "required": ["slots"],
        "additionalProperties": True,
    },
    "Filled": answer(
        {
            "booking_id": integer(),
            "in_waiting_list": {"const": False},
            "slot": SLOT_ID,
            "datetime": MOMENT,
            "end_datetime": MOMENT,
            "duration": integer("Minutes."),
            "desk": NAMED,
            "agenda": NAMED,
            "resources": array(text()),
            "outcome": {"enum": ["held", "confirmed", "already_confirmed", "recaptured"]},
            "api": record(dict.fromkeys(BOOKING_ADDRESSES, ADDRESS)),
        },
        {"expires_at": INSTANT, "warning": text(), "cancelled_booking_id": integer()},
    ),
    "Bookings": answer({"data": array(record({"id": integer(), **BOOKING_STATE}))}),
    "OneBooking": answer({"data": record({"booking_id": integer(), **BOOKING_STATE})}),
    "BookingChange": {"type": "object", "properties": PRESENCE_BODY, "additionalProperties": True},
    "CancelBody": {"type": "object", "properties": RECORD_BODY, "additionalProperties": True},
    "RecordBody": {
        "type": "object",
        "properties": RECORD_BODY,
        "anyOf": [{"required": [name]} for name in RECORD_BODY],
        "additionalProperties": True,
    },
    "CancelledForRecord": answer({"cancelled": array(integer("Number of a booking."))}),
    "Changed": answer({"booking_id": integer()}),
    "Locks": answer(
        {
            "data": array(
                record(
                    {
                        "booking_id": integer(),
                        "slot": SLOT_ID,
                        "datetime": MOMENT,
                        "end_datetime": MOMENT,
                        "meeting_type": NAMED,
                        "desk": NAMED,
                        "agenda": NAMED,
                        "expires_at": INSTANT,
                        "renewals": integer(),
                        "renewals_left": integer(),
                    }
                )
            ),
            "server_now": INSTANT,
        }
    ),
    "LocksReleased": answer({"released": integer(), "server_now": INSTANT}),
    "RenewBody": {
        "type": "object",
        "properties": {"lock_duration": {"type": ["integer", "string", "null"], "description": "Seconds."}},
        "additionalProperties": True,
    },
    "ResizeBody": {"type": "object", "properties": {"count": integer()}, "additionalProperties": True},
}
