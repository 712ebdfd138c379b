"""Turning a lock into a booking, or booking at once."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field, fields, replace
from functools import partial
from typing import Any

from django.db import connection

from adapter.agendas.errors import AgendaError, AlreadyCancelled, CancelledBookingRefused, Superseded
from adapter.agendas.models import Booking, BookingState, Outcome, Refusal
from adapter.agendas.queries.availability import Standing, from_epoch
from adapter.agendas.queries.lock_keys import LockKey
from adapter.agendas.services.actor import Actor
from adapter.agendas.services.audit import Entry, record
from adapter.agendas.services.bookings import cancel, successor
from adapter.agendas.services.call_order import check_order
from adapter.agendas.services.guard import StaleRead, attempt, exclusive, take_all, take_desks, whole_seconds
from adapter.agendas.services.lock_rules import clean_lock_code
from adapter.agendas.services.outcomes import told
from adapter.agendas.services.refusals import form_of_record, remember_refusal
from adapter.agendas.services.situation import Shown, Situation, end_rows, look
from adapter.agendas.services.writing import change, insert


@dataclass(frozen=True, slots=True)
class BookingDetails:
    """What a booking says about itself; every text may be empty. Contract: chrono-api §7.1."""

    label: str = ""
    user_display_label: str = ""
    user_name: str = ""
    user_first_name: str = ""
    user_last_name: str = ""
    user_email: str = ""
    user_phone_number: str = ""
    user_external_id: str = ""
    backoffice_url: str = ""
    form_url: str = ""
    cancel_callback_url: str = ""
    presence_callback_url: str = ""
    absence_callback_url: str = ""
    extra_emails: tuple[str, ...] = ()
    extra_phone_numbers: tuple[str, ...] = ()
    sms_counter: str = ""
    extra_data: dict[str, Any] | None = None

    @property
    def record(self) -> str:
        """The address that tells the record of w.c.s.: a repeat for the same one is the same booking."""
        return (self.backoffice_url or self.form_url).strip()

    def columns(self) -> dict[str, Any]:
        """Values for the columns of :class:`Booking`."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        values["extra_emails"] = list(self.extra_emails)
        values["extra_phone_numbers"] = list(self.extra_phone_numbers)
        return {**values, "record": self.record}


