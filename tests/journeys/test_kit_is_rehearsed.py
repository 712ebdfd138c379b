"""The shipped kit plays every journey, on both databases, and survives every fault."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.rehearsal import DATABASES, failures, played, stage_of, warnings
from workflows.definitions import make_kit
from workflows.rehearsal.adapter import ThrowAwayAdapter, free_port
from workflows.rehearsal.definitions import kit_library
from workflows.rehearsal.journeys import FAULTS, JOURNEYS

pytestmark = pytest.mark.servers
ROLES = ["Agents"]


@pytest.fixture(scope="module")
def adapter() -> Iterator[ThrowAwayAdapter]:
    """One for all that need no database or Redis of their own."""
    with ThrowAwayAdapter(f"http://127.0.0.1:{free_port()}/") as running:
        yield running


@pytest.mark.parametrize("kind", DATABASES)
def test_the_kit_passes_every_journey(kind) -> None:
    with stage_of(kit_library(make_kit("fr", roles=ROLES)), kind=kind) as stage:
        report = played(stage)
    assert failures(report) == {}
    assert [journey.name for journey in report.journeys] == list(JOURNEYS)
    assert not any(journey.findings for journey in report.journeys)


@pytest.mark.parametrize("agenda", ["mairie", "toutes-mairies"])
def test_the_kit_for_one_agenda_passes_every_journey(adapter, agenda) -> None:
    with stage_of(kit_library(make_kit("en", agenda, ROLES)), agenda=agenda, adapter=adapter) as stage:
        assert failures(played(stage)) == {}


@pytest.mark.parametrize("fault", [name for name in FAULTS if name != "redis-down"])
def test_the_kit_comes_through_a_fault(adapter, fault) -> None:
    with stage_of(kit_library(make_kit("fr", roles=ROLES)), fault=fault, adapter=adapter) as stage:
        report = played(stage, "backoffice", "citizen", "two-records")
    assert failures(report) == {}
    assert any(call.fault or call.status == 403 for journey in report.journeys for call in journey.trace.calls)


def test_the_kit_does_without_redis() -> None:
    with stage_of(kit_library(make_kit("fr", roles=ROLES)), fault="redis-down") as stage:
        assert failures(played(stage)) == {}


def test_in_trouble_the_page_of_the_slot_says_so_and_waits(adapter) -> None:
    with stage_of(kit_library(make_kit("en", roles=ROLES)), fault="down", adapter=adapter) as stage:
        [journey] = played(stage, "citizen").journeys
    assert [step.text for step in journey.steps].count("In trouble, the page says so and waits; nothing is lost") == 1
    assert "accepted" not in warnings_of(journey)


def warnings_of(journey) -> str:
    return "\n".join(found.message for found in journey.findings)


def test_a_lost_slot_is_chosen_again_by_citizens_and_agents(adapter) -> None:
    with stage_of(kit_library(make_kit("en", roles=ROLES)), adapter=adapter) as stage:
        report = played(stage, "lost")
    [journey] = report.journeys
    assert [step.text for step in journey.steps].count("Another slot is chosen in place") == 2
    assert "no other slot" not in warnings(report, "lost")
