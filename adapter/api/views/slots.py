"""The list of slots (chrono-api §5)."""

from __future__ import annotations

from array import array

import orjson
from django.http import HttpResponse

from adapter.agendas.errors import InvalidPayload, UnknownAgenda, UnknownMeetingType
from adapter.agendas.items import slot_item, slot_texts
from adapter.agendas.queries.lock_keys import TOKEN_MAX_LENGTH
from adapter.agendas.services import SlotListing, SlotQuery, ask_slots
from adapter.agendas.services.lock_rules import LOCK_CODE_MAX_LENGTH
from adapter.api.answers import NOT_CHOSEN, json_bytes, ready_json, success
from adapter.api.calls import Call
from adapter.api.ready import make_ready, ready_answers, state_of

NO_SLOTS = {
    "no_bookable_datetimes": True,
    "bookable_datetimes_number_total": 0,
    "bookable_datetimes_number_available": 0,
    "first_bookable_slot": None,
}


def list_datetimes(call: Call, agenda: str = "", meeting_type: str = "") -> HttpResponse:
    """Slots of a meeting type: full ones are kept and disabled, what the own lock code holds stays free.

    Without an agenda or meeting type there are none, which is no error: w.c.s. asks before one is chosen.
    """
    query = SlotQuery(
        lock_code=call.query.text("lock_code", LOCK_CODE_MAX_LENGTH),
        lock_token=call.query.text("lock_token", TOKEN_MAX_LENGTH),
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
    try:
        asked = ask_slots(agenda, meeting_type, query, now=call.now)
    except (UnknownAgenda, UnknownMeetingType) as error:
        if (agenda if isinstance(error, UnknownAgenda) else meeting_type) not in NOT_CHOSEN:
            raise
        call.settle()
        return success(data=[], meta=NO_SLOTS)
    call.settle()
    present = int(call.now.timestamp())
    version, versions, *rest = asked.question.key
    question, state, shared = (agenda, hide_disabled, *rest), state_of(version, versions), asked.is_steady
    ready = None if asked.users else ready_answers.find(question, state, shared=shared)
    if ready is None or not ready.serves(present, query.lock_code):
        listing = asked.listing(call.actor)
        body, difference = _written(listing, agenda, query, hide_disabled)
        if asked.users or listing.is_own:
            return json_bytes(body)
        holds = listing.holds
        ready = make_ready(state, body, difference, since=present, until=holds.first_lapse, codes=holds.codes)
        ready_answers.put(question, ready, shared=shared)
    return ready_json(ready.body, ready.etag, call.request.META.get("HTTP_IF_NONE_MATCH"))


def refuse_resources(call: Call) -> None:
    """No agenda here has shared resources: asking for one is an error, as for any unknown one."""
    for resource in call.query.words("resources"):
        raise InvalidPayload({"resources": [f"invalid resource: {resource}"]}, f"invalid resource: {resource}")


def _written(listing: SlotListing, agenda: str, query: SlotQuery, hide_disabled: bool) -> tuple[bytes, bytes]:
    """The answer as JSON, and a short text that tells it from any other one to the same question."""
    free, excluded, asked_user = listing.offer.free, query.exclude_user_external_id, query.user_external_id
    meeting_type, zone = listing.meeting_type.slug, listing.zone
    if excluded:
        free = {start for start in free if not listing.booked_by(excluded, start)}
    starts = sorted(free) if hide_disabled else listing.offer.starts
    disabled, enabled = (slot_texts(agenda, meeting_type, zone, disabled=flag) for flag in (True, False))
    is_free = bytes(map(free.__contains__, starts))
    if asked_user:
        items = [
            orjson.dumps(
                {
                    **slot_item(agenda, meeting_type, start, zone, disabled=start not in free),
                    "booked_for_external_user": listing.booked_by(asked_user, start),
                }
            )
            for start in starts
        ]
    else:
        items = [enabled[start] if flag else disabled[start] for start, flag in zip(starts, is_free, strict=True)]
    first = min(free, default=None)
    meta = orjson.dumps(
        {
            "no_bookable_datetimes": not free,
            "bookable_datetimes_number_total": len(starts),
            "bookable_datetimes_number_available": len(free),
            "first_bookable_slot": orjson.Fragment(enabled[first]) if first is not None else None,
        }
    )
    # Slots of one list differ in their start and in whether it is free; of their shape the first one tells.
    difference = b"".join([*items[:1], array("q", starts).tobytes(), is_free, meta])
    # One copy of what may be long.
    items = items or [b""]
    items[0] = b'{"err":0,"data":[' + items[0]
    items[-1] += b'],"meta":' + meta + b"}"
    return b",".join(items), difference
