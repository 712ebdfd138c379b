"""Bookings and records that do not agree: what is found, what is proposed, and what is never done."""

from __future__ import annotations

import datetime
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils.timezone import localtime

from adapter.agendas.models import AuditEvent, Booking, BookingState, Callback, CallbackState
from adapter.agendas.services import (
    Actor,
    BookingDetails,
    BookingRequest,
    FillslotRequest,
    HoldRequest,
    cancel,
    confirm,
    fillslot,
    hold,
    release_locks,
    remember_draft,
)
from adapter.clock import now
from adapter.reconciliation.models import KeptFinding
from adapter.reconciliation.services import (
    CHANGED,
    Detail,
    Finding,
    Kind,
    Repair,
    Report,
    TooMany,
    compare,
    last_comparison,
    repair,
)
from adapter.wcs import records as wcs_records
from tasks import jobs
from tests.agendas.builders import ALICE, make_agenda, make_virtual
from tests.support.signed import known_services
from tests.support.wcs_double import DOWN, FakeForm, WcsDouble, refused

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
ADMIN = Actor.command("reconcile")
AGENT = Actor.agent("agent")
HOUR = datetime.timedelta(hours=1)
FORM = "rendez-vous"


@pytest.fixture
def wcs(settings) -> Iterator[WcsDouble]:
    settings.BASE_URL = "https://agendas.test/"
    with WcsDouble(FakeForm(FORM)) as double:
        settings.KNOWN_SERVICES = known_services(double.url)
        yield double


@pytest.fixture(autouse=True)
def _mairie(db) -> None:
    make_agenda(form_slug=FORM, weekdays=range(7))


def slot(time: str = "0900") -> str:
    return f"passeport:{now().date() + datetime.timedelta(days=8)}-{time}"


def addresses(wcs: WcsDouble, number: int) -> dict[str, str]:
    return {
        "backoffice_url": f"{wcs.url}backoffice/management/{FORM}/{number}/",
        "form_url": f"{wcs.url}{FORM}/{number}/",
        "cancel_callback_url": f"{wcs.url}api/forms/{FORM}/{number}/hooks/annulation-agenda/",
    }


def book(wcs: WcsDouble, number: int, time: str = "0900") -> Booking:
    details = BookingDetails(**addresses(wcs, number))
    return confirm(BookingRequest("mairie", (slot(time),), details=details), now=now(), actor=ALICE).booking


def believes(booking: Booking, **more: Any) -> dict[str, Any]:
    """The workflow data of a record whose booking call was answered."""
    api = {"booking_url": f"https://agendas.test/api/booking/{booking.pk}/"}
    when = f"{localtime(booking.start):%Y-%m-%d %H:%M:%S}"
    answer = {"booking_id": booking.pk, "datetime": when, "api": api, **more}
    return {"reservation_status": 200, "reservation_response": answer}


def half_adapted(wcs: WcsDouble, number: int, at: datetime.datetime, time: str = "0900") -> Booking:
    """A hold by a workflow that does not know how to confirm."""
    booking = BookingRequest("mairie", (slot(time),), "K", details=BookingDetails(**addresses(wcs, number)))
    return fillslot(FillslotRequest(booking), now=at, actor=ALICE).booking


def one(report: Report) -> Finding:
    [finding] = report.findings
    assert report.unreadable == []
    return finding


def apply(report: Report, **options: int) -> Report:
    return repair(report, now=now(), actor=ADMIN, **options)


def test_when_both_sides_agree_nothing_is_found(wcs) -> None:
    wcs.add_record(FORM, 1, data=believes(book(wcs, 1)))
    report = compare(now=now())
    assert (report.findings, report.unreadable) == ([], [])
    assert (report.bookings, report.records) == (1, 1)


