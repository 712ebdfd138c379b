"""What stands on the desks, joined with the settings into timetables ready to be swept."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F, Q

from adapter.agendas.models import Booking, BookingState
from adapter.agendas.queries.epoch import Epoch
from adapter.agendas.queries.snapshot import AgendaSnapshot, RealAgenda
from adapter.agendas.slots import Busy, BusyKind, Closed, DeskTimetable, expand
from adapter.agendas.slots.localtime import DAY, local_day, to_epoch

# Nobody books further ahead than this where an agenda sets no maximal delay.
FARTHEST_DAYS = 2 * 366


# Plain texts: thousands of rows are compared with them in one list.
HELD, BOOKED = BookingState.HELD.value, BookingState.BOOKED.value


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

    def is_live(self, now: int) -> bool:
        """Whether it occupies its desk at ``now``. Expiry is a predicate: no task need have run."""
        return self.state == BOOKED or (self.state == HELD and self.expires_at is not None and self.expires_at > now)


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


def read_standing(snapshot: AgendaSnapshot, window: Window, also: Q | None = None) -> list[Standing]:
    """Rows on the agendas of ``snapshot`` that touch ``window``, lapsed locks among them, and those of ``also``.

    One query; its cost does not depend on how many bookings lie in the past.
    """
    start, end = (datetime.datetime.fromtimestamp(bound, datetime.UTC) for bound in window.bounds(zone_name()))
    condition = Q(
        agenda__in=[agenda.id for agenda in snapshot.real_agendas],
        state__in=[BookingState.HELD, BookingState.BOOKED],
        end__gt=start,
        start__lt=end,
    )
    if also is not None:
        condition |= also
    rows = (
        Booking.objects.filter(condition)
        .order_by()
        .values_list(
            "id",
            "agenda_id",
            "desk_id",
            "meeting_type_id",
            Epoch("start"),
            Epoch("end"),
            "state",
            Epoch("expires_at"),
            F("lock_code"),
            "record",
            "user_external_id",
        )
    )
    return [Standing(*row) for row in rows]


def booking_window(agenda: RealAgenda, now: datetime.datetime, *, bypass_delays: bool = False) -> tuple[int, int]:
    """``[earliest, latest)`` for starts (UTC epoch seconds): never in the past, and within the booking delays.

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
        return earliest, latest
    if now.astimezone(ZoneInfo(zone)).time() < agenda.minimal_booking_time:
        today -= 1
    earliest = present
    if agenda.minimal_booking_delay:
        earliest = max(present, to_epoch(zone, today + agenda.minimal_booking_delay, 0))
    latest = farthest
    if agenda.maximal_booking_delay is not None:
        latest = to_epoch(zone, today + agenda.maximal_booking_delay, 0)
    return earliest, latest


def timetables(
    snapshot: AgendaSnapshot,
    window: Window,
    standing: Iterable[Standing],
    now: datetime.datetime,
    *,
    ignore: Iterable[int] = (),
    bypass_delays: bool = False,
    limits: tuple[int, int] | None = None,
    whole_time: bool = False,
) -> list[DeskTimetable]:
    """One timetable a desk over ``window``. Rows whose id is in ``ignore`` count as free.

    ``limits`` narrows the starts further (UTC epoch seconds); ``whole_time`` drops delays *and* the present, for
    a calendar that also shows the past.
    """
    zone = zone_name()
    present = int(now.timestamp())
    ignored = set(ignore)
    busy: dict[int, list[Busy]] = {}
    for row in sorted(standing, key=lambda row: row.start):
        if row.id not in ignored and row.is_live(present):
            kind = BusyKind.HELD if row.state == HELD else BusyKind.BOOKED
            busy.setdefault(row.desk_id, []).append(Busy(row.start, row.end, kind))
    excluded = [
        Closed(start, end, excluded=True)
        for start, end in (
            expand(snapshot.excluded, window.first_day, window.last_day, zone) if snapshot.excluded else ()
        )
    ]
    begin, finish = window.bounds(zone)
    found = []
    for agenda in snapshot.real_agendas:
        if whole_time:
            earliest, latest = begin, finish
        else:
            earliest, latest = booking_window(agenda, now, bypass_delays=bypass_delays)
        if limits is not None:
            earliest, latest = max(earliest, limits[0]), min(latest, limits[1])
        for desk in agenda.desks:
            found.append(
                DeskTimetable(
                    desk_id=desk.id,
                    position=desk.position,
                    openings=expand(desk.rules, window.first_day, window.last_day, zone),
                    closures=_within(desk.closures, begin, finish, excluded),
                    busy=tuple(busy.get(desk.id, ())),
                    step=agenda.step,
                    earliest=earliest,
                    latest=latest,
                )
            )
    return found


def _within(closures: tuple[Closed, ...], begin: int, finish: int, excluded: Sequence[Closed]) -> tuple[Closed, ...]:
    if not closures and not excluded:
        return ()
    inside = [closure for closure in closures if closure.start < finish and begin < closure.end]
    return tuple(sorted([*inside, *excluded], key=lambda closure: closure.start) if excluded else inside)
