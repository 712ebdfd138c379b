"""Taking over a lock, and knowing the desk before it is held."""

from __future__ import annotations

import datetime

import pytest

from adapter.agendas.errors import LockUnknown, SlotUnavailable
from adapter.agendas.models import AuditEvent, Booking, BookingState, Desk
from adapter.agendas.services import (
    Actor,
    BookingRequest,
    HoldRequest,
    confirm,
    desk_that_would_take,
    hold,
    renew,
    take_over,
)
from tests.agendas.builders import ALICE, NOW, close, make_agenda, make_virtual

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
SLOT = "passeport:2026-11-24-0900"
AGENT = Actor.agent("agnes")
MINUTE = datetime.timedelta(minutes=1)


def held(code: str = "K", **values: str) -> Booking:
    return hold(HoldRequest("mairie", (SLOT,), code, **values), now=NOW, actor=ALICE).lock


def taken(lock: Booking, now: datetime.datetime = NOW + MINUTE) -> Booking:
    return take_over(lock.pk, "fresh", holder="agnes", form_slug="rendez-vous", now=now, actor=AGENT)


def test_the_slot_stays_on_its_desk_under_the_new_code() -> None:
    make_agenda(desks=1)
    old = held()
    renew("mairie", "K", now=NOW, actor=ALICE)
    new = taken(old)
    old.refresh_from_db()
    assert (old.state, old.ended_because) == (BookingState.RELEASED, "taken over")
    assert (new.desk_id, new.start, new.end, new.meeting_type_id) == (
        old.desk_id,
        old.start,
        old.end,
        old.meeting_type_id,
    )
    assert (new.state, new.holder, new.form_slug, new.renewals) == (BookingState.HELD, "agnes", "rendez-vous", 0)
    assert new.expires_at == NOW + MINUTE + datetime.timedelta(seconds=old.lock_duration or 0)


def test_it_is_in_the_audit_log_of_both() -> None:
    make_agenda()
    old = held()
    new = taken(old)
    [event] = AuditEvent.objects.filter(code="lock.taken_over")
    assert (event.booking_id, event.actor, event.data) == (old.pk, "agnes", {"by": new.pk})
    assert AuditEvent.objects.get(booking_id=new.pk).data == {"from": old.pk}


def test_the_first_holder_has_lost_it_and_the_new_code_books_it() -> None:
    make_agenda(desks=1)
    taken(held())
    with pytest.raises(SlotUnavailable) as refusal:
        confirm(BookingRequest("mairie", (SLOT,), lock_code="K"), now=NOW + MINUTE, actor=ALICE)
    assert refusal.value.lost
    assert confirm(BookingRequest("mairie", (SLOT,), lock_code="fresh"), now=NOW + MINUTE, actor=ALICE).booking


def test_the_desk_has_another_version_so_that_calendars_refetch() -> None:
    make_agenda(desks=1)
    old = held()
    before = Desk.objects.get().version
    taken(old)
    assert Desk.objects.get().version > before


@pytest.mark.parametrize("end", ["lapsed", "confirmed", "released"])
def test_what_is_held_no_more_cannot_be_taken_over(end) -> None:
    make_agenda()
    lock = held()
    now = NOW + MINUTE
    if end == "lapsed":
        now = NOW + datetime.timedelta(hours=1)
    elif end == "confirmed":
        confirm(BookingRequest("mairie", (SLOT,), lock_code="K"), now=NOW, actor=ALICE)
    else:
        Booking.objects.update(state=BookingState.RELEASED)
    with pytest.raises(LockUnknown):
        taken(lock, now)
    assert Booking.objects.count() == 1


@pytest.mark.parametrize("prefer", ["", "guichet-2", "mairie:guichet-2", "annexe:guichet-2", "nonsense"])
def test_the_desk_that_is_told_is_the_one_that_a_hold_takes(prefer) -> None:
    agenda = make_agenda(desks=2)
    confirm(BookingRequest("mairie", ("passeport:2026-11-24-1000",)), now=NOW, actor=ALICE)
    preview = desk_that_would_take("mairie", SLOT, prefer=prefer, now=NOW)
    assert preview is not None
    assert preview.desk.id == held(desk=prefer).desk_id
    assert preview.agenda.slug == agenda.slug


def test_no_desk_is_told_for_what_would_be_refused() -> None:
    make_agenda(desks=1)
    held()
    assert desk_that_would_take("mairie", SLOT, now=NOW) is None
    assert desk_that_would_take("mairie", "nonsense", now=NOW) is None


def test_desks_of_several_agendas_are_told_apart_by_their_agenda() -> None:
    mairie, annexe = make_agenda(desks=1), make_agenda("annexe", desks=1)
    make_virtual("toutes", mairie, annexe)
    close(annexe, NOW, NOW + MINUTE)
    preview = desk_that_would_take("toutes", SLOT, prefer="mairie:guichet-1", now=NOW)
    assert preview is not None
    assert preview.key == "mairie:guichet-1"
    request = HoldRequest("toutes", (SLOT,), "K", desk="mairie:guichet-1")
    assert hold(request, now=NOW, actor=ALICE).lock.agenda == mairie