def test_a_booking_whose_record_is_gone_is_cancelled_and_nobody_is_called(wcs) -> None:
    booking = book(wcs, 1)
    finding = one(compare(now=now()))
    assert (finding.kind, finding.repair) == (Kind.RECORD_GONE, Repair.CANCEL_BOOKING)
    assert (finding.booking_id, finding.agenda) == (booking.pk, "mairie")
    assert Booking.objects.get().state == BookingState.BOOKED
    assert apply(compare(now=now())).left == []
    booking.refresh_from_db()
    assert (booking.state, booking.ended_because) == (BookingState.CANCELLED, "record gone")
    assert not Callback.objects.exists()
    assert AuditEvent.objects.get(code="booking.cancelled").actor == "reconcile"
    assert compare(now=now()).findings == []


@pytest.mark.parametrize("status", ["Rendez-vous annulé", "ANNULÉE par l'usager", "Cancelled"])
def test_a_booking_whose_record_is_cancelled_is_cancelled(wcs, status) -> None:
    booking = book(wcs, 1)
    wcs.add_record(FORM, 1, status, data=believes(booking))
    finding = one(compare(now=now()))
    assert (finding.kind, finding.repair) == (Kind.RECORD_CANCELLED, Repair.CANCEL_BOOKING)
    apply(compare(now=now()))
    assert Booking.objects.get().state == BookingState.CANCELLED


def test_words_of_cancelled_statuses_can_be_changed(wcs, settings) -> None:
    book(wcs, 1)
    wcs.add_record(FORM, 1, "Classé sans suite")
    assert compare(now=now()).findings == []
    settings.CANCELLED_STATUS_WORDS = ["sans", "Classé"]
    assert one(compare(now=now())).kind is Kind.RECORD_CANCELLED


def test_a_record_that_only_held_its_slot_gets_its_booking_with_the_same_number(wcs) -> None:
    lock = half_adapted(wcs, 1, now() - HOUR)
    other = book(wcs, 2, "0920")
    wcs.add_record(FORM, 1, data=believes(lock, outcome="held"))
    wcs.add_record(FORM, 2, data=believes(other))
    finding = one(compare(now=now()))
    assert (finding.kind, finding.repair) == (Kind.RECORD_WITHOUT_BOOKING, Repair.RESTORE_BOOKING)
    assert apply(compare(now=now())).left == []
    lock.refresh_from_db()
    assert (lock.state, lock.backoffice_url) == (BookingState.BOOKED, addresses(wcs, 1)["backoffice_url"])
    assert lock.confirmed_at is not None and lock.ended_at is None
    # As the other bookings of this form are cancelled.
    assert lock.cancel_callback_url == addresses(wcs, 1)["cancel_callback_url"]
    assert AuditEvent.objects.filter(code="booking.restored", booking_id=lock.pk).exists()
    assert compare(now=now()).findings == []


def test_a_lock_that_still_lives_is_confirmed(wcs) -> None:
    lock = half_adapted(wcs, 1, now())
    wcs.add_record(FORM, 1, data=believes(lock))
    apply(compare(now=now()))
    assert Booking.objects.get(pk=lock.pk).state == BookingState.BOOKED


def test_a_slot_that_somebody_else_has_now_is_left_to_people(wcs) -> None:
    lock = half_adapted(wcs, 1, now() - HOUR)
    for code in ("A", "B"):
        confirm(BookingRequest("mairie", (slot(),), code), now=now(), actor=ALICE)
    wcs.add_record(FORM, 1, data=believes(lock))
    finding = one(compare(now=now()))
    assert (finding.repair, "taken" in finding.detail) == (Repair.BY_HAND, True)
    assert apply(compare(now=now())).left[0].done is None


def test_somebody_who_takes_the_slot_between_the_look_and_the_repair_keeps_it(wcs) -> None:
    lock = half_adapted(wcs, 1, now() - HOUR)
    wcs.add_record(FORM, 1, data=believes(lock))
    report = compare(now=now())
    for code in ("A", "B"):
        confirm(BookingRequest("mairie", (slot(),), code), now=now(), actor=ALICE)
    [left] = apply(report).left
    assert (left.done, left.problem) == (False, "no more desk available")
    assert Booking.objects.get(pk=lock.pk).state != BookingState.BOOKED


