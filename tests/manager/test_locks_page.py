"""The page of locks: what is held, what became of the others, releasing, and the task."""

from __future__ import annotations

import datetime
import html
import re

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from adapter.agendas.models import AuditEvent, Booking, BookingState, Outcome
from adapter.agendas.services import BookingDetails, BookingRequest, HoldRequest, cancel, cancel_by_agent, confirm, hold
from adapter.manager.history import reason_in_words
from adapter.manager.views import locks as views
from adapter.manager.words import lock_outcome
from tasks.recording import recorded
from tests.agendas.builders import ALICE, NOW

pytestmark = pytest.mark.both_databases

LOCKS = "/manage/locks/"
LATER = NOW + datetime.timedelta(hours=1)


def lock(start: str, code: str = "K", agenda: str = "mairie", **values: object) -> Booking:
    request = HoldRequest(agenda, (f"passeport:2026-11-24-{start}",), code, **values)  # type: ignore[arg-type]
    return hold(request, now=NOW, actor=ALICE).lock


def listed(client, **query: object) -> list[int]:
    content = client.get(LOCKS, query).content.decode()
    return [int(number) for number in re.findall(r'href="/manage/bookings/(\d+)/"', content)]


def test_live_locks_come_first_and_each_state_can_be_looked_at(log_in, monkeypatch) -> None:
    lapsing = lock("0900", "A", duration=300)
    released = lock("0920", "B")
    cancel(released.pk, now=NOW, actor=ALICE)
    confirmed = lock("0940", "C")
    confirm(BookingRequest("mairie", ("passeport:2026-11-24-0940",), lock_code="C"), now=NOW, actor=ALICE)
    long = lock("1000", "D", duration=1200)
    never_locked = confirm(BookingRequest("mairie", ("passeport:2026-11-24-1020",)), now=NOW, actor=ALICE).booking
    client = log_in("viewer")
    assert listed(client) == [lapsing.pk, long.pk]
    monkeypatch.setattr(views, "now", lambda: NOW + datetime.timedelta(minutes=10))
    assert listed(client) == [long.pk]
    assert listed(client, state="lapsed") == [lapsing.pk]
    assert listed(client, state="released") == [released.pk]
    assert listed(client, state="confirmed") == [confirmed.pk]
    assert listed(client, state="all") == [long.pk, confirmed.pk, released.pk, lapsing.pk]
    assert never_locked.pk not in listed(client, state="all")
    content = client.get(LOCKS, {"state": "lapsed"}).content.decode()
    assert 'type="checkbox" name="lock"' not in content


def test_locks_can_be_looked_for_by_agenda_holder_and_code(log_in) -> None:
    one = lock("0900", "SECRET-1", holder="agent")
    other = lock("0900", "SECRET-2", agenda="cachee", holder="demarches.example")
    admin, viewer = log_in("admin"), log_in("viewer")
    assert listed(admin) == [one.pk, other.pk]
    assert listed(admin, agenda="cachee") == [other.pk]
    assert listed(admin, holder="agent") == [one.pk]
    assert listed(admin, code="SECRET-2") == [other.pk]
    assert "SECRET-1" in admin.get(LOCKS).content.decode()
    # The code is the secret of a session: other agents neither see it nor can try codes.
    assert listed(viewer) == [one.pk]
    assert listed(viewer, code="SECRET-2") == [one.pk]
    assert "SECRET-1" not in viewer.get(LOCKS).content.decode()
    answer = viewer.get(LOCKS, {"agenda": "cachee"})
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == ["agenda"]
    assert "infonotice" not in answer.content.decode()


def test_agents_are_called_by_their_names_and_found_by_their_user_names(log_in) -> None:
    client = log_in("booker")
    get_user_model().objects.filter(username="booker").update(first_name="Agnès", last_name="Guichet")
    held = lock("0900", "A", holder="booker", form_slug="rdv")
    lock("0920", "B", holder="demarches.example")
    content = client.get(LOCKS).content.decode()
    assert "Agnès Guichet (booker)" in content
    assert "<td>demarches.example" in content
    assert listed(client, holder="booker") == [held.pk]
    assert "Agnès Guichet (booker)" in client.get(f"/manage/bookings/{held.pk}/").content.decode()
    asked = client.post(f"{LOCKS}release/", {"lock": [held.pk]}).content.decode()
    assert "Agnès Guichet (booker)" in asked


def test_why_an_appointment_was_cancelled_is_not_why_its_lock_ended(log_in) -> None:
    held = lock("0900", "A")
    confirm(BookingRequest("mairie", ("passeport:2026-11-24-0900",), lock_code="A"), now=NOW, actor=ALICE)
    cancel_by_agent(held.pk, now=NOW, actor=ALICE)
    content = html.unescape(log_in("viewer").get(LOCKS, {"state": "all"}).content.decode())
    assert lock_outcome(Outcome.CONFIRMED) in content
    assert reason_in_words("cancelled by an agent") not in content


def test_the_page_of_a_lock_stands_below_the_locks(log_in) -> None:
    held = lock("0900", "A")
    content = log_in("viewer").get(f"/manage/bookings/{held.pk}/").content.decode()
    assert re.findall(r'<a href="([^"]+)" aria-current="true"', content) == [LOCKS]


