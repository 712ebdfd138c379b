"""What stands on the desks, joined with the settings into timetables ready to be swept."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from adapter.agendas.models import BookingState
from adapter.agendas.queries.snapshot import ASKED, AgendaSnapshot, DeskVersions, RealAgenda, snapshot_at
from adapter.agendas.queries.statements import epoch, fetch, moments, one_of_query
from adapter.agendas.slots import Busy, BusyKind, Closed, DeskTimetable, expand
from adapter.agendas.slots.localtime import DAY, local_day, to_epoch

# Nobody books further ahead than this, whatever maximal delay an agenda sets.
FARTHEST_DAYS = 2 * 366


# Appointments lie within one opening, and openings within one local day (25 hours when clocks go back).
LONGEST = 26 * 3600
END = '"end"'
STANDS = "state IN ('held', 'booked')"
# The last bound follows from the one before: it keeps the index from being read to the end of time.
TOUCHES = '"end" > %s AND start < %s AND "end" < %s'
# The rows of ``VERSIONS`` in the columns of :class:`Standing`, so that one statement reads both. A row without a number
# is a desk: its agenda, itself, the settings' version, its own version, and the slug of its agenda as a state.
DESKS = f"""
WITH asked AS MATERIALIZED (SELECT id, config_version, slug FROM agendas_agenda WHERE id IN ({ASKED}))
SELECT CAST(NULL AS bigint), asked.id, desk.id, asked.config_version, desk.version, CAST(NULL AS bigint), asked.slug,
    CAST(NULL AS bigint), '', '', '', ''
