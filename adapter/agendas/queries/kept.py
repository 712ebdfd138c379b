"""What stands on desks, kept in the process as long as their versions stand: after a change one desk is read anew.

Every change of what stands on a desk, or of how long a lock there lasts, moves the desk's version in its transaction,
and a version never comes back. Expiry is no change: it is looked at each time.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock
from typing import NamedTuple

from django.db import connection

from adapter.agendas.queries.availability import END, TOUCHES, touching
from adapter.agendas.queries.bulk import read_times, times_in_group
from adapter.agendas.queries.snapshot import DeskVersions
from adapter.agendas.queries.statements import epoch, fetch, one_of
from adapter.agendas.slots import Interval

# Columns that only locks have; PostgreSQL wants to know what they would be.
NO_LOCK = ", ".join(f"CAST(NULL AS {kind})" for kind in (*["bigint"] * 4, "integer", *["varchar"] * 2))


class KeptLock(NamedTuple):
    """A held row, live or lapsed; times in UTC epoch seconds, ``duration`` in seconds."""

    id: int
    start: int
    end: int
    expires_at: int
    duration: int
    lock_code: str
    lock_token: str


class DeskRows(NamedTuple):
    """What stands on a desk in ``[begin, finish)``, as it was at ``version``, in any order; ``booked`` are times."""

    version: int
    begin: int
    finish: int
    booked: tuple[Interval, ...]
    held: tuple[KeptLock, ...]

    def taken(self, present: int, ignore: frozenset[int] = frozenset()) -> tuple[Interval, ...]:
        """The times that are taken at ``present`` (epoch seconds), by locks whose id is in ``ignore`` they are not.

        Without live locks it is the same tuple each time: whoever worked something out from it may know it again.
        """
        live = tuple(
            (lock.start, lock.end) for lock in self.held if lock.expires_at > present and lock.id not in ignore
        )
        return self.booked + live if live else self.booked


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
    booked: dict[int, tuple[Interval, ...]] = dict.fromkeys(desk_ids, ())
    held: dict[int, list[KeptLock]] = {desk_id: [] for desk_id in booked}
    condition, parameters = one_of("desk_id", booked)
    parameters += touching(begin, finish)
    rows = fetch(
        f"SELECT desk_id, {times_in_group('start', END)}, {NO_LOCK} FROM agendas_booking"
        f" WHERE {condition} AND state = 'booked' AND {TOUCHES} GROUP BY desk_id"
        f" UNION ALL SELECT desk_id, NULL, id, {epoch('start')}, {epoch(END)}, {epoch('expires_at')}, lock_duration,"
        f" lock_code, lock_token FROM agendas_booking WHERE {condition} AND state = 'held' AND {TOUCHES}",
        [*parameters, *parameters],
    )
    for desk_id, times, *lock in rows:
        if times is None:
            lock_id, begins, ends, expires_at, duration, lock_code, lock_token = lock
            held[desk_id].append(KeptLock(lock_id, begins, ends, expires_at, duration or 0, lock_code, lock_token))
        else:
            booked[desk_id] = read_times(times)
    return {
        desk_id: DeskRows(versions[desk_id], begin, finish, times, tuple(held[desk_id]))
        for desk_id, times in booked.items()
    }
