"""The sweep against an oracle that looks at every minute, and the choice of a desk against the sweep."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from adapter.agendas.slots import Busy, BusyKind, Closed, DeskTimetable, choose_desk, explain, free_desks, sweep
from adapter.agendas.slots.explain import Reason
from adapter.agendas.slots.intervals import merge, subtract
from adapter.agendas.slots.sweep import starts_within

MINUTE = 60
HORIZON = 12 * 60


def intervals(most: int) -> st.SearchStrategy[list[tuple[int, int]]]:
    """Some intervals, in minutes."""
    return st.lists(
        st.tuples(st.integers(0, HORIZON), st.integers(1, 240)).map(lambda pair: (pair[0], pair[0] + pair[1])),
        max_size=most,
    )


@st.composite
def timetable(draw: st.DrawFn, desk_id: int = 1) -> DeskTimetable:
    """Any desk: openings that do not divide evenly, overlapping closures, busy times in and out of hours."""
    busy = merge(draw(intervals(5)))
    return DeskTimetable(
        desk_id=desk_id,
        position=draw(st.integers(0, 2)),
        openings=tuple((a * MINUTE, b * MINUTE) for a, b in merge(draw(intervals(3)))),
        closures=tuple(Closed(a * MINUTE, b * MINUTE) for a, b in sorted(draw(intervals(3)))),
        busy=tuple(Busy(a * MINUTE, b * MINUTE, draw(st.sampled_from(BusyKind))) for a, b in busy),
        step=draw(st.integers(1, 60)) * MINUTE,
        earliest=draw(st.integers(0, 300)) * MINUTE,
        latest=draw(st.integers(200, 1200)) * MINUTE,
    )


desks = st.integers(1, 3).flatmap(lambda count: st.tuples(*(timetable(desk_id) for desk_id in range(1, count + 1))))
durations = st.integers(1, 180).map(lambda minutes: minutes * MINUTE)


def oracle(desk: DeskTimetable, duration: int) -> tuple[set[int], set[int]]:
    """Offered and free starts, minute by minute."""
    offered, free = set(), set()
    for minute in range(0, HORIZON + 300):
        start, end = minute * MINUTE, minute * MINUTE + duration
        opening = next((item for item in desk.openings if item[0] <= start and end <= item[1]), None)
        if opening is None or (start - opening[0]) % desk.step or not desk.earliest <= start < desk.latest:
            continue
        if any(closed.start < end and start < closed.end for closed in desk.closures):
            continue
        offered.add(start)
        if not any(busy.start < end and start < busy.end for busy in desk.busy):
            free.add(start)
    return offered, free


@given(desks, durations)
def test_the_sweep_offers_what_looking_at_each_minute_offers(
    timetables: tuple[DeskTimetable, ...], duration: int
) -> None:
    expected = [oracle(desk, duration) for desk in timetables]
    offer = sweep(timetables, duration)
    assert offer.starts == sorted(set().union(*(offered for offered, _ in expected)))
    assert offer.free == set().union(*(free for _, free in expected))


@given(desks, durations)
def test_a_start_is_free_exactly_when_some_desk_can_be_chosen(
    timetables: tuple[DeskTimetable, ...], duration: int
) -> None:
    offer = sweep(timetables, duration)
    for start in offer.starts:
        assert bool(free_desks(timetables, start, start + duration)) == (start in offer.free)
        assert (choose_desk(timetables, start, start + duration, {}) is not None) == (start in offer.free)


@given(desks, durations)
def test_every_start_of_the_grid_has_one_reason_that_agrees_with_the_sweep(
    timetables: tuple[DeskTimetable, ...], duration: int
) -> None:
    offer = sweep(timetables, duration)
    reasons = {item.start: item.reason for item in explain(timetables, duration, "UTC")}
    assert {start for start, reason in reasons.items() if reason is Reason.FREE} == offer.free
    taken = {start for start, reason in reasons.items() if reason in (Reason.HELD, Reason.BOOKED)}
    assert set(offer.starts) - offer.free == taken


def table(desk_id: int, busy: tuple[Busy, ...] = (), position: int = 0) -> DeskTimetable:
    return DeskTimetable(desk_id, position, ((0, 3600),), (), busy, 600, 0, 3600)


def test_the_desk_with_the_least_time_taken_is_chosen_then_the_first_in_order() -> None:
    pair = [table(1, position=2), table(2, position=1)]
    assert choose_desk(pair, 0, 600, {}).desk_id == 2
    assert choose_desk(pair, 0, 600, {1: 10, 2: 20}).desk_id == 1
    assert choose_desk(pair, 0, 600, {1: 10, 2: 10}).desk_id == 2


def test_a_desk_without_an_appointment_is_chosen_before_one_with_a_single_second() -> None:
    pair = [table(1, position=2), table(2, position=1)]
    assert choose_desk(pair, 0, 600, {2: 1}).desk_id == 1


def test_the_last_appointment_ends_when_the_desk_closes() -> None:
    desk = table(1)
    assert free_desks([desk], 3000, 3600) == [desk]
    assert free_desks([desk], 3000, 3601) == []


def test_a_preferred_desk_wins_only_when_it_is_free() -> None:
    pair = [table(1), table(2)]
    assert choose_desk(pair, 0, 600, {}, prefer=2).desk_id == 2
    taken = [table(1), table(2, (Busy(0, 600),))]
    assert choose_desk(taken, 0, 600, {}, prefer=2).desk_id == 1


def test_a_slot_off_the_grid_is_not_free() -> None:
    assert free_desks([table(1)], 300, 900) == []


def test_neighbours_do_not_overlap() -> None:
    assert sweep([table(1, (Busy(0, 600),))], 600).free == {600, 1200, 1800, 2400, 3000}


def test_of_desks_with_the_same_hours_one_that_is_free_is_enough() -> None:
    free, booked = table(1), table(2, (Busy(0, 600),))
    assert 0 in sweep([free, booked], 600).free
    assert 0 in sweep([booked, free], 600).free
    assert 0 not in sweep([booked, table(3, (Busy(0, 600),))], 600).free


def test_what_is_left_of_an_interval_has_no_empty_pieces() -> None:
    assert subtract((0, 10), [Busy(0, 5)]) == ([(5, 10)], 0)
    assert subtract((0, 10), [Busy(5, 10)]) == ([(0, 5)], 0)
    assert subtract((10, 20), [Busy(0, 10), Busy(12, 14), Busy(20, 30)]) == ([(10, 12), (14, 20)], 1)


def test_each_hole_is_looked_at_once_and_those_before_are_passed_over() -> None:
    before = [Busy(0, 1), Busy(1, 2), Busy(3, 4)]
    assert subtract((10, 20), [*before, Busy(12, 13), Busy(14, 15), Busy(16, 17)]) == (
        [(10, 12), (13, 14), (15, 16), (17, 20)],
        3,
    )


def test_empty_intervals_are_dropped_wherever_they_stand() -> None:
    assert merge([(7, 8), (1, 1), (2, 3), (5, 5), (3, 4)]) == ((2, 4), (7, 8))


def test_the_whole_appointment_lies_in_its_piece() -> None:
    assert list(starts_within((0, 601), 0, 600, 1, 0, 9000)) == [0, 1]


def test_one_second_of_overlap_is_an_overlap() -> None:
    assert 0 not in sweep([table(1, (Busy(601, 700),))], 602).free
    assert 0 in sweep([table(1, (Busy(602, 700),))], 602).free
    assert 600 not in sweep([table(1, (Busy(0, 601),))], 600).free


def test_what_is_remembered_of_a_desk_is_asked_again_and_not_taken_for_another() -> None:
    booked, free = table(1, (Busy(0, 600),)), table(1)
    for _ in range(2):
        assert 0 not in sweep([booked], 600).free
        assert 0 in sweep([free], 600).free


def test_an_appointment_in_the_middle_takes_its_own_time_only() -> None:
    assert sweep([table(1, (Busy(1200, 1800),))], 600).free == {0, 600, 1800, 2400, 3000}
    assert sweep([table(1, (Busy(1200, 1800),))], 1200).free == {0, 1800, 2400}


def test_the_nearest_desk_gives_the_reason() -> None:
    closed_desk = DeskTimetable(3, 0, (), (), (), 600, 0, 3600)
    booked = table(1, (Busy(0, 600),))
    held = table(2, (Busy(0, 600, BusyKind.HELD),))
    first = explain([closed_desk, booked, held], 600, "UTC", [0])[0]
    assert (first.reason, first.desk_id) == (Reason.HELD, 2)


def test_reasons_are_told_apart() -> None:
    desk = DeskTimetable(
        desk_id=1,
        position=0,
        openings=((0, 7200),),
        closures=(Closed(1200, 1800, "Travaux", 9), Closed(2400, 3000, excluded=True)),
        busy=(Busy(3600, 4200),),
        step=600,
        earliest=600,
        latest=6600,
    )
    found = {item.start: item.reason for item in explain([desk], 600, "UTC", range(0, 7800, 600))}
    assert found[0] is Reason.TOO_SOON
    assert found[600] is Reason.FREE
    assert found[1200] is Reason.EXCEPTION
    assert found[2400] is Reason.EXCLUDED
    assert found[3600] is Reason.BOOKED
    assert found[6600] is Reason.TOO_LATE
    assert found[7200] is Reason.CLOSED
    assert explain([desk], 900, "UTC", [300])[0].reason is Reason.CLOSED
    assert explain([table(1)], 1200, "UTC", [3000])[0].reason is Reason.DOES_NOT_FIT
    assert explain([desk], 600, "UTC", [1200])[0].closure.label == "Travaux"


def test_every_start_of_the_grid_is_explained_once_in_order() -> None:
    assert [item.start for item in explain([table(2), table(1)], 600, "UTC")] == [0, 600, 1200, 1800, 2400, 3000]


def test_a_desk_that_is_closed_is_named_and_without_desks_all_is_closed() -> None:
    assert explain([table(7)], 600, "UTC", [3600]) == [(3600, Reason.CLOSED, 7, None)]
    assert explain([], 600, "UTC", [0, 600]) == [(0, Reason.CLOSED, None, None), (600, Reason.CLOSED, None, None)]


def test_the_hour_that_clocks_show_twice_is_offered_once_and_the_second_one_explained() -> None:
    # 25 October 2026, 02:00 in Paris for the first and the second time.
    first, second = 1792886400, 1792890000
    desk = DeskTimetable(1, 0, ((first, second + 3600),), (), (), 3600, 0, second + 3600)
    assert explain([desk], 3600, "Europe/Paris", [first, second]) == [
        (first, Reason.FREE, 1, None),
        (second, Reason.REPEATED_HOUR, 1, None),
    ]
    booked = desk.__class__(1, 0, desk.openings, (), (Busy(first, second + 3600),), 3600, 0, second + 3600)
    assert [item.reason for item in explain([booked], 3600, "Europe/Paris", [second])] == [Reason.BOOKED]


def test_each_reason_names_its_desk_and_closure() -> None:
    hole = Closed(1200, 1800, "Travaux", 9)
    desk = DeskTimetable(5, 0, ((0, 7200),), (hole,), (Busy(3600, 4200, BusyKind.HELD),), 600, 600, 6600)
    found = explain([desk], 600, "UTC", [0, 600, 1200, 3600, 6600])
    assert [(item.desk_id, item.closure) for item in found] == [
        (5, hole if item.start == 1200 else None) for item in found
    ]
    # Appointments that touch a closure, a busy time, or the end of the hours, are free.
    reasons = {item.start: item.reason for item in explain([desk], 600, "UTC", [600, 1800, 3000, 4200])}
    assert set(reasons.values()) == {Reason.FREE}
    whole = table(3)
    assert explain([whole], 3600, "UTC", [0]) == [(0, Reason.FREE, 3, None)]
    assert explain([whole], 3601, "UTC", [0]) == [(0, Reason.DOES_NOT_FIT, 3, None)]


def test_hours_begin_their_grid_where_they_open() -> None:
    desk = DeskTimetable(1, 0, ((300, 1500), (2000, 3200)), (), (), 600, 0, 9000)
    assert [item.reason for item in explain([desk], 600, "UTC", [300, 600, 900, 2000, 2300, 2600])] == [
        Reason.FREE,
        Reason.CLOSED,
        Reason.FREE,
        Reason.FREE,
        Reason.CLOSED,
        Reason.FREE,
    ]
