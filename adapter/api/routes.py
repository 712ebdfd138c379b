"""Every address of the API, below ``/api/``."""

from __future__ import annotations

from typing import Any

from adapter.api.routing import Operation, Route
from adapter.api.views import agendas, bookings, fillslot, locks, meetings, slots


def _query(name: str, description: str, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"name": name, "description": description, "schema": schema or {"type": "string"}}


DATE: dict[str, Any] = {"type": "string", "description": "`YYYY-MM-DD`, or ISO 8601."}
FLAG: dict[str, Any] = {"enum": ["true", "false"]}
FROM = _query("date_start", "From this date on.", DATE)
UNTIL = _query("date_end", "Before this date; it is not included.", DATE)
RESOURCES = _query("resources", "Shared resources, with commas; agendas here have none.")
USER = {**_query("user_external_id", "The user."), "required": True}

AGENDA_FILTERS = (
    _query("q", "Keep agendas whose slug contains this."),
    _query("category", "Keep agendas of this category (slug)."),
    _query("kind", "Keep agendas of this kind.", {"enum": ["events", "meetings", "virtual"]}),
    _query("with_open_events", "Keep agendas with open events; agendas here have none.", FLAG),
)
SLOT_FILTERS = (
    _query("lock_code", "What is held under this code counts as free."),
    _query("lock_token", "Only what is held with this token, or with none, counts as free."),
    FROM,
    UNTIL,
    _query("hide_disabled", "Leave out full slots.", FLAG),
    _query("bypass_delays", "Ignore the booking delays.", FLAG),
    _query("user_external_id", "Tell for each slot whether this user has a booking then."),
    _query("exclude_user_external_id", "Disable slots at which this user has a booking."),
    RESOURCES,
)

