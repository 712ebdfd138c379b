"""The page of disagreements with w.c.s.: what it shows, and that it repairs one thing at a time, when one is sure."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.utils.timezone import localtime

from adapter.agendas.errors import SlotUnavailable
from adapter.agendas.models import AuditEvent, Booking, BookingState, Callback, CallbackState
from adapter.agendas.services import (
    Actor,
    BookingDetails,
    BookingRequest,
    FillslotRequest,
    cancel,
    confirm,
    fillslot,
)
from adapter.manager.disagreements import CONSEQUENCES, DETAILS, KINDS, OBSTACLES, REPAIRS, failure_in_words
from adapter.reconciliation.models import Comparison, KeptFinding
from adapter.reconciliation.services import CHANGED, Detail, Kind, Obstacle, Repair, compare, keep
from tasks import nudging
from tasks.recording import recorded
from tests.agendas.builders import ALICE, NOW
from tests.support.wcs_double import DOWN, WcsDouble

PAGE = "/manage/reconciliation/"
FORM = "rendez-vous"
TASK = Actor.task("reconcile")


@pytest.fixture
def wcs(log_in, wcs_form: WcsDouble) -> WcsDouble:
    return wcs_form


def details(wcs: WcsDouble, number: int) -> BookingDetails:
    return BookingDetails(
        label="Ada Lovelace",
        backoffice_url=f"{wcs.url}backoffice/management/{FORM}/{number}/",
        form_url=f"{wcs.url}{FORM}/{number}/",
        cancel_callback_url=f"{wcs.url}api/forms/{FORM}/{number}/hooks/annulation/",
    )


def book(wcs: WcsDouble, number: int, time: str = "0900") -> Booking:
    request = BookingRequest("mairie", (f"passeport:2026-11-24-{time}",), details=details(wcs, number))
    return confirm(request, now=NOW, actor=ALICE).booking


def held_for_its_record(wcs: WcsDouble, number: int, time: str) -> Booking:
    """A hold of a workflow that does not confirm; its record believes to have an appointment."""
    request = BookingRequest("mairie", (f"passeport:2026-11-24-{time}",), f"K{number}", details=details(wcs, number))
    booking = fillslot(FillslotRequest(request), now=NOW, actor=ALICE).booking
    wcs.add_record(FORM, number, data=believes(booking))
    return booking


def believes(booking: Booking) -> dict[str, Any]:
    api = {"booking_url": f"https://agendas.test/api/booking/{booking.pk}/"}
    when = f"{localtime(booking.start):%Y-%m-%d %H:%M:%S}"
    return {"reservation_response": {"booking_id": booking.pk, "datetime": when, "api": api}}


def look() -> None:
    """What the task does at night."""
    keep(compare(now=NOW), now=NOW, actor=TASK)


def shown(client) -> str:
    answer = client.get(PAGE)
    assert answer.status_code == 200
    return words(answer)


def words(answer) -> str:
    """What a page says, as it is read."""
    return unescape(answer.content.decode())


def repairable(page: str) -> list[int]:
    """The findings that have a button to repair them."""
    return [int(number) for number in re.findall(rf'action="{PAGE}(\d+)/repair/"', page)]


def notice(answer) -> str:
    """The kind of the message that a page shows for what was just done."""
    [message] = answer.context["messages"]
    return message.level_tag


def unreadable(page: str) -> str:
    """The list of what could not be read."""
    found = re.search(r'<ul class="unreadable">(.*?)</ul>', page, re.S)
    assert found
    return found[1]


def only() -> KeptFinding:
    return KeptFinding.objects.get()


def press(client, finding: KeptFinding, **data: str):
    return client.post(f"{PAGE}{finding.pk}/repair/", data)


def test_before_the_first_comparison_there_is_nothing_to_show(log_in) -> None:
    page = shown(log_in("admin"))
    assert 'class="infonotice"' in page
    assert 'class="facts"' not in page


def test_what_was_found_is_shown_with_the_proposed_repair_and_nothing_personal(wcs, log_in) -> None:
    gone, held = book(wcs, 1), held_for_its_record(wcs, 2, "0920")
    look()
    page = shown(log_in("admin"))
    for kind, repair in (
        (Kind.RECORD_GONE, Repair.CANCEL_BOOKING),
        (Kind.RECORD_WITHOUT_BOOKING, Repair.RESTORE_BOOKING),
    ):
        assert str(KINDS[kind]) in page and str(REPAIRS[repair]) in page
    assert "mardi 24 novembre 2026, 09:00" in page
    assert f'href="/manage/bookings/{gone.pk}/"' in page and f'href="/manage/bookings/{held.pk}/"' in page
    assert f'href="{wcs.url}backoffice/management/{FORM}/1/"' in page
    assert sorted(repairable(page)) == sorted(KeptFinding.objects.values_list("pk", flat=True))
    assert "Lovelace" not in page
    # It is where administrators look, and nowhere else.
    assert f'href="{PAGE}"' in log_in("admin").get("/manage/locks/").content.decode()
    assert f'href="{PAGE}"' not in log_in("editor").get("/manage/locks/").content.decode()


def test_pressing_apply_asks_first_and_changes_nothing(wcs, log_in) -> None:
    booking = book(wcs, 1)
    look()
    client = log_in("admin")
    asked = press(client, only())
    assert asked.status_code == 200
    assert 'name="sure"' in words(asked)
    booking.refresh_from_db()
    assert (booking.state, only().done, only().tried_by) == (BookingState.BOOKED, None, "")
    answer = press(client, only(), sure="1")
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    booking.refresh_from_db()
    assert booking.state == BookingState.CANCELLED
    event = AuditEvent.objects.get(code="booking.cancelled")
    assert (event.actor_kind, event.actor) == (AuditEvent.ActorKind.AGENT, "admin")
    page = shown(client)
    assert re.search(r'class="outcome">[^<]*\badmin\b', page)
    assert repairable(page) == []


def test_only_the_one_that_was_pressed_is_repaired(wcs, log_in) -> None:
    first, second = book(wcs, 1), book(wcs, 2, "0920")
    look()
    press(log_in("admin"), KeptFinding.objects.get(booking_id=second.pk), sure="1")
    assert list(Booking.objects.filter(state=BookingState.BOOKED)) == [first]


def test_a_request_gets_its_appointment(wcs, log_in) -> None:
    held = held_for_its_record(wcs, 1, "0900")
    look()
    client = log_in("admin")
    assert 'name="sure"' in words(press(client, only()))
    held.refresh_from_db()
    assert held.state == BookingState.HELD
    press(client, only(), sure="1")
    held.refresh_from_db()
    assert held.state == BookingState.BOOKED


def test_the_dry_run_says_that_the_slot_has_gone_meanwhile(wcs, log_in) -> None:
    held = held_for_its_record(wcs, 1, "0900")
    look()
    Booking.objects.filter(pk=held.pk).update(expires_at=NOW)
    for code in ("A", "B"):
        confirm(BookingRequest("mairie", ("passeport:2026-11-24-0900",), code), now=NOW, actor=ALICE)
    client = log_in("admin")
    page = words(press(client, only()))
    assert 'role="alert"' in page and 'name="sure"' not in page
    press(client, only(), sure="1")
    assert (only().done, only().tried_by) == (False, "admin")
    assert only().problem == SlotUnavailable.err_class
    assert failure_in_words(only()) in shown(client)


def test_w_c_s_is_told_again(wcs, log_in) -> None:
    booking = book(wcs, 1)
    wcs.add_record(FORM, 1, data=believes(booking))
    cancel(booking.pk, now=NOW, actor=Actor.agent("booker"), call_back=True)
    Callback.objects.update(state=CallbackState.FAILED)
    look()
    client = log_in("admin")
    press(client, only())
    assert Callback.objects.get().state == CallbackState.FAILED
    press(client, only(), sure="1")
    assert Callback.objects.get().state == CallbackState.PENDING


@pytest.mark.parametrize("sure", [{}, {"sure": "1"}])
def test_what_has_changed_meanwhile_is_left_alone(wcs, log_in, sure) -> None:
    booking = book(wcs, 1)
    look()
    wcs.add_record(FORM, 1)
    answer = log_in("admin").post(f"{PAGE}{only().pk}/repair/", sure, follow=True)
    assert 'name="sure"' not in words(answer)
    assert ('role="alert"' in words(answer)) is (not sure)
    assert (only().problem == CHANGED) is bool(sure)
    booking.refresh_from_db()
    assert booking.state == BookingState.BOOKED


def test_w_c_s_that_is_down_leads_to_an_error_and_to_no_repair(wcs, log_in) -> None:
    booking = book(wcs, 1)
    look()
    wcs.answers = [DOWN]
    answer = log_in("admin").post(f"{PAGE}{only().pk}/repair/", {"sure": "1"}, follow=True)
    assert notice(answer) == "error"
    booking.refresh_from_db()
    assert booking.state == BookingState.BOOKED


def test_what_is_for_people_has_no_button_and_cannot_be_pressed(wcs, log_in) -> None:
    booking = book(wcs, 1)
    wcs.add_record(FORM, 1, data=believes(booking))
    Booking.objects.all().delete()
    look()
    client = log_in("admin")
    assert repairable(shown(client)) == []
    answer = client.post(f"{PAGE}{only().pk}/repair/", {"sure": "1"}, follow=True)
    assert notice(answer) == "info"
    assert only().done is None


def test_a_repair_that_is_done_stays_done_whoever_presses_again(wcs, log_in) -> None:
    book(wcs, 1)
    look()
    client = log_in("admin")
    press(client, only(), sure="1")
    # Its first message is still there to be read.
    again = client.post(f"{PAGE}{only().pk}/repair/", {"sure": "1"}, follow=True)
    assert {message.level_tag for message in again.context["messages"]} == {"success"}
    assert only().done is True
    assert AuditEvent.objects.filter(code="booking.cancelled").count() == 1


def test_a_newer_comparison_takes_the_place_of_the_last_one(wcs, log_in) -> None:
    booking = book(wcs, 1)
    look()
    old = only()
    look()
    assert Comparison.objects.count() == KeptFinding.objects.count() == 1
    answer = log_in("admin").post(f"{PAGE}{old.pk}/repair/", {"sure": "1"}, follow=True)
    assert notice(answer) == "info"
    booking.refresh_from_db()
    assert booking.state == BookingState.BOOKED


def test_what_could_not_be_read_is_said(wcs, log_in) -> None:
    book(wcs, 1)
    wcs.answers = [DOWN] * 9
    look()
    page = shown(log_in("admin"))
    assert 'class="infonotice"' not in page
    assert FORM in unreadable(page)
    Booking.objects.update(record="https://elsewhere.test/1/")
    look()
    number = Booking.objects.get().pk
    listed = unreadable(shown(log_in("admin")))
    assert f" {number}" in listed and str(OBSTACLES[Obstacle.NO_SERVICE]) in listed


def test_when_all_agrees_or_the_task_fails_the_page_says_so(wcs, log_in) -> None:
    wcs.add_record(FORM, 1, data=believes(book(wcs, 1)))
    look()
    client = log_in("admin")
    page = shown(client)
    assert 'class="infonotice"' in page and "warningnotice" not in page
    with pytest.raises(RuntimeError), recorded("reconcile"):
        raise RuntimeError
    page = shown(client)
    assert "RuntimeError" in page and "warningnotice" in page


def test_a_comparison_can_be_asked_for(log_in, monkeypatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(nudging, "publish", lambda task, arguments, *, expires: asked.append(task.name))
    client = log_in("admin")
    assert notice(client.post(f"{PAGE}compare/", follow=True)) == "success"
    assert asked == ["tasks.jobs.reconcile"]

    def down(*_: object, **__: object) -> None:
        raise OSError

    monkeypatch.setattr(nudging, "publish", down)
    answer = client.post(f"{PAGE}compare/", follow=True)
    assert notice(answer) == "error"
    assert "manage.py reconcile" in words(answer)


def test_many_findings_come_a_page_at_a_time(wcs, log_in, django_assert_max_num_queries) -> None:
    book(wcs, 1)
    look()
    row = only()
    values = {name: getattr(row, name) for name in ("comparison", "kind", "repair", "booking_id", "detail", "start")}
    KeptFinding.objects.bulk_create(KeptFinding(**values) for _ in range(70))
    client = log_in("admin")
    with django_assert_max_num_queries(15):
        page = shown(client)
    assert len(repairable(page)) == 50
    assert re.search(r'href="\?page=2"', page)


def test_everything_that_can_be_found_has_words() -> None:
    assert set(KINDS) == set(Kind)
    assert set(DETAILS) == set(Detail)
    assert set(OBSTACLES) >= set(Obstacle)
    assert set(REPAIRS) == set(Repair) == {*CONSEQUENCES, Repair.BY_HAND}
