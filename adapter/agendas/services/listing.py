"""Which slots are free: for w.c.s., for the calendar, for a suggestion after a refusal."""

from __future__ import annotations

import datetime
from bisect import bisect_left
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from adapter.agendas.errors import UnknownMeetingType
from adapter.agendas.queries.availability import (
    Bounds,
    Window,
    bookings_of_users,
    read_standing,
    start_bounds,
    timetables,
    timetables_with,
    zone_name,
)
from adapter.agendas.queries.kept import KeptLock, rows_on_desks
from adapter.agendas.queries.snapshot import AgendaSnapshot, DeskVersions, MeetingTypeData, load_snapshot
from adapter.agendas.services.actor import Actor
from adapter.agendas.services.renewing import renew_when_half_spent
from adapter.agendas.slots import Explanation, Offer, explain, format_slot_id, sweep
from adapter.agendas.slots.localtime import is_second_pass, local_day, to_epoch, utc_offsets

OfferKey = tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...], str, Bounds]
NEAREST_COUNT = 3


@dataclass(frozen=True, slots=True)
class Slot:
    """A start for a meeting type; times are local and aware."""

    id: str
    meeting_type: str
    start: datetime.datetime
    end: datetime.datetime


@dataclass(frozen=True, slots=True)
class SlotQuery:
    """What is asked of a listing. ``date_start`` is included, ``date_end`` is not; both are aware instants."""

    lock_code: str = ""
    date_start: datetime.datetime | None = None
    date_end: datetime.datetime | None = None
    bypass_delays: bool = False
    user_external_id: str = ""
    exclude_user_external_id: str = ""


@dataclass(frozen=True, slots=True)
class Holds:
    """The live locks that a listing saw: their codes, and when the first of them lapses (UTC epoch seconds)."""

    codes: frozenset[str]
    first_lapse: int | None


@dataclass(frozen=True, slots=True)
class SlotListing:
    """Starts offered (UTC epoch seconds, sorted) and which are free.

    ``busy_users`` maps each user that was asked about to the times at which that user holds a booking; ``holds`` tells
    for how long and for whom else the same is true, unless the code that asked holds something itself (``is_own``).
    """

    snapshot: AgendaSnapshot
    meeting_type: MeetingTypeData
    offer: Offer
    zone: str
    busy_users: dict[str, list[tuple[int, int]]]
    holds: Holds
    is_own: bool = False

    def booked_by(self, user_external_id: str, start: int) -> bool:
        """Whether that user has a booking while the slot at ``start`` lasts."""
        end = start + self.meeting_type.duration
        return any(begin < end and start < finish for begin, finish in self.busy_users.get(user_external_id, ()))

    def slot(self, start: int) -> Slot:
        """The slot that begins at ``start``."""
        return make_slot(self.meeting_type, start, self.zone)


def make_slot(meeting_type: MeetingTypeData, start: int, zone: str) -> Slot:
    """The slot of ``meeting_type`` that begins at ``start`` (UTC epoch seconds)."""
    local = datetime.datetime.fromtimestamp(start, ZoneInfo(zone))
    return Slot(
        id=format_slot_id(meeting_type.slug, start, zone),
        meeting_type=meeting_type.slug,
        start=local,
        end=datetime.datetime.fromtimestamp(start + meeting_type.duration, ZoneInfo(zone)),
    )


def list_slots(
    agenda: str, meeting_type: str, query: SlotQuery, *, now: datetime.datetime, actor: Actor | None = None
) -> SlotListing:
    """Slots of ``meeting_type`` on ``agenda`` inside the booking delays, full ones included.

    What ``query.lock_code`` holds counts as free; a lock of that code past half its life is renewed. At most three
    queries when the settings are known here and nothing is renewed. Raises ``UnknownAgenda``, ``UnknownMeetingType``.
    """
    return ask_slots(agenda, meeting_type, query, now=now).listing(actor)


def ask_slots(agenda: str, meeting_type: str, query: SlotQuery, *, now: datetime.datetime) -> SlotsAsked:
    """The same, before anything but versions is read: one query when the settings are known here."""
    snapshot, versions = load_snapshot(agenda)
    found = snapshot.meeting_type(meeting_type)
    if found is None:
        raise UnknownMeetingType
    limits = _limits(query)
    bounds = start_bounds(snapshot, now, bypass_delays=query.bypass_delays, limits=limits)
    return SlotsAsked(snapshot, versions, found, query, now, bounds)


