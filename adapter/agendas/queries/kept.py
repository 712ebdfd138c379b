"""What stands on desks, kept in the process as long as their versions stand: after a change one desk is read anew.

Every change of what stands on a desk, or of how long a lock there lasts, moves the desk's version in its transaction,
and a version never comes back. Expiry is no change: it is looked at each time.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from functools import partial
from threading import Lock
from typing import NamedTuple

from django.db import connection

from adapter.agendas.queries.availability import END, STANDS, TOUCHES, touching
from adapter.agendas.queries.snapshot import DeskVersions
from adapter.agendas.queries.statements import epoch, fetch, one_of
from adapter.agendas.slots import Busy, BusyKind


class KeptLock(NamedTuple):
    """A held row, live or lapsed; times in UTC epoch seconds, ``duration`` in seconds."""

    id: int
    start: int
    end: int
    expires_at: int
    duration: int
    lock_code: str


class DeskRows(NamedTuple):
    """What stands on a desk in ``[begin, finish)``, as it was at ``version``; bookings are sorted by start."""

    version: int
    begin: int
    finish: int
    booked: tuple[Busy, ...]
    held: tuple[KeptLock, ...]

    def busy(self, present: int, ignore: frozenset[int] = frozenset()) -> Sequence[Busy]:
        """What is taken at ``present`` (epoch seconds), sorted by start; locks whose id is in ``ignore`` are not."""
        live = [
            Busy(lock.start, lock.end, BusyKind.HELD)
            for lock in self.held
            if lock.expires_at > present and lock.id not in ignore
        ]
        return sorted([*self.booked, *live]) if live else self.booked


class KeptDesks:
    """Rows of the desks looked at last; a desk of a large window may have a few hundred."""

    def __init__(self, size: int = 500) -> None:
        self._size = size
        self._lock = Lock()
        self._items: OrderedDict[int, DeskRows] = OrderedDict()

    def get(self, desk_id: int, version: int, begin: int, finish: int) -> DeskRows | None:
        """The rows of a desk at ``version``, if those kept reach over ``[begin, finish)``."""
        with self._lock:
            rows = self._items.get(desk_id)
            if rows is None or rows.version != version or begin < rows.begin or rows.finish < finish:
                return None
            self._items.move_to_end(desk_id)
            return rows

    def put(self, desk_id: int, rows: DeskRows) -> None:
        """Keep them in the place of any other of the desk."""
        with self._lock:
            self._items[desk_id] = rows
            self._items.move_to_end(desk_id)
            while len(self._items) > self._size:
                self._items.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._items.clear()


kept_desks = KeptDesks()


def rows_on_desks(versions: DeskVersions, begin: int, finish: int) -> dict[int, DeskRows]:
    """What stands in ``[begin, finish)`` (UTC epoch seconds) on each desk of ``versions``.

    ``versions`` must have been read before. Rows that are kept may reach further. One query at the most.
    """
    found: dict[int, DeskRows] = {}
    missing: list[int] = []
    for desk_id, version in versions.items():
        rows = kept_desks.get(desk_id, version, begin, finish)
        if rows is None:
            missing.append(desk_id)
        else:
            found[desk_id] = rows
    if missing:
        read = _read(missing, versions, begin, finish)
        found.update(read)
        if not connection.in_atomic_block:
            # Inside a transaction that took the desks, more may be written under the version it gave them.
            for desk_id, rows in read.items():
                kept_desks.put(desk_id, rows)
    return found


def _read(desk_ids: Iterable[int], versions: DeskVersions, begin: int, finish: int) -> dict[int, DeskRows]:
    booked: dict[int, list[Busy]] = {desk_id: [] for desk_id in desk_ids}
    held: dict[int, list[KeptLock]] = {desk_id: [] for desk_id in booked}
    condition, parameters = one_of("desk_id", booked)
    where = f"WHERE {condition} AND {STANDS} AND {TOUCHES}"
    locks = "CASE WHEN state = 'held' THEN {} END"
    rows = fetch(
        f"SELECT desk_id, {epoch('start')}, {epoch(END)}, {locks.format('id')}, {locks.format(epoch('expires_at'))},"
        f" {locks.format('lock_duration')}, {locks.format('lock_code')} FROM agendas_booking {where} ORDER BY start",
        [*parameters, *touching(begin, finish)],
    )
    # Thousands of rows: a tuple is made without the call that its class would cost.
    kind, make = BusyKind.BOOKED, partial(tuple.__new__, Busy)
    for desk_id, start, end, lock_id, expires_at, duration, lock_code in rows:
        if lock_id is None:
            booked[desk_id].append(make((start, end, kind)))
        else:
            held[desk_id].append(KeptLock(lock_id, start, end, expires_at, duration or 0, lock_code))
    return {
        desk_id: DeskRows(versions[desk_id], begin, finish, tuple(items), tuple(held[desk_id]))
        for desk_id, items in booked.items()
    }
