"""Where things stand in a column of the calendar. Pure computation; times within a day are local minutes."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from adapter.agendas.slots import DeskTimetable
from adapter.agendas.slots.intervals import merge
from adapter.agendas.slots.localtime import DAY, to_epoch
from adapter.manager.calendar.blocks import MAX_LANES, Block, Closing, Gap, Stretch
from adapter.manager.calendar.free import Free, taken_spans
from adapter.manager.calendar.lanes import in_lanes
from adapter.manager.calendar.reading import Shown

LAST_MINUTE = 1440

Inside = Callable[[int, int], Stretch | None]


@dataclass(slots=True)
class Column:
    """One desk on one day, or several desks of a day. ``now`` is the present, when it lies in this day."""

    key: str
    day: datetime.date
    label: str
    sublabel: str = ""
    openings: list[Stretch] = field(default_factory=list)
    closings: list[Closing] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    now: Stretch | None = None

    def starts(self) -> dict[str, dict[int, int]]:
        """Every start of the column, by meeting type, with the desk that would take it."""
        merged: dict[str, dict[int, int]] = {}
        for gap in self.gaps:
            for slug, starts in gap.starts.items():
                merged.setdefault(slug, {}).update(starts)
        return merged

    @property
    def items(self) -> list[Closing | Gap | Block]:
        """Everything that is read and clicked, in order of time."""
        order = {"closing": 0, "gap": 1, "block": 2}
        items: list[Closing | Gap | Block] = [*self.closings, *self.gaps, *self.blocks]
        return sorted(items, key=lambda item: (item.span.start, order[item.kind]))

    @property
    def lanes(self) -> int:
        """The most things side by side."""
        return min(max([1, *(item.lanes for item in self.blocks), *(item.lanes for item in self.closings)]), MAX_LANES)

    @property
    def extent(self) -> tuple[int, int] | None:
        """First and last minute at which there is something to see."""
        spans = [*self.openings, *(block.span for block in self.blocks)]
        return (min(s.start for s in spans), max(s.end for s in spans)) if spans else None


@dataclass(frozen=True, slots=True)
class Scene:
    """What all columns of a view share. ``names`` are the labels of desks by id."""

    free: Free
    names: Mapping[int, str]
    zone: str
    now: datetime.datetime


def fill_column(column: Column, tables: Sequence[DeskTimetable], bookings: Iterable[Shown], scene: Scene) -> Column:
    """Put into ``column`` what its desks (``tables``) and ``bookings`` show on its day."""
    zone, ordinal = scene.zone, column.day.toordinal()
    begin, finish = to_epoch(zone, ordinal, 0), to_epoch(zone, ordinal, DAY)

    def inside(start: int, end: int) -> Stretch | None:
        start, end = max(start, begin), min(end, finish)
        if start >= end:
            return None
        first = _minute(start, zone, ordinal)
        # Where clocks go back, something may end at an earlier time than it began: it is drawn with its length.
        last = _minute(end, zone, ordinal)
        return Stretch(first, last if last > first else min(first + (end - start) // 60, LAST_MINUTE))

    openings = merge(opening for table in tables for opening in table.openings)
    column.openings = [span for start, end in openings if (span := inside(start, end))]
    blocks = [
        Block(span, booking)
        for booking in bookings
        if (span := inside(int(booking.start.timestamp()), int(booking.end.timestamp())))
    ]
    closings = _closings(tables, scene.names, inside)
    partial = [item for item in closings if item.desks]
    column.closings = [item for item in closings if not item.desks]
    for item in in_lanes([*blocks, *partial], len(tables)):
        if isinstance(item, Block):
            column.blocks.append(item)
        else:
            column.closings.append(item)
    column.gaps = _gaps(scene, frozenset(table.desk_id for table in tables), begin, finish, inside)
    present = int(scene.now.timestamp())
    column.now = inside(present, present + 60)
    return column


def _minute(epoch: int, zone: str, ordinal: int) -> int:
    local = datetime.datetime.fromtimestamp(epoch, ZoneInfo(zone))
    return LAST_MINUTE if local.toordinal() > ordinal else local.hour * 60 + local.minute


def _closings(tables: Sequence[DeskTimetable], names: Mapping[int, str], inside: Inside) -> list[Closing]:
    """Closures of the day: over the whole column when all its open desks share them, else with the desks' names."""
    closed: dict[tuple[int, int, str, bool], list[int]] = {}
    working = 0
    for table in tables:
        if not any(inside(start, end) for start, end in table.openings):
            continue
        working += 1
        for item in {(item.start, item.end, item.label, item.excluded) for item in table.closures}:
            if any(start < item[1] and item[0] < end for start, end in table.openings):
                closed.setdefault(item, []).append(table.desk_id)
    found = []
    for (start, end, label, excluded), desks in sorted(closed.items()):
        span = inside(start, end)
        if span is not None:
            whole = len(desks) == working
            named = "" if whole else ", ".join(names.get(desk_id, "") for desk_id in desks)
            found.append(Closing(span, label, excluded, named))
    return found


def _gaps(scene: Scene, desks: frozenset[int], begin: int, finish: int, inside: Inside) -> list[Gap]:
    free = scene.free.within(begin, finish, desks)
    gaps = []
    for start, end in merge(taken_spans(free, scene.free.types)):
        span = inside(start, end)
        if span is None:
            continue
        ordinal = datetime.datetime.fromtimestamp(start, ZoneInfo(scene.zone)).toordinal()
        starts = {
            slug: {_minute(at, scene.zone, ordinal): desk_id for at, desk_id in found.items() if start <= at < end}
            for slug, found in free.items()
        }
        gaps.append(Gap(span, starts))
    return gaps