def test_a_cancellation_that_wcs_never_heard_of_is_told_again(wcs) -> None:
    booking = book(wcs, 1)
    wcs.add_record(FORM, 1, data=believes(booking))
    cancel(booking.pk, now=now(), actor=AGENT, call_back=True)
    # It is on its way: nothing to repair.
    assert compare(now=now()).findings == []
    Callback.objects.update(state=CallbackState.FAILED)
    finding = one(compare(now=now()))
    assert (finding.kind, finding.repair) == (Kind.RECORD_WITHOUT_BOOKING, Repair.RESEND_CALLBACK)
    apply(compare(now=now()))
    assert Callback.objects.get().state == CallbackState.PENDING


def test_what_wcs_cancelled_or_moved_itself_is_no_disagreement(wcs) -> None:
    booking = book(wcs, 1)
    cancel(booking.pk, now=now(), actor=ALICE)
    first = book(wcs, 2, "0920")
    request = BookingRequest("mairie", (slot("0940"),), cancel_booking_id=first.pk)
    moved = confirm(request, now=now(), actor=ALICE).booking
    wcs.add_record(FORM, 1, "Terminé", data=believes(booking))
    data = {**believes(first), "deplacement_response": believes(moved)["reservation_response"]}
    wcs.add_record(FORM, 2, data=data)
    assert compare(now=now()).findings == []


def test_a_cancellation_here_without_an_address_to_tell_is_shown(wcs) -> None:
    booking = confirm(BookingRequest("mairie", (slot(),)), now=now(), actor=ALICE).booking
    cancel(booking.pk, now=now(), actor=AGENT, call_back=True)
    wcs.add_record(FORM, 1, data=believes(booking))
    assert one(compare(now=now())).repair is Repair.BY_HAND


@pytest.mark.parametrize("cancelled_by", ["agent", "database"])
def test_a_cancellation_that_wcs_was_never_told_of_is_told(wcs, cancelled_by) -> None:
    booking = book(wcs, 1)
    if cancelled_by == "agent":
        cancel(booking.pk, now=now(), actor=AGENT)
    else:
        Booking.objects.update(state=BookingState.CANCELLED)
    wcs.add_record(FORM, 1, data=believes(booking))
    finding = one(compare(now=now()))
    assert (finding.repair, finding.detail) == (Repair.RESEND_CALLBACK, Detail.NEVER_TOLD)
    assert repair(compare(now=now()), now=now(), actor=ADMIN, dry_run=True).left == []
    assert not Callback.objects.exists()
    assert apply(compare(now=now())).left == []
    assert Callback.objects.get().url == booking.cancel_callback_url
    # It is on its way.
    assert compare(now=now()).findings == []


def move(booking: Booking, time: str) -> Booking:
    details = BookingDetails(backoffice_url=booking.backoffice_url)
    request = BookingRequest("mairie", (slot(time),), details=details, cancel_booking_id=booking.pk)
    return confirm(request, now=now(), actor=ALICE).booking


def test_a_record_that_keeps_the_number_of_a_moved_booking_is_shown(wcs) -> None:
    first = book(wcs, 1)
    last = move(move(first, "0920"), "0940")
    record = wcs.add_record(FORM, 1, data=believes(first))
    finding = one(compare(now=now()))
    assert (finding.booking_id, finding.repair, finding.detail) == (first.pk, Repair.BY_HAND, Detail.MOVED)
    record["workflow"]["data"]["deplacement_response"] = believes(last)["reservation_response"]
    assert compare(now=now()).findings == []


