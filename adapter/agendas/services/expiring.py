"""Tidying lapsed locks. Nothing depends on it: a lapsed lock blocks nothing even if this never runs."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

import structlog
from django.db import DatabaseError
from django.db.models import F

from adapter.agendas.models import Booking, BookingState
from adapter.agendas.queries.statements import fetch, is_postgres
from adapter.agendas.services.actor import Actor
from adapter.agendas.services.audit import Entry, note, tell_many
from adapter.agendas.services.guard import exclusive, take_all

logger = structlog.get_logger("adapter.agendas")

BATCH = 500
DESKS_AT_ONCE = 20
LAPSED: dict[str, object] = {"because": "lapsed"}

# Its commit does not wait for the disk, and so no hold waits behind it: a mark that a crash loses is made again.
MARK = """
WITH unhurried AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true)),
lapsed AS MATERIALIZED (
    SELECT id FROM agendas_booking WHERE state = 'held' AND expires_at <= %(now)s
    ORDER BY expires_at LIMIT %(size)s FOR UPDATE SKIP LOCKED),
marked AS (
    UPDATE agendas_booking SET state = 'expired', ended_at = expires_at, ended_because = 'lapsed'
    FROM lapsed WHERE agendas_booking.id = lapsed.id
    RETURNING agendas_booking.id, agendas_booking.agenda_id, agendas_booking.desk_id),
noted AS (
    INSERT INTO agendas_auditevent (at, code, actor_kind, actor, agenda_id, booking_id, data)
    SELECT %(now)s, 'lock.expired', %(actor_kind)s, %(actor)s, agenda_id, id, '{"because": "lapsed"}' FROM marked)
SELECT desk_id FROM marked, unhurried
"""


def expire(*, now: datetime.datetime, actor: Actor, batch: int = BATCH, most: int | None = None) -> int:
    """Mark locks past their end as lapsed; returns how many. Their rows stay: they are the log of locks.

    In batches of ``batch`` rows, a transaction each, skipping rows that another worker is marking: any number of
    workers may run it at the same time. ``most`` bounds the rows of one run. Not to be called inside a transaction: its
    commit would not wait for the disk either.
    """
    total = 0
    desks: set[int] = set()
    try:
        while most is None or total < most:
            size = batch if most is None else min(batch, most - total)
            rows = _mark_in_one(now, actor, size) if is_postgres() else _mark(now, actor, size)
            total += len(rows)
            desks.update(desk_id for (desk_id,) in rows)
            if len(rows) < size:
                break
    finally:
        if desks:
            tell_many(actor, "lock.expired", total)
            _move(desks)
    return total


def _move(desk_ids: Iterable[int]) -> None:
    """Move the versions of desks: for whoever's clock is behind, and has kept their lapsed locks as live.

    Once a run, because holds that meet it read anew; a few at a time, because it waits for who writes on them. Where it
    fails the locks are marked all the same, and clocks catch up.
    """
    desks = sorted(desk_ids)
    try:
        for first in range(0, len(desks), DESKS_AT_ONCE):
            with exclusive():
                take_all(desks[first : first + DESKS_AT_ONCE])
    except DatabaseError as error:
        logger.warning("desks_not_moved", error=type(error).__name__)


def _mark_in_one(now: datetime.datetime, actor: Actor, size: int) -> list[tuple[int]]:
    """The desk of each lock that was marked; rows that another worker is marking are passed over."""
    return fetch(MARK, {"now": now, "actor_kind": str(actor.kind), "actor": actor.name, "size": size})


def _mark(now: datetime.datetime, actor: Actor, size: int) -> list[tuple[int]]:
    """The same on SQLite, which changes its rows under one lock."""
    with exclusive():
        lapsed = Booking.objects.lapsed_locks(now).order_by("expires_at").values_list("pk", "agenda_id", "desk_id")
        rows = list(lapsed[:size])
        if rows:
            Booking.objects.filter(pk__in=[pk for pk, _, _ in rows]).update(
                state=BookingState.EXPIRED, ended_at=F("expires_at"), ended_because="lapsed"
            )
            note(actor, now, [Entry("lock.expired", agenda_id, pk, LAPSED) for pk, agenda_id, _ in rows])
    return [(desk_id,) for _, _, desk_id in rows]
