"""Which slots are free: for w.c.s., for the calendar, for a suggestion after a refusal."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db.models import Q

from adapter.agendas.errors import UnknownMeetingType
from adapter.agendas.models import BookingState
from adapter.agendas.queries.availability import (
    FARTHEST_DAYS,
    Standing,
    Window,
    booking_window,
    read_standing,
    timetables,
    zone_name,
)
from adapter.agendas.queries.snapshot import AgendaSnapshot, MeetingTypeData, load_snapshot
from adapter.agendas.services.actor import Actor
from adapter.agendas.services.renewing import renew_when_half_spent
from adapter.agendas.slots import Offer, format_slot_id, sweep
from adapter.agendas.slots.localtime import is_second_pass, local_day, to_epoch, utc_offsets

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
class SlotListing:
    """Starts offered (UTC epoch seconds, sorted) and which are free.

    ``busy_users`` maps each user that was asked about to the times at which that user holds a booking.
    """

    snapshot: AgendaSnapshot
    meeting_type: MeetingTypeData
    offer: Offer
    zone: str
    busy_users: dict[str, list[tuple[int, int]]]

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
    snapshot, _versions = load_snapshot(agenda)
    found = snapshot.meeting_type(meeting_type)
    if found is None:
        raise UnknownMeetingType
    zone = zone_name()
    limits = _limits(query)
    window = _window(snapshot, now, query.bypass_delays, limits, zone)
    if window is None:
        return SlotListing(snapshot, found, Offer([], set()), zone, {})
    users = {user for user in (query.user_external_id, query.exclude_user_external_id) if user}
    also = Q(state=BookingState.BOOKED, user_external_id__in=users, **_touching(window, zone)) if users else None
    rows = read_standing(snapshot, window, also)
    own = [
        row for row in rows if query.lock_code and row.lock_code == query.lock_code and row.state == BookingState.HELD
    ]
    offer = sweep(
        timetables(
            snapshot,
            window,
            _on_desks(snapshot, rows),
            now,
            ignore=[row.id for row in own],
            bypass_delays=query.bypass_delays,
            limits=limits,
        ),
        found.duration,
    )
    if own:
        renew_when_half_spent([row.id for row in own if row.is_live(int(now.timestamp()))], now=now, actor=actor)
    busy_users: dict[str, list[tuple[int, int]]] = {}
    for row in rows:
        if row.user_external_id in users and row.state == BookingState.BOOKED:
            busy_users.setdefault(row.user_external_id, []).append((row.start, row.end))
    return SlotListing(snapshot, found, _without_repeated_hours(offer, window, zone), zone, busy_users)


def nearest_slots(
    snapshot: AgendaSnapshot,
    meeting_type: MeetingTypeData,
    start: int,
    *,
    now: datetime.datetime,
    lock_code: str = "",
    bypass_delays: bool = False,
    count: int = NEAREST_COUNT,
) -> list[Slot]:
    """The free slots closest in time to ``start`` (UTC epoch seconds), in order of time. One query."""
    zone = zone_name()
    window = _window(snapshot, now, bypass_delays, None, zone)
    if window is None:
        return []
    rows = read_standing(snapshot, window)
    own = [row.id for row in rows if lock_code and row.lock_code == lock_code and row.state == BookingState.HELD]
    tables = timetables(snapshot, window, rows, now, ignore=own, bypass_delays=bypass_delays)
    offer = _without_repeated_hours(sweep(tables, meeting_type.duration), window, zone)
    nearest = sorted(offer.free - {start}, key=lambda item: (abs(item - start), item))[:count]
    return [make_slot(meeting_type, item, zone) for item in sorted(nearest)]


def _on_desks(snapshot: AgendaSnapshot, rows: list[Standing]) -> list[Standing]:
    ids = {agenda.id for agenda in snapshot.real_agendas}
    return [row for row in rows if row.agenda_id in ids]


def _limits(query: SlotQuery) -> tuple[int, int] | None:
    if query.date_start is None and query.date_end is None:
        return None
    begin = int(query.date_start.timestamp()) if query.date_start else 0
    finish = int(query.date_end.timestamp()) if query.date_end else 2**62
    return begin, finish


def _window(
    snapshot: AgendaSnapshot,
    now: datetime.datetime,
    bypass_delays: bool,
    limits: tuple[int, int] | None,
    zone: str,
) -> Window | None:
    bounds = [booking_window(agenda, now, bypass_delays=bypass_delays) for agenda in snapshot.real_agendas]
    if not bounds:
        return None
    earliest, latest = min(bound[0] for bound in bounds), max(bound[1] for bound in bounds)
    today = local_day(zone, int(now.timestamp()))
    latest = min(latest, to_epoch(zone, today + FARTHEST_DAYS, 0))
    if limits is not None:
        earliest, latest = max(earliest, limits[0]), min(latest, limits[1])
    if earliest >= latest:
        return None
    return Window(local_day(zone, earliest), local_day(zone, latest - 1))


def _touching(window: Window, zone: str) -> dict[str, datetime.datetime]:
    begin, finish = window.bounds(zone)
    return {
        "end__gt": datetime.datetime.fromtimestamp(begin, datetime.UTC),
        "start__lt": datetime.datetime.fromtimestamp(finish, datetime.UTC),
    }


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
