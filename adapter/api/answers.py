"""JSON answers, and the contract's error shape (chrono-api §1.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpResponse

from adapter.agendas.errors import AgendaError, InvalidPayload, SlotUnavailable
from adapter.agendas.labels import slot_text
from adapter.agendas.services import Slot


class BadCall(Exception):
    """A call refused before any rule was asked. ``status`` is the HTTP status of the answer."""

    def __init__(self, status: int, err_class: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(err_class)
        self.status = status
        self.err_class = err_class
        self.headers = dict(headers or {})


def json_answer(content: Mapping[str, Any], status: int = 200) -> HttpResponse:
    """``content`` as JSON; answers are about this moment, nobody may keep them."""
    return json_bytes(orjson.dumps(content), status)


def json_bytes(body: bytes, status: int = 200) -> HttpResponse:
    """JSON that is written already."""
    return HttpResponse(body, status=status, content_type="application/json", headers={"Cache-Control": "no-store"})


def success(**content: Any) -> HttpResponse:
    """``err`` 0 and flat keys."""
    return json_answer({"err": 0, **content})


def error_content(err_class: str, err: int = 1, **more: Any) -> dict[str, Any]:
    """``reason`` repeats ``err_class`` for older callers; texts are English, whatever the caller's language."""
    return {"err": err, "err_class": err_class, "err_desc": err_class, "reason": err_class, **more}


def refusal(error: AgendaError) -> HttpResponse:
    """What services refuse, in the contract's shape."""
    more: dict[str, Any] = {"err_code": error.code}
    if isinstance(error, InvalidPayload):
        more["errors"] = error.errors
    if isinstance(error, SlotUnavailable):
        more["suggestions"] = [slot_item(slot, "") for slot in error.nearest]
        if error.lost:
            more["outcome"] = "lost"
    answer = json_answer(error_content(error.err_class, error.err, **more), error.http_status)
    if error.http_status == 503:
        answer["Retry-After"] = "1"
    return answer


def slot_item(slot: Slot, agenda: str) -> dict[str, Any]:
    """A slot as lists and suggestions show it; without ``agenda`` there is no address to book it."""
    item = {
        "id": slot.id,
        "datetime": f"{slot.start:%Y-%m-%d %H:%M:%S}",
        "date": f"{slot.start:%Y-%m-%d}",
        "text": slot_text(slot.start, settings.LANGUAGE_CODE),
        "disabled": False,
    }
    if agenda:
        item["api"] = {"fillslot_url": f"{agenda_url(agenda)}fillslot/{slot.id}/"}
    return item


def agenda_url(slug: str) -> str:
    """Absolute address of an agenda; everything of that agenda stands below."""
    return f"{settings.BASE_URL}api/agenda/{slug}/"


def booking_url(booking_id: int) -> str:
    """Absolute address of a booking."""
    return f"{settings.BASE_URL}api/booking/{booking_id}/"
