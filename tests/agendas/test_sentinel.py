"""The overlap sentinel sees what the guards are there to prevent."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

import pytest
from django.db import connection
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from adapter.agendas import sqlite_guard
from adapter.agendas.models import Agenda, Booking, BookingState
from adapter.agendas.queries.overlaps import overlaps
from adapter.agendas.services import Actor
from adapter.agendas.services.sentinel import watch
from adapter.agendas.services.transfer import export_agendas, import_agendas
from tests.agendas.builders import NOW, make_agenda

pytestmark = pytest.mark.both_databases

DAY = datetime.timedelta(days=1)
MINUTE = datetime.timedelta(minutes=1)


@pytest.fixture
def unguarded(db) -> Iterator[None]:
    """The database's own guard is gone; the test's transaction brings it back."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE agendas_booking DROP CONSTRAINT no_double_booking")
        yield
        return
    sqlite_guard.remove(connection)
    yield
    Booking.objects.all().delete()
    sqlite_guard.install(connection)


def place(desk, start: int, length: int, state: str = BookingState.BOOKED, **values: object) -> Booking:
    agenda = desk.agenda
    begins = NOW + start * MINUTE
    return Booking.objects.create(
        agenda=agenda,
        asked_agenda=agenda,
        desk=desk,
        meeting_type=agenda.meeting_types.first(),
        start=begins,
        end=begins + length * MINUTE,
        state=state,
        created_at=NOW,
        **values,
    )


def test_adjacent_appointments_and_other_desks_are_no_overlap(unguarded) -> None:
    one, two = make_agenda().desks.all()
    place(one, 0, 20)
    place(one, 20, 20)
    place(two, 10, 20)
    assert overlaps(now=NOW) == []


def test_a_double_booking_is_seen_and_logged(unguarded) -> None:
    desk = make_agenda().desks.first()
    place(desk, 0, 60)
    place(desk, 5, 5)
    # It stands under the first one, and not under its neighbour.
    late = place(desk, 50, 20)
    with capture_logs() as logs:
        found = watch(now=NOW)
    assert [item.booking_id for item in found] == [late.pk - 1, late.pk]
    assert [(line["event"], line["log_level"]) for line in logs] == [("double_booking", "error")] * 2
    assert (logs[0]["agenda"], logs[0]["desk"]) == ("mairie", "guichet-1")


def test_what_ended_is_no_overlap(unguarded) -> None:
    desk = make_agenda().desks.first()
    place(desk, 0, 60)
    place(desk, 0, 60, BookingState.CANCELLED)
    lapsed = place(desk, 0, 60, BookingState.HELD, lock_code="K", expires_at=NOW)
    assert overlaps(now=NOW) == []
    assert [item.booking_id for item in overlaps(now=NOW - MINUTE)] == [lapsed.pk]


def test_every_agenda_is_looked_at(unguarded) -> None:
    for slug in ("mairie", "annexe"):
        desk = make_agenda(slug).desks.first()
        place(desk, 0, 60)
        place(desk, 0, 60)
    assert [item.agenda for item in watch(now=NOW)] == ["mairie", "annexe"]


def test_the_look_of_each_minute_leaves_the_past_alone(unguarded) -> None:
    desk = make_agenda().desks.first()
    place(desk, 0, 60)
    place(desk, 0, 60)
    assert len(overlaps(now=NOW + DAY)) == 1
    assert overlaps(now=NOW + DAY, only_to_come=True) == []
    assert len(overlaps(now=NOW, only_to_come=True)) == 1


@pytest.mark.django_db
def test_it_is_one_query(django_assert_num_queries) -> None:
    make_agenda()
    with django_assert_num_queries(1):
        overlaps(now=NOW)


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 10)), max_size=8))
def test_it_finds_exactly_when_two_rows_share_an_instant(unguarded, rows) -> None:
    Booking.objects.all().delete()
    agenda = Agenda.objects.filter(slug="mairie").first() or make_agenda(desks=1)
    desk = agenda.desks.first()
    for start, length in rows:
        place(desk, start, length)
    shared = any(a[0] < b[0] + b[1] and b[0] < a[0] + a[1] for number, a in enumerate(rows) for b in rows[number + 1 :])
    assert bool(overlaps(now=NOW)) == shared


@pytest.mark.django_db
def test_each_import_is_followed_by_a_look(unguarded, django_capture_on_commit_callbacks) -> None:
    desk = make_agenda().desks.first()
    place(desk, 0, 60)
    place(desk, 0, 60)
    document = export_agendas()
    for dry_run in (True, False):
        with capture_logs() as logs, django_capture_on_commit_callbacks(execute=True):
            import_agendas(document, now=NOW, actor=Actor.command("agendas"), dry_run=dry_run)
        assert any(line["event"] == "double_booking" for line in logs) is not dry_run