ROUTES = (
    Route(
        "agenda/",
        "agendas",
        {
            "GET": Operation(
                agendas.list_agendas, "List agendas", "Agendas", True, query=AGENDA_FILTERS, answer="Agendas"
            )
        },
    ),
    Route(
        "agenda/<slug:agenda>/",
        "agenda",
        {"GET": Operation(agendas.read_agenda, "Read an agenda", "Agendas", True, answer="OneAgenda")},
    ),
    Route(
        "agenda/<slug:agenda>/meetings/",
        "meeting-types",
        {"GET": Operation(meetings.list_meeting_types, "List meeting types", "Agendas", True, answer="MeetingTypes")},
    ),
    Route(
        "agenda/<slug:agenda>/meetings/<slug:meeting_type>/",
        "meeting-type",
        {"GET": Operation(meetings.read_meeting_type, "Read a meeting type", "Agendas", True, answer="OneMeetingType")},
    ),
    Route(
        "agenda/<slug:agenda>/meetings/<slug:meeting_type>/datetimes/",
        "datetimes",
        {
            "GET": Operation(
                slots.list_datetimes, "List slots", "Slots", True, settles=True, query=SLOT_FILTERS, answer="Slots"
            )
        },
    ),
    Route(
        "agenda/<slug:agenda>/desks/",
        "desks",
        {"GET": Operation(agendas.list_desks, "List desks", "Agendas", answer="Desks")},
    ),
    Route(
        "agenda/<slug:agenda>/shared-resources/",
        "shared-resources",
        {"GET": Operation(agendas.list_resources, "List shared resources", "Agendas", True, answer="Resources")},
    ),
    Route(
        "agenda/<slug:agenda>/resources/",
        "resources",
        {
            "GET": Operation(
                agendas.list_resources, "List resources (older address)", "Agendas", True, answer="Resources"
            )
        },
    ),
    Route(
        "agenda/<slug:agenda>/fillslot/<str:slot>/",
        "fillslot",
        {
            "POST": Operation(
                fillslot.fill_slot,
                "Hold or book a slot",
                "Slots",
                query=(RESOURCES,),
                body="FillslotBody",
                answer="Filled",
            )
        },
    ),
    Route(
        "agenda/<slug:agenda>/fillslots/",
        "fillslots",
        {
            "POST": Operation(
                fillslot.fill_slots,
                "Hold or book several slots that follow each other",
                "Slots",
                query=(RESOURCES,),
                body="FillslotsBody",
                answer="Filled",
            )
        },
    ),
    Route(
        "agenda/<slug:agenda>/locks/<path:code>/renew/",
        "lock-renew",
        {"POST": Operation(locks.renew_locks, "Renew what a code holds", "Locks", body="RenewBody", answer="Locks")},
    ),
    Route(
        "agenda/<slug:agenda>/locks/<path:code>/",
        "locks",
        {
            "GET": Operation(locks.read_locks, "Read what a code holds", "Locks", answer="Locks"),
            "DELETE": Operation(locks.release_locks, "Release what a code holds", "Locks", answer="LocksReleased"),
        },
    ),
    Route(
        "bookings/",
        "bookings",
        {
            "GET": Operation(
                bookings.list_bookings,
                "List a user's bookings",
                "Bookings",
                query=(USER, _query("agenda", "Slug."), _query("category", "Slug."), FROM, UNTIL),
                answer="Bookings",
            )
        },
    ),
    Route(
        "bookings/ics/",
        "bookings-ics",
        {
            "GET": Operation(
                bookings.bookings_calendar,
                "A user's bookings as a calendar",
                "Bookings",
                query=(USER, _query("agenda", "Slug.")),
            )
        },
    ),
    Route(
        "bookings/cancel/",
        "bookings-cancel",
        {
            "POST": Operation(
                bookings.cancel_for_the_record,
                "Cancel whatever a record has booked",
                "Bookings",
                body="RecordBody",
                answer="CancelledForRecord",
            )
        },
    ),
    Route(
        "booking/<int:booking>/",
        "booking",
        {
            "GET": Operation(bookings.read_booking, "Read a booking", "Bookings", answer="OneBooking"),
            "PATCH": Operation(
                bookings.change_booking, "Change attendance", "Bookings", body="BookingChange", answer="Changed"
            ),
            "DELETE": Operation(bookings.delete_booking, "Cancel a booking", "Bookings", answer="Changed"),
        },
    ),
    Route(
        "booking/<int:booking>/cancel/",
        "booking-cancel",
        {
            "POST": Operation(
                bookings.cancel_booking,
                "Cancel a booking",
                "Bookings",
                body="RecordBody",
                any_body=True,
                answer="Changed",
            )
        },
    ),
    Route(
        "booking/<int:booking>/accept/",
        "booking-accept",
        {"POST": Operation(bookings.accept_booking, "Accept (refused: for events only)", "Bookings", answer="Changed")},
    ),
    Route(
        "booking/<int:booking>/suspend/",
        "booking-suspend",
        {
            "POST": Operation(
                bookings.suspend_booking, "Suspend (refused: for events only)", "Bookings", answer="Changed"
            )
        },
    ),
    Route(
        "booking/<int:booking>/resize/",
        "booking-resize",
        {
            "POST": Operation(
                bookings.resize_booking,
                "Resize (refused: for events only)",
                "Bookings",
                body="ResizeBody",
                answer="Changed",
            )
        },
    ),
    Route(
        "booking/<int:booking>/anonymize/",
        "booking-anonymize",
        {"POST": Operation(bookings.anonymize_booking, "Erase what is personal", "Bookings", answer="Changed")},
    ),
    Route(
        "booking/<int:booking>/ics/",
        "booking-ics",
        {
            "GET": Operation(
                bookings.booking_calendar,
                "A booking as a calendar",
                "Bookings",
                query=tuple(
                    _query(name, "Copied into the event.") for name in ("description", "location", "comment", "url")
                ),
            )
        },
    ),
)

# Asked by w.c.s. before anything is chosen, and by nobody else: not for the document.
UNCHOSEN = (
    Route(
        "agenda/<slug:agenda>/meetings//datetimes/",
        "datetimes-without-type",
        {
            "GET": Operation(
                slots.list_datetimes,
                "List slots before a meeting type is chosen: none",
                "Slots",
                True,
                settles=True,
                query=SLOT_FILTERS,
                answer="Slots",
            )
        },
    ),
    Route(
        "agenda//meetings/",
        "meeting-types-without-agenda",
        {
            "GET": Operation(
                meetings.list_meeting_types,
                "List meeting types before an agenda is chosen: none",
                "Agendas",
                True,
                answer="MeetingTypes",
            )
        },
    ),
    Route(
        "agenda//meetings//datetimes/",
        "datetimes-without-agenda",
        {
            "GET": Operation(
                slots.list_datetimes,
                "List slots before an agenda is chosen: none",
                "Slots",
                True,
                settles=True,
                query=SLOT_FILTERS,
                answer="Slots",
            )
        },
    ),
)
