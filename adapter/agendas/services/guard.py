"""The service's own guard against double booking; the database's constraint is the other one.

A desk's ``version`` goes up with every change of what stands on it, or of how long a lock there lasts. A service reads
the versions first, then the rows, decides, and at last takes the desks it will write to: when their versions are still
those it read, what it read still holds. Desks are taken in one statement and in order, so that two transactions never
wait for each other.
"""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import TypeVar

from django.db import IntegrityError, OperationalError, connection, transaction

from adapter.agendas.errors import Busy, SlotUnavailable
from adapter.agendas.queries.statements import fetch, is_postgres

T = TypeVar("T")

ATTEMPTS = 9
# From this attempt on, desks are taken before anything is read: progress is then certain.
CAUTIOUS_FROM = 6

TAKE_POSTGRES = """
WITH taken AS (SELECT id, version FROM agendas_desk WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE)
UPDATE agendas_desk SET version = agendas_desk.version + %s::bigint FROM taken
WHERE agendas_desk.id = taken.id RETURNING agendas_desk.id, taken.version
"""
TAKE_SQLITE = "UPDATE agendas_desk SET version = version + %s WHERE id IN ({}) RETURNING id, version"
STEP_BITS = 31


def next_step() -> int:
    """By how much a version goes up: by chance, so that none comes back after a rollback or a restore."""
    return 1 + secrets.randbits(STEP_BITS)


class StaleRead(Exception):
    """What was read is out of date: the attempt is rolled back and made again."""


def exclusive() -> AbstractContextManager[None]:
    """The transaction of one service call (on SQLite it holds the write lock from its first statement)."""
    return transaction.atomic()


def take_desks(desk_ids: Iterable[int], seen: Mapping[int, int]) -> None:
    """Take the desks until the transaction ends and raise their versions; one query.

    ``seen`` are the versions that were read before anything else; a desk that it does not name is taken as it is.
    Raises :class:`StaleRead` when one has changed or is gone, and must run inside :func:`exclusive`.
    """
    wanted = sorted(set(desk_ids))
    before, _after = _take(wanted)
    if any(desk_id not in before or seen.get(desk_id, before[desk_id]) != before[desk_id] for desk_id in wanted):
        raise StaleRead


def take_all(desk_ids: Iterable[int]) -> dict[int, int]:
    """Take desks whatever their versions; returns the versions they have from now on."""
    _before, after = _take(sorted(set(desk_ids)))
    return after


def _take(desk_ids: list[int]) -> tuple[dict[int, int], dict[int, int]]:
    """The versions before and after."""
    if not desk_ids:
        return {}, {}
    step = next_step()
    if is_postgres():
        before = dict(fetch(TAKE_POSTGRES, [desk_ids, step]))
        return before, {desk_id: version + step for desk_id, version in before.items()}
    after = dict(fetch(TAKE_SQLITE.format(", ".join(["%s"] * len(desk_ids))), [step, *desk_ids]))
    return {desk_id: version - step for desk_id, version in after.items()}, after


def attempt(work: Callable[[bool], T]) -> T:
    """Run ``work(cautious)``, again when what it read went stale meanwhile.

    ``work`` reads, decides, and writes in one transaction of its own; when it is to be cautious it runs inside one and
    takes the desks before it reads.

    Raises whatever ``work`` raises; :class:`SlotUnavailable` when the database's own guard keeps refusing, and
    :class:`Busy` when locks could not be had in time.
    """
    refused = False
    for number in range(1, ATTEMPTS + 1):
        try:
            if number < CAUTIOUS_FROM:
                return work(False)
            with exclusive():
                return work(True)
        except StaleRead:
            refused = False
        except IntegrityError:
            # The database's guard saw a row that was not there when the desks were read.
            refused = True
        except OperationalError as error:
            if _is_deadlock(error):
                continue
            if _is_lost_connection():
                raise
            raise Busy from error
    if refused:
        raise SlotUnavailable
    raise Busy


def _is_deadlock(error: OperationalError) -> bool:
    return getattr(error.__cause__, "sqlstate", None) == "40P01"


def _is_lost_connection() -> bool:
    return connection.connection is None or bool(getattr(connection.connection, "closed", False))


def whole_seconds(now: datetime.datetime) -> datetime.datetime:
    """``now`` without its fraction: ends of locks are kept in whole seconds."""
    return now.replace(microsecond=0)
