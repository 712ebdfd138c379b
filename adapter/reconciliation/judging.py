"""A record believes to have a booking: is that so, and if not, what is to be done?"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from adapter.agendas.models import AuditEvent, Booking, BookingState, Callback, CallbackState
from adapter.reconciliation.claims import Claim
from adapter.reconciliation.findings import Detail, Finding, Kind, Repair
from adapter.wcs.records import WcsRecord


def judge_claim(record: WcsRecord, claim: Claim, claims: Sequence[Claim], *, now: datetime.datetime) -> Finding | None:
    """What is wrong with a claim to an appointment to come; ``None`` when nothing is, or it is being mended.

    ``claims`` are all that the record believes to have.
    """
    booking = Booking.objects.select_related("agenda").filter(pk=claim.booking_id).first()
    if booking is None:
        return _finding(record, claim, None, Repair.BY_HAND, Detail.NO_BOOKING)
    if booking.state == BookingState.BOOKED:
        return None
    if booking.state == BookingState.CANCELLED:
        if booking.ended_because == "moved":
            return _moved(record, claim, booking, claims)
        return _cancelled(record, claim, booking)
    if _is_free(booking, now):
        lapses = booking.state == BookingState.HELD and booking.expires_at is not None and booking.expires_at > now
        detail = Detail.WILL_LAPSE if lapses else Detail.SLOT_FREE
        return _finding(record, claim, booking, Repair.RESTORE_BOOKING, detail)
    return _finding(record, claim, booking, Repair.BY_HAND, Detail.SLOT_TAKEN)


def _is_free(booking: Booking, now: datetime.datetime) -> bool:
    beside = Booking.objects.live(now).filter(desk=booking.desk_id).exclude(pk=booking.pk)
    return not beside.overlapping(booking.start, booking.end).exists()


def _cancelled(record: WcsRecord, claim: Claim, booking: Booking) -> Finding | None:
    """Cancelled here. When w.c.s. asked for it all is well; when somebody else did, w.c.s. must hear of it."""
    told = Callback.objects.filter(booking=booking, kind=Callback.Kind.CANCEL).order_by("-pk").first()
    if told is not None and told.state == CallbackState.FAILED:
        finding = _finding(record, claim, booking, Repair.RESEND_CALLBACK, Detail.NOT_TOLD)
        finding.callback_id = told.pk
        return finding
    if told is not None:
        return None
    event = AuditEvent.objects.filter(booking_id=booking.pk, code="booking.cancelled").order_by("-pk").first()
    if event is not None and event.actor_kind == AuditEvent.ActorKind.SERVICE:
        return None
    if booking.cancel_callback_url:
        return _finding(record, claim, booking, Repair.RESEND_CALLBACK, Detail.NEVER_TOLD)
    return _finding(record, claim, booking, Repair.BY_HAND, Detail.NO_ADDRESS)


def _moved(record: WcsRecord, claim: Claim, booking: Booking, claims: Sequence[Claim]) -> Finding | None:
    """Moved, perhaps several times: all is well when the record knows what it has become."""
    known, passed, number = {item.booking_id for item in claims}, {booking.pk}, booking.moved_to
    while number is not None and number not in passed:
        if number in known:
            return None
        passed.add(number)
        number = Booking.objects.filter(pk=number).values_list("moved_to", flat=True).first()
    return _finding(record, claim, booking, Repair.BY_HAND, Detail.MOVED)


def _finding(record: WcsRecord, claim: Claim, booking: Booking | None, repair: Repair, detail: str) -> Finding:
    return Finding(
        Kind.RECORD_WITHOUT_BOOKING,
        repair,
        claim.booking_id,
        record.backoffice_url or record.url,
        detail,
        booking.agenda.slug if booking else "",
        booking.start if booking else claim.start,
        seen=record,
    )
