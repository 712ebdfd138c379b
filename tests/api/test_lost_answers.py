"""Answers and calls that are lost, late or repeated, between a workflow of w.c.s. and the adapter.

In the end a record that believes to have an appointment has exactly one, and one that believes to have none has none.
"""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from adapter.agendas.models import Booking, BookingState
from adapter.api import routing
from adapter.wcs.signature import sign_query
from tests.agendas.builders import NOW, make_agenda
from tests.support.signed import KEY, ORIG, Answer, Api, known_services

TIMES = st.sampled_from(["0900", "0920", "0940"])
# What becomes of a call: its answer arrives; it is carried out and its answer is lost; it never arrives; it arrives
# after what the workflow does next; it is carried out twice.
FATES = st.sampled_from(["answered", "answered", "answer lost", "call lost", "late", "twice"])


@dataclass
class Sent:
    """A call as it was sent, with its signature."""

    path: str
    body: dict[str, Any]
    query: str
    at: datetime.datetime


class Network:
    """What is between w.c.s. and the adapter, with one clock for both."""

    def __init__(self) -> None:
        self.api = Api()
        self.now = NOW
        self.under_way: list[Sent] = []

    def call(self, fate: str, path: str, body: dict[str, Any]) -> Answer | None:
        """Make a call; ``None`` when w.c.s. gives up on its answer."""
        self.now += datetime.timedelta(seconds=1)
        sent = Sent(path, body, sign_query("", KEY, orig=ORIG, now=self.now), self.now)
        if fate == "call lost":
            return None
        if fate == "late":
            self.under_way.append(sent)
            return None
        answer = self.carry_out(sent)
        if fate == "twice":
            answer = self.carry_out(Sent(path, body, sign_query("", KEY, orig=ORIG, now=self.now), self.now))
        return None if fate == "answer lost" else answer

    def carry_out(self, sent: Sent) -> Answer:
        found = self.api.client.generic(
            "POST", f"/api/{sent.path}", json.dumps(sent.body), content_type="application/json", QUERY_STRING=sent.query
        )
        assert found.status_code in (200, 403, 404), found.content
        return Answer(found.status_code, found.content, found.headers)

    def deliver(self, number: int) -> None:
        self.carry_out(self.under_way.pop(number))


@dataclass
class Record:
    """A record and its workflow: it knows only what it was answered.

    A careful workflow repeats a call that was not answered until it is, or gives up and cancels. A careless one returns
    to the appointment that it knows when a move is not answered.
    """

    number: int
    careful: bool
    status: str = "new"
    booking: int | None = None
    repeats: tuple[str, dict[str, Any]] | None = None
    slots: list[str] = field(default_factory=list)

    @property
    def address(self) -> dict[str, str]:
        return {
            "backoffice_url": f"https://wcs.test/backoffice/management/rdv/{self.number}/",
            "form_url": f"https://wcs.test/rdv/{self.number}/",
        }

    def book(self, network: Network, fate: str, time: str) -> None:
        """The first booking, or one after a refusal."""
        body = {**self.address, "lock_code": f"K{self.number}", "confirm_after_lock": "true"}
        self._fill(network, fate, f"agenda/mairie/fillslot/passeport:2026-11-24-{time}/", body)

    def move(self, network: Network, fate: str, time: str) -> None:
        """Another slot in the place of the one that is known."""
        body = {**self.address, "lock_code": "", "cancel_booking_id": str(self.booking)}
        self._fill(network, fate, f"agenda/mairie/fillslot/passeport:2026-11-24-{time}/", body)

    def repeat(self, network: Network, fate: str) -> None:
        assert self.repeats is not None
        self._fill(network, fate, *self.repeats)

    def _fill(self, network: Network, fate: str, path: str, body: dict[str, Any]) -> None:
        answer = network.call(fate, path, body)
        if answer is None:
            first_time = self.booking is None
            self.status = "unsure" if self.careful or first_time else "booked"
            self.repeats = path, body
        elif answer.json["err"] == 0:
            self.status, self.booking = "booked", answer.json["booking_id"]
        else:
            # Nothing else is ever in the way of a record that is answered.
            assert answer.json["err_code"] == "slot-unavailable"
            self.status = "booked" if self.booking is not None else "new"

    def cancel(self, network: Network, fate: str) -> None:
        """Cancel by number, or by the record when no number was ever learnt or an answer is missing."""
        if self.status == "booked" and self.booking is not None:
            answer = network.call(fate, f"booking/{self.booking}/cancel/", self.address)
        else:
            answer = network.call(fate, "bookings/cancel/", self.address)
        done = answer is not None and (answer.json["err"] == 0 or answer.json.get("err_code") == "already-cancelled")
        self.status = "cancelled" if done else "cancelling"


