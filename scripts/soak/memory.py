"""Memory of the web processes while they work."""

from __future__ import annotations

import statistics
import threading
import time
from collections import defaultdict
from dataclasses import dataclass

from scripts.processes import resident
from scripts.soak.site import Site

LIMIT = 150.0
# MiB by which a process may be larger at its end than when it had filled its caches.
GROWTH = 10.0
EVERY = 0.5
# A process is judged when it lived so long (seconds), from this part of its life on.
LIFE, WARM = 20.0, 0.4


@dataclass(frozen=True)
class Sample:
    """MiB of a process at a moment (seconds of the monotonic clock)."""

    at: float
    resident: float


@dataclass(frozen=True)
class Life:
    """A process of which enough was seen: MiB when it was warm, in the end, and at the most; ``seconds`` it lived."""

    seconds: float
    warm: float
    end: float
    most: float

    @property
    def growth(self) -> float:
        """MiB between warm and end."""
        return self.end - self.warm


def life_of(samples: list[Sample]) -> Life | None:
    """What the samples of one process tell; ``None`` when it lived too short a time."""
    if len(samples) < 4 or samples[-1].at - samples[0].at < LIFE:
        return None
    begin, seconds = samples[0].at, samples[-1].at - samples[0].at
    after = [sample.resident for sample in samples if sample.at >= begin + WARM * seconds]
    few = max(1, len(after) // 4)
    most = max(sample.resident for sample in samples)
    return Life(seconds, statistics.median(after[:few]), statistics.median(after[-few:]), most)


class Watch:
    """Looks at the web processes until it is stopped; ``samples`` are by process."""

    def __init__(self, site: Site) -> None:
        self.samples: dict[int, list[Sample]] = defaultdict(list)
        self._site = site
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._stopped.wait(EVERY):
            for pid in self._site.web_processes():
                size = resident(pid)
                if size:
                    self.samples[pid].append(Sample(time.monotonic(), size))
