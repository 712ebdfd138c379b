"""What one ``fillslot`` call means: hold, confirm, or book at once (contract: chrono-api §7, §8)."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import structlog
from django.conf import settings

from adapter.agendas.models import Booking, Outcome
from adapter.agendas.privacy import lock_fingerprint
from adapter.agendas.services.actor import Actor
from adapter.agendas.services.confirming import BookingRequest, confirm
from adapter.agendas.services.holding import HoldRequest, hold
from adapter.agendas.services.situation import Shown

logger = structlog.get_logger("adapter.fillslot")


@dataclass(frozen=True, slots=True)
class FillslotRequest:
    """A ``fillslot`` or ``fillslots`` call as it was received. ``lock_duration`` in seconds; ``form_slug`` names
    the form that is being filled in while a slot is held, for agents who see the lock."""

    booking: BookingRequest
    confirm_after_lock: bool = False
    lock_duration: int | None = None
    form_slug: str = ""


@dataclass(frozen=True, slots=True)
class Filled:
    """What came of it: a lock (``outcome`` is ``None``) or a booking."""

    booking: Booking
    outcome: Outcome | None
    shown: Shown
    cancelled_booking_id: int | None = None


def fillslot(request: FillslotRequest, *, now: datetime.datetime, actor: Actor) -> Filled:
    """Hold when a lock code is given without ``confirm_after_lock``, book otherwise.

    A hold that names its record is what a half-adapted workflow sends: by the contract it is a hold and lapses. It is
    flagged, and taken as a confirmation when the setting ``CONFIRM_WHEN_RECORD_KNOWN`` is on. Raises as ``hold`` and
    ``confirm`` do.
    """
    booking = request.booking
    code = booking.lock_code.strip()
    if code and not request.confirm_after_lock:
        half_adapted = bool(booking.details.record)
        if half_adapted:
            logger.warning("hold_names_its_record", agenda=booking.agenda, lock=lock_fingerprint(code))
        if not (half_adapted and settings.CONFIRM_WHEN_RECORD_KNOWN):
            held = hold(
                HoldRequest(
                    agenda=booking.agenda,
                    slots=booking.slots,
                    lock_code=code,
                    lock_token=booking.lock_token,
                    duration=request.lock_duration,
                    bypass_delays=booking.bypass_delays,
                    exclude_user=booking.details.user_external_id if booking.exclude_user else "",
                    holder=actor.name,
                    half_adapted=half_adapted,
                    form_slug=request.form_slug,
                ),
                now=now,
                actor=actor,
            )
            return Filled(held.lock, None, held.shown)
    confirmed = confirm(booking, now=now, actor=actor)
    return Filled(confirmed.booking, confirmed.outcome, confirmed.shown, confirmed.cancelled_booking_id)
