"""Renewing a lock: only those that are asked for, only as they were read, and never for ever."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from adapter.agendas.errors import LockUnknown, RenewalsExhausted
from adapter.agendas.models import Agenda, AuditEvent, Booking, BookingState, Desk
from adapter.agendas.services import HoldRequest, SlotQuery, hold, list_slots, renew, renewing
from tests.agendas.builders import ALICE, NOW, make_agenda, make_virtual

pytestmark = pytest.mark.django_db

NINE, TEN = "passeport:2026-11-24-0900", "passeport:2026-11-24-1000"
MINUTE = timedelta(minutes=1)


def held(code: str = "alice", slot: str = NINE, *, agenda: str = "mairie", seconds: int = 0, **values: Any) -> Booking:
    return hold(HoldRequest(agenda, (slot,), code, **values), now=NOW + timedelta(seconds=seconds), actor=ALICE).lock


def renewed(code: str = "alice", *, agenda: str = "mairie", seconds: float = 60, **values: Any) -> list[Booking]:
    return renew(agenda, code, now=NOW + timedelta(seconds=seconds), actor=ALICE, **values)


def listed(code: str, *, seconds: float, **values: Any) -> None:
    """List free slots with a lock code, which renews what is past half its life."""
    query, then = SlotQuery(lock_code=code), NOW + timedelta(seconds=seconds)
    list_slots(values.pop("agenda", "mairie"), "passeport", query, now=then, **values)


def ends(*locks: Booking) -> list[int]:
    """Seconds from :data:`NOW` to the ends that the database knows."""
    kept = dict(Booking.objects.values_list("pk", "expires_at"))
    return [int((kept[lock.pk] - NOW).total_seconds()) for lock in locks]


def test_only_the_locks_of_the_code_on_that_agenda_are_renewed() -> None:
    make_agenda("mairie")
    make_agenda("annexe")
    mine, other, elsewhere = held(), held("bob"), held(agenda="annexe")
    assert [lock.pk for lock in renewed(" alice ")] == [mine.pk]
    assert ends(mine, other, elsewhere) == [660, 600, 600]


def test_a_renewal_begins_a_new_life_and_says_what_was_written() -> None:
    make_agenda()
    lock = held(duration=400)
    for number, seconds in ((1, 100.9), (2, 200)):
        [again] = renewed(seconds=seconds)
        assert again.expires_at == NOW + timedelta(seconds=int(seconds) + 400)
        assert again.renewals == number
        lock.refresh_from_db()
        assert (lock.expires_at, lock.renewals) == (again.expires_at, again.renewals)
    # Another length may be asked for; a short one takes nothing away.
    assert renewed(seconds=201, duration=300)
    assert ends(lock) == [600]
    assert renewed(seconds=202, duration=900)
    assert ends(lock) == [1102]


def test_the_desk_of_a_renewed_lock_moves_on_so_that_nobody_believes_its_old_end() -> None:
    make_agenda()
    lock = held()
    before = dict(Desk.objects.values_list("pk", "version"))
    renewed()
    after = dict(Desk.objects.values_list("pk", "version"))
    assert {desk for desk in before if after[desk] != before[desk]} == {lock.desk_id}


def test_no_length_carries_a_lock_past_its_ceiling(settings: Any) -> None:
    settings.LOCK_RENEWALS_MAX = 1
    make_agenda()
    lock = held(duration=400)
    renewed(seconds=399, duration=1200)
    assert ends(lock) == [800]


def test_a_renewal_is_in_the_audit_log() -> None:
    agenda = make_agenda()
    lock = held()
    renewed()
    renewed(seconds=120)
    first, second = AuditEvent.objects.filter(code="lock.renewed").order_by("id")
    assert (first.agenda_id, first.booking_id, first.at) == (agenda.pk, lock.pk, NOW + MINUTE)
    assert (first.actor_kind, first.actor) == (ALICE.kind, ALICE.name)
    assert (first.data, second.data) == ({"renewals": 1}, {"renewals": 2})


@pytest.mark.parametrize(
    "meanwhile",
    [
        {"state": BookingState.BOOKED},
        {"state": BookingState.RELEASED},
        {"expires_at": NOW + 11 * MINUTE},
        {"renewals": 1},
    ],
    ids=["confirmed", "released", "held again", "renewed"],
)
def test_a_lock_that_is_another_one_by_now_is_left_as_it_is(
    meanwhile: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_agenda()
    lock = held()
    change = renewing.change

    def changing(*arguments: Any, **named: Any) -> bool:
        Booking.objects.filter(pk=lock.pk).update(**meanwhile)
        return change(*arguments, **named)

    monkeypatch.setattr(renewing, "change", changing)
    listed("alice", seconds=301)
    now = Booking.objects.values("state", "expires_at", "renewals").get()
    assert now == {"state": BookingState.HELD, "expires_at": NOW + 10 * MINUTE, "renewals": 0, **meanwhile}
    assert not AuditEvent.objects.filter(code="lock.renewed").exists()


def test_at_the_ceiling_it_is_refused(settings: Any) -> None:
    settings.LOCK_RENEWALS_MAX = 1
    make_agenda()
    held()
    renewed()
    with pytest.raises(RenewalsExhausted):
        renewed(seconds=120)


@pytest.mark.parametrize(
    ("meanwhile", "refusal"),
    [({"state": BookingState.RELEASED}, LockUnknown), ({"renewals": 1, "expires_at": NOW + 11 * MINUTE}, None)],
    ids=["released", "renewed"],
)
def test_a_renewal_that_loses_a_race_looks_again(
    meanwhile: dict[str, Any], refusal: type[Exception] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_agenda()
    lock = held()
    waiting, exclusive = [meanwhile], renewing.exclusive

    def begin() -> Any:
        while waiting:
            Booking.objects.filter(pk=lock.pk).update(**waiting.pop())
        return exclusive()

    monkeypatch.setattr(renewing, "exclusive", begin)
    if refusal is not None:
        with pytest.raises(refusal):
            renewed()
        return
    [again] = renewed(seconds=120)
    assert (again.renewals, again.expires_at) == (2, NOW + 12 * MINUTE)


def two_agendas() -> tuple[Agenda, Agenda]:
    mairie, annexe = make_agenda("mairie"), make_agenda("annexe")
    make_virtual("toutes", mairie, annexe)
    return mairie, annexe


def test_what_can_still_be_renewed_is_and_the_others_are_not_named(settings: Any) -> None:
    settings.LOCK_RENEWALS_MAX = 1
    two_agendas()
    first, second = held(), held(agenda="annexe")
    renewed()
    Booking.objects.filter(pk=second.pk).update(renewals=0)
    assert [lock.pk for lock in renewed(agenda="toutes", seconds=120)] == [second.pk]
    assert ends(first, second) == [660, 720]


def test_a_listing_renews_those_locks_only_that_are_past_half_their_life() -> None:
    two_agendas()
    old, young, other = held(), held(agenda="annexe", seconds=60), held("bob", TEN)
    listed("alice", seconds=300, agenda="toutes")
    assert ends(old, young, other) == [600, 660, 600]
    listed("alice", seconds=301.9, agenda="toutes", actor=ALICE)
    assert ends(old, young, other) == [901, 660, 600]
    # Who listed is noted, as far as it is known.
    listed("alice", seconds=601, agenda="toutes")
    assert ends(young) == [1201]
    assert list(AuditEvent.objects.filter(code="lock.renewed").order_by("id").values_list("actor_kind", "actor")) == [
        (ALICE.kind, ALICE.name),
        (AuditEvent.ActorKind.SERVICE, ""),
    ]