@dataclass(frozen=True, slots=True)
class BookingRequest:
    """What is to be booked. With a ``lock_code`` the lock of that code on that slot becomes the booking: with a
    ``lock_token``, that of the form.

    ``cancel_booking_id`` is cancelled in the same transaction: an appointment is moved, never lost. ``asked_at``: when
    w.c.s. sent the call, by its own clock; ``None`` when nobody knows.
    """

    agenda: str
    slots: tuple[str, ...]
    lock_code: str = ""
    details: BookingDetails = field(default_factory=BookingDetails)
    bypass_delays: bool = False
    exclude_user: bool = False
    cancel_booking_id: int | None = None
    asked_at: datetime.datetime | None = None
    lock_token: str = ""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A booking, its names, and how it came about; ``cancelled_booking_id`` is the one it took the place of."""

    booking: Booking
    outcome: Outcome
    shown: Shown
    cancelled_booking_id: int | None = None


def _outcome(confirmed: Confirmed) -> str:
    return str(confirmed.outcome)


@told("confirm", _outcome)
def confirm(request: BookingRequest, *, now: datetime.datetime, actor: Actor) -> Confirmed:
    """Book a slot. Before the lock's end this always succeeds, on the desk that was held.

    After its end it succeeds if the slot is still free (*recaptured*), else it is refused with the nearest free slots
    (*lost*). A repeat for the same code, slot and record gives the same booking (*already confirmed*). Without a
    lock code it is a plain booking. What is to be moved and was moved by the same record before is found where it is
    now. One transaction. Raises ``UnknownAgenda``, ``InvalidPayload``, ``SlotUnavailable``,
    ``CancelledBookingRefused``, ``AlreadyCancelled``, ``Superseded``, ``Busy``.
    """
    code = clean_lock_code(request.lock_code)
    moment = whole_seconds(now)
    try:
        confirmed = attempt(lambda cautious: _confirm(request, code, moment, actor, cautious))
    except AgendaError as refusal:
        form_slug = form_of_record(request.details.backoffice_url, request.details.form_url)
        remember_refusal(refusal, Refusal.Action.CONFIRM, request.agenda, request.slots, form_slug, now=moment)
        raise
    if confirmed.outcome != Outcome.ALREADY_CONFIRMED:
        _undo_when_late(confirmed.booking, request, now, actor)
    return confirmed


def _undo_when_late(booking: Booking, request: BookingRequest, now: datetime.datetime, actor: Actor) -> None:
    """Cancel what was just booked when w.c.s. has asked for something later meanwhile.

    A cancellation is noted before it looks for bookings, and this looks after it has booked: one of both sees the
    other.
    """
    try:
        check_order(request.details.record, request.asked_at)
    except Superseded:
        with suppress(AlreadyCancelled):
            cancel(booking.pk, now=now, actor=actor, because="superseded")
        raise


def _confirm(request: BookingRequest, code: str, now: datetime.datetime, actor: Actor, cautious: bool) -> Confirmed:
    replaced, key = _replaced(request), LockKey(code, request.lock_token)
    see = partial(
        look,
        request.agenda,
        request.slots,
        now=now,
        bypass_delays=request.bypass_delays,
        cautious=cautious,
        # Locks of the code, and bookings that this call may be a repeat of, wherever they are.
        lock_code=code,
        record=request.details.record,
        user_external_id=request.details.user_external_id if request.exclude_user else "",
        extra_desks=[replaced.desk_id] if replaced else (),
    )
    # Whoever held the slot finds the lock or, for a record, the booking it became: what others have on that day says
    # nothing then.
    for only_own in (True, False) if code and not cautious else (False,):
        situation = see(only_own=only_own)
        own = [row for row in situation.locks_of(key) if situation.is_wanted(row)]
        lock = min(own, key=lambda row: row.lock_token != key.token, default=None)
        earlier = _earlier(situation, request.details.record, key, lock)
        if lock is not None or earlier is not None:
            break
    if earlier is not None:
        return _repeated(Booking.objects.get(pk=earlier.id), request, replaced, situation, now, actor)
    if replaced is not None:
        if replaced.pk != request.cancel_booking_id and _is_wanted(replaced, situation):
            return _repeated(replaced, request, None, situation, now, actor)
        check_order(request.details.record, request.asked_at)
        if replaced.state != BookingState.BOOKED:
            raise AlreadyCancelled("cancellation booking: booking already cancelled")
        situation = replace(situation, rows=[row for row in situation.rows if row.id != replaced.pk])
    if lock is not None:
        booking = _confirm_lock(lock, request, replaced, now, actor)
    else:
        booking = _book(request, key, situation, replaced, now, actor)
    return Confirmed(
        booking, Outcome(booking.outcome), situation.shown(booking), replaced.pk if replaced is not None else None
    )


def _repeated(
    booking: Booking,
    request: BookingRequest,
    replaced: Booking | None,
    situation: Situation,
    now: datetime.datetime,
    actor: Actor,
) -> Confirmed:
    """The answer to a call that was carried out before; what it replaces is cancelled if it still stands.

    It is asked for once more: a cancellation that was sent in between and comes later must not undo it.
    """
    if replaced is not None and replaced.pk != booking.pk and replaced.state == BookingState.BOOKED:
        check_order(request.details.record, request.asked_at)
        with exclusive():
            take_all([replaced.desk_id])
            _cancel_replaced(replaced, now, booking.pk)
            record(actor, now, _moved(replaced, booking))
    if request.asked_at is not None:
        Booking.objects.filter(pk=booking.pk).exclude(asked_at__gte=request.asked_at).update(asked_at=request.asked_at)
    moved = request.cancel_booking_id if request.cancel_booking_id != booking.pk else None
    return Confirmed(booking, Outcome.ALREADY_CONFIRMED, situation.shown(booking), moved)


def _is_wanted(booking: Booking, situation: Situation) -> bool:
    """Whether ``booking`` stands, for the very slot that is wanted."""
    times = int(booking.start.timestamp()), int(booking.end.timestamp())
    return booking.state == BookingState.BOOKED and situation.is_wanted_at(*times, booking.meeting_type_id)


def _earlier(situation: Situation, record_address: str, key: LockKey, lock: Standing | None) -> Standing | None:
    """The booking that this call repeats.

    Without a record's address two records of one session look alike: then the form's token or a live lock on the slot
    tells a new one. A workflow that repeats it from a job has no session, hence no code.
    """
    if not record_address and (lock is not None or not key.code):
        return None
    return next(
        (
            row
            for row in situation.rows
            if row.state == BookingState.BOOKED
            and (not key.code or row.lock_code == key.code if record_address else key.opens(row))
            and row.record == record_address
            and situation.is_wanted(row)
        ),
        None,
    )


def _replaced(request: BookingRequest) -> Booking | None:
    """The booking that is to be cancelled: where the same record has moved it to since, if it has."""
    if request.cancel_booking_id is None:
        return None
    booking = Booking.objects.filter(pk=request.cancel_booking_id).first()
    if booking is None or booking.confirmed_at is None:
        raise CancelledBookingRefused("cancellation booking: booking does not exist")
    return successor(booking, [request.details.record]) or booking


def _cancel_replaced(replaced: Booking | None, now: datetime.datetime, moved_to: int | None = None) -> None:
    """``moved_to`` as far as the new booking has a number yet."""
    if replaced is None:
        return
    changed = Booking.objects.filter(pk=replaced.pk, state=BookingState.BOOKED).update(
        state=BookingState.CANCELLED, ended_at=now, ended_because="moved", moved_to=moved_to
    )
    if not changed:
        raise StaleRead


def _moved(replaced: Booking | None, booking: Booking) -> list[Entry]:
    return [Entry("booking.moved", replaced.agenda_id, replaced.pk, {"to": booking.pk})] if replaced else []


def _confirm_lock(
    lock: Standing, request: BookingRequest, replaced: Booking | None, now: datetime.datetime, actor: Actor
) -> Booking:
    """Compare-and-swap on the lock itself: what stands on the desk does not change, so its version need not match."""
    with nullcontext() if replaced is None else exclusive():
        if replaced is not None:
            take_all([lock.desk_id, replaced.desk_id])
            _cancel_replaced(replaced, now, lock.id)
        values = {
            "state": BookingState.BOOKED,
            "confirmed_at": now,
            "outcome": Outcome.CONFIRMED,
            "asked_at": request.asked_at,
            **request.details.columns(),
        }
        confirmed = change(
            lock.id,
            lock.desk_id,
            values,
            Entry("booking.confirmed", lock.agenda_id),
            actor=actor,
            now=now,
            expected={"state": BookingState.HELD},
        )
        if not confirmed:
            raise StaleRead
        booking = _as_written(lock, values)
        record(actor, now, _moved(replaced, booking))
    return booking


def _as_written(lock: Standing, values: Mapping[str, Any]) -> Booking:
    """The booking that the lock became; what is not known of it here is read when it is asked for."""
    known = {
        "id": lock.id,
        "agenda_id": lock.agenda_id,
        "desk_id": lock.desk_id,
        "meeting_type_id": lock.meeting_type_id,
        "start": from_epoch(lock.start),
        "end": from_epoch(lock.end),
        "lock_code": lock.lock_code,
        "lock_token": lock.lock_token,
        **values,
    }
    names = [item.attname for item in Booking._meta.concrete_fields if item.attname in known]
    return Booking.from_db(connection.alias, names, [known[name] for name in names])


def _book(
    request: BookingRequest,
    key: LockKey,
    situation: Situation,
    replaced: Booking | None,
    now: datetime.datetime,
    actor: Actor,
) -> Booking:
    if request.exclude_user and situation.user_is_busy(request.details.user_external_id):
        raise situation.unavailable(key, lost=bool(key.code))
    own = [row.id for row in situation.locks_of(key)]
    chosen = situation.choose(own)
    if chosen is None:
        raise situation.unavailable(key, lost=bool(key.code))
    agenda, desk = chosen
    booking = situation.place(
        agenda,
        desk,
        state=BookingState.BOOKED,
        lock_code=key.code,
        lock_token=key.token,
        confirmed_at=now,
        outcome=Outcome.RECAPTURED if key.code else Outcome.CONFIRMED,
        asked_at=request.asked_at,
        **request.details.columns(),
    )
    booked = Entry(f"booking.{booking.outcome}", agenda.id)
    in_the_way = situation.in_the_way(desk.id, own)
    if replaced is None and not in_the_way:
        return situation.write(booking, booked, actor)
    lapsed = [row for row in in_the_way if not row.is_live(situation.present)]
    superseded = [row for row in in_the_way if row.is_live(situation.present)]
    with exclusive():
        # The desk of the booking that is replaced may belong to an agenda that was not read: it is taken as it is.
        take_desks({desk.id, *([replaced.desk_id] if replaced else [])}, situation.versions)
        _cancel_replaced(replaced, now)
        end_rows(lapsed, BookingState.EXPIRED, "in the way", now)
        end_rows(superseded, BookingState.RELEASED, "superseded", now)
        insert(booking, booked, actor=actor, now=now)
        if replaced is not None:
            Booking.objects.filter(pk=replaced.pk).update(moved_to=booking.pk)
        record(
            actor,
            now,
            [Entry("lock.expired", row.agenda_id, row.id, {"because": "in the way"}) for row in lapsed]
            + [Entry("lock.released", row.agenda_id, row.id, {"because": "superseded"}) for row in superseded]
            + _moved(replaced, booking),
        )
    return booking
