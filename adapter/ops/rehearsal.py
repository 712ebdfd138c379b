"""What a rehearsal asks of a throw-away adapter besides webservices: what agents, other people and time do there.

Each command is a JSON object with `do`; the answer is a JSON object, with `error` when it was refused.
"""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import get_user_model

from adapter.agendas.errors import AgendaError
from adapter.agendas.models import Agenda, Booking
from adapter.agendas.queries.availability import zone_name
from adapter.agendas.queries.snapshot import load_snapshot
from adapter.agendas.services import (
    Actor,
    BookingDetails,
    BookingRequest,
    HoldRequest,
    cancel,
    cancel_by_agent,
    confirm,
    expire,
    hold,
)
from adapter.agendas.services.callbacks import deliver_due
from adapter.agendas.services.exceptions import create_closure
from adapter.agendas.slots.ids import format_slot_id, parse_slot_id
from adapter.clock import now
from adapter.manager.services.booking import Wanted, start_booking
from adapter.wcs.services import WcsError
from tasks.sending import send_to_wcs

ACTOR = Actor.command("rehearsal")


def answer(command: dict[str, Any]) -> dict[str, Any]:
    """Carry out one command."""
    doing = COMMANDS.get(str(command.get("do")))
    if doing is None:
        return {"error": "unknown-command"}
    try:
        return doing(command)
    except WcsError as refused:
        return {"error": refused.code, "detail": refused.detail}
    except AgendaError as refused:
        return {"error": type(refused).__name__, "detail": str(refused)}


def _advance(command: dict[str, Any]) -> dict[str, Any]:
    """Move the adapter's clock on by `seconds`."""
    settings.CLOCK_OFFSET += int(command["seconds"])
    return {"now": now().isoformat()}


def _start(command: dict[str, Any]) -> dict[str, Any]:
    """An agent (`user`, a login) clicks the slot in the calendar and asks for the form."""
    user = get_user_model().objects.get(username=command["user"])
    shown = Agenda.objects.get(slug=command["agenda"])
    for name in ("form_slug", "slot_field", "meeting_type_field", "agenda_field"):
        if name in command:
            setattr(shown, name, command[name])
    agenda = Agenda.objects.get(slug=command.get("real_agenda") or command["agenda"])
    way = f"{settings.BASE_URL}manage/agendas/{shown.slug}/"
    wanted = Wanted(agenda, command["slot"], command.get("desk", ""), way, f"{way}given-up/{{code}}/")
    started = start_booking(shown, wanted, user, now=now())
    return {"backoffice_url": started.draft.backoffice_url, "lock_code": started.lock.lock_code}


def _occupy(command: dict[str, Any]) -> dict[str, Any]:
    """Somebody else books the slot, on every desk but ``leave`` (none)."""
    ids: list[int] = []
    while True:
        code = secrets.token_hex(8)
        request = HoldRequest(agenda=command["agenda"], slots=(command["slot"],), lock_code=code)
        try:
            hold(request, now=now(), actor=ACTOR)
        except AgendaError:
            break
        booked = confirm(
            BookingRequest(
                agenda=command["agenda"],
                slots=(command["slot"],),
                lock_code=code,
                details=BookingDetails(label="Someone else"),
            ),
            now=now(),
            actor=ACTOR,
        )
        ids.append(booked.booking.pk)
    leave = int(command.get("leave", 0))
    for number in ids[:leave]:
        cancel(number, now=now(), actor=ACTOR)
    return {"bookings": ids[leave:]}


def _close(command: dict[str, Any]) -> dict[str, Any]:
    """All desks are closed while the slot would take place: it is not listed any more."""
    snapshot, _versions = load_snapshot(command["agenda"])
    slot = parse_slot_id(command["slot"])
    meeting_type = snapshot.meeting_type(slot.meeting_type)
    epoch = slot.start(zone_name())
    if meeting_type is None or epoch is None:
        return {"error": "unknown-slot"}
    start = datetime.datetime.fromtimestamp(epoch, datetime.UTC)
    end = start + datetime.timedelta(seconds=meeting_type.duration)
    for agenda in Agenda.objects.filter(pk__in=[item.id for item in snapshot.real_agendas]):
        create_closure(agenda, agenda.desks.all(), start=start, end=end, label="Rehearsal", now=now(), actor=ACTOR)
    return {}


def _cancel(command: dict[str, Any]) -> dict[str, Any]:
    """An agent cancels a booking in the calendar; the call to w.c.s. is owed."""
    cancel_by_agent(int(command["booking"]), now=now(), actor=Actor.agent(command["user"]))
    return {}


def _deliver(command: dict[str, Any]) -> dict[str, Any]:
    """Make the calls that are owed and due; what was put off is due once time has passed."""
    run = deliver_due(now=now(), send=send_to_wcs, actor=ACTOR)
    return {"delivered": run.delivered}


def _expire(command: dict[str, Any]) -> dict[str, Any]:
    """What the task does with lapsed locks."""
    return {"expired": expire(now=now(), actor=ACTOR)}


def _bookings(command: dict[str, Any]) -> dict[str, Any]:
    """Rows of a record (`record`: its address in the back office), or of a lock code."""
    found = Booking.objects.select_related("desk", "agenda", "meeting_type").order_by("pk")
    if "record" in command:
        found = found.filter(backoffice_url=command["record"])
    else:
        found = found.filter(lock_code=command["lock_code"])
    return {"bookings": [_row(booking) for booking in found]}


def _row(booking: Booking) -> dict[str, Any]:
    start: datetime.datetime = booking.start
    type_slug = booking.meeting_type.slug if booking.meeting_type else ""
    return {
        "id": booking.pk,
        "state": booking.state,
        "agenda": booking.agenda.slug,
        "desk": booking.desk.slug,
        "meeting_type": type_slug,
        "start": start.isoformat(),
        "local": f"{start.astimezone(ZoneInfo(zone_name())):%Y-%m-%d %H:%M}",
        "slot": format_slot_id(type_slug, int(start.timestamp()), zone_name()) if type_slug else "",
        "lock_code": booking.lock_code,
        "live": booking.state == "booked"
        or (booking.state == "held" and booking.expires_at is not None and booking.expires_at > now()),
    }


COMMANDS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "advance": _advance,
    "start": _start,
    "occupy": _occupy,
    "close": _close,
    "cancel": _cancel,
    "deliver": _deliver,
    "expire": _expire,
    "bookings": _bookings,
}