def test_nothing_personal_stands_on_the_page(log_in) -> None:
    lock("0900")
    details = BookingDetails(label="Dossier", user_last_name="Lovelace", user_email="ada@example.org")
    confirm(
        BookingRequest("mairie", ("passeport:2026-11-24-0900",), lock_code="K", details=details), now=NOW, actor=ALICE
    )
    content = log_in("admin").get(LOCKS, {"state": "all"}).content.decode()
    assert not [text for text in ("Dossier", "Lovelace", "ada@") if text in content]


def test_releasing_asks_first_and_says_how_many(log_in) -> None:
    first, second, kept = lock("0900", "A"), lock("0920", "B"), lock("0940", "C")
    client = log_in("booker")
    chosen = {"lock": [first.pk, second.pk], "back": f"{LOCKS}?state=all"}
    asked = client.post(f"{LOCKS}release/", chosen)
    assert asked.status_code == 200
    assert f'value="{second.pk}"' in asked.content.decode()
    assert Booking.objects.live_locks(NOW).count() == 3
    answer = client.post(f"{LOCKS}release/", {**chosen, "sure": "1"}, follow=True)
    assert answer.redirect_chain[0][0] == f"{LOCKS}?state=all"
    [message] = answer.context["messages"]
    assert str(message).startswith("2 ")
    assert list(Booking.objects.live_locks(NOW)) == [kept]
    events = AuditEvent.objects.filter(code="lock.released")
    assert {(event.actor, event.booking_id) for event in events} == {("booker", first.pk), ("booker", second.pk)}


def test_locks_of_others_cannot_be_released_in_between(log_in) -> None:
    own, hidden = lock("0900", "A"), lock("0900", "B", agenda="cachee")
    client = log_in("booker")
    client.post(f"{LOCKS}release/", {"lock": [own.pk, hidden.pk], "sure": "1"})
    assert list(Booking.objects.live_locks(NOW)) == [hidden]
    assert log_in("viewer").post(f"{LOCKS}release/", {"lock": [hidden.pk], "sure": "1"}).status_code == 403


def test_a_booking_is_never_released_as_a_lock(log_in) -> None:
    booking = confirm(BookingRequest("mairie", ("passeport:2026-11-24-0900",)), now=NOW, actor=ALICE).booking
    for values in ([booking.pk], ["x"], ["9" * 30], []):
        answer = log_in("admin").post(f"{LOCKS}release/", {"lock": values, "sure": "1"})
        assert answer.status_code == 302
    assert Booking.objects.get().state == BookingState.BOOKED


def test_an_agent_sees_only_boxes_of_locks_that_may_be_released(log_in) -> None:
    lock("0900")
    assert 'name="lock"' not in log_in("viewer").get(LOCKS).content.decode()
    assert 'name="lock"' in log_in("booker").get(LOCKS).content.decode()


def test_half_adapted_forms_are_counted(log_in) -> None:
    def counted(client) -> list[int]:
        page = client.get(LOCKS).content.decode()
        return [int(number) for number in re.findall(r'class="warningnotice" role="status"><p>(\d+)', page)]

    lock("0900", "A", half_adapted=True)
    lock("0920", "B", half_adapted=True)
    lock("0900", "C", agenda="cachee", half_adapted=True)
    viewer = log_in("viewer")
    assert counted(viewer) == [2]
    assert len(listed(viewer, state="half-adapted")) == 2
    assert counted(log_in("admin")) == [3]
    confirm(BookingRequest("mairie", ("passeport:2026-11-24-0900",), lock_code="A"), now=NOW, actor=ALICE)
    assert counted(viewer) == [1]
    assert len(listed(viewer, state="half-adapted")) == 1


def test_lapsed_locks_are_marked_at_once_by_an_admin(log_in, monkeypatch) -> None:
    lock("0900", "A")
    monkeypatch.setattr(views, "now", lambda: LATER)
    client = log_in("admin")
    assert f"{LOCKS}expire/" in client.get(LOCKS).content.decode()
    answer = client.post(f"{LOCKS}expire/", follow=True)
    [message] = answer.context["messages"]
    assert str(message).startswith("1 ")
    assert f"{LOCKS}expire/" not in answer.content.decode()
    assert Booking.objects.get().state == BookingState.EXPIRED
    assert AuditEvent.objects.get(code="lock.expired").actor == "admin"


def test_only_an_admin_may_mark_lapsed_locks(log_in, monkeypatch) -> None:
    lock("0900", "A")
    monkeypatch.setattr(views, "now", lambda: LATER)
    client = log_in("viewer")
    assert f"{LOCKS}expire/" not in client.get(LOCKS).content.decode()
    assert client.post(f"{LOCKS}expire/").status_code == 403
    assert Booking.objects.get().state == BookingState.HELD


def test_what_the_last_run_of_the_task_did_is_shown(log_in) -> None:
    client = log_in("viewer")
    before = client.get(LOCKS).content.decode()
    assert "warningnotice" in before and 'class="facts"' not in before
    with recorded("release_expired_locks") as handled:
        handled(17)
    after = client.get(LOCKS).content.decode()
    assert "warningnotice" not in after
    assert "17" in after[after.index('class="facts"') :]


def test_the_queries_do_not_grow_with_the_locks(log_in) -> None:
    client = log_in("booker")
    lock("0900", "A")
    client.get(LOCKS)
    with CaptureQueriesContext(connection) as few:
        client.get(LOCKS)
    for number, start in enumerate(("0920", "0940", "1000", "1020", "1040", "1100")):
        lock(start, f"B{number}")
    with CaptureQueriesContext(connection) as many:
        assert len(listed(client)) == 7
    assert len(few) == len(many) <= 13
