"""What can be booked in a view, and on which desk: computed once for all its columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from adapter.agendas.queries.snapshot import MeetingTypeData
from adapter.agendas.slots import DeskTimetable, fairest, sweep
from adapter.agendas.slots.localtime import is_second_pass


@dataclass(frozen=True, slots=True)
class Free:
    """Free starts (UTC epoch seconds) of each meeting type (slug), each with the desks that can take it."""

    tables: tuple[DeskTimetable, ...]
    types: tuple[MeetingTypeData, ...]
    starts: Mapping[str, Mapping[int, list[DeskTimetable]]]

    def within(self, begin: int, finish: int, desks: frozenset[int]) -> dict[str, dict[int, int]]:
        """By meeting type, the starts of one day on ``desks``, in order, each with the desk that a hold would take."""
        taken = {table.desk_id: _seconds_taken(table, begin, finish) for table in self.tables if table.desk_id in desks}
        found: dict[str, dict[int, int]] = {}
        for slug, by_start in self.starts.items():
            found[slug] = {}
            for start, candidates in by_start.items():
                if begin <= start < finish:
                    chosen = fairest((table for table in candidates if table.desk_id in desks), taken)
                    if chosen is not None:
                        found[slug][start] = chosen.desk_id
        return found


def free_starts(tables: Iterable[DeskTimetable], types: tuple[MeetingTypeData, ...], zone: str) -> Free:
    """Sweep every desk once for each meeting type. Second passes of a repeated hour have no slot id."""
    tables = tuple(tables)
    starts: dict[str, dict[int, list[DeskTimetable]]] = {}
    for item in types:
        by_start: dict[int, list[DeskTimetable]] = {}
        for table in tables:
            for start in sweep([table], item.duration).free:
                by_start.setdefault(start, []).append(table)
        starts[item.slug] = {start: by_start[start] for start in sorted(by_start) if not is_second_pass(zone, start)}
    return Free(tables, types, starts)


def _seconds_taken(table: DeskTimetable, begin: int, finish: int) -> int:
    return sum(busy.end - busy.start for busy in table.busy if busy.start < finish and begin < busy.end)


def taken_spans(starts: Mapping[str, Mapping[int, int]], types: Sequence[MeetingTypeData]) -> list[tuple[int, int]]:
    """The time that each possible appointment would take."""
    return [(start, start + item.duration) for item in types for start in starts[item.slug]]
