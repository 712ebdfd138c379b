"""Doing what a report proposes. Each repair asks w.c.s. again first: time has passed since it was found."""

from __future__ import annotations

import datetime
from urllib.parse import urlsplit

import structlog

from adapter.agendas.errors import AgendaError
from adapter.agendas.models import Booking, BookingState, Callback, CallbackState
from adapter.agendas.services import Actor, BookingDetails, cancel, owe_callback
from adapter.agendas.services.callbacks import retry
from adapter.agendas.services.guard import exclusive
from adapter.agendas.services.restoring import restore
from adapter.reconciliation.claims import claims_of, is_cancelled
from adapter.reconciliation.findings import Finding, Kind, Repair, Report
from adapter.reconciliation.judging import judge_claim
from adapter.wcs.errors import WcsError
from adapter.wcs.records import RecordGone, WcsRecord, form_exists, place_of, read_record

logger = structlog.get_logger("adapter.reconciliation")

MOST_CANCELLATIONS = 20
CHANGED = "it has changed meanwhile"


class TooMany(Exception):
    """So many bookings would be cancelled that somebody must look first; nothing was changed."""

    def __init__(self, number: int, most: int) -> None:
        super().__init__(f"{number} bookings would be cancelled, more than {most}")
        self.number = number


def repair(
    report: Report,
    *,
    now: datetime.datetime,
    actor: Actor,
    most_cancellations: int = MOST_CANCELLATIONS,
    dry_run: bool = False,
) -> Report:
    """Carry out the proposed repairs of ``report`` and note in it what each came to.

    With ``dry_run`` all is asked and nothing is changed: ``done`` then says that it could be. What is to be done by
    hand is left. Raises :class:`TooMany` before anything is changed.
    """
    cancellations = sum(finding.repair is Repair.CANCEL_BOOKING for finding in report.findings)
    if cancellations > most_cancellations:
        raise TooMany(cancellations, most_cancellations)
    for finding in report.findings:
        if finding.repair is Repair.BY_HAND:
            continue
        try:
            finding.problem = _repair(finding, now, actor, dry_run)
        except RecordGone:
            finding.problem = CHANGED
        except (AgendaError, WcsError) as error:
            finding.problem = str(error)
        finding.done = not finding.problem
        logger.info(
            "reconciled",
            kind=str(finding.kind),
            repair=str(finding.repair),
            booking=finding.booking_id,
            done=finding.done,
            problem=finding.problem,
            dry_run=dry_run,
        )
    return report


def _repair(finding: Finding, now: datetime.datetime, actor: Actor, dry_run: bool) -> str:
    """Why it was not done, or could not be; empty when it was."""
    if finding.repair is Repair.RESEND_CALLBACK:
        return _resend(finding, now, actor, dry_run)
    if finding.repair is Repair.CANCEL_BOOKING:
        booking = Booking.objects.filter(pk=finding.booking_id).first()
        stands = booking is not None and booking.state == BookingState.BOOKED and booking.record == finding.record
        if not stands or not _is_still_off(finding):
            return CHANGED
        if not dry_run:
            # Nobody is to be told: the record is gone, or cancelled already.
            cancel(finding.booking_id, now=now, actor=actor, because=finding.kind.replace("-", " "))
        return ""
    return _restore(finding, now, actor, dry_run)


def _resend(finding: Finding, now: datetime.datetime, actor: Actor, dry_run: bool) -> str:
    """Tell w.c.s. of a cancellation: by the call that was given up, or by a first one."""
    calls = Callback.objects.filter(booking=finding.booking_id, kind=Callback.Kind.CANCEL)
    number = finding.callback_id
    if number is None:
        booking = Booking.objects.filter(pk=finding.booking_id, state=BookingState.CANCELLED).first()
        if booking is None or not booking.cancel_callback_url or calls.exists():
            return CHANGED
        if not dry_run:
            with exclusive():
                owe_callback(booking, Callback.Kind.CANCEL, booking.cancel_callback_url, now=now)
        return ""
    if not calls.filter(pk=number, state=CallbackState.FAILED).exists():
        return CHANGED
    return "" if dry_run or retry(number, now=now, actor=actor) else CHANGED


def _restore(finding: Finding, now: datetime.datetime, actor: Actor, dry_run: bool) -> str:
    record = _read_again(finding)
    claims = [] if record is None or is_cancelled(record) else claims_of(record)
    claim = next((claim for claim in claims if claim.booking_id == finding.booking_id), None)
    if record is None or claim is None:
        return CHANGED
    if not dry_run:
        restore(finding.booking_id, _details(record), now=now, actor=actor)
        return ""
    judged = judge_claim(record, claim, claims, now=now)
    if judged is None:
        return CHANGED
    return "" if judged.repair is Repair.RESTORE_BOOKING else judged.detail


def _read_again(finding: Finding) -> WcsRecord | None:
    place = place_of(finding.record)
    return read_record(place) if place else None


def _is_still_off(finding: Finding) -> bool:
    place = place_of(finding.record)
    if place is None:
        return False
    try:
        record = read_record(place)
    except RecordGone:
        return finding.kind is Kind.RECORD_GONE and form_exists(place.service, place.form)
    return finding.kind is Kind.RECORD_CANCELLED and is_cancelled(record)


def _details(record: WcsRecord) -> BookingDetails:
    """What the record says of itself; its hooks are those of the other bookings of its form."""
    hooks = _hooks_like_the_others(record)
    return BookingDetails(
        label=record.title[:250],
        backoffice_url=record.backoffice_url,
        form_url=record.url,
        cancel_callback_url=hooks.get("cancel_callback_url", ""),
        presence_callback_url=hooks.get("presence_callback_url", ""),
        absence_callback_url=hooks.get("absence_callback_url", ""),
    )


def _hooks_like_the_others(record: WcsRecord) -> dict[str, str]:
    names = ("cancel_callback_url", "presence_callback_url", "absence_callback_url")
    form_api = record.api_url.rstrip("/").rpartition("/")[0] + "/"
    if not urlsplit(form_api).netloc:
        return {}
    other = Booking.objects.filter(cancel_callback_url__startswith=form_api).order_by("-pk").values(*names).first()
    found: dict[str, str] = {}
    for name, address in (other or {}).items():
        number, _, hook = address.removeprefix(form_api).partition("/")
        if address.startswith(form_api) and number.isdigit():
            found[name] = f"{form_api}{record.number}/{hook}"
    return found
