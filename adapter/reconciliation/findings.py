"""What a comparison finds."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from enum import StrEnum

from adapter.wcs.records import WcsRecord


class Kind(StrEnum):
    """What does not agree."""

    RECORD_GONE = "record-gone"
    RECORD_CANCELLED = "record-cancelled"
    RECORD_WITHOUT_BOOKING = "record-without-booking"


class Repair(StrEnum):
    """What would make it agree. ``BY_HAND`` needs a person: nothing is done by itself."""

    CANCEL_BOOKING = "cancel-booking"
    RESTORE_BOOKING = "restore-booking"
    RESEND_CALLBACK = "resend-callback"
    BY_HAND = "by-hand"


class Detail(StrEnum):
    """What exactly is the matter, in English; pages have words of their own for each."""

    GONE = "its record does not exist any more"
    NO_BOOKING = "there is no such booking: choose a slot again"
    WILL_LAPSE = "it is only held, and will lapse"
    SLOT_FREE = "it was only held, and has lapsed; the slot is free"
    SLOT_TAKEN = "it was only held, and has lapsed; the slot is taken: agree on another one"
    NOT_TOLD = "it was cancelled here, and w.c.s. could not be told"
    NO_ADDRESS = "it was cancelled here, and its form gave no address to tell w.c.s."
    NEVER_TOLD = "it was cancelled here, and w.c.s. was not told"
    MOVED = "it was moved to another slot, and its record keeps the old number: agree on it, and correct the record"


@dataclass(slots=True)
class Finding:
    """One disagreement. ``record`` is an address for people, ``detail`` an English sentence without personal data: one
    of :class:`Detail`, or for a record that is cancelled one with the name of its ``status``.

    ``done`` tells what a repair came to: ``None`` when none was tried; ``problem`` why it failed.
    """

    kind: Kind
    repair: Repair
    booking_id: int
    record: str
    detail: str
    agenda: str = ""
    start: datetime.datetime | None = None
    callback_id: int | None = None
    seen: WcsRecord | None = field(default=None, repr=False)
    done: bool | None = None
    problem: str = ""
    status: str = ""

    def as_json(self) -> dict[str, object]:
        """For programs."""
        return {
            "kind": str(self.kind),
            "repair": str(self.repair),
            "booking": self.booking_id,
            "agenda": self.agenda,
            "start": self.start.isoformat() if self.start else None,
            "record": self.record,
            "detail": self.detail,
            "done": self.done,
            "problem": self.problem,
        }


class Obstacle(StrEnum):
    """Why something could not be read, where it is not w.c.s. that says why."""

    OUT_OF_TIME = "there was no time left"
    NO_FORM = "w.c.s. does not know the form either"
    NO_SERVICE = "its record is not at an address of a known service"


@dataclass(slots=True)
class Unreadable:
    """What could not be read, so that nothing is known about it: a form, a booking (its number), or a record with the
    number of ``others`` of its form that could not be read for the same reason.

    ``reason``: one of :class:`Obstacle`, a code of ``WcsError``, or what w.c.s. said.
    """

    what: str
    reason: str
    others: int = 0

    @property
    def text(self) -> str:
        """For people who read English."""
        return f"{self.what} and {self.others} more" if self.others else self.what

    def as_json(self) -> dict[str, str | int]:
        """For programs."""
        return {"what": self.what, "reason": self.reason, "others": self.others}


@dataclass(slots=True)
class Report:
    """A comparison: what was found, what could not be read, and how much was looked at.

    ``drafts``: those made from the calendar whose lock has ended. w.c.s. shows a draft to nobody but its agent, and it
    holds nothing: they are only counted.
    """

    findings: list[Finding] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    bookings: int = 0
    records: int = 0
    drafts: int = 0

    @property
    def left(self) -> list[Finding]:
        """What still does not agree."""
        return [finding for finding in self.findings if not finding.done]

    @property
    def unread(self) -> int:
        """How much could not be read."""
        return sum(1 + item.others for item in self.unreadable)

    def as_json(self) -> dict[str, object]:
        """For programs."""
        return {
            "looked_at": {"bookings": self.bookings, "records": self.records},
            "drafts": self.drafts,
            "findings": [finding.as_json() for finding in self.findings],
            "unreadable": [item.as_json() for item in self.unreadable],
        }
