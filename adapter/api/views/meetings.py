"""Meeting types (chrono-api §4.1, §4.2)."""

from __future__ import annotations

from django.http import HttpResponse

from adapter.agendas.errors import UnknownAgenda, UnknownMeetingType
from adapter.agendas.items import meeting_type_item
from adapter.agendas.queries.snapshot import load_snapshot
from adapter.api.answers import NOT_CHOSEN, success
from adapter.api.calls import Call


def list_meeting_types(call: Call, agenda: str = "") -> HttpResponse:
    """Those that can be booked, in display order; on a virtual agenda, those that all its real agendas share.

    Without an agenda there are none, which is no error: w.c.s. asks before one is chosen.
    """
    try:
        snapshot, _versions = load_snapshot(agenda)
    except UnknownAgenda:
        if agenda not in NOT_CHOSEN:
            raise
        return success(data=[])
    return success(data=[meeting_type_item(agenda, found) for found in snapshot.meeting_types])


def read_meeting_type(call: Call, agenda: str, meeting_type: str) -> HttpResponse:
    """One meeting type."""
    snapshot, _versions = load_snapshot(agenda)
    found = snapshot.meeting_type(meeting_type)
    if found is None:
        raise UnknownMeetingType
    return success(data=meeting_type_item(agenda, found))
