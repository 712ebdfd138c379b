"""The most common hold as one statement on PostgreSQL: a code that holds nothing yet, a place where nothing stands.

Which desks are open then follows from the settings that this process read last; the rest is decided inside of the
statement, by the same rules as everywhere: what stands on a desk, which desk is the fairest
(:func:`adapter.agendas.slots.choose_desk`), whether those are still the settings. It takes the desk at the version
that it saw: what it saw of the desk and of the settings still holds when it writes. Whatever is not that simple it
leaves alone.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from adapter.agendas.errors import AgendaError, CallerHoldsTooMuch
from adapter.agendas.models import Booking, BookingState
from adapter.agendas.queries.availability import (
    FOREVER,
    STANDS,
    Window,
    start_bounds,
    timetables_with,
    touching,
    zone_name,
)
from adapter.agendas.queries.lock_keys import LockKey
from adapter.agendas.queries.snapshot import AgendaSnapshot, DeskData, RealAgenda, cache
from adapter.agendas.queries.statements import fetch, is_postgres
from adapter.agendas.services.actor import Actor
from adapter.agendas.services.audit import Entry, tell
from adapter.agendas.services.guard import next_step
from adapter.agendas.services.lock_budget import check_caller_budget
from adapter.agendas.services.lock_rules import bounded_duration
from adapter.agendas.services.situation import Shown, Wanted, resolve_slots
from adapter.agendas.services.writing import NOTE, entry_parameters, insert_from_taken, new_row, own_savepoint
from adapter.agendas.slots import free_desks

# What is in the way of a slot on a desk; the worst of it counts.
NOTHING, LAPSED_LOCK, OCCUPANT = 0, 1, 2
LIVE = "(state = 'booked' OR expires_at > %(created_at)s)"
OVERLAPS = '(start < %(end)s AND "end" > %(start)s)'
# ``agendas``, ``types`` and ``seconds`` go together, and so do ``known`` and ``settings``; ``desks`` are those open.
STATEMENT = f"""
WITH stands AS (
    SELECT desk_id, sum("end" - start) FILTER (WHERE {LIVE}) AS time_taken,
        max(CASE WHEN NOT {OVERLAPS} THEN {NOTHING} WHEN {LIVE} THEN {OCCUPANT} ELSE {LAPSED_LOCK} END) AS in_the_way
    FROM agendas_booking
    WHERE agenda_id = ANY(%(agendas)s::bigint[]) AND {STANDS}
        AND "end" > %(day_begin)s AND start < %(day_end)s AND "end" < %(day_bound)s
    GROUP BY desk_id
), fairest AS (
    SELECT desk.id, version, coalesce(in_the_way, {NOTHING}) AS in_the_way
    FROM agendas_desk desk LEFT JOIN stands ON desk_id = desk.id
    WHERE desk.id = ANY(%(desks)s::bigint[]) AND in_the_way IS DISTINCT FROM {OCCUPANT}
    ORDER BY coalesce(time_taken, interval '0'), position, desk.id LIMIT 1
), taken AS (
    UPDATE agendas_desk desk SET version = desk.version + %(step)s::bigint
    WHERE desk.id = (SELECT id FROM fairest) AND desk.version = (SELECT version FROM fairest)
        AND (SELECT in_the_way FROM fairest) = {NOTHING} AND %(settings)s::bigint[] =
            (SELECT array_agg(config_version ORDER BY id) FROM agendas_agenda WHERE id = ANY(%(known)s::bigint[]))
        AND NOT EXISTS (SELECT FROM agendas_booking WHERE state = 'held' AND lock_code = %(lock_code)s)
    RETURNING desk.id, desk.agenda_id, desk.slug, array_position(%(agendas)s::bigint[], desk.agenda_id) AS place
), written AS ({{written}}), noted AS ({{note}}) SELECT id, desk_id FROM written"""
GIVEN = (
    *("asked_agenda_id", "start", "end", "slots", "state", "created_at"),
    *("lock_code", "lock_token", "holder", "form_slug", "half_adapted"),
)
# What depends on the desk.
COMPUTED = {
    "agenda_id": "agenda_id",
    "desk_id": "id",
    "meeting_type_id": "(%(types)s::bigint[])[place]",
    "lock_duration": "(%(seconds)s::bigint[])[place]",
    "expires_at": "%(created_at)s + (%(seconds)s::bigint[])[place] * interval '1 second'",
}
NOTE_HOLD = NOTE.format(
    agenda="written.agenda_id",
    data="jsonb_build_object('desk', (SELECT slug FROM taken), 'half_adapted', %(half_adapted)s::boolean)",
)

# For so many seconds it is remembered that there was no use in trying, of so many slots.
VAIN_FOR, MOST_VAIN = 1.0, 5000
# By agenda, first slot and how many slots.
_vain_until: dict[tuple[str, str, int], float] = {}
# Slots of an agenda of which it is kept which desks are open then.
MOST_PLACES = 5000


def hold_directly(
    agenda: str,
    slot_ids: Sequence[str],
    key: LockKey,
    *,
    duration: int | None,
    bypass_delays: bool,
    now: datetime.datetime,
    actor: Actor,
    **described: Any,
) -> tuple[Booking, Shown] | None:
    """Hold a slot for ``key``, whose code holds nothing yet; ``described`` are ``holder`` and other columns about it.

    ``duration`` in seconds, ``now`` without its fraction. ``None``, and nothing is written, when that is not possible:
    the database is not PostgreSQL, the settings changed or are not known here, the slot is none by them, the code holds
    something, its caller too much, a lapsed lock stands in the way, no desk is free, or the desk moved on meanwhile;
    and when it was not possible a moment ago. Raises what the database raises.
    """
    snapshot = cache.latest(agenda)
    if snapshot is None or not slot_ids or not is_postgres() or _was_vain(agenda, slot_ids):
        return None
    try:
        wanted = resolve_slots(snapshot, slot_ids)
    except AgendaError:
        # The settings may be old: who reads them anew says what is wrong.
        return None
    bounds = start_bounds(snapshot, now, bypass_delays=bypass_delays)
    found = [
        place
        for place, (earliest, latest) in zip(_open_places(snapshot, wanted), bounds, strict=True)
        if place.desks and earliest <= wanted.start < latest
    ]
    if not found:
        return None
    try:
        check_caller_budget(described["holder"], now=now)
    except CallerHoldsTooMuch:
        # What the code holds already it may hold again.
        return None
    lasts = {place.agenda.id: bounded_duration(duration, place.agenda.lock_duration) for place in found}
    columns: dict[str, Any] = {
        "asked_agenda_id": snapshot.id,
        "start": wanted.starts_at,
        "end": wanted.ends_at,
        "slots": wanted.slots,
        "state": BookingState.HELD.value,
        "created_at": now,
        "lock_code": key.code,
        "lock_token": key.token,
        **described,
    }
    desks = {desk_id: (place, desk) for place in found for desk_id, desk in place.desks.items()}
    day_begin, day_end, day_bound = _bounds_of(zone_name(), wanted.day)
    entry = Entry("lock.created", None)
    with own_savepoint():
        rows = fetch(
            _statement(),
            {
                **columns,
                **entry_parameters(entry, actor, now),
                "agendas": _array(lasts),
                "types": _array(place.type_id for place in found),
                "seconds": _array(lasts.values()),
                "desks": _array(desks),
                "known": _array(agenda_id for agenda_id, _ in snapshot.version),
                "settings": _array(version for _, version in snapshot.version),
                "day_begin": day_begin,
                "day_end": day_end,
                "day_bound": day_bound,
                "step": next_step(),
            },
        )
    if not rows:
        _remember_vain(agenda, slot_ids)
        return None
    [(lock_id, desk_id)] = rows
    place, desk = desks[desk_id]
    seconds = lasts[place.agenda.id]
    lock = new_row(
        id=lock_id,
        agenda_id=place.agenda.id,
        desk_id=desk_id,
        meeting_type_id=place.type_id,
        lock_duration=seconds,
        expires_at=now + datetime.timedelta(seconds=seconds),
        **columns,
    )
    lock._state.adding = False
    tell(actor, [Entry(entry.code, place.agenda.id, lock_id)])
    return lock, Shown(place.agenda.slug, place.agenda.label, desk.slug, desk.label, wanted.meeting_type.slug)


@lru_cache(maxsize=1024)
def _bounds_of(zone: str, day: int) -> tuple[datetime.datetime, ...]:
    """The parameters of ``STATEMENT`` for what touches the local ``day`` (an ordinal)."""
    return tuple(touching(*Window(day, day).bounds(zone)))


def _was_vain(agenda: str, slot_ids: Sequence[str]) -> bool:
    """Whether it was tried for these slots a moment ago, in vain: mostly they are still full."""
    return time.monotonic() < _vain_until.get((agenda, slot_ids[0], len(slot_ids)), 0.0)


def _remember_vain(agenda: str, slot_ids: Sequence[str]) -> None:
    if len(_vain_until) >= MOST_VAIN:
        _vain_until.clear()
    _vain_until[agenda, slot_ids[0], len(slot_ids)] = time.monotonic() + VAIN_FOR


@dataclass(frozen=True, slots=True)
class _Place:
    """The desks of an agenda that are open, and its meeting type."""

    agenda: RealAgenda
    type_id: int
    desks: dict[int, DeskData]


def _open_places(snapshot: AgendaSnapshot, wanted: Wanted) -> tuple[_Place, ...]:
    """Where it could be held if nothing stood there and whatever the delays: one for each real agenda."""
    key = (_open_places, wanted.meeting_type.slug, wanted.start, wanted.end)
    known: tuple[_Place, ...] | None = snapshot.worked_out.get(key)
    if known is None:
        if len(snapshot.worked_out) >= MOST_PLACES:
            snapshot.worked_out.clear()
        known = snapshot.worked_out[key] = _find_open_places(snapshot, wanted)
    return known


def _find_open_places(snapshot: AgendaSnapshot, wanted: Wanted) -> tuple[_Place, ...]:
    few, alike = _desks_that_differ(snapshot)
    everything = tuple(FOREVER for _agenda in few.real_agendas)
    tables = timetables_with(few, Window(wanted.day, wanted.day), {}, everything)
    open_desks = {table.desk_id for table in free_desks(tables, wanted.start, wanted.end)}
    found = []
    for agenda, agenda_of_few in zip(snapshot.real_agendas, few.real_agendas, strict=True):
        meeting_type = agenda.meeting_type(wanted.meeting_type.slug)
        desks = [
            desk
            for first in agenda_of_few.desks
            if meeting_type is not None and first.id in open_desks
            for desk in alike[first.id]
        ]
        found.append(_Place(agenda, meeting_type.id if meeting_type else 0, {desk.id: desk for desk in desks}))
    return tuple(found)


def _desks_that_differ(snapshot: AgendaSnapshot) -> tuple[AgendaSnapshot, dict[int, list[DeskData]]]:
    """The same with one desk of those that are open and closed alike, and by its number all of them.

    Mostly all desks of an agenda are: one look at the hours does for them.
    """
    known: tuple[AgendaSnapshot, dict[int, list[DeskData]]] | None = snapshot.worked_out.get(_desks_that_differ)
    if known is not None:
        return known
    alike: dict[int, list[DeskData]] = {}
    agendas = []
    for agenda in snapshot.real_agendas:
        firsts: dict[tuple[object, ...], DeskData] = {}
        for desk in agenda.desks:
            first = firsts.setdefault((desk.rules, desk.closures), desk)
            alike.setdefault(first.id, []).append(desk)
        agendas.append(replace(agenda, desks=tuple(firsts.values())))
    few = replace(snapshot, real_agendas=tuple(agendas), worked_out={})
    snapshot.worked_out[_desks_that_differ] = few, alike
    return few, alike


def _array(numbers: Iterable[int]) -> str:
    """As PostgreSQL reads an array: psycopg takes several times longer over a list."""
    return f"{{{','.join(map(str, numbers))}}}"


@lru_cache(maxsize=1)
def _statement() -> str:
    return STATEMENT.format(written=insert_from_taken(GIVEN, COMPUTED), note=NOTE_HOLD)
