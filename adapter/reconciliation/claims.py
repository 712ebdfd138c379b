"""What a record says about its appointment: is it cancelled, and which of our bookings does it believe to have?

The answer of the booking call is kept in the record's workflow data (wcs-runtime §5.2); it carries the booking's number
and our own addresses, by which it is recognised whatever the action is called.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.text import slugify

from adapter.wcs.records import WcsRecord

DEPTH = 4


@dataclass(frozen=True, slots=True)
class Claim:
    """A booking that a record believes to have; ``start`` as the answer said."""

    booking_id: int
    start: datetime.datetime


def is_cancelled(record: WcsRecord) -> bool:
    """Whether the name of its status has one of the words of ``CANCELLED_STATUS_WORDS`` (accents and case aside)."""
    words = {slugify(word) for word in settings.CANCELLED_STATUS_WORDS}
    return not words.isdisjoint(slugify(record.status).split("-"))


def claims_of(record: WcsRecord) -> list[Claim]:
    """The bookings that a record believes to have, each once."""
    found = {claim.booking_id: claim for claim in _claims(record.workflow_data, DEPTH)}
    # An answer that replaced an earlier booking says so itself.
    replaced = {
        item.get("cancelled_booking_id") for item in _objects(record.workflow_data, DEPTH) if _claim(item) is not None
    }
    return [claim for number, claim in found.items() if number not in replaced]


def _claims(value: Any, depth: int) -> Iterator[Claim]:
    for item in _objects(value, depth):
        claim = _claim(item)
        if claim is not None:
            yield claim


def _objects(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if not isinstance(value, dict) or not depth:
        return
    yield value
    for item in value.values():
        yield from _objects(item, depth - 1)


def _claim(item: dict[str, Any]) -> Claim | None:
    number, api = item.get("booking_id"), item.get("api")
    if type(number) is not int or not isinstance(api, dict):
        return None
    if api.get("booking_url") != f"{settings.BASE_URL}api/booking/{number}/":
        return None
    try:
        start = datetime.datetime.fromisoformat(str(item.get("datetime")))
    except ValueError:
        return None
    return Claim(number, start if start.tzinfo else start.replace(tzinfo=ZoneInfo(settings.TIME_ZONE)))
