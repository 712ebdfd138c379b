"""Which starts are offered and free, computed once as long as nothing changed on the agenda and no lock lapsed."""

from __future__ import annotations

import datetime
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from django.db import connection

from adapter.agendas.queries.availability import Bounds, Window, timetables_with, zone_name
from adapter.agendas.queries.kept import KeptLock, rows_on_desks
from adapter.agendas.queries.lock_keys import LockKey
from adapter.agendas.queries.snapshot import AgendaSnapshot, DeskVersions, MeetingTypeData
from adapter.agendas.slots import Offer, sweep
from adapter.agendas.slots.localtime import is_second_pass, local_day, to_epoch, utc_offsets

NO_KEY = LockKey()
OfferKey = tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...], str, Bounds]


@dataclass(frozen=True, slots=True)
class Holds:
    """The live locks that were seen: their codes, and when the first of them lapses (UTC epoch seconds)."""

    codes: frozenset[str]
    first_lapse: int | None


@dataclass(frozen=True, slots=True)
class Offered:
    """What is free; ``own`` are the locks of the form that asked, which count as free.

    Without own locks it is true for everybody who holds nothing there, from ``since`` (epoch seconds) until the first
    lock lapses.
    """

    offer: Offer
    own: list[KeptLock]
    holds: Holds
    since: int

    def serves(self, present: int, lock_code: str) -> bool:
        """Whether it is true for a caller with that code at that time."""
        until = self.holds.first_lapse
        return self.since <= present and (until is None or present < until) and lock_code not in self.holds.codes


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the starts of a meeting type within ``bounds``, on the agenda as it is at these versions."""

    snapshot: AgendaSnapshot
    versions: DeskVersions
    meeting_type: MeetingTypeData
    bounds: Bounds

    @property
    def key(self) -> OfferKey:
        """All that decides which slots are free, but for the lock code and for locks that lapse."""
        return self.snapshot.version, tuple(self.versions.items()), self.meeting_type.slug, self.bounds

    @property
    def window(self) -> Window | None:
        """The days in which starts may lie; ``None`` when there are none."""
        possible = [(earliest, latest) for earliest, latest in self.bounds if earliest < latest]
        if not possible:
            return None
        zone = zone_name()
        first = min(earliest for earliest, _ in possible)
        last = max(latest for _, latest in possible)
        return Window(local_day(zone, first), local_day(zone, last - 1))


class OfferCache:
    """The offers computed last."""

    def __init__(self, size: int = 128) -> None:
        self._size = size
        self._lock = Lock()
        self._items: OrderedDict[OfferKey, Offered] = OrderedDict()

    def get(self, key: OfferKey) -> Offered | None:
        """The one of that key."""
        with self._lock:
            found = self._items.get(key)
            if found is not None:
                self._items.move_to_end(key)
            return found

    def put(self, key: OfferKey, offered: Offered) -> None:
        """Keep it."""
        with self._lock:
            self._items[key] = offered
            self._items.move_to_end(key)
            while len(self._items) > self._size:
                self._items.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._items.clear()


offers = OfferCache()


def kept_offer(question: Question, *, now: datetime.datetime, key: LockKey = NO_KEY) -> Offered | None:
    """What is free, if that is known here already. No query."""
    # Inside a transaction that took the desks, more may be written under the versions it gave them.
    kept = None if connection.in_atomic_block else offers.get(question.key)
    return kept if kept is not None and kept.serves(int(now.timestamp()), key.code) else None


def offered(question: Question, *, now: datetime.datetime, key: LockKey = NO_KEY) -> Offered:
    """What is free, what ``key`` holds counted as free. One query at the most."""
    present = int(now.timestamp())
    window = question.window
    if window is None:
        return Offered(Offer([], set()), [], Holds(frozenset(), None), present)
    kept = kept_offer(question, now=now, key=key)
    if kept is not None:
        return kept
    zone = zone_name()
    desks = rows_on_desks(question.versions, *window.bounds(zone))
    live = [lock for rows in desks.values() for lock in rows.held if lock.expires_at > present]
    own = [lock for lock in live if key.opens(lock)]
    ignore = frozenset(lock.id for lock in own)
    taken = {desk_id: rows.taken(present, ignore) for desk_id, rows in desks.items()}
    tables = timetables_with(question.snapshot, window, {}, question.bounds)
    offer = sweep(tables, question.meeting_type.duration, taken)
    holds = Holds(frozenset(lock.lock_code for lock in live), min((lock.expires_at for lock in live), default=None))
    found = Offered(_without_repeated_hours(offer, window, zone), own, holds, present)
    if not own and not connection.in_atomic_block:
        offers.put(question.key, found)
    return found


def _without_repeated_hours(offer: Offer, window: Window, zone: str) -> Offer:
    """Leave out the second pass of an hour that clocks show twice: a slot id can only name the first."""
    days = [
        day
        for day in range(window.first_day, window.last_day + 1)
        if (offsets := utc_offsets(zone, day))[0] != offsets[1]
    ]
    if not days:
        return offer
    repeated = {
        start
        for day in days
        for start in offer.starts
        if to_epoch(zone, day, 0) <= start < to_epoch(zone, day + 1, 0) and is_second_pass(zone, start)
    }
    if not repeated:
        return offer
    return Offer([start for start in offer.starts if start not in repeated], offer.free - repeated)
