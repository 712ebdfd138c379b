"""What services refuse, each with the stable code, the contract's sentence and the HTTP status of its answer.

Contract: errors carry ``err`` (≥ 1), ``err_class`` (stable English), ``err_desc`` and ``reason``. A business refusal
is HTTP 200, a malformed request 400, an unknown thing 404.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adapter.agendas.services.listing import Slot


class AgendaError(Exception):
    """A refusal. ``code`` is stable for programs; ``err_class`` is the contract's sentence, in English."""

    code = "error"
    err = 1
    http_status = 200
    err_class = "error"

    def __init__(self, err_class: str | None = None) -> None:
        if err_class is not None:
            self.err_class = err_class
        super().__init__(self.err_class)


class UnknownAgenda(AgendaError):
    """No agenda has that slug."""

    code = "unknown-agenda"
    http_status = 404

    def __init__(self, slug: str) -> None:
        super().__init__("unknown agenda")
        self.slug = slug


class UnknownMeetingType(AgendaError):
    """The agenda has no such meeting type to book."""

    code = "unknown-meeting-type"
    http_status = 404
    err_class = "unknown meeting type"


class UnknownBooking(AgendaError):
    """No booking has that number."""

    code = "unknown-booking"
    http_status = 404
    err_class = "unknown booking"


class InvalidPayload(AgendaError):
    """The request itself is wrong. ``errors`` maps each faulty field to its sentences."""

    code = "invalid-payload"
    http_status = 400
    err_class = "invalid payload"

    def __init__(self, errors: Mapping[str, Sequence[str]], err_class: str | None = None) -> None:
        super().__init__(err_class)
        self.errors = {field: list(sentences) for field, sentences in errors.items()}


class SlotUnavailable(AgendaError):
    """The slot is not free (any more). ``nearest`` are free slots close to it, ``desks`` what each desk says to it."""

    code = "slot-unavailable"
    err_class = "no more desk available"

    def __init__(
        self, nearest: Sequence[Slot] = (), *, lost: bool = False, desks: Sequence[Mapping[str, object]] = ()
    ) -> None:
        super().__init__()
        self.desks = list(desks)
        self.nearest = list(nearest)
        self.lost = lost


class LockUnknown(AgendaError):
    """Nothing is held under that code on that agenda."""

    code = "lock-unknown"
    err_class = "no slot is held under this lock code"


class RenewalsExhausted(AgendaError):
    """The lock was renewed as often as allowed."""

    code = "renewals-exhausted"
    err_class = "this lock cannot be renewed any more"


class TooManyLocks(AgendaError):
    """The code already holds as many slots as one code may."""

    code = "too-many-locks"
    err_class = "too many slots are held under this lock code"


class CallerHoldsTooMuch(AgendaError):
    """The caller already holds as many slots as one caller may, all codes together; they lapse by themselves."""

    code = "caller-holds-too-much"
    err_class = "too many slots are held by this caller"


class BookingIsCancelled(AgendaError):
    """The booking was cancelled."""

    code = "booking-cancelled"
    err_class = "booking is cancelled"


class AlreadyCancelled(AgendaError):
    """The booking was cancelled before."""

    code = "already-cancelled"
    err_class = "already cancelled"


class Superseded(AgendaError):
    """What w.c.s. asked for the record later was carried out before."""

    code = "superseded"
    err_class = "a later call for this record came first"


class AppointmentOver(AgendaError):
    """The appointment has ended: an agent cannot cancel it any more."""

    code = "appointment-over"
    err_class = "appointment is over"


class PersonCame(AgendaError):
    """The person was recorded as present: an agent cannot cancel the appointment any more."""

    code = "person-came"
    err_class = "person was present"


class NotForMeetings(AgendaError):
    """The action makes sense for events only."""

    code = "not-for-meetings"
    err = 3


class CancelledBookingRefused(AgendaError):
    """The booking named by ``cancel_booking_id`` cannot be the one that is moved."""

    code = "cancel-booking-refused"


class Busy(AgendaError):
    """The database was too busy to answer in time; nothing was changed, the call can be repeated."""

    code = "busy"
    http_status = 503
    err_class = "the service is busy, please try again"


class Interrupted(AgendaError):
    """The database went away during the call, which may have been carried out; a repeat finds what was done."""

    code = "interrupted"
    http_status = 503
    err_class = "the database went away, the call may have been carried out: please repeat it"
