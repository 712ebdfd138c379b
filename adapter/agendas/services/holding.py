"""Holding a slot under a lock code, and giving it back."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from adapter.agendas.errors import AgendaError, InvalidPayload, LockUnknown, TooManyLocks
from adapter.agendas.models import Booking, BookingState, Refusal
from adapter.agendas.queries.availability import Standing
from adapter.agendas.queries.lock_keys import LockKey
from adapter.agendas.queries.snapshot import load_snapshot
from adapter.agendas.services.actor import Actor
from adapter.agendas.services.audit import Entry, record
from adapter.agendas.services.direct_hold import hold_directly
from adapter.agendas.services.guard import StaleRead, attempt, exclusive, take_all, take_desks, whole_seconds
from adapter.agendas.services.lock_budget import check_caller_budget
from adapter.agendas.services.lock_rules import bounded_duration, clean_lock_code, longest_end
from adapter.agendas.services.outcomes import told
from adapter.agendas.services.refusals import remember_refusal
from adapter.agendas.services.situation import Shown, Situation, end_rows, look
from adapter.agendas.services.writing import change, insert


@dataclass(frozen=True, slots=True)
class HoldRequest:
    """What is to be held. ``duration`` in seconds; ``desk`` (slug, or ``AGENDA:DESK``) is preferred when free.

    ``lock_token`` tells forms of one code apart. ``exclude_user`` refuses when that user has a booking at the time.
    Nothing here may be personal.
    """

    agenda: str
    slots: tuple[str, ...]
    lock_code: str
    lock_token: str = ""
    duration: int | None = None
    bypass_delays: bool = False
    exclude_user: str = ""
    desk: str = ""
    holder: str = ""
    form_slug: str = ""
    half_adapted: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """A held slot and its names; ``repeated`` when the same code held it already."""

    lock: Booking
    repeated: bool
    shown: Shown


def _outcome(held: Held) -> str:
    return "repeated" if held.repeated else "held"


@told("hold", _outcome)
def hold(request: HoldRequest, *, now: datetime.datetime, actor: Actor) -> Held:
    """Hold a slot. Holding again what the form holds gives the same lock; another slot of the agenda moves it.

    One transaction. Raises ``UnknownAgenda``, ``InvalidPayload``, ``SlotUnavailable`` (with the nearest free slots),
    ``TooManyLocks``, ``CallerHoldsTooMuch``, ``Busy``.
    """
    code = clean_lock_code(request.lock_code)
    if not code:
        raise InvalidPayload({"lock_code": ["This field may not be blank."]})
    moment = whole_seconds(now)
    try:
        return attempt(lambda cautious: _hold(request, code, moment, actor, cautious))
    except AgendaError as refusal:
        remember_refusal(refusal, Refusal.Action.HOLD, request.agenda, request.slots, request.form_slug, now=moment)
        raise


def _hold(request: HoldRequest, code: str, now: datetime.datetime, actor: Actor, cautious: bool) -> Held:
    if not cautious and (found := _hold_directly(request, code, now, actor)):
        lock, shown = found
        return Held(lock, repeated=False, shown=shown)
    situation = look(
        request.agenda,
        request.slots,
        now=now,
        bypass_delays=request.bypass_delays,
        cautious=cautious,
        lock_code=code,
        user_external_id=request.exclude_user,
    )
    key = LockKey(code, request.lock_token)
    own = situation.locks_of(key)
    for row in own:
        if situation.is_wanted(row):
            lock = _hold_again(row.id, request, now, actor)
            return Held(lock, repeated=True, shown=situation.shown(lock))
    _check_budget(situation, code, own)
    if not own:
        check_caller_budget(request.holder[:150], now=now)
    if request.exclude_user and situation.user_is_busy(request.exclude_user):
        raise situation.unavailable(key)
    chosen = situation.choose([row.id for row in own], situation.desk_named(request.desk))
    if chosen is None:
        raise situation.unavailable(key)
    agenda, desk = chosen
    seconds = bounded_duration(request.duration, agenda.lock_duration)
    lock = situation.place(
        agenda,
        desk,
        state=BookingState.HELD,
        lock_code=code,
        lock_token=request.lock_token,
        lock_duration=seconds,
        expires_at=now + datetime.timedelta(seconds=seconds),
        **_described(request),
    )
    created = Entry("lock.created", agenda.id, data={"desk": desk.slug, "half_adapted": request.half_adapted})
    moved = {row.id for row in own}
    lapsed = [row for row in situation.in_the_way(desk.id) if row.id not in moved]
    if not own and not lapsed:
        situation.write(lock, created, actor)
        return Held(lock, repeated=False, shown=situation.shown(lock))
    with exclusive():
        take_desks({desk.id, *(row.desk_id for row in own)}, situation.versions)
        end_rows(lapsed, BookingState.EXPIRED, "in the way", now)
        end_rows(own, BookingState.RELEASED, "moved", now)
        insert(lock, created, actor=actor, now=now)
        entries = [Entry("lock.expired", row.agenda_id, row.id, {"because": "in the way"}) for row in lapsed]
        entries += [Entry("lock.moved", row.agenda_id, row.id, {"to": lock.pk}) for row in own]
        record(actor, now, entries)
    return Held(lock, repeated=False, shown=situation.shown(lock))


def _described(request: HoldRequest) -> dict[str, Any]:
    """Columns of a lock that say who holds it, and for what."""
    return {
        "holder": request.holder[:150],
        "form_slug": request.form_slug[:250],
        "half_adapted": request.half_adapted,
    }


def _hold_directly(
    request: HoldRequest, code: str, now: datetime.datetime, actor: Actor
) -> tuple[Booking, Shown] | None:
    """By one statement, where that is possible."""
    if request.exclude_user or request.desk:
        return None
    return hold_directly(
        request.agenda,
        request.slots,
        LockKey(code, request.lock_token),
        duration=request.duration,
        bypass_delays=request.bypass_delays,
        now=now,
        actor=actor,
        **_described(request),
    )


def _hold_again(lock_id: int, request: HoldRequest, now: datetime.datetime, actor: Actor) -> Booking:
    """Restart the lease, within the limit of renewals; a lock without a token gets the form's."""
    lock = Booking.objects.get(pk=lock_id)
    seconds = lock.lock_duration if request.duration is None else bounded_duration(request.duration, None)
    assert lock.expires_at is not None and seconds is not None
    ends = max(lock.expires_at, min(now + datetime.timedelta(seconds=seconds), longest_end(lock)))
    values: dict[str, Any] = {"expires_at": ends} if ends != lock.expires_at else {}
    if request.lock_token and not lock.lock_token:
        values["lock_token"] = request.lock_token
    if values:
        entry = Entry("lock.repeated", lock.agenda_id)
        expected = {"state": BookingState.HELD, "expires_at": lock.expires_at, "lock_token": lock.lock_token}
        if not change(lock_id, lock.desk_id, values, entry, actor=actor, now=now, expected=expected):
            raise StaleRead
        for name, value in values.items():
            setattr(lock, name, value)
    return lock


