"""What is drawn in a column of the calendar. Times within a day are local minutes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from adapter.agendas.models import BookingState
from adapter.manager.calendar.reading import Shown

# Nothing is drawn smaller (minutes): it could not be read or clicked.
SHORTEST = 10
# Lanes that the stylesheet knows.
MAX_LANES = 40


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a local day, in minutes after midnight (``end`` up to 1440)."""

    start: int
    end: int

    @property
    def css(self) -> str:
        """The classes that put a block there."""
        length = max(self.end - self.start, SHORTEST)
        return f"h{self.start // 60} m{self.start % 60} dh{length // 60} dm{length % 60}"

    @property
    def begins(self) -> str:
        """``HH:MM`` of the start."""
        return clock_text(self.start)

    @property
    def ends(self) -> str:
        """``HH:MM`` of the end."""
        return clock_text(self.end)


def clock_text(minutes: int) -> str:
    """``HH:MM``; the midnight that ends the day is ``24:00``."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _lane_css(lane: int, lanes: int) -> str:
    return f"lanes{min(lanes, MAX_LANES)} lane{min(lane, MAX_LANES - 1)}"


@dataclass(frozen=True, slots=True)
class Closing:
    """An exception, or a period that a virtual agenda leaves out.

    ``desks`` names those that are closed when others of the column are open; empty when the whole column is closed.
    """

    span: Stretch
    label: str
    excluded: bool
    desks: str = ""
    lane: int = 0
    lanes: int = 1

    kind = "closing"

    @property
    def order(self) -> int:
        """Closures come before what stands at the same time."""
        return -1

    @property
    def css(self) -> str:
        """The classes that put it there."""
        return f"{self.span.css} {_lane_css(self.lane, self.lanes)}"


@dataclass(frozen=True, slots=True)
class Block:
    """A booking or a lock; ``lane`` of ``lanes`` when several stand side by side."""

    span: Stretch
    booking: Shown
    lane: int = 0
    lanes: int = 1

    kind = "block"

    @property
    def held(self) -> bool:
        """Whether it is a lock that the agent may look at."""
        return self.booking.visible and self.booking.state == BookingState.HELD

    @property
    def order(self) -> int:
        """Desks keep their order from left to right."""
        return self.booking.desk_id

    @property
    def css(self) -> str:
        """The classes that put it there."""
        return f"{self.span.css} {_lane_css(self.lane, self.lanes)}"

    @property
    def short(self) -> bool:
        """Whether there is room for one line only."""
        return self.span.end - self.span.start < 25


@dataclass(frozen=True, slots=True)
class Gap:
    """Time that can be booked.

    ``starts`` maps a meeting type's slug to the possible starts inside (minutes), each with the desk (its id) that
    would take it.
    """

    span: Stretch
    starts: Mapping[str, Mapping[int, int]]

    kind = "gap"

    def first(self, preferred: str) -> tuple[str, int, int] | None:
        """Meeting type, start and desk that are taken without pointing: the preferred type if it fits, else another."""
        for slug in (preferred, *self.starts):
            for minute, desk_id in self.starts.get(slug, {}).items():
                return slug, minute, desk_id
        return None
