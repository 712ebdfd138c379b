"""A real worker on PostgreSQL clears a backlog while people book.

Tens of thousands of locks here, for the sake of everybody's patience; ``make bench PARTS=expiry FULL=1`` does the same
with a million, see docs/developers/performance.md.
"""

from __future__ import annotations

import pytest
from django.db import connection

from adapter.agendas.models import AuditEvent, Booking, BookingState
from adapter.agendas.services import BookingRequest, HoldRequest, confirm, hold
from adapter.clock import now
from tests.agendas.builders import ALICE, make_agenda
from tests.support.celery import eventually
from tests.tasks.test_backlog import backlog, slot

pytestmark = [pytest.mark.postgresql, pytest.mark.servers, pytest.mark.worker]
COUNT = 20_000


def left() -> int:
    return Booking.objects.lapsed_locks(now()).count()


def book(time: str) -> None:
    """As somebody who fills in a form does; raises when it has to wait for too long."""
    hold(HoldRequest("mairie", (slot(time),), f"L{time}"), now=now(), actor=ALICE)
    confirm(BookingRequest("mairie", (slot(time),), f"L{time}"), now=now(), actor=ALICE)


def test_a_worker_clears_tens_of_thousands_while_others_book(shared_database, make_worker) -> None:
    backlog(make_agenda(weekdays=range(7)), COUNT)
    with connection.cursor() as cursor:
        # Nobody waits for a batch: whoever had to would be refused after this time.
        cursor.execute("SET lock_timeout = '2s'")
    worker = make_worker(beat=True, SCHEDULE_EVERY="1")
    eventually(lambda: left() < COUNT, worker)
    booked = 0
    for minute in range(9 * 60, 12 * 60, 20):
        time = f"{minute // 60:02}{minute % 60:02}"
        if left():
            book(time)
            booked += bool(left())
    assert booked, "the worker was done before anybody booked: there is nothing to be seen"
    eventually(lambda: not left(), worker)
    expired = Booking.objects.filter(state=BookingState.EXPIRED)
    # Each one marked once, by whichever run.
    assert expired.count() == AuditEvent.objects.filter(code="lock.expired").count() == COUNT
    assert not expired.exclude(ended_at=expired[0].expires_at).exists()
    assert Booking.objects.filter(state=BookingState.BOOKED).count() >= booked
