"""Locks by their code: ours, beside the contract."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.utils.timezone import localtime

from adapter.agendas.errors import InvalidPayload
from adapter.agendas.models import Booking
from adapter.agendas.services import locks_of, release, renew
from adapter.agendas.slots import format_slot_id
from adapter.api.answers import success
from adapter.api.calls import Call


def read_locks(call: Call, agenda: str, code: str) -> HttpResponse:
    """What the code holds and until when; an empty list when it holds nothing."""
    code = _code(code)
    locks = locks_of(agenda, code, now=call.now)
    return success(data=[_item(lock) for lock in locks], server_now=call.now.isoformat())


def release_locks(call: Call, agenda: str, code: str) -> HttpResponse:
    """Give back what the code holds."""
    return success(
        released=release(agenda, _code(code), now=call.now, actor=call.actor), server_now=call.now.isoformat()
    )


def renew_locks(call: Call, agenda: str, code: str) -> HttpResponse:
    """Begin the lease anew, up to the ceiling; ``lock_duration`` (seconds) is bounded as for a hold."""
    duration = call.body.integer("lock_duration", 0, 86400)
    call.body.check()
    renew(agenda, _code(code), now=call.now, actor=call.actor, duration=duration)
    return read_locks(call, agenda, code)


def _code(text: str) -> str:
    if "\0" in text:
        raise InvalidPayload({"lock_code": ["Null characters are not allowed."]})
    return text


def _item(lock: Booking) -> dict[str, Any]:
    start, end = localtime(lock.start), localtime(lock.end)
    assert lock.expires_at is not None
    return {
        "booking_id": lock.pk,
        "slot": format_slot_id(lock.meeting_type.slug, int(lock.start.timestamp()), str(start.tzinfo)),
        "datetime": f"{start:%Y-%m-%d %H:%M:%S}",
        "end_datetime": f"{end:%Y-%m-%d %H:%M:%S}",
        "meeting_type": {"label": lock.meeting_type.label, "slug": lock.meeting_type.slug},
        "desk": {"label": lock.desk.label, "slug": lock.desk.slug},
        "agenda": {"label": lock.agenda.label, "slug": lock.agenda.slug},
        "expires_at": lock.expires_at.isoformat(),
        "renewals": lock.renewals,
        "renewals_left": max(0, settings.LOCK_RENEWALS_MAX - lock.renewals),
    }
