"""The list of slots (chrono-api §5)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from adapter.agendas.errors import InvalidPayload
from adapter.agendas.items import slot_item
from adapter.agendas.services import SlotListing, SlotQuery, list_slots
from adapter.agendas.services.lock_rules import LOCK_CODE_MAX_LENGTH
from adapter.api.answers import success
from adapter.api.calls import Call


def list_datetimes(call: Call, agenda: str, meeting_type: str) -> HttpResponse:
    """Slots of a meeting type: full ones are kept and disabled, what the own lock code holds stays free."""
    query = SlotQuery(
        lock_code=call.query.text("lock_code", LOCK_CODE_MAX_LENGTH),
        date_start=call.query.moment("date_start"),
        date_end=call.query.moment("date_end"),
        bypass_delays=call.query.boolean("bypass_delays"),
        user_external_id=call.query.text("user_external_id"),
        exclude_user_external_id=call.query.text("exclude_user_external_id")
        or ("" if call.query.text("exclude_user").lower() in ("true", "false") else call.query.text("exclude_user")),
    )
    hide_disabled = call.query.boolean("hide_disabled")
    refuse_resources(call)
    call.query.check()
    listing = list_slots(agenda, meeting_type, query, now=call.now, actor=call.actor)
    return success(**_content(listing, agenda, query, hide_disabled))


def refuse_resources(call: Call) -> None:
    """No agenda here has shared resources: asking for one is an error, as for any unknown one."""
    for resource in call.query.words("resources"):
        raise InvalidPayload({"resources": [f"invalid resource: {resource}"]}, f"invalid resource: {resource}")


def _content(listing: SlotListing, agenda: str, query: SlotQuery, hide_disabled: bool) -> dict[str, Any]:
    free = listing.offer.free
    meeting_type, zone = listing.meeting_type.slug, listing.zone
    excluded = query.exclude_user_external_id
    items: list[dict[str, Any]] = []
    for start in listing.offer.starts:
        disabled = start not in free or bool(excluded and listing.booked_by(excluded, start))
        if disabled and hide_disabled:
            continue
        item = slot_item(agenda, meeting_type, start, zone, disabled=disabled)
        if query.user_external_id:
            item["booked_for_external_user"] = listing.booked_by(query.user_external_id, start)
        items.append(item)
    available = [item for item in items if not item["disabled"]]
    return {
        "data": items,
        "meta": {
            "no_bookable_datetimes": not available,
            "bookable_datetimes_number_total": len(items),
            "bookable_datetimes_number_available": len(available),
            "first_bookable_slot": available[0] if available else None,
        },
    }
