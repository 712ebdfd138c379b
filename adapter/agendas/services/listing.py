"""Which slots are free: for w.c.s., for the calendar, for a suggestion after a refusal."""

from __future__ import annotations

import datetime
from bisect import bisect_left
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from adapter.agendas.errors import UnknownMeetingType
from adapter.agendas.queries.availability import bookings_of_users, start_bounds, zone_name
from adapter.agendas.queries.lock_keys import LockKey
from adapter.agendas.queries.snapshot import AgendaSnapshot, DeskVersions, MeetingTypeData, load_snapshot
from adapter.agendas.services.actor import Actor
from adapter.agendas.services.offering import NO_KEY, Holds, Offered, Question, kept_offer, offered
from adapter.agendas.services.renewing import renew_when_half_spent
from adapter.agendas.slots import Offer, format_slot_id
from adapter.agendas.slots.localtime import local_day, to_epoch

NEAREST_COUNT = 3
# So many days before and after are looked at first for the nearest slots.
NEAR_DAYS = 2


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
    lock_token: str = ""
    date_start: datetime.datetime | None = None
    date_end: datetime.datetime | None = None
    bypass_delays: bool = False
    user_external_id: str = ""
    exclude_user_external_id: str = ""

    @property
    def key(self) -> LockKey:
        """By what the form that asks holds its lock."""
        return LockKey(self.lock_code.strip(), self.lock_token)


@dataclass(frozen=True, slots=True)
class SlotListing:
    """Starts offered (UTC epoch seconds, sorted) and which are free.

    ``busy_users`` maps each user that was asked about to the times at which that user holds a booking; ``holds`` tells
    for how long and for whom else the same is true, unless the form that asked holds something itself (``is_own``).
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

    What the form that asks holds (``query.key``) counts as free; its lock past half its life is renewed. At most three
    queries when the settings are known here and nothing is renewed. Raises ``UnknownAgenda``, ``UnknownMeetingType``.
    """
    return ask_slots(agenda, meeting_type, query, now=now).listing(actor)


def ask_slots(agenda: str, meeting_type: str, query: SlotQuery, *, now: datetime.datetime) -> SlotsAsked:
    """The same, before anything but versions is read: one query when the settings are known here."""
    snapshot, versions = load_snapshot(agenda)
    found = snapshot.meeting_type(meeting_type)
    if found is None:
        raise UnknownMeetingType
    bounds = start_bounds(snapshot, now, bypass_delays=query.bypass_delays, limits=_limits(query))
    return SlotsAsked(Question(snapshot, versions, found, bounds), query, now)


@dataclass(frozen=True, slots=True)
class SlotsAsked:
    """A listing that may still be answered by one that was made before, for a question with the same key."""

    question: Question
    query: SlotQuery
    now: datetime.datetime

    @property
    def is_steady(self) -> bool:
        """Whether the same question will have the same key in a while: delays that count minutes move it."""
        present = int(self.now.timestamp())
        agendas = self.question.snapshot.real_agendas
        return all(agenda.minimal_booking_time is not None for agenda in agendas) and all(
            earliest != present for earliest, _ in self.question.bounds
        )

    @property
    def users(self) -> list[str]:
        """The users that are asked about."""
        return [user for user in (self.query.user_external_id, self.query.exclude_user_external_id) if user]

    def listing(self, actor: Actor | None = None) -> SlotListing:
        """Read and compute; two queries at the most when nothing is renewed."""
        zone, window = zone_name(), self.question.window
        found = offered(self.question, now=self.now, key=self.query.key)
        if found.own:
            renew_when_half_spent(found.own, now=self.now, actor=actor)
        busy_users = bookings_of_users(self.users, *window.bounds(zone)) if self.users and window else {}
        return SlotListing(
            self.question.snapshot,
            self.question.meeting_type,
            found.offer,
            zone,
            busy_users,
            found.holds,
            bool(found.own),
        )


def nearest_slots(
    snapshot: AgendaSnapshot,
    meeting_type: MeetingTypeData,
    start: int,
    *,
    now: datetime.datetime,
    versions: DeskVersions,
    key: LockKey = NO_KEY,
    bypass_delays: bool = False,
    count: int = NEAREST_COUNT,
) -> list[Slot]:
    """The free slots closest in time to ``start`` (UTC epoch seconds), in order of time.

    No query for what is known already, one where some are near, else two: what is far away is looked at last.
    """
    zone = zone_name()
    everything = Question(snapshot, versions, meeting_type, start_bounds(snapshot, now, bypass_delays=bypass_delays))
    if kept := kept_offer(everything, now=now, key=key):
        nearest = _nearest(kept, start, count)
    else:
        day = local_day(zone, start)
        limits = to_epoch(zone, day - NEAR_DAYS, 0), to_epoch(zone, day + NEAR_DAYS + 1, 0)
        bounds = start_bounds(snapshot, now, bypass_delays=bypass_delays, limits=limits)
        near = replace(everything, bounds=bounds)
        nearest = _nearest(offered(near, now=now, key=key), start, count)
        # What was not looked at must not be closer.
        if len(nearest) < count or abs(nearest[-1] - start) >= min(start - limits[0], limits[1] - start):
            nearest = _nearest(offered(everything, now=now, key=key), start, count)
    return [make_slot(meeting_type, item, zone) for item in sorted(nearest)]


def _nearest(found: Offered, start: int, count: int) -> list[int]:
    """The free starts closest to ``start``, the closest first."""
    free = sorted(found.offer.free - {start})
    place = bisect_left(free, start)
    around = free[max(0, place - count) : place + count]
    return sorted(around, key=lambda item: (abs(item - start), item))[:count]


def _limits(query: SlotQuery) -> tuple[int, int] | None:
    if query.date_start is None and query.date_end is None:
        return None
    begin = int(query.date_start.timestamp()) if query.date_start else 0
    finish = int(query.date_end.timestamp()) if query.date_end else 2**62
    return begin, finish
