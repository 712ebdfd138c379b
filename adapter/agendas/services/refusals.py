"""Remembering refused holds and confirmations, for who is asked afterwards why a free slot was refused."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.db.models import Q, QuerySet

from adapter.agendas.errors import AgendaError, AlreadyCancelled, CallerHoldsTooMuch, SlotUnavailable, TooManyLocks
from adapter.agendas.models import Agenda, Refusal
from adapter.agendas.queries.availability import from_epoch, zone_name
from adapter.agendas.queries.snapshot import cache
from adapter.agendas.services.writing import own_savepoint
from adapter.agendas.slots import BadSlotId, parse_slot_id

logger = structlog.get_logger("adapter.refusals")

# What is about a slot, and not about how a call was written.
REMEMBERED = (SlotUnavailable, TooManyLocks, CallerHoldsTooMuch, AlreadyCancelled)
# Where w.c.s. has the form in the addresses of a record.
BACKOFFICE = re.compile(r"/backoffice/management/([^/]+)/")


def remember_refusal(
    refusal: AgendaError,
    action: Refusal.Action,
    agenda: str,
    slot_ids: Sequence[str],
    form_slug: str,
    *,
    now: datetime.datetime,
) -> None:
    """Keep a trace, unless ``REFUSAL_LOG_DAYS`` is 0. Whatever happens to it, the refusal itself is answered."""
    if not settings.REFUSAL_LOG_DAYS or not isinstance(refusal, REMEMBERED):
        return
    try:
        slot = min((parse_slot_id(text) for text in slot_ids), key=lambda item: item.start(zone_name()) or 0)
    except (BadSlotId, ValueError):
        return
    start, snapshot = slot.start(zone_name()), cache.latest(agenda)
    if start is None or snapshot is None:
        # Not to be asked for, or not read before it was refused.
        return
    try:
        with own_savepoint():
            Refusal.objects.create(
                at=now,
                agenda_id=snapshot.id,
                meeting_type=slot.meeting_type[:250],
                start=from_epoch(start),
                action=action,
                form_slug=form_slug[:250],
                reason=refusal.code,
                desks=refusal.desks if isinstance(refusal, SlotUnavailable) else [],
            )
    except (DatabaseError, InterfaceError) as error:
        logger.warning("refusal_not_kept", error=type(error).__name__)


def form_of_record(backoffice_url: str, form_url: str) -> str:
    """The slug of the form that a record's addresses name, empty when they name none."""
    found = BACKOFFICE.search(urlsplit(backoffice_url).path)
    if found:
        return found[1]
    parts = urlsplit(form_url).path.strip("/").split("/")
    return parts[-2] if len(parts) > 1 and parts[-1].isdigit() else ""


def refusals_of(agenda: Agenda, begin: datetime.datetime, finish: datetime.datetime) -> QuerySet[Refusal]:
    """What was refused between these starts on the agenda, or on a virtual one above it; the newest first."""
    asked = Q(agenda=agenda) | Q(agenda__members__real=agenda)
    found = Refusal.objects.filter(asked, start__gte=begin, start__lt=finish)
    return found.select_related("agenda").distinct().order_by("-id")
