"""How long a soak goes on, and how much it may ask."""

from __future__ import annotations

import threading
import time

# Seconds by which a run may become longer on a slow machine, to get through all faults once.
GRACE = 600.0


class Course:
    """The bounds of one run, for all of its threads: ``seconds``, and ``calls`` made together."""

    def __init__(self, seconds: float, calls: int = 500_000) -> None:
        self.began = time.monotonic()
        self.until = self.began + seconds
        self._wanted, self._latest = self.until, self.until + GRACE
        self._left = calls
        self._lock = threading.Lock()
        self._stopped = threading.Event()

    def over(self) -> bool:
        """Whether nobody is to begin anything any more."""
        if time.monotonic() >= self.until:
            # For good: who has seen the end does not come back.
            self._stopped.set()
        return self._stopped.is_set()

    def go_on(self, seconds: float) -> None:
        """Let it last so long from now at least, within its grace."""
        self.until = min(max(self.until, time.monotonic() + seconds), self._latest)

    def go_on_no_longer(self) -> None:
        """Take back what :meth:`go_on` gave: the run ends when it was to end, or now."""
        self.until = self._wanted

    def stop(self) -> None:
        """End it now."""
        self._stopped.set()

    def take_call(self) -> bool:
        """Take one of the calls that may be made; ``False`` when none is left, which ends the run."""
        with self._lock:
            self._left -= 1
            if self._left >= 0:
                return True
        self.stop()
        return False

    def pause(self, seconds: float) -> None:
        """Wait, but not longer than the run."""
        self._stopped.wait(max(0.0, min(seconds, self.until - time.monotonic())))