def test_records_are_read_without_an_account(wcs) -> None:
    """A single record is shown to accounts only: the list, which a signature may read, is asked for it."""
    booking = book(wcs, 1)
    report = compare(now=now())
    assert [finding.kind for finding in report.findings] == [Kind.RECORD_GONE]
    wcs.add_record(FORM, 1, data=believes(booking))
    [left] = apply(report).left
    assert left.problem == CHANGED


def test_a_list_that_cannot_be_asked_for_one_record_proves_nothing(wcs, monkeypatch) -> None:
    book(wcs, 1)
    wcs.add_record(FORM, 2)
    usual = wcs._usual

    def without_filter(call: Any) -> Any:
        return usual(replace(call, query=call.query.replace("filter-internal-id", "other")))

    monkeypatch.setattr(wcs, "_usual", without_filter)
    report = compare(now=now())
    assert (report.findings, report.unread) == ([], 1)


def test_an_account_that_wcs_does_not_know_proves_nothing(wcs, settings) -> None:
    book(wcs, 1)
    settings.RECONCILE_AS = "nobody@example.org"
    monkeys = wcs._usual
    wcs._usual = lambda call: refused("Unknown email.") if "email" in call.query else monkeys(call)
    report = compare(now=now())
    assert (report.findings, report.unread) == ([], 2)


def test_a_booking_that_never_was_is_shown(wcs) -> None:
    data = believes(book(wcs, 1))
    Booking.objects.all().delete()
    wcs.add_record(FORM, 1, data=data)
    finding = one(compare(now=now()))
    assert (finding.kind, finding.repair) == (Kind.RECORD_WITHOUT_BOOKING, Repair.BY_HAND)


def test_answers_of_another_agenda_server_are_not_ours(wcs) -> None:
    booking = book(wcs, 1)
    data = believes(booking)
    data["reservation_response"]["api"]["booking_url"] = "https://elsewhere.test/api/booking/1/"
    wcs.add_record(FORM, 1, data=data)
    cancel(booking.pk, now=now(), actor=AGENT, call_back=True)
    Callback.objects.update(state=CallbackState.FAILED)
    assert compare(now=now()).findings == []


def test_a_draft_whose_lock_has_ended_is_told_and_no_disagreement(wcs) -> None:
    lock = hold(HoldRequest("mairie", (slot(),), "K", form_slug=FORM), now=now(), actor=AGENT).lock
    remember_draft(lock.pk, f"{wcs.url}api/forms/{FORM}/7/", f"{wcs.url}backoffice/submission/{FORM}/7/")
    assert compare(now=now()).drafts == 0
    release_locks([lock.pk], now=now(), actor=AGENT, because="given up")
    report = compare(now=now())
    assert (report.drafts, report.findings, report.unreadable) == (1, [], [])
    code, text = run()
    assert (code, "1 draft not looked at" in text) == (0, True)


@pytest.mark.parametrize("how", ["down", "signature", "error", "maintenance", "html404", "no-role"])
def test_what_cannot_be_read_is_never_repaired(wcs, monkeypatch, how) -> None:
    book(wcs, 1)
    html = (404, "<h1>Not found</h1>")
    known: dict[str, Any] = {"down": DOWN, "html404": html}
    from tests.support.wcs_double import FAILURES

    monkeypatch.setattr(wcs, "_usual", lambda call: known.get(how) or FAILURES[how])
    if how == "down":
        wcs.answers = [DOWN] * 20
    report = compare(now=now())
    assert report.findings == []
    assert report.unreadable
    apply(report)
    assert Booking.objects.get().state == BookingState.BOOKED


def test_a_wcs_that_was_set_up_anew_does_not_cancel_everything(wcs) -> None:
    book(wcs, 1)
    wcs.forms.clear()
    report = compare(now=now())
    assert report.findings == []
    assert {item.reason for item in report.unreadable} >= {"w.c.s. does not know the form either"}


