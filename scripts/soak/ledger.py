"""What callers were told: the promises that must hold whatever breaks."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field

# w.c.s. gives up after this many seconds.
WCS_PATIENCE = 28.0
# How many sentences of one kind are kept: more would say nothing new.
KEPT = 50


@dataclass(frozen=True, slots=True)
class Hold:
    """A slot that somebody holds, as it was answered; ``at`` and ``seconds`` by the caller's own clock."""

    agenda: str
    slot: str
    code: str
    desk_agenda: str
    desk: str
    start: str
    end: str
    seconds: int
    at: float = field(default_factory=time.monotonic)

    def age(self) -> float:
        """Seconds since it was answered."""
        return time.monotonic() - self.at


@dataclass(frozen=True, slots=True)
class Booked:
    """A confirmation that was acknowledged; ``start`` as it was answered, local time."""

    id: int
    record: str
    agenda: str
    start: str


@dataclass
class Ledger:
    """Filled by all callers at once.

    ``attempted`` are records for which a confirmation was sent, ``confirmed`` those acknowledged, ``ending`` the
    bookings for which a cancellation or a move was sent, ``ended`` those acknowledged, ``moves`` (old booking, new
    record) that were sent, ``cancelled_by_agents`` the bookings whose hook is owed.
    """

    attempted: set[str] = field(default_factory=set)
    confirmed: dict[str, Booked] = field(default_factory=dict)
    ending: set[int] = field(default_factory=set)
    ended: set[int] = field(default_factory=set)
    moves: list[tuple[int, str]] = field(default_factory=list)
    abandoned: list[Hold] = field(default_factory=list)
    cancelled_by_agents: set[int] = field(default_factory=set)
    holds: int = 0
    broken: list[str] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    slowest: tuple[float, str] = (0.0, "")
    too_slow: list[str] = field(default_factory=list)
    internal: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note_answer(self, what: str, status: int | None, seconds: float) -> None:
        """One call and its HTTP status; ``None`` when no answer came."""
        with self.lock:
            self.answers["cut off" if status is None else f"{status // 100}xx"] += 1
            if seconds > self.slowest[0]:
                self.slowest = (seconds, what)
            if seconds > WCS_PATIENCE and len(self.too_slow) < KEPT:
                self.too_slow.append(f"{what}: {seconds:.1f} s")
            if status is not None and status >= 500 and status != 503 and len(self.internal) < KEPT:
                self.internal.append(f"{what}: HTTP {status}")

    def broke(self, sentence: str) -> None:
        """A promise that was broken before the caller's eyes."""
        with self.lock:
            if len(self.broken) < KEPT:
                self.broken.append(sentence)

    def sent_confirmation(self, record: str, replaces: int | None) -> None:
        """A confirmation is about to be sent: whatever becomes of it, it may have been done."""
        with self.lock:
            self.attempted.add(record)
            if replaces is not None:
                self.ending.add(replaces)
                self.moves.append((replaces, record))

    def acknowledged(self, booked: Booked, replaces: int | None) -> None:
        """A confirmation was answered."""
        with self.lock:
            self.confirmed[booked.record] = booked
            if replaces is not None:
                self.ended.add(replaces)

    def sent_cancellation(self, booking: int) -> None:
        """A cancellation is about to be sent."""
        with self.lock:
            self.ending.add(booking)

    def cancelled(self, booking: int, *, by_agent: bool = False) -> None:
        """A cancellation was answered."""
        with self.lock:
            self.ended.add(booking)
            if by_agent:
                self.cancelled_by_agents.add(booking)

    def held(self, hold: Hold, *, abandoned: bool = False) -> None:
        """A hold was answered; ``abandoned`` when nobody will confirm it."""
        with self.lock:
            self.holds += 1
            if abandoned:
                self.abandoned.append(hold)
