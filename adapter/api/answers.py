"""JSON answers, and the contract's error shape (chrono-api §1.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from django.conf import settings
from django.db import InterfaceError, InternalError, OperationalError
from django.http import HttpResponse
from django.utils.http import parse_etags

from adapter.agendas.errors import AgendaError, Busy, Interrupted, InvalidPayload, SlotUnavailable
from adapter.agendas.items import slot_item
from adapter.agendas.services import Slot

# What w.c.s. writes into an address as long as nothing is chosen.
NOT_CHOSEN = ("", "None")
# What PostgreSQL says on a server that only reads: a standby, or one that is being repaired.
READ_ONLY = "25006"


class BadCall(Exception):
    """A call refused before any rule was asked. ``status`` is the answer's HTTP status, ``more`` its other keys."""

    def __init__(self, status: int, err_class: str, headers: Mapping[str, str] | None = None, **more: Any) -> None:
        super().__init__(err_class)
        self.status = status
        self.err_class = err_class
        self.headers = dict(headers or {})
        self.more = more


def json_answer(content: Mapping[str, Any], status: int = 200) -> HttpResponse:
    """``content`` as JSON; answers are about this moment, nobody may keep them."""
    return json_bytes(orjson.dumps(content), status)


def json_bytes(body: bytes, status: int = 200) -> HttpResponse:
    """JSON that is written already."""
    return HttpResponse(body, status=status, content_type="application/json", headers={"Cache-Control": "no-store"})


def ready_json(body: bytes, etag: str, known: str | None) -> HttpResponse:
    """JSON that may be asked for again with its ``ETag``: 304 when ``known`` (``If-None-Match``) names it.

    It may be kept, and must be asked about each time.
    """
    if known is not None and (known.strip() == "*" or etag in parse_etags(known)):
        answer = HttpResponse(status=304)
    else:
        answer = json_bytes(body)
    answer.headers["ETag"] = etag
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


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
        more["suggestions"] = [_suggestion(slot) for slot in error.nearest]
        if error.lost:
            more["outcome"] = "lost"
    answer = json_answer(error_content(error.err_class, error.err, **more), error.http_status)
    if error.http_status == 503:
        answer["Retry-After"] = "1"
    return answer


def database_refusal(error: BaseException | None) -> AgendaError | None:
    """What to say when the database could not do its part for now; ``None`` for any other failure."""
    if isinstance(error, OperationalError | InterfaceError):
        return Interrupted()
    if isinstance(error, InternalError) and getattr(error.__cause__, "sqlstate", None) == READ_ONLY:
        return Busy("the service cannot write at this moment, please try again")
    return None


def booking_url(booking_id: int) -> str:
    """Absolute address of a booking."""
    return f"{settings.BASE_URL}api/booking/{booking_id}/"


def _suggestion(slot: Slot) -> dict[str, Any]:
    return slot_item("", slot.meeting_type, int(slot.start.timestamp()), str(slot.start.tzinfo))