@dataclass
class World:
    """Two records, what is between them and the adapter, and what may happen next."""

    careful: bool
    network: Network = field(default_factory=Network)
    records: list[Record] = field(default_factory=list)

    def step(self, choice: int, number: int, fate: str, time: str) -> None:
        """Do one of what may be done now."""
        record, network = self.records[number], self.network
        cancel = (record.cancel, network, fate)
        possible: list[tuple[Any, ...]] = {
            "new": [(record.book, network, fate, time)],
            "booked": [(record.move, network, fate, time)] * 2 + [cancel],
            "unsure": [(record.repeat, network, fate), cancel],
            "cancelling": [cancel],
            "cancelled": [],
        }[record.status]
        possible += [(network.deliver, late) for late in range(len(network.under_way))]
        if possible:
            act, *arguments = possible[choice % len(possible)]
            act(*arguments)

    def settle(self) -> None:
        """Every call that is under way arrives, and every record is answered in the end."""
        while self.network.under_way:
            self.network.deliver(0)
        for record in self.records:
            if record.status == "unsure":
                record.repeat(self.network, "answered")
            elif record.status == "cancelling":
                record.cancel(self.network, "answered")


def standing(record: Record) -> list[int]:
    found = Booking.objects.filter(state=BookingState.BOOKED, backoffice_url=record.address["backoffice_url"])
    return list(found.values_list("pk", flat=True))


STEPS = st.lists(st.tuples(st.integers(0, 5), st.sampled_from([0, 0, 0, 1]), FATES, TIMES), min_size=2, max_size=9)


# A move whose answer is lost, then made again to another slot.
MOVE_AGAIN = [(0, 0, "answered", "0900"), (0, 0, "answer lost", "0920"), (0, 0, "answered", "0940")]
# A move that comes after the next one.
LATE_MOVE = [(0, 0, "answered", "0900"), (0, 0, "late", "0920"), (0, 0, "answered", "0900"), (0, 0, "answered", "0940")]
# A repeated booking that comes after the cancellation.
LATE_REPEAT = [(0, 0, "answer lost", "0900"), (0, 0, "late", "0900"), (0, 0, "answered", "0900")]
LATE_REPEAT += [(2, 0, "answered", "0900")]


@pytest.mark.django_db
@settings(suppress_health_check=list(HealthCheck))
@given(st.booleans(), STEPS)
@example(False, MOVE_AGAIN)
@example(True, LATE_MOVE)
@example(True, LATE_REPEAT)
def test_no_sequence_of_lost_late_and_repeated_answers_parts_records_and_bookings(careful, steps) -> None:
    world = World(careful)
    with transaction.atomic(), override_settings(KNOWN_SERVICES=known_services(), CALLS_PER_MINUTE_MAX=0):
        make_agenda(desks=2, types={"passeport": 20}, hours=[("09:00", "10:00")])
        with pytest.MonkeyPatch.context() as patch:
            for name in ("now", "real_now"):
                patch.setattr(routing, name, lambda: world.network.now)
            world.records = [Record(number, careful) for number in (1, 2)]
            for step in steps:
                world.step(*step)
            world.settle()
            for record in world.records:
                found = standing(record)
                if record.status != "booked":
                    assert found == []
                    continue
                assert found == [record.booking] if careful else len(found) == 1
                # Whatever number it believes in leads to the appointment.
                record.cancel(world.network, "answered")
                assert (record.status, standing(record)) == ("cancelled", [])
        transaction.set_rollback(True)
