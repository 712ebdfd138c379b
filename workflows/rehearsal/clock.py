"""The time of the stand-in: real, and moved on by rehearsals that come back late."""

from __future__ import annotations

import datetime
from dataclasses import dataclass


@dataclass
class Clock:
    """`ahead` is how far it was moved on; `skew` (seconds) is an error of the machine's clock, seen in signatures."""

    ahead: datetime.timedelta = datetime.timedelta()
    skew: float = 0.0

    def now(self) -> datetime.datetime:
        """The present of forms and workflows, aware, in UTC."""
        return datetime.datetime.now(datetime.UTC) + self.ahead

    def signing(self) -> datetime.datetime:
        """The present that signatures carry: never moved on, but wrong by `skew`."""
        return datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=self.skew)

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self.ahead += datetime.timedelta(seconds=seconds)
