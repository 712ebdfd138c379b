"""What an examination says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from tasks.schedule import DAY, MINUTE

HOUR = 60 * MINUTE


class Level(IntEnum):
    """The values are the exit codes that monitoring expects."""

    OK = 0
    WARNING = 1
    CRITICAL = 2

    @property
    def word(self) -> str:
        """In lower case."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at: a stable ``code``, and an English sentence; ``remedy`` unless all is well."""

    code: str
    level: Level
    text: str
    remedy: str = ""

    def as_json(self) -> dict[str, str]:
        """For programs."""
        return {"code": self.code, "level": self.level.word, "text": self.text, "remedy": self.remedy}


def worst(lines: Iterable[Line]) -> Level:
    """The level of the whole."""
    return max((line.level for line in lines), default=Level.OK)


def age_in_words(seconds: float) -> str:
    """A duration as people say it: the unit that gives a number above one."""
    if seconds < 2 * MINUTE:
        return f"{seconds:.0f} seconds"
    if seconds < 2 * HOUR:
        return f"{seconds / MINUTE:.0f} minutes"
    return f"{seconds / HOUR:.0f} hours" if seconds < 2 * DAY else f"{seconds / DAY:.0f} days"
