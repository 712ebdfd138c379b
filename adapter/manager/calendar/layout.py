"""Where things stand in a column of the calendar. Pure computation; times within a day are local minutes."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from adapter.agendas.models import Booking, BookingState
from adapter.agendas.queries.snapshot import MeetingTypeData
from adapter.agendas.slots import DeskTimetable, sweep
from adapter.agendas.slots.intervals import merge
from adapter.agendas.slots.localtime import DAY, is_second_pass, to_epoch

MAX_LANES = 40
LAST_MINUTE = 1440


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a local day, in minutes after midnight (``end`` up to 1440)."""

    start: int
    end: int

    @property
    def css(self) -> str:
        """The classes that put a block there."""
        length = max(self.end - self.start, 5)
        return f"h{self.start // 60} m{self.start % 60} dh{length // 60} dm{length % 60}"

    @property
    def begins(self) -> str:
        """``HH:MM`` of the start."""
        return clock_text(self.start)

    @property
    def ends(self) -> str:
        """``HH:MM`` of the end."""
        return clock_text(self.end)


Inside = Callable[[int, int], Stretch | None]


@dataclass(frozen=True, slots=True)
class Closing:
    """An exception, or a period that a virtual agenda leaves out."""

    span: Stretch
    label: str
    excluded: bool


@dataclass(frozen=True, slots=True)
class Block:
    """A booking or a lock; ``lane`` of ``lanes`` when several stand side by side."""

    span: Stretch
    booking: Booking
    held: bool
    lane: int = 0
    lanes: int = 1

    @property
    def css(self) -> str:
        """The classes that put it there."""
        return f"{self.span.css} lanes{min(self.lanes, MAX_LANES)} lane{min(self.lane, MAX_LANES - 1)}"


@dataclass(frozen=True, slots=True)
class Gap:
    """Time that can be booked; ``starts`` maps a meeting type's slug to the possible starts inside (minutes)."""

    span: Stretch
    starts: Mapping[str, list[int]]

    def first(self, preferred: str) -> tuple[str, int] | None:
        """The meeting type and start that a click takes: the preferred type if it fits, else whichever does."""
        if self.starts.get(preferred):
            return preferred, self.starts[preferred][0]
        return next(((slug, starts[0]) for slug, starts in self.starts.items() if starts), None)


@dataclass(slots=True)
class Column:
    """One desk on one day, or all desks of a day."""

    key: str
    day: datetime.date
    label: str
    sublabel: str
    agenda: str
    desk: str
    openings: list[Stretch] = field(default_factory=list)
    closings: list[Closing] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)

    def starts(self) -> dict[str, list[int]]:
        """Every start of the column, by meeting type."""
        merged: dict[str, set[int]] = {}
        for gap in self.gaps:
            for slug, starts in gap.starts.items():
                merged.setdefault(slug, set()).update(starts)
        return {slug: sorted(starts) for slug, starts in merged.items()}

    @property
    def extent(self) -> tuple[int, int] | None:
        """First and last minute at which there is something to see."""
        spans = [*self.openings, *(block.span for block in self.blocks)]
        return (min(s.start for s in spans), max(s.end for s in spans)) if spans else None


def clock_text(minutes: int) -> str:
    """``HH:MM``; the midnight that ends the day is ``24:00``."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def fill_column(
    column: Column,
    tables: Sequence[DeskTimetable],
    bookings: Iterable[Booking],
    types: Sequence[MeetingTypeData],
    zone: str,
) -> Column:
    """Put into ``column`` what its desks (``tables``) and ``bookings`` show on its day."""
    ordinal = column.day.toordinal()
    begin, finish = to_epoch(zone, ordinal, 0), to_epoch(zone, ordinal, DAY)

    def inside(start: int, end: int) -> Stretch | None:
        start, end = max(start, begin), min(end, finish)
        if start >= end:
            return None
        first = _minute(start, zone, ordinal)
        # Where clocks go back, something may end at an earlier time than it began: it is drawn with its length.
        last = _minute(end, zone, ordinal)
        return Stretch(first, last if last > first else min(first + (end - start) // 60, LAST_MINUTE))

    def spans(intervals: Iterable[tuple[int, int]]) -> list[Stretch]:
        return [span for start, end in merge(intervals) if (span := inside(start, end))]

    column.openings = spans(opening for table in tables for opening in table.openings)
    column.closings = _closings(tables, inside)
    column.blocks = _lanes(
        [
            Block(span, booking, booking.state == BookingState.HELD)
            for booking in bookings
            if (span := inside(int(booking.start.timestamp()), int(booking.end.timestamp())))
        ],
        desks=len(tables),
    )
    column.gaps = _gaps(tables, types, zone, begin, finish, inside)
    return column


def _minute(epoch: int, zone: str, ordinal: int) -> int:
    local = datetime.datetime.fromtimestamp(epoch, ZoneInfo(zone))
    return LAST_MINUTE if local.toordinal() > ordinal else local.hour * 60 + local.minute


def _closings(tables: Sequence[DeskTimetable], inside: Inside) -> list[Closing]:
    """Closures that all the desks of the column share: one desk's holiday does not close the others."""
    common = None
    for table in tables:
        found = {(item.start, item.end, item.label, item.excluded) for item in table.closures}
        common = found if common is None else common & found
    return [
        Closing(span, label, excluded)
        for start, end, label, excluded in sorted(common or ())
        if (span := inside(start, end)) is not None
    ]


def _gaps(
    tables: Sequence[DeskTimetable],
    types: Sequence[MeetingTypeData],
    zone: str,
    begin: int,
    finish: int,
    inside: Inside,
) -> list[Gap]:
    free: dict[str, list[int]] = {}
    taken: list[tuple[int, int]] = []
    for item in types:
        starts: set[int] = set()
        for table in tables:
            starts |= {start for start in sweep([table], item.duration).free if begin <= start < finish}
        free[item.slug] = sorted(start for start in starts if not is_second_pass(zone, start))
        taken += [(start, start + item.duration) for start in free[item.slug]]
    gaps = []
    for start, end in merge(taken):
        span = inside(start, end)
        if span is None:
            continue
        ordinal = datetime.datetime.fromtimestamp(start, ZoneInfo(zone)).toordinal()
        gaps.append(
            Gap(
                span,
                {
                    slug: [_minute(item, zone, ordinal) for item in starts if start <= item < end]
                    for slug, starts in free.items()
                },
            )
        )
    return gaps


def _lanes(blocks: list[Block], desks: int) -> list[Block]:
    """Put blocks that overlap side by side; room is left beside them while not every desk is taken."""
    placed: list[tuple[Block, int]] = []
    ends: list[int] = []
    for block in sorted(blocks, key=lambda item: (item.span.start, item.booking.desk_id)):
        lane = next((n for n, end in enumerate(ends) if end <= block.span.start), len(ends))
        ends[lane : lane + 1] = [block.span.end]
        placed.append((block, lane))
    lanes = max(1, min(desks, len(ends) + 1) if desks > 1 else len(ends), len(ends))
    return [Block(block.span, block.booking, block.held, lane, lanes) for block, lane in placed]
