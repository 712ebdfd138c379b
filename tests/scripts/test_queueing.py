"""The model behind the plan past one machine, where its answers are known by heart."""

from __future__ import annotations

import pytest

from scripts.bench.queueing import Station, bound, throughput


def test_one_server_is_busy_all_the_time() -> None:
    assert throughput(5, [Station(4.0)]) == pytest.approx(250)


def test_one_call_waits_for_nobody() -> None:
    assert throughput(1, [Station(4.0), Station(1.0, 2)], delay=5.0) == pytest.approx(100)


@pytest.mark.parametrize("customers", [1, 2, 3, 10])
def test_two_equal_servers_in_a_row(customers: int) -> None:
    # A known result: N / (N + 1) of what one of them can do.
    assert throughput(customers, [Station(2.0), Station(2.0)]) == pytest.approx(500 * customers / (customers + 1))


def test_calls_that_never_meet_do_not_wait() -> None:
    assert throughput(7, [], delay=10.0) == pytest.approx(700)


def test_no_number_of_calls_passes_the_busiest_server() -> None:
    stations = [Station(2.0, 8), Station(1.0, 2), Station(0.1)]
    rates = [throughput(customers, stations) for customers in (1, 4, 16, 64, 256)]
    assert rates == sorted(rates)
    assert bound(stations) == 2000
    assert 0.97 * 2000 < rates[-1] <= 2000
