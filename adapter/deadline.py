"""A deadline for work on untrusted input. It also interrupts loops inside a library."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class DeadlineReached(BaseException):
    """The time is over. No ``Exception``, so that no library on the way takes it for one of its own."""


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Raise :class:`DeadlineReached` inside after ``seconds``, by an alarm of the process.

    Web processes and workers work in their main thread. In any other thread no alarm is heard, and only the bounds of
    the work itself hold: that is so in a development server.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    inside = True

    def over(*_: Any) -> None:
        if inside:
            raise DeadlineReached

    before = signal.signal(signal.SIGALRM, over)
    # Again and again: a library may swallow even this once, in a destructor or a bare except.
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.5)
    try:
        try:
            yield
        finally:
            # An alarm that comes now is too late to end anything.
            inside = False
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
