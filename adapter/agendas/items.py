"""Agendas, meeting types and slots as w.c.s. knows them (chrono-api §3, §4.1, §5.2).

Lists and drafts show the same: w.c.s. keeps an item as it was listed, and a draft must carry it exactly so.
"""

from __future__ import annotations

import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from django.conf import settings

from adapter.agendas.labels import slot_text
from adapter.agendas.models import Agenda
from adapter.agendas.queries.snapshot import MeetingTypeData

# Of one meeting type; a slot takes some 400 bytes.
TEXTS_KEPT = 2500


def agenda_url(slug: str) -> str:
    """Absolute address of an agenda; everything of that agenda stands below."""
    return f"{settings.BASE_URL}api/agenda/{slug}/"


def agenda_item(agenda: Agenda, *, with_roles: bool = True) -> dict[str, Any]:
    """An agenda with every key that w.c.s. reads; needs its category, and its roles unless they are left out."""
    base = agenda_url(agenda.slug)
    return {
        "id": agenda.slug,
        "slug": agenda.slug,
        "text": agenda.label,
        "kind": agenda.kind,
        # w.c.s. reads this key without a default (wcs-runtime §6.7).
        "free_range": False,
        "minimal_booking_delay": agenda.minimal_booking_delay,
        "minimal_booking_delay_in_working_days": False,
        "maximal_booking_delay": agenda.maximal_booking_delay,
        "edit_role": agenda.edit_role.name if with_roles and agenda.edit_role else None,
        "view_role": agenda.view_role.name if with_roles and agenda.view_role else None,
        "category": agenda.category.slug if agenda.category else None,
        "shared_resources": [],
        "api": {
            "meetings_url": f"{base}meetings/",
            "desks_url": f"{base}desks/",
            "shared_resources_url": f"{base}shared-resources/",
            "resources_url": f"{base}resources/",
            "fillslots_url": f"{base}fillslots/",
        },
    }


def meeting_type_item(agenda: str, meeting_type: MeetingTypeData) -> dict[str, Any]:
    """A meeting type of the agenda (slug) that was asked for."""
    return {
        "id": meeting_type.slug,
        "text": meeting_type.label,
        "duration": meeting_type.duration // 60,
        "api": {"datetimes_url": f"{agenda_url(agenda)}meetings/{meeting_type.slug}/datetimes/"},
    }


def slot_item(agenda: str, meeting_type: str, start: int, zone: str, *, disabled: bool = False) -> dict[str, Any]:
    """The slot of a meeting type (slug) that begins at ``start`` (UTC epoch seconds).

    Without an ``agenda`` it has no address to book it: so are suggestions.
    """
    moment, date, text, name = _texts(start, zone, settings.LANGUAGE_CODE)
    slot_id = f"{meeting_type}:{name}"
    item: dict[str, Any] = {"id": slot_id, "datetime": moment, "date": date, "text": text, "disabled": disabled}
    if agenda:
        item["api"] = {"fillslot_url": f"{agenda_url(agenda)}fillslot/{slot_id}/"}
    return item


class SlotTexts(dict[int, bytes]):
    """The slots of a meeting type as JSON, by start; each is written once."""

    def __init__(self, agenda: str, meeting_type: str, zone: str, disabled: bool) -> None:
        super().__init__()
        self._place = (agenda, meeting_type, zone)
        self._disabled = disabled

    def __missing__(self, start: int) -> bytes:
        agenda, meeting_type, zone = self._place
        if len(self) >= TEXTS_KEPT:
            self.clear()
        found = self[start] = orjson.dumps(slot_item(agenda, meeting_type, start, zone, disabled=self._disabled))
        return found


def slot_texts(agenda: str, meeting_type: str, zone: str, *, disabled: bool) -> SlotTexts:
    """:func:`slot_item` as JSON, for every start of a listing."""
    return _slot_texts(agenda, meeting_type, zone, disabled, settings.BASE_URL, settings.LANGUAGE_CODE)


@lru_cache(maxsize=32)
def _slot_texts(agenda: str, meeting_type: str, zone: str, disabled: bool, _base: str, _language: str) -> SlotTexts:
    return SlotTexts(agenda, meeting_type, zone, disabled)


@lru_cache(maxsize=32768)
def _texts(start: int, zone: str, language: str) -> tuple[str, str, str, str]:
    """``datetime``, ``date``, ``text`` and the end of the id of a start: formatting is what a listing costs most."""
    local = datetime.datetime.fromtimestamp(start, ZoneInfo(zone))
    return (
        f"{local:%Y-%m-%d %H:%M:%S}",
        f"{local:%Y-%m-%d}",
        slot_text(local, language),
        f"{local:%Y-%m-%d-%H%M}",
    )
