"""Meeting types (chrono-api §4.1, §4.2)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from adapter.agendas.errors import UnknownMeetingType
from adapter.agendas.queries.snapshot import MeetingTypeData, load_snapshot
from adapter.api.answers import agenda_url, success
from adapter.api.calls import Call


def list_meeting_types(call: Call, agenda: str) -> HttpResponse:
    """Those that can be booked, in display order; on a virtual agenda, those that all its real agendas share."""
    snapshot, _versions = load_snapshot(agenda)
    return success(data=[_item(agenda, found) for found in snapshot.meeting_types])


def read_meeting_type(call: Call, agenda: str, meeting_type: str) -> HttpResponse:
    """One meeting type."""
    snapshot, _versions = load_snapshot(agenda)
    found = snapshot.meeting_type(meeting_type)
    if found is None:
        raise UnknownMeetingType
    return success(data=_item(agenda, found))


def _item(agenda: str, meeting_type: MeetingTypeData) -> dict[str, Any]:
    return {
        "id": meeting_type.slug,
        "text": meeting_type.label,
        "duration": meeting_type.duration // 60,
        "api": {"datetimes_url": f"{agenda_url(agenda)}meetings/{meeting_type.slug}/datetimes/"},
    }