@dataclass(frozen=True, slots=True)
class SlotsAsked:
    """A listing that may still be answered by one that was made before. See :attr:`key`."""

    snapshot: AgendaSnapshot
    versions: DeskVersions
    meeting_type: MeetingTypeData
    query: SlotQuery
    now: datetime.datetime
    bounds: Bounds

    @property
    def key(self) -> OfferKey:
        """All that decides which slots are free, but for the user and for what the lock code holds.

        With the same key the answer differs only once a lock lapses.
        """
        return self.snapshot.version, tuple(self.versions.items()), self.meeting_type.slug, self.bounds

    @property
    def is_steady(self) -> bool:
        """Whether the same question will have the same key in a while: delays that count minutes move it."""
        present = int(self.now.timestamp())
        return all(agenda.minimal_booking_time is not None for agenda in self.snapshot.real_agendas) and all(
            earliest != present for earliest, _ in self.bounds
        )

    @property
    def users(self) -> list[str]:
        """The users that are asked about."""
        return [user for user in (self.query.user_external_id, self.query.exclude_user_external_id) if user]

    def listing(self, actor: Actor | None = None) -> SlotListing:
        """Read and compute; two queries at the most when nothing is renewed."""
        zone = zone_name()
        window = _window(self.bounds, zone)
        if window is None:
            return SlotListing(self.snapshot, self.meeting_type, Offer([], set()), zone, {}, Holds(frozenset(), None))
        found = _offer(
            self.snapshot, self.versions, self.meeting_type, self.bounds, window, self.now, self.query.lock_code
        )
        if found.own:
            renew_when_half_spent(found.own, now=self.now, actor=actor)
        busy_users = bookings_of_users(self.users, *window.bounds(zone)) if self.users else {}
        return SlotListing(
            self.snapshot, self.meeting_type, found.offer, zone, busy_users, found.holds, bool(found.own)
        )


@dataclass(frozen=True, slots=True)
class _Found:
    offer: Offer
    own: list[KeptLock]
    holds: Holds


def _offer(
    snapshot: AgendaSnapshot,
    versions: DeskVersions,
    meeting_type: MeetingTypeData,
    bounds: Bounds,
    window: Window,
    now: datetime.datetime,
    lock_code: str,
) -> _Found:
    """What is free, what ``lock_code`` holds counted as free. One query at the most."""
    zone, present = zone_name(), int(now.timestamp())
    desks = rows_on_desks(versions, *window.bounds(zone))
    live = [lock for rows in desks.values() for lock in rows.held if lock.expires_at > present]
    own = [lock for lock in live if lock_code and lock.lock_code == lock_code]
    ignore = frozenset(lock.id for lock in own)
    busy = {desk_id: rows.busy(present, ignore) for desk_id, rows in desks.items()}
    offer = sweep(timetables_with(snapshot, window, busy, bounds), meeting_type.duration)
    holds = Holds(frozenset(lock.lock_code for lock in live), min((lock.expires_at for lock in live), default=None))
    return _Found(_without_repeated_hours(offer, window, zone), own, holds)


def explain_day(
    agenda: str, meeting_type: str, day: datetime.date, *, now: datetime.datetime, bypass_delays: bool = False
) -> list[Explanation]:
    """For each start of the grid on ``day``, whether it is free, or the one reason why not."""
    snapshot, _versions = load_snapshot(agenda)
    found = snapshot.meeting_type(meeting_type)
    if found is None:
        raise UnknownMeetingType
    window = Window(day.toordinal(), day.toordinal())
    rows = read_standing(snapshot, window)
    tables = timetables(snapshot, window, rows, now, bypass_delays=bypass_delays)
    return explain(tables, found.duration, zone_name())


def nearest_slots(
    snapshot: AgendaSnapshot,
    meeting_type: MeetingTypeData,
    start: int,
    *,
    now: datetime.datetime,
    versions: DeskVersions,
    lock_code: str = "",
    bypass_delays: bool = False,
    count: int = NEAREST_COUNT,
) -> list[Slot]:
    """The free slots closest in time to ``start`` (UTC epoch seconds), in order of time. One query at the most."""
    zone = zone_name()
    bounds = start_bounds(snapshot, now, bypass_delays=bypass_delays)
    window = _window(bounds, zone)
    if window is None:
        return []
    free = sorted(_offer(snapshot, versions, meeting_type, bounds, window, now, lock_code).offer.free - {start})
    place = bisect_left(free, start)
    around = free[max(0, place - count) : place + count]
    nearest = sorted(around, key=lambda item: (abs(item - start), item))[:count]
    return [make_slot(meeting_type, item, zone) for item in sorted(nearest)]


def _limits(query: SlotQuery) -> tuple[int, int] | None:
    if query.date_start is None and query.date_end is None:
        return None
    begin = int(query.date_start.timestamp()) if query.date_start else 0
    finish = int(query.date_end.timestamp()) if query.date_end else 2**62
    return begin, finish


def _window(bounds: Bounds, zone: str) -> Window | None:
    """The days in which starts may lie; ``None`` when there are none."""
    possible = [(earliest, latest) for earliest, latest in bounds if earliest < latest]
    if not possible:
        return None
    first = min(earliest for earliest, _ in possible)
    last = max(latest for _, latest in possible)
    return Window(local_day(zone, first), local_day(zone, last - 1))


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