def test_more_cancellations_than_agreed_change_nothing(wcs) -> None:
    for number, time in enumerate(("0900", "0920", "0940"), 1):
        book(wcs, number, time)
    with pytest.raises(TooMany) as refusal:
        apply(compare(now=now()), most_cancellations=2)
    assert refusal.value.number == 3
    assert Booking.objects.filter(state=BookingState.BOOKED).count() == 3
    assert apply(compare(now=now()), most_cancellations=3).left == []


def test_a_record_that_is_back_at_the_moment_of_repair_keeps_its_booking(wcs) -> None:
    book(wcs, 1)
    report = compare(now=now())
    wcs.add_record(FORM, 1)
    [left] = apply(report).left
    assert left.problem == "it has changed meanwhile"
    wcs.records.clear()
    report = compare(now=now())
    wcs.answers = [DOWN]
    assert apply(report).left[0].done is False
    assert Booking.objects.get().state == BookingState.BOOKED


def test_lists_are_read_page_after_page(wcs, monkeypatch) -> None:
    monkeypatch.setattr(wcs_records, "PAGE", 2)
    for number, time in enumerate(("0900", "0920", "0940", "1000", "1020"), 1):
        wcs.add_record(FORM, number, data=believes(book(wcs, number, time)))
    assert compare(now=now()).records == 5
    assert all(call.path.endswith("/list") for call in wcs.calls)
    assert len(wcs.calls) == 3


def test_wcs_is_left_alone_after_some_failures_in_a_row(wcs, monkeypatch) -> None:
    for number, time in enumerate(("0900", "0920", "0940", "1000", "1020", "1040"), 1):
        book(wcs, number, time)
    monkeypatch.setattr(wcs, "_usual", lambda call: (500, "<h1>Error</h1>"))
    report = compare(now=now())
    assert len(report.unreadable) == 2
    assert (report.unreadable[1].others, report.unread) == (5, 7)
    assert len(wcs.calls) == 4


def test_only_one_agenda_or_those_of_a_virtual_one_are_looked_at(wcs) -> None:
    annexe = make_agenda("annexe", desks=1, weekdays=range(7), form_slug=FORM)
    make_virtual("toutes", annexe)
    book(wcs, 1)
    details = BookingDetails(**addresses(wcs, 2))
    confirm(BookingRequest("annexe", (slot(),), details=details), now=now(), actor=ALICE)
    assert len(compare(now=now()).findings) == 2
    for name in ("annexe", "toutes"):
        assert one(compare(now=now(), agenda=name)).agenda == "annexe"


def test_records_are_read_in_the_name_that_the_setting_says(wcs, settings) -> None:
    book(wcs, 1)
    settings.RECONCILE_AS = "lecteur@example.org"
    compare(now=now())
    assert "email=lecteur%40example.org" in wcs.calls[0].query
    settings.RECONCILE_AS = "0123abcd"
    compare(now=now())
    assert "NameID=0123abcd" in wcs.calls[-1].query


def test_without_time_nothing_is_taken_for_gone(wcs) -> None:
    book(wcs, 1)
    report = compare(now=now(), seconds=-1)
    assert report.findings == []
    assert any("no time left" in item.reason for item in report.unreadable)


def run(*arguments: str) -> tuple[int, str]:
    output = io.StringIO()
    try:
        call_command("reconcile", *arguments, stdout=output)
    except CommandError as error:
        return error.returncode, output.getvalue()
    return 0, output.getvalue()


def test_the_command_looks_then_repairs_and_says_so_by_its_exit_code(wcs) -> None:
    booking = book(wcs, 1)
    code, text = run()
    assert code == 1
    assert f"record-gone  booking {booking.pk}  mairie" in text and "repair: cancel-booking" in text
    code, text = run("--json")
    found = json.loads(text)
    assert (code, found["applied"], found["looked_at"]["bookings"]) == (1, False, 1)
    assert found["findings"][0]["kind"] == "record-gone"
    code, text = run("--apply", "--most", "0")
    assert (code, Booking.objects.get().state) == (1, BookingState.BOOKED)
    code, text = run("--apply")
    assert (code, Booking.objects.get().state) == (0, BookingState.CANCELLED)
    assert "repair: cancel-booking, done" in text
    assert run()[0] == 0
    wcs.answers = [DOWN] * 9
    assert run()[0] == 2
    assert run("--agenda", "nowhere")[0] == 2


