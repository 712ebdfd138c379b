"""From a chosen slot to the form in w.c.s.: hold it, make a draft that carries it, or give it back."""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from django.contrib.auth.models import AbstractBaseUser
from django.utils.crypto import salted_hmac

from adapter.agendas.errors import LockUnknown, SlotUnavailable, UnknownMeetingType
from adapter.agendas.items import agenda_item, meeting_type_item, slot_item
from adapter.agendas.models import Agenda, Booking
from adapter.agendas.queries.availability import zone_name
from adapter.agendas.queries.snapshot import load_snapshot
from adapter.agendas.services import Actor, HoldRequest, hold, release_locks, remember_draft, take_over
from adapter.agendas.slots import format_slot_id
from adapter.manager.models import AgentProfile
from adapter.wcs.services import AgentIdentity, Draft, DraftRequest, WcsError, create_draft

logger = structlog.get_logger("adapter.manager")

# The agent sits at a counter or on the phone.
CHANNEL = "counter"


@dataclass(frozen=True, slots=True)
class Started:
    """A held slot with its draft: the agent goes on at ``draft.backoffice_url``."""

    lock: Booking
    draft: Draft


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the agent chose in the pop-up: slugs and the slot's id; ``desk`` is preferred when it is free.

    ``return_url`` and ``cancel_url`` are absolute and lead back to the view; ``{code}`` in the second one is replaced.
    ``attempt`` tells one showing of the pop-up: the same slot sent twice from it is held once.
    """

    agenda: Agenda
    slot: str
    desk: str = ""
    return_url: str = ""
    cancel_url: str = ""
    attempt: str = ""


def identity_of(user: AbstractBaseUser) -> AgentIdentity:
    """How w.c.s. knows the agent: by the NameID of the identity provider, else by e-mail address."""
    profile = AgentProfile.objects.filter(user_id=user.pk).first()
    return AgentIdentity(profile.name_id if profile else "", getattr(user, "email", "") or "")


def new_attempt() -> str:
    """A word for ``Wanted.attempt``."""
    return secrets.token_urlsafe(12)


def start_booking(shown: Agenda, wanted: Wanted, user: AbstractBaseUser, *, now: datetime.datetime) -> Started:
    """Hold the slot under a fresh code, the agent as its holder, and make a draft of the form of ``shown``.

    Raises ``SlotUnavailable`` with the nearest free slots, ``UnknownMeetingType`` for a type that the form is not for,
    and ``WcsError`` when w.c.s. refuses or does not answer: then the slot is free again at once.
    """
    _refuse_other_type(shown, wanted)
    code = _fresh_code(wanted, user)
    actor = Actor.agent(user.get_username())
    held = hold(
        HoldRequest(
            agenda=wanted.agenda.slug,
            slots=(wanted.slot,),
            lock_code=code,
            desk=wanted.desk,
            holder=user.get_username(),
            form_slug=shown.form_slug,
        ),
        now=now,
        actor=actor,
    )
    lock = held.lock

    def give_back() -> None:
        # Whatever went wrong: nobody will fill in a form for this hold.
        release_locks([lock.pk], now=now, actor=actor, because="no draft in w.c.s.")

    draft = _draft(shown, wanted, int(lock.start.timestamp()), code, user, give_back)
    remember_draft(lock.pk, draft.api_url, draft.backoffice_url)
    return Started(lock, draft)


def take_over_booking(
    shown: Agenda, lock: Booking, wanted: Wanted, user: AbstractBaseUser, *, now: datetime.datetime
) -> Started:
    """Make a draft for the slot that ``lock`` holds, then take the lock over under a code of its own.

    In this order: when w.c.s. refuses, the first holder loses nothing. Raises ``WcsError``, ``UnknownMeetingType``, and
    ``LockUnknown`` when the lock ended meanwhile (the draft then holds nothing).
    """
    _refuse_other_type(shown, wanted)
    code = secrets.token_hex(20)
    if not Booking.objects.live_locks(now).filter(pk=lock.pk).exists():
        raise LockUnknown
    draft = _draft(shown, wanted, int(lock.start.timestamp()), code, user, lambda: None)
    taken = take_over(
        lock.pk,
        code,
        holder=user.get_username(),
        form_slug=shown.form_slug,
        now=now,
        actor=Actor.agent(user.get_username()),
    )
    remember_draft(taken.pk, draft.api_url, draft.backoffice_url)
    return Started(taken, draft)


def wanted_for_lock(lock: Booking, agendas: list[Agenda], return_url: str, cancel_url: str) -> Wanted:
    """The choice that a lock stands for: its slot, and its agenda or the one that was asked for."""
    usable = {agenda.pk: agenda for agenda in agendas}
    agenda = usable.get(lock.asked_agenda_id) or usable.get(lock.agenda_id) or agendas[0]
    slot = format_slot_id(lock.meeting_type.slug, int(lock.start.timestamp()), zone_name())
    return Wanted(agenda, slot, return_url=return_url, cancel_url=cancel_url)


def _refuse_other_type(shown: Agenda, wanted: Wanted) -> None:
    if shown.fixed_meeting_type not in ("", wanted.slot.rpartition(":")[0]):
        raise UnknownMeetingType


def _fresh_code(wanted: Wanted, user: AbstractBaseUser) -> str:
    if not wanted.attempt:
        return secrets.token_hex(20)
    told = f"{user.pk} {wanted.attempt} {wanted.agenda.slug} {wanted.slot}"
    return salted_hmac("adapter.manager.lock_code", told, algorithm="sha256").hexdigest()[:40]


def _draft(
    shown: Agenda, wanted: Wanted, start: int, code: str, user: AbstractBaseUser, give_back: Callable[[], None]
) -> Draft:
    """Make the draft; ``give_back`` is called before anything is raised."""
    try:
        data, context = _data(shown, wanted, start), _context(wanted, code)
        return create_draft(DraftRequest(shown.form_slug, identity_of(user), data, context))
    except Exception as failure:
        give_back()
        if isinstance(failure, WcsError):
            logger.warning("draft_failed", code=failure.code, reference=failure.reference, detail=failure.detail)
        raise


def _data(shown: Agenda, wanted: Wanted, start: int) -> dict[str, Any]:
    """``VAR``, ``VAR_raw`` and ``VAR_structured`` for each field that the settings name (wcs-runtime §1.3)."""
    snapshot, _versions = load_snapshot(wanted.agenda.slug)
    type_slug = wanted.slot.rpartition(":")[0]
    meeting_type = snapshot.meeting_type(type_slug)
    if meeting_type is None:
        raise SlotUnavailable
    agenda = Agenda.objects.select_related("category", "view_role", "edit_role").get(pk=wanted.agenda.pk)
    items = {
        shown.slot_field: slot_item(wanted.agenda.slug, type_slug, start, zone_name()),
        shown.meeting_type_field: meeting_type_item(wanted.agenda.slug, meeting_type),
        shown.agenda_field: agenda_item(agenda),
    }
    data: dict[str, Any] = {}
    for varname, item in items.items():
        if varname:
            data |= {varname: item["text"], f"{varname}_raw": item["id"], f"{varname}_structured": item}
    return data


def _context(wanted: Wanted, code: str) -> dict[str, Any]:
    """The submission context: the code, the choices for locked prefills, and the ways back (wcs-runtime §2)."""
    return {
        "lock_code": code,
        "slot_id": wanted.slot,
        "meeting_type_id": wanted.slot.rpartition(":")[0],
        "agenda_id": wanted.agenda.slug,
        "channel": CHANNEL,
        # The first opening of a draft takes the channel from here.
        "selected_submission_channel": CHANNEL,
        "return_url": wanted.return_url,
        "cancel_url": wanted.cancel_url.replace("{code}", code),
    }
