"""The nearest free slots are the nearest of all, however far away they are."""

from __future__ import annotations

import datetime
from datetime import timedelta

import pytest

from adapter.agendas.models import Agenda
from adapter.agendas.queries.snapshot import load_snapshot
from adapter.agendas.services import SlotQuery, list_slots, nearest_slots
from tests.agendas.builders import NOW, close, make_agenda

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

HOUR = timedelta(hours=1)
# Local midnight of Tuesday, the day after NOW.
TUESDAY = datetime.datetime(2026, 11, 23, 23, tzinfo=datetime.UTC)


def nearest(start: datetime.datetime, count: int = 3) -> list[datetime.datetime]:
    snapshot, versions = load_snapshot("mairie")
    [kind] = [item for item in snapshot.meeting_types if item.slug == "passeport"]
    found = nearest_slots(snapshot, kind, int(start.timestamp()), now=NOW, versions=versions, count=count)
    return [slot.start for slot in found]


def by_looking_at_all(start: datetime.datetime, count: int = 3) -> list[datetime.datetime]:
    listing = list_slots("mairie", "passeport", SlotQuery(), now=NOW)
    free = [datetime.datetime.fromtimestamp(item, datetime.UTC) for item in listing.offer.free]
    closest = sorted((item for item in free if item != start), key=lambda item: (abs(item - start), item))
    return sorted(closest[:count])


def closed(agenda: Agenda, begin: int, end: int) -> None:
    """From one number of days after Tuesday to another."""
    close(agenda, TUESDAY + timedelta(days=begin), TUESDAY + timedelta(days=end))


@pytest.mark.parametrize("days", [(0, 1), (-1, 3), (-1, 20), (-1, 21), (-1, 22), (-1, 50), (2, 30), (-30, 0)])
@pytest.mark.parametrize("asked", [0, 2, 21, 55])
def test_they_are_those_of_the_whole_agenda(days, asked) -> None:
    agenda = make_agenda(desks=1, minimal_booking_delay=0, maximal_booking_delay=56)
    closed(agenda, *days)
    for hour in (9, 11, 16):
        start = TUESDAY + timedelta(days=asked, hours=hour)
        assert nearest(start) == by_looking_at_all(start)


def test_a_closer_one_just_outside_of_what_is_looked_at_first_is_found() -> None:
    agenda = make_agenda(
        desks=1, hours=[("00:00", "24:00")], weekdays=range(7), minimal_booking_delay=0, maximal_booking_delay=56
    )
    day, late = timedelta(days=1), 23 * HOUR
    # Only the last hours of Tuesday and of Sunday are open; Friday at 9 is nearer to the first.
    close(agenda, TUESDAY - 2 * day, TUESDAY + late)
    close(agenda, TUESDAY + day, TUESDAY + 5 * day + late)
    close(agenda, TUESDAY + 6 * day, TUESDAY + 70 * day)
    friday = TUESDAY + 3 * day + 9 * HOUR
    on_tuesday, on_sunday = (
        [TUESDAY + days * day + late + timedelta(minutes=minutes) for minutes in (0, 20, 40)] for days in (0, 5)
    )
    assert nearest(friday) == on_tuesday
    assert nearest(friday, 5) == [*on_tuesday, *on_sunday[:2]] == by_looking_at_all(friday, 5)
    assert nearest(friday + 8 * HOUR) == on_sunday


def test_where_nothing_is_free_there_is_none() -> None:
    agenda = make_agenda(desks=1)
    closed(agenda, -2, 800)
    assert nearest(TUESDAY + 9 * HOUR) == []


def test_what_is_far_away_is_not_read_when_some_are_near(django_assert_num_queries) -> None:
    make_agenda(desks=1, minimal_booking_delay=0, maximal_booking_delay=56)
    start = TUESDAY + timedelta(days=1, hours=9)
    load_snapshot("mairie")
    with django_assert_num_queries(2):
        # Versions, and what stands on the days around.
        assert len(nearest(start)) == 3


@pytest.mark.django_db(transaction=True)
def test_what_is_known_of_the_whole_agenda_is_not_read_again(django_assert_num_queries) -> None:
    # Outside of a transaction, as in a web process: inside of one nothing is kept.
    make_agenda(desks=1, minimal_booking_delay=1, maximal_booking_delay=56)
    start = TUESDAY + timedelta(days=3, hours=9)
    expected = by_looking_at_all(start)
    with django_assert_num_queries(1):
        # The versions that it is known at.
        assert nearest(start) == expected
