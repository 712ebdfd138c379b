"""Opening and excluded periods, as the settings pages change them."""

from __future__ import annotations

import datetime

import pytest

from adapter.agendas.errors import InvalidPayload
from adapter.agendas.models import Agenda, AuditEvent, OpeningPeriod
from adapter.agendas.period_words import period_in_words
from adapter.agendas.services import Actor, SlotQuery, list_slots
from adapter.agendas.services.setup import (
    Times,
    add_excluded_periods,
    add_openings,
    change_excluded_period,
    change_opening,
    copy_openings,
    delete_excluded_period,
    delete_openings,
)
from adapter.agendas.services.transfer import export_agendas
from tests.agendas.builders import NOW, make_agenda, make_virtual

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
WHO = {"now": NOW, "actor": Actor.agent("admin")}
MONDAY, TUESDAY = 0, 1
DATE = datetime.date(2026, 11, 28)


def times(start: str = "18:00", end: str = "19:00", **values) -> Times:
    return Times(datetime.time.fromisoformat(start), datetime.time.fromisoformat(end), **values)


def refused(call, *arguments) -> dict[str, list[str]]:
    before = export_agendas()
    with pytest.raises(InvalidPayload) as refusal:
        call(*arguments, **WHO)
    assert export_agendas() == before
    assert not AuditEvent.objects.exists()
    return refusal.value.errors


@pytest.fixture
def mairie() -> Agenda:
    return make_agenda(weekdays=[])


def free(agenda: str = "mairie") -> list[str]:
    return [f"{slot.start:%a %d %H:%M}" for slot in _slots(agenda)]


def _slots(agenda: str):
    listing = list_slots(agenda, "mariage", SlotQuery(), now=NOW)
    return [listing.slot(start) for start in sorted(listing.offer.free)]


def test_one_form_opens_several_desks_on_several_days(mairie) -> None:
    made = add_openings(mairie, mairie.desks.all(), times(weekdays=(MONDAY, TUESDAY)), **WHO)
    assert len(made) == 4
    assert free()[:2] == ["Tue 24 18:00", "Mon 30 18:00"]
    assert AuditEvent.objects.get().data["weekdays"] == [0, 1]


def test_weeks_of_the_month_and_validity_are_kept(mairie) -> None:
    december = {"valid_from": datetime.date(2026, 12, 1), "valid_until": datetime.date(2026, 12, 31)}
    add_openings(mairie, mairie.desks.all(), times(weekdays=(TUESDAY,), weeks=(2, 4), **december), **WHO)
    assert free() == ["Tue 08 18:00", "Tue 22 18:00"]


def test_a_single_date_opens_once(mairie) -> None:
    add_openings(mairie, mairie.desks.all(), times(date=DATE), **WHO)
    assert free() == ["Sat 28 18:00"]


def test_the_end_may_be_midnight(mairie) -> None:
    add_openings(mairie, mairie.desks.all(), times("23:00", "00:00", date=DATE), **WHO)
    assert free() == ["Sat 28 23:00"]


def test_the_same_period_is_not_added_twice(mairie) -> None:
    add_openings(mairie, mairie.desks.all()[:1], times(weekdays=(MONDAY,)), **WHO)
    made = add_openings(mairie, mairie.desks.all(), times(weekdays=(MONDAY,)), **WHO)
    assert [period.desk.slug for period in made] == ["guichet-2"]
    assert add_openings(mairie, mairie.desks.all(), times(weekdays=(MONDAY,)), **WHO) == []


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "weekdays"),
        ({"weekdays": (MONDAY,), "date": DATE}, "date"),
        ({"date": DATE, "weeks": (1,)}, "weeks_of_month"),
        ({"weekdays": (7,)}, "weekday"),
        ({"weekdays": (MONDAY,), "weeks": (6,)}, "weeks_of_month"),
        ({"weekdays": (MONDAY,), "start": "10:00", "end": "09:00"}, "end_time"),
        ({"weekdays": (MONDAY,), "start": "10:00", "end": "10:00"}, "end_time"),
        ({"weekdays": (MONDAY,), "valid_from": DATE, "valid_until": DATE - datetime.timedelta(1)}, "valid_until"),
    ],
)
def test_times_that_make_no_sense_are_refused(mairie, values, field) -> None:
    assert field in refused(add_openings, mairie, mairie.desks.all(), times(**values))


def test_desks_must_be_named_and_be_of_that_agenda(mairie) -> None:
    other = make_agenda("annexe")
    assert "desks" in refused(add_openings, mairie, [], times(weekdays=(MONDAY,)))
    assert "desks" in refused(add_openings, mairie, other.desks.all(), times(weekdays=(MONDAY,)))


def test_one_period_is_changed_and_removed(mairie) -> None:
    desk = mairie.desks.all()[0]
    [period] = add_openings(mairie, [desk], times(weekdays=(TUESDAY,)), **WHO)
    change_opening(period, times("08:00", "09:00", weekdays=(TUESDAY,)), **WHO)
    assert free()[0] == "Tue 24 08:00"
    delete_openings([OpeningPeriod.objects.get()], **WHO)
    assert free() == []
    codes = list(AuditEvent.objects.values_list("code", flat=True))
    assert codes == ["opening.deleted", "opening.changed", "opening.created"]


def test_one_period_is_of_one_day(mairie) -> None:
    period = OpeningPeriod.objects.create(
        desk=mairie.desks.all()[0], weekday=0, start_time=datetime.time(9), end_time=datetime.time(10)
    )
    assert "weekdays" in refused(change_opening, period, times(weekdays=(MONDAY, TUESDAY)))


