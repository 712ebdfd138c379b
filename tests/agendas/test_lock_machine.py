"""A stateful test of locks and bookings with a clock that jumps.

Whatever is done in whatever order: no desk is ever taken twice, a confirm before expiry is never lost, and what the
list shows as free can be held while what it shows as taken cannot.
"""

from __future__ import annotations

import datetime
from datetime import timedelta
from typing import Any

import pytest
from django.test import TransactionTestCase
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from adapter.agendas.errors import AgendaError, AlreadyCancelled, SlotUnavailable
from adapter.agendas.models import Agenda, AuditEvent, Booking, BookingState, Outcome
from adapter.agendas.services import (
    BookingDetails,
    BookingRequest,
    HoldRequest,
    SlotQuery,
    cancel,
    confirm,
    expire,
    hold,
    list_slots,
    release,
    renew,
)
from tests.agendas.builders import ALICE, NOW, make_agenda, make_virtual
from tests.support.thorough import at_length

pytestmark = pytest.mark.both_databases

AGENDAS = st.sampled_from(["mairie", "annexe", "toutes"])
CODES = st.sampled_from(["alice", "bob", "carol"])
TYPES = st.sampled_from([("passeport", 20), ("famille", 40), ("mariage", 60)])
GRID = st.integers(0, 5)


def slot_id(kind: tuple[str, int], step: int) -> str:
    minutes = 9 * 60 + step * 20
    return f"{kind[0]}:2026-11-24-{minutes // 60:02}{minutes % 60:02}"


class LockMachine(RuleBasedStateMachine):
    """Three codes compete for one morning of three desks on two agendas, directly and through a virtual one."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.records = 0
        self.confirmed: set[int] = set()

    @initialize()
    def open_agendas(self) -> None:
        AuditEvent.objects.all().delete()
        Booking.objects.all().delete()
        Agenda.objects.all().delete()
        kinds = {"passeport": 20, "famille": 40, "mariage": 60}
        mairie = make_agenda("mairie", desks=2, types=kinds, hours=[("09:00", "11:00")])
        annexe = make_agenda("annexe", desks=1, types=kinds, hours=[("09:00", "11:00")])
        make_virtual("toutes", mairie, annexe)

    def is_free(self, agenda: str, kind: tuple[str, int], step: int, code: str) -> bool:
        listing = list_slots(agenda, kind[0], SlotQuery(lock_code=code), now=self.now, actor=ALICE)
        return slot_id(kind, step) in {listing.slot(start).id for start in listing.offer.free}

    @rule(agenda=AGENDAS, kind=TYPES, step=GRID, code=CODES)
    def hold_agrees_with_the_list(self, agenda: str, kind: tuple[str, int], step: int, code: str) -> None:
        free = self.is_free(agenda, kind, step, code)
        try:
            hold(HoldRequest(agenda, (slot_id(kind, step),), code), now=self.now, actor=ALICE)
            assert free
        except SlotUnavailable:
            assert not free

    @rule(code=CODES, again=st.booleans())
    def confirm_what_is_held(self, code: str, again: bool) -> None:
        for lock in list(Booking.objects.live_locks(self.now).filter(lock_code=code).select_related()):
            local = lock.start.astimezone(datetime.timezone(timedelta(hours=1)))
            slot = f"{lock.meeting_type.slug}:{local:%Y-%m-%d-%H%M}"
            self.records += 1
            request = BookingRequest(
                lock.agenda.slug, (slot,), code, BookingDetails(backoffice_url=f"https://wcs/{self.records}/")
            )
            result = confirm(request, now=self.now, actor=ALICE)
            assert (result.outcome, result.booking.desk_id) == (Outcome.CONFIRMED, lock.desk_id)
            self.confirmed.add(result.booking.pk)
            if again:
                repeat = confirm(request, now=self.now, actor=ALICE)
                assert (repeat.outcome, repeat.booking.pk) == (Outcome.ALREADY_CONFIRMED, result.booking.pk)

    @rule(agenda=AGENDAS, kind=TYPES, step=GRID, code=CODES)
    def confirm_without_a_lock_agrees_with_the_list(
        self, agenda: str, kind: tuple[str, int], step: int, code: str
    ) -> None:
        free = self.is_free(agenda, kind, step, code)
        self.records += 1
        details = BookingDetails(backoffice_url=f"https://wcs/{self.records}/")
        try:
            result = confirm(BookingRequest(agenda, (slot_id(kind, step),), code, details), now=self.now, actor=ALICE)
            assert free
            self.confirmed.add(result.booking.pk)
        except SlotUnavailable as refusal:
            assert not free
            assert refusal.lost

    @rule(kind=TYPES, step=GRID, data=st.data())
    def move(self, kind: tuple[str, int], step: int, data: st.DataObject) -> None:
        if not self.confirmed:
            return
        old = data.draw(st.sampled_from(sorted(self.confirmed)))
        self.records += 1
        details = BookingDetails(backoffice_url=f"https://wcs/{self.records}/")
        request = BookingRequest("toutes", (slot_id(kind, step),), "", details, cancel_booking_id=old)
        try:
            result = confirm(request, now=self.now, actor=ALICE)
        except SlotUnavailable:
            assert Booking.objects.get(pk=old).state == BookingState.BOOKED
            return
        self.confirmed.remove(old)
        self.confirmed.add(result.booking.pk)

    @rule(data=st.data())
    def cancel_a_booking(self, data: st.DataObject) -> None:
        if self.confirmed:
            chosen = data.draw(st.sampled_from(sorted(self.confirmed)))
            cancel(chosen, now=self.now, actor=ALICE)
            self.confirmed.remove(chosen)
            with pytest.raises(AlreadyCancelled):
                cancel(chosen, now=self.now, actor=ALICE)

    @rule(agenda=AGENDAS, code=CODES, action=st.sampled_from([renew, release]))
    def renew_or_release(self, agenda: str, code: str, action: Any) -> None:
        try:
            action(agenda, code, now=self.now, actor=ALICE)
        except AgendaError:
            pass

    @rule(seconds=st.sampled_from([1, 299, 300, 301, 599, 600, 601, 3600]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def the_task_runs(self) -> None:
        expire(now=self.now, actor=ALICE)
        assert not Booking.objects.lapsed_locks(self.now).exists()

    @invariant()
    def no_desk_is_taken_twice(self) -> None:
        rows = list(Booking.objects.live(self.now).order_by("desk_id", "start").values_list("desk_id", "start", "end"))
        for (desk, _, end), (other, start, _) in zip(rows, rows[1:], strict=False):
            assert desk != other or end <= start

    @invariant()
    def no_confirm_is_lost(self) -> None:
        standing = set(Booking.objects.filter(state=BookingState.BOOKED).values_list("pk", flat=True))
        assert standing == self.confirmed


class TestLockMachine(TransactionTestCase):
    """Runs the machine on the database of the run, outside of any enclosing transaction."""

    def test_locks_and_bookings_stay_consistent_whatever_happens(self) -> None:
        run_state_machine_as_test(
            LockMachine,
            settings=settings(
                max_examples=at_length(12, 40),
                stateful_step_count=25,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
