"""What overlaps stands side by side: each thing in a lane of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from adapter.manager.calendar.blocks import Block, Closing


def in_lanes(items: Sequence[Block | Closing], desks: int) -> list[Block | Closing]:
    """``items`` sorted by time with ``lane`` and ``lanes`` set.

    Things that touch no other are as wide as the column; in a column of several desks some room is left beside them
    as long as not every desk is taken.
    """
    placed: list[Block | Closing] = []
    group: list[tuple[Block | Closing, int]] = []
    ends: list[int] = []

    def close_group() -> None:
        lanes = min(len(ends) + 1, max(desks, len(ends))) if desks > 1 else len(ends)
        placed.extend(replace(item, lane=lane, lanes=max(lanes, 1)) for item, lane in group)
        group.clear()
        ends.clear()

    for item in sorted(items, key=lambda item: (item.span.start, -item.span.end, item.order)):
        if group and all(end <= item.span.start for end in ends):
            close_group()
        lane = next((number for number, end in enumerate(ends) if end <= item.span.start), len(ends))
        ends[lane : lane + 1] = [item.span.end]
        group.append((item, lane))
    if group:
        close_group()
    return placed