def test_opening_periods_are_copied_over_those_of_other_desks(mairie) -> None:
    one, two = mairie.desks.all()
    add_openings(mairie, [one], times(weekdays=(MONDAY,)), **WHO)
    add_openings(mairie, [two], times(weekdays=(TUESDAY,)), **WHO)
    copy_openings(one, [one, two], **WHO)
    assert [period.weekday for period in two.openings.all()] == [MONDAY]
    assert [period.weekday for period in one.openings.all()] == [MONDAY]


def test_a_copy_needs_another_desk_of_that_agenda(mairie) -> None:
    one = mairie.desks.all()[0]
    assert "desks" in refused(copy_openings, one, [one])
    assert "desks" in refused(copy_openings, one, make_agenda("annexe").desks.all())


def test_excluded_periods_leave_times_out_of_a_virtual_agenda_only() -> None:
    mairie = make_agenda()
    virtual = make_virtual("toutes", mairie)
    [period] = add_excluded_periods(virtual, times("09:00", "12:00", weekdays=(TUESDAY,)), **WHO)
    assert free("toutes")[0] == "Tue 24 13:30"
    assert free("mairie")[0] == "Tue 24 09:00"
    assert add_excluded_periods(virtual, times("09:00", "12:00", weekdays=(TUESDAY,)), **WHO) == []
    change_excluded_period(period, times("09:00", "10:00", weekdays=(TUESDAY,)), **WHO)
    assert free("toutes")[0] == "Tue 24 10:00"
    delete_excluded_period(period, **WHO)
    assert free("toutes")[0] == "Tue 24 09:00"
    codes = list(AuditEvent.objects.values_list("code", flat=True))
    assert codes == ["excluded.deleted", "excluded.changed", "excluded.created"]


def test_a_real_agenda_has_no_excluded_periods(mairie) -> None:
    refused(add_excluded_periods, mairie, times(weekdays=(MONDAY,)))


SPANS = (("09:00", "12:00"), ("13:00", "17:00"))
WEEKLY = {"weekdays": (MONDAY,)}
LATER = datetime.date(2027, 1, 1)


@pytest.mark.parametrize(
    ("there", "new"),
    [
        (times("09:00", "12:00", **WEEKLY), times("11:00", "13:00", **WEEKLY)),
        (times("09:00", "12:00", **WEEKLY), times("10:00", "11:00", weekdays=(MONDAY, TUESDAY))),
        (times("09:00", "12:00", **WEEKLY), times("11:00", "13:00", weeks=(1,), **WEEKLY)),
        (times("09:00", "12:00", weeks=(1, 2), **WEEKLY), times("11:00", "13:00", weeks=(2, 3), **WEEKLY)),
        (times("09:00", "12:00", valid_from=LATER, **WEEKLY), times("11:00", "13:00", **WEEKLY)),
        (times("22:00", "00:00", **WEEKLY), times("23:00", "00:00", **WEEKLY)),
        (times("09:00", "12:00", date=DATE), times("11:00", "13:00", date=DATE)),
    ],
)
def test_times_that_overlap_what_is_there_are_refused_with_its_name(mairie, there, new) -> None:
    one, two = mairie.desks.all()
    add_openings(mairie, [one], there, **WHO)
    AuditEvent.objects.all().delete()
    [sentence] = refused(add_openings, mairie, [one, two], new)["start_time"]
    assert "Guichet 1" in sentence
    assert period_in_words(one.openings.get()) in sentence
    virtual = make_virtual("toutes", mairie)
    add_excluded_periods(virtual, there, **WHO)
    AuditEvent.objects.all().delete()
    assert "start_time" in refused(add_excluded_periods, virtual, new)


@pytest.mark.parametrize(
    ("there", "new"),
    [
        (times("09:00", "12:00", **WEEKLY), times("12:00", "13:00", **WEEKLY)),
        (times("09:00", "12:00", **WEEKLY), times("09:00", "12:00", weekdays=(TUESDAY,))),
        (times("09:00", "12:00", weeks=(1,), **WEEKLY), times("11:00", "13:00", weeks=(2,), **WEEKLY)),
        (times("09:00", "12:00", valid_from=LATER, **WEEKLY), times("11:00", "13:00", valid_until=DATE, **WEEKLY)),
        (times("09:00", "12:00", weekdays=(5,)), times("11:00", "13:00", date=DATE)),
    ],
)
def test_times_beside_what_is_there_are_added(mairie, there, new) -> None:
    add_openings(mairie, mairie.desks.all(), there, **WHO)
    assert len(add_openings(mairie, mairie.desks.all(), new, **WHO)) == 2


def test_a_changed_period_may_not_overlap_another_but_itself_is_no_obstacle(mairie) -> None:
    desk = mairie.desks.all()[0]
    morning, late = (add_openings(mairie, [desk], times(*span, **WEEKLY), **WHO)[0] for span in SPANS)
    change_opening(morning, times("09:00", "11:30", **WEEKLY), **WHO)
    AuditEvent.objects.all().delete()
    assert "start_time" in refused(change_opening, late, times("11:00", "17:00", **WEEKLY))
    virtual = make_virtual("toutes", mairie)
    early, other = (add_excluded_periods(virtual, times(*span, **WEEKLY), **WHO)[0] for span in SPANS)
    change_excluded_period(early, times("09:00", "11:30", **WEEKLY), **WHO)
    AuditEvent.objects.all().delete()
    assert "start_time" in refused(change_excluded_period, other, times("11:00", "17:00", **WEEKLY))