FROM asked LEFT JOIN agendas_desk desk ON desk.agenda_id = asked.id"""

# Plain texts: thousands of rows are compared with them in one list.
HELD, BOOKED = BookingState.HELD.value, BookingState.BOOKED.value
KINDS = {HELD: BusyKind.HELD, BOOKED: BusyKind.BOOKED}


class Standing(NamedTuple):
    """A row that stands on a desk, or that a service must know of. Times are UTC epoch seconds."""

    id: int
    agenda_id: int
    desk_id: int
    meeting_type_id: int
    start: int
    end: int
    state: str
    expires_at: int | None
    lock_code: str
    record: str
    user_external_id: str
    lock_token: str = ""

    def is_live(self, now: int) -> bool:
        """Whether it occupies its desk at ``now``. Expiry is a predicate: no task need have run."""
        return self.state == BOOKED or (self.state == HELD and self.expires_at is not None and self.expires_at > now)


@dataclass(frozen=True, slots=True)
class Also:
    """Rows to be read besides those that stand in a window, on any agenda; empty texts ask for nothing.

    Locks of ``lock_code`` and bookings of the w.c.s. ``record``, at any time, and bookings of ``user_external_id`` that
    touch the window. ``only``: what stands in the window is left out.
    """

    lock_code: str = ""
    record: str = ""
    user_external_id: str = ""
    only: bool = False


NOTHING_ELSE = Also()


class Window(NamedTuple):
    """Local days (ordinals), both included."""

    first_day: int
    last_day: int

    def bounds(self, zone: str) -> tuple[int, int]:
        """UTC epoch seconds of its first instant and of the instant after its last."""
        return to_epoch(zone, self.first_day, 0), to_epoch(zone, self.last_day, DAY)


def zone_name() -> str:
    """The time zone in which agendas are kept."""
    return settings.TIME_ZONE


def read_standing(
    slug: str, window: Window, also: Also = NOTHING_ELSE
) -> tuple[AgendaSnapshot, DeskVersions, list[Standing]]:
    """The settings of an agenda, the versions of its desks, and the rows on them that touch ``window``, lapsed locks
    among them, with those of ``also``: all as they were at one moment.

    One query when the settings are known here; its cost depends neither on the bookings of the past nor on those after
    the window. Raises :class:`UnknownAgenda`.
    """
    bounds = touching(*window.bounds(zone_name()))
    parameters = [slug, slug, *(() if also.only else bounds)]
    if also.lock_code:
        parameters.append(also.lock_code)
    if also.record:
        parameters.append(also.record)
    if also.user_external_id:
        parameters += [also.user_external_id, *bounds]
    asked_for = (bool(also.lock_code), bool(also.record), bool(also.user_external_id), also.only)
    sql = _standing_statement(connection.vendor, *asked_for)
    desks, found = [], {}
    for row in fetch(sql, parameters):
        if row[0] is None:
            desks.append((row[1], row[3], row[6], row[2], row[4]))
        else:
            # What stands in the window may be asked for as a lock of the code, too.
            found[row[0]] = Standing._make(row)
    return *snapshot_at(slug, desks), list(found.values())


@lru_cache(maxsize=32)
def _standing_statement(_vendor: str, lock_code: bool, record: bool, user: bool, only: bool) -> str:
    columns, agendas = standing_columns(), one_of_query("agenda_id", "SELECT id FROM asked")
    conditions = [] if only else [f"{agendas} AND {STANDS} AND {TOUCHES}"]
    if lock_code:
        conditions.append("state = 'held' AND lock_code = %s")
    if record:
        conditions.append("state = 'booked' AND record <> '' AND record = %s")
    if user:
        conditions.append(f"state = 'booked' AND user_external_id <> '' AND user_external_id = %s AND {TOUCHES}")
    rows = (f"SELECT {columns} FROM agendas_booking WHERE {condition}" for condition in conditions)
    return " UNION ALL ".join([DESKS, *rows])


def is_taken(desk_id: int, begin: int, finish: int) -> bool:
    """Whether anything, a lapsed lock included, stands on that desk in ``[begin, finish)`` (UTC epoch seconds)."""
    return bool(
        fetch(
            f"SELECT 1 FROM agendas_booking WHERE desk_id = %s AND {STANDS} AND {TOUCHES} LIMIT 1",
            [desk_id, *touching(begin, finish)],
        )
    )


def bookings_of_users(users: Iterable[str], begin: int, finish: int) -> dict[str, list[tuple[int, int]]]:
    """The times (UTC epoch seconds) of the bookings of each user that touch ``[begin, finish)``. One query."""
    found: dict[str, list[tuple[int, int]]] = {user: [] for user in users}
    marks = ", ".join(["%s"] * len(found))
    rows = fetch(
        f"SELECT user_external_id, {epoch('start')}, {epoch(END)} FROM agendas_booking"
        f" WHERE state = 'booked' AND user_external_id <> '' AND user_external_id IN ({marks}) AND {TOUCHES}",
        [*found, *touching(begin, finish)],
    )
    for user, start, end in rows:
        found[user].append((start, end))
    return found


def touching(begin: int, finish: int) -> list[Any]:
    """Parameters of ``TOUCHES`` for ``[begin, finish)``."""
    return moments(from_epoch(begin), from_epoch(finish), from_epoch(finish + LONGEST))


def from_epoch(seconds: int) -> datetime.datetime:
    """An aware datetime in UTC."""
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)


@lru_cache(maxsize=2)
def _standing_columns(vendor: str) -> str:
    return (
        f"id, agenda_id, desk_id, meeting_type_id, {epoch('start')}, {epoch(END)}, state, {epoch('expires_at')},"
        " lock_code, record, user_external_id, lock_token"
    )


def standing_columns() -> str:
    """Columns of :class:`Standing`."""
    return _standing_columns(connection.vendor)


def booking_window(agenda: RealAgenda, now: datetime.datetime, *, bypass_delays: bool = False) -> tuple[int, int]:
    """``[earliest, latest)`` for starts (UTC epoch seconds): never in the past nor beyond ``FARTHEST_DAYS``, and within
    the booking delays.

    With a ``minimal_booking_time``, delays count whole local days and a new day opens at that time; without one they
    count from the present minute. ``bypass_delays`` lifts both bounds, not the present.
    """
    zone = zone_name()
    present = int(now.timestamp())
    today = local_day(zone, present)
    farthest = to_epoch(zone, today + FARTHEST_DAYS, 0)
    if bypass_delays:
        return present, farthest
    if agenda.minimal_booking_time is None:
        earliest = present + (agenda.minimal_booking_delay or 0) * DAY
        latest = farthest if agenda.maximal_booking_delay is None else present + agenda.maximal_booking_delay * DAY
        return earliest, min(latest, farthest)
    if now.astimezone(ZoneInfo(zone)).time() < agenda.minimal_booking_time:
        today -= 1
    earliest = present
    if agenda.minimal_booking_delay:
        earliest = max(present, to_epoch(zone, today + agenda.minimal_booking_delay, 0))
    latest = farthest
    if agenda.maximal_booking_delay is not None:
        latest = min(farthest, to_epoch(zone, today + agenda.maximal_booking_delay, 0))
    return earliest, latest


def timetables(
    snapshot: AgendaSnapshot,
    window: Window,
    standing: Iterable[Standing],
    now: datetime.datetime,
    *,
    ignore: Iterable[int] = (),
    bypass_delays: bool = False,
) -> list[DeskTimetable]:
    """One timetable a desk over ``window``. Rows whose id is in ``ignore`` count as free."""
    present = int(now.timestamp())
    ignored = set(ignore)
    busy: dict[int, list[Busy]] = {}
    for row in standing:
        if row.id not in ignored and row.is_live(present):
            busy.setdefault(row.desk_id, []).append(Busy(row.start, row.end, KINDS[row.state]))
    for times in busy.values():
        times.sort()
    return timetables_with(snapshot, window, busy, start_bounds(snapshot, now, bypass_delays=bypass_delays))


Bounds = tuple[tuple[int, int], ...]
# No bound on either side.
FOREVER = (0, 2**62)


def start_bounds(
    snapshot: AgendaSnapshot,
    now: datetime.datetime,
    *,
    bypass_delays: bool = False,
    limits: tuple[int, int] | None = None,
) -> Bounds:
    """``[earliest, latest)`` for starts on each real agenda, narrowed to ``limits`` (UTC epoch seconds)."""
    begin, finish = limits or FOREVER
    bounds = [booking_window(agenda, now, bypass_delays=bypass_delays) for agenda in snapshot.real_agendas]
    return tuple((max(earliest, begin), min(latest, finish)) for earliest, latest in bounds)


def timetables_with(
    snapshot: AgendaSnapshot, window: Window, busy: Mapping[int, Sequence[Busy]], bounds: Bounds
) -> list[DeskTimetable]:
    """One timetable a desk; ``busy`` by desk id, sorted by start. ``bounds`` as :func:`start_bounds` gives them."""
    zone = zone_name()
    excluded = [
        Closed(start, end, excluded=True)
        for start, end in (
            expand(snapshot.excluded, window.first_day, window.last_day, zone) if snapshot.excluded else ()
        )
    ]
    begin, finish = window.bounds(zone)
    # Desks with the same hours share their rules: to look up one tuple of rules costs more than all the rest here.
    rules = {id(desk.rules): desk.rules for agenda in snapshot.real_agendas for desk in agenda.desks}
    openings = {key: expand(found, window.first_day, window.last_day, zone) for key, found in rules.items()}
    return [
        DeskTimetable(
            desk_id=desk.id,
            position=desk.position,
            openings=openings[id(desk.rules)],
            closures=_within(desk.closures, begin, finish, excluded),
            busy=tuple(busy.get(desk.id, ())),
            step=agenda.step,
            earliest=earliest,
            latest=latest,
        )
        for agenda, (earliest, latest) in zip(snapshot.real_agendas, bounds, strict=True)
        for desk in agenda.desks
    ]


def _within(closures: tuple[Closed, ...], begin: int, finish: int, excluded: Sequence[Closed]) -> tuple[Closed, ...]:
    if not closures and not excluded:
        return ()
    inside = [closure for closure in closures if closure.start < finish and begin < closure.end]
    return tuple(sorted([*inside, *excluded], key=lambda closure: closure.start) if excluded else inside)
