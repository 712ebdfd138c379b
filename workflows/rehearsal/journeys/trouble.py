"""Faults put into a rehearsal on purpose: while the slot's page is submitted, and while the workflow books."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from ..http import Fault, FaultKind
from .stage import Stage, is_booking

#: Fault → what it means, in English and French.
FAULTS: dict[str, tuple[str, str]] = {
    "slow": (
        "the adapter books, but answers after w.c.s. has given up (28 seconds, not waited for)",
        "l'adaptateur réserve, mais répond après que w.c.s. a renoncé (28 secondes, sans les attendre)",
    ),
    "error-after": ("the adapter books, then answers 500", "l'adaptateur réserve, puis répond 500"),
    "down": (
        "the adapter is down while the slot is held, and again while it is booked",
        "l'adaptateur est arrêté pendant le blocage du créneau, puis pendant la réservation",
    ),
    "hold-error": (
        "the adapter answers 500 when the slot is held, and lists slots as ever",
        "l'adaptateur répond 500 au blocage du créneau, et liste les créneaux comme toujours",
    ),
    "unavailable": (
        "the adapter answers 503 while the slot is held, and again while it is booked",
        "l'adaptateur répond 503 pendant le blocage du créneau, puis pendant la réservation",
    ),
    "clock-ahead": (
        "the clock of w.c.s. is 45 seconds ahead, while the slot is held and while it is booked",
        "l'horloge de w.c.s. avance de 45 secondes, pendant le blocage puis pendant la réservation",
    ),
    "redis-down": ("the adapter's Redis is down", "le Redis de l'adaptateur est arrêté"),
}
#: Seconds; signatures are accepted up to 30.
SKEW = 45.0
WHILE_BOOKING: dict[str, FaultKind] = {"slow": "lost-answer", "error-after": "error-after"}


#: Faults of everything that w.c.s. asks of the adapter.
ALL_CALLS = ("down", "unavailable", "clock-ahead")


def _is_hold(method: str, path: str, body: object) -> bool:
    return method == "POST" and "/fillslot" in path and not is_booking(method, path, body)


@contextmanager
def while_filling(stage: Stage) -> Iterator[bool]:
    """Around one submit of the slot's page; gives whether something is wrong meanwhile."""
    wrong = stage.fault in (*ALL_CALLS, "hold-error")
    with _wrong(stage) if wrong else _right():
        yield wrong


@contextmanager
def while_booking(stage: Stage) -> Iterator[bool]:
    """Around the first run of the workflow; gives whether something is wrong meanwhile."""
    kind = WHILE_BOOKING.get(stage.fault)
    if kind:
        stage.site.client.faults.append(Fault(kind, is_booking))
        yield True
        stage.site.client.faults.clear()
        return
    wrong = stage.fault in ALL_CALLS
    with _wrong(stage) if wrong else _right():
        yield wrong


@contextmanager
def _right() -> Iterator[None]:
    yield


@contextmanager
def _wrong(stage: Stage) -> Iterator[None]:
    match stage.fault:
        case "down" | "unavailable":
            stage.site.client.faults.append(Fault(cast(FaultKind, stage.fault), times=1000))
        case "hold-error":
            stage.site.client.faults.append(Fault("error-before", _is_hold, times=1000))
        case "clock-ahead":
            stage.site.clock.skew = SKEW
    try:
        yield
    finally:
        stage.site.client.faults.clear()
        stage.site.clock.skew = 0.0
