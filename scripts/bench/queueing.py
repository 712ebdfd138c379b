"""How many calls a second come through several servers: mean value analysis of a closed network of queues.

Facts it rests on: Reiser and Lavenberg's theorem for one queue a server, and Seidmann's approximation for a station of
several cores: one that is as fast as all of them together, and the rest of the time spent without waiting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Station:
    """Where calls wait for each other: ``demand`` milliseconds of one core for each call, and ``cores``."""

    demand: float
    cores: int = 1


def throughput(customers: int, stations: Sequence[Station], delay: float = 0.0) -> float:
    """Calls a second when ``customers`` calls are under way at any time; ``delay`` (ms) is spent by each alone."""
    fast = [station.demand / station.cores for station in stations]
    alone = delay + sum(station.demand - share for station, share in zip(stations, fast, strict=True))
    waiting = [0.0] * len(stations)
    rate = 0.0
    for number in range(1, customers + 1):
        times = [share * (1 + queue) for share, queue in zip(fast, waiting, strict=True)]
        rate = number / (alone + sum(times)) if alone + sum(times) else 0.0
        waiting = [rate * time for time in times]
    return rate * 1000


def bound(stations: Sequence[Station]) -> float:
    """Calls a second that the busiest station lets through, however many there are."""
    return min(1000 * station.cores / station.demand for station in stations if station.demand)
