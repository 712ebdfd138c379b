"""How long a soak goes on, and how much it may ask."""

from __future__ import annotations

import threading
import time


class Course:
    """The bounds of one run, for all of its threads: ``seconds``, and ``calls`` made together."""

    def __init__(self, seconds: float, calls: int = 500_000) -> None:
        self.began = time.monotonic()
        self.until = self.began + seconds
        self._left = calls
        self._lock = threading.Lock()
        self._stopped = threading.Event()

    def over(self) -> bool:
        """Whether nobody is to begin anything any more."""
        return self._stopped.is_set() or time.monotonic() >= self.until

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