def _check_budget(situation: Situation, code: str, moved: list[Standing]) -> None:
    live = sum(
        1
        for row in situation.rows
        if row.lock_code == code and row.state == BookingState.HELD and row.is_live(situation.present)
    )
    if live - len(moved) >= settings.LOCKS_PER_CODE_MAX:
        raise TooManyLocks


def locks_of(agenda: str, lock_code: str, *, now: datetime.datetime) -> list[Booking]:
    """What ``lock_code`` holds on ``agenda`` (or on the real agendas of a virtual one). Raises ``UnknownAgenda``."""
    snapshot, _versions = load_snapshot(agenda)
    return list(
        Booking.objects.live_locks(now)
        .filter(lock_code=clean_lock_code(lock_code), agenda__in=[item.id for item in snapshot.real_agendas])
        .select_related("agenda", "desk", "meeting_type")
    )


def release(agenda: str, lock_code: str, *, now: datetime.datetime, actor: Actor, because: str = "released") -> int:
    """Give back what ``lock_code`` holds on ``agenda``; returns how many locks ended.

    Raises ``UnknownAgenda``, and :class:`LockUnknown` when nothing is held.
    """
    locks = locks_of(agenda, lock_code, now=now)
    ended = release_locks([lock.pk for lock in locks], now=now, actor=actor, because=because)
    if not ended:
        raise LockUnknown
    return ended


def release_locks(lock_ids: list[int], *, now: datetime.datetime, actor: Actor, because: str = "released") -> int:
    """Give back these locks; those that are confirmed, lapsed or released already are left as they are."""
    with exclusive():
        rows = list(
            Booking.objects.live_locks(now)
            .filter(pk__in=lock_ids)
            .order_by("pk")
            .values_list("pk", "agenda_id", "desk_id")
        )
        take_all(desk_id for _, _, desk_id in rows)
        ended = []
        for pk, agenda_id, _desk_id in rows:
            if Booking.objects.filter(pk=pk, state=BookingState.HELD).update(
                state=BookingState.RELEASED, ended_at=now, ended_because=because[:40]
            ):
                ended.append(Entry("lock.released", agenda_id, pk, {"because": because}))
        record(actor, now, ended)
    return len(ended)