def test_without_wcs_the_command_says_so(settings) -> None:
    from adapter.wcs.known_services import parse_known_services

    settings.KNOWN_SERVICES = parse_known_services("{}")
    assert run()[0] == 2
    code, text = run("--json")
    assert (code, list(json.loads(text))) == (2, ["error"])


def test_programs_are_told_why_nothing_was_done(wcs) -> None:
    book(wcs, 1)
    code, text = run("--apply", "--most", "0", "--json")
    document = json.loads(text)
    assert (code, document["applied"], "nothing was repaired" in document["error"]) == (1, False, True)
    assert len(document["findings"]) == 1
    code, text = run("--agenda", "nowhere", "--json")
    assert (code, json.loads(text)) == (2, {"error": "unknown agenda: nowhere"})


def test_a_record_that_vanishes_before_the_repair_leaves_its_hold_as_it_is(wcs) -> None:
    lock = half_adapted(wcs, 1, now())
    wcs.add_record(FORM, 1, data=believes(lock))
    report = compare(now=now())
    wcs.records.clear()
    [left] = apply(report).left
    assert (left.done, left.problem) == (False, CHANGED)
    assert Booking.objects.get().state == BookingState.HELD


def test_a_dry_run_asks_everything_and_changes_nothing(wcs) -> None:
    book(wcs, 1)
    lock = half_adapted(wcs, 2, now() - HOUR, "0920")
    wcs.add_record(FORM, 2, data=believes(lock))
    cancelled = book(wcs, 3, "0940")
    wcs.add_record(FORM, 3, data=believes(cancelled))
    cancel(cancelled.pk, now=now(), actor=AGENT, call_back=True)
    Callback.objects.update(state=CallbackState.FAILED)
    before = list(Booking.objects.order_by("pk").values())
    report = repair(compare(now=now()), now=now(), actor=ADMIN, dry_run=True)
    assert [finding.done for finding in report.findings] == [True] * 3
    assert list(Booking.objects.order_by("pk").values()) == before
    assert Callback.objects.get().state == CallbackState.FAILED
    # What would not work is said beforehand.
    for code in ("A", "B"):
        confirm(BookingRequest("mairie", (slot("0920"),), code), now=now(), actor=ALICE)
    Callback.objects.update(state=CallbackState.PENDING)
    wcs.add_record(FORM, 1)
    report = repair(report, now=now(), actor=ADMIN, dry_run=True)
    assert {finding.problem for finding in report.findings} == {CHANGED, Detail.SLOT_TAKEN}


def test_what_the_command_finds_in_all_agendas_is_kept_for_the_page(wcs) -> None:
    book(wcs, 1)
    run("--agenda", "mairie")
    assert last_comparison() is None
    run()
    kept = KeptFinding.objects.get()
    assert (kept.comparison, kept.kind, kept.repair) == (last_comparison(), Kind.RECORD_GONE, Repair.CANCEL_BOOKING)
    assert (kept.agenda, kept.done) == ("mairie", None)
    run("--apply")
    assert KeptFinding.objects.values_list("done", "tried_by").get() == (True, "reconcile")
    run()
    assert not KeptFinding.objects.exists()


def test_the_task_keeps_what_it_finds(wcs) -> None:
    book(wcs, 1)
    jobs.reconcile()
    assert KeptFinding.objects.get().kind == Kind.RECORD_GONE
    assert Booking.objects.get().state == BookingState.BOOKED
