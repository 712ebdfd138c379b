"""The soak sees what goes wrong: each claim is given what it must refuse, and a short run goes through everything."""

from __future__ import annotations

import datetime
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.utils.timezone import localtime

from adapter.agendas.models import Booking, BookingState, Callback
from adapter.agendas.queries.snapshot import cache
from adapter.agendas.services import Actor, BookingDetails, BookingRequest, HoldRequest, cancel, confirm, hold
from adapter.agendas.services.callbacks import Sent, deliver_due
from adapter.clock import now as adapter_now
from scripts.soak import claims
from scripts.soak.course import GRACE, Course
from scripts.soak.lapsed import lapsed_locks_free
from scripts.soak.ledger import Booked, Hold, Ledger
from scripts.soak.memory import Life, Sample, life_of
from tests.agendas.builders import ALICE, NOW, make_agenda
from tests.support.celery import eventually
from tests.support.signed import known_services

pytestmark = pytest.mark.servers

ROOT = Path(__file__).resolve().parents[2]
WCS = "http://127.0.0.1:9/"
HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)


def book(number: int, time: str, ledger: Ledger, replaces: int | None = None) -> Booking:
    """A confirmation that was sent, done, and acknowledged."""
    record = f"{WCS}backoffice/management/rendez-vous/{number}/"
    hook = f"{WCS}api/forms/rendez-vous/{number}/hooks/annuler/"
    details = BookingDetails(backoffice_url=record, cancel_callback_url=hook)
    request = BookingRequest("mairie", (f"passeport:2026-11-24-{time}",), details=details, cancel_booking_id=replaces)
    ledger.sent_confirmation(record, replaces)
    booking = confirm(request, now=NOW, actor=ALICE).booking
    start = localtime(booking.start).strftime("%Y-%m-%d %H:%M:%S")
    ledger.acknowledged(Booked(booking.pk, record, "mairie", start), replaces)
    return booking


@pytest.fixture
def ledger(db) -> Ledger:
    make_agenda(desks=1)
    return Ledger()


def test_what_is_as_it_was_told_holds(ledger) -> None:
    first, second = book(1, "0900", ledger), book(2, "1000", ledger)
    book(3, "1100", ledger, replaces=first.pk)
    ledger.sent_cancellation(second.pk)
    cancel(second.pk, now=NOW, actor=ALICE)
    ledger.cancelled(second.pk)
    looked_at = (
        claims.no_overlap(now=NOW),
        claims.confirmations_are_there(ledger),
        claims.one_booking_a_record(ledger),
        claims.cancellations_stand(ledger),
        claims.moves_are_whole(ledger),
    )
    assert [claim.failures for claim in looked_at] == [[]] * len(looked_at)


def test_an_overlap_is_seen(ledger) -> None:
    one, two = book(1, "0900", ledger), book(2, "1000", ledger)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Deferred checks of what was written so far would stand in its way.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE agendas_booking DROP CONSTRAINT no_double_booking")
        else:
            from adapter.agendas import sqlite_guard

            sqlite_guard.remove(connection)
    try:
        Booking.objects.filter(pk=two.pk).update(start=one.start, end=one.end)
        assert not claims.no_overlap(now=NOW).holds
    finally:
        if connection.vendor != "postgresql":
            Booking.objects.all().delete()
            sqlite_guard.install(connection)


@pytest.mark.parametrize("loss", ["deleted", "ended", "moved on"])
def test_a_lost_confirmation_is_seen(ledger, loss) -> None:
    booking = book(1, "0900", ledger)
    row = Booking.objects.filter(pk=booking.pk)
    if loss == "deleted":
        row.delete()
    elif loss == "ended":
        row.update(state=BookingState.CANCELLED)
    else:
        row.update(start=booking.start + HOUR, end=booking.end + HOUR)
    assert not claims.confirmations_are_there(ledger).holds


def test_a_second_booking_of_a_record_is_seen(ledger) -> None:
    one, two = book(1, "0900", ledger), book(2, "1000", ledger)
    Booking.objects.filter(pk=two.pk).update(record=one.record)
    assert not claims.one_booking_a_record(ledger).holds


def test_a_cancellation_that_was_undone_is_seen(ledger) -> None:
    ledger.cancelled(book(1, "0900", ledger).pk)
    assert not claims.cancellations_stand(ledger).holds


@pytest.mark.parametrize("half", ["new", "old"])
def test_half_a_move_is_seen(ledger, half) -> None:
    old = book(1, "0900", ledger)
    new = book(2, "1000", ledger, replaces=old.pk)
    if half == "new":
        Booking.objects.filter(pk=old.pk).update(state=BookingState.CANCELLED, ended_because="")
    else:
        Booking.objects.filter(pk=new.pk).delete()
    assert not claims.moves_are_whole(ledger).holds


def test_callbacks_must_be_owed_sent_and_received(ledger) -> None:
    booking = book(1, "0900", ledger)
    ledger.sent_cancellation(booking.pk)
    cancel(booking.pk, now=NOW, actor=Actor.agent("agent"), call_back=True, because="cancelled by an agent")
    ran: Counter[str] = Counter()

    def claim() -> claims.Claim:
        return claims.callbacks_arrived(ledger, ran, WCS)

    assert "pending" in claim().failures[0]
    deliver_due(now=NOW, send=lambda _callback: Sent(200), actor=ALICE)
    assert "knows nothing" in claim().failures[0]
    ran["/api/forms/rendez-vous/1/hooks/annuler/"] += 1
    assert claim().holds
    Callback.objects.all().delete()
    # Also where the agent never had an answer.
    assert "no call is owed" in claim().failures[0]


def test_a_lapsed_lock_that_nobody_marked_is_seen(ledger) -> None:
    hold(HoldRequest("mairie", ("passeport:2026-11-24-0900",), "K"), now=NOW, actor=ALICE)
    assert claims.lapsed_locks_marked(now=NOW).holds
    assert not claims.lapsed_locks_marked(now=NOW + HOUR).holds


@pytest.fixture
def abandoned(live_server, settings, transactional_db) -> tuple[str, Hold]:
    """The address of a running adapter, and a hold whose caller left; it has lapsed."""
    settings.KNOWN_SERVICES = known_services()
    settings.BASE_URL = f"{live_server.url}/"
    cache.clear()
    make_agenda(desks=1, weekdays=range(7))
    day = localtime(adapter_now() + 3 * DAY).date()
    slot = f"passeport:{day}-0900"
    lock = hold(HoldRequest("mairie", (slot,), "K"), now=adapter_now() - HOUR, actor=ALICE).lock
    start, end = (localtime(moment).strftime("%Y-%m-%d %H:%M:%S") for moment in (lock.start, lock.end))
    return live_server.url, Hold("mairie", slot, "K", "mairie", "guichet-1", start, end, 600)


def test_a_slot_that_is_not_free_though_its_lock_has_lapsed_is_seen(abandoned) -> None:
    base, left = abandoned
    assert lapsed_locks_free(base, [left]).holds
    # Whoever asked gave it back: it can be asked for again.
    assert lapsed_locks_free(base, [left]).holds
    Booking.objects.filter(lock_code="K").update(state=BookingState.HELD, expires_at=adapter_now() + HOUR)
    [failure] = lapsed_locks_free(base, [left]).failures
    assert failure.startswith(f"{left.slot} on mairie/guichet-1: ")


def test_a_slot_that_was_booked_after_its_lock_had_lapsed_is_nothing_to_complain_of(abandoned) -> None:
    base, left = abandoned
    confirm(BookingRequest("mairie", (left.slot,)), now=adapter_now(), actor=ALICE)
    claim = lapsed_locks_free(base, [left])
    assert claim.holds and claim.looked_at.startswith("0 of 1 ")


def test_calls_that_are_slow_or_break_are_seen() -> None:
    ledger = Ledger()
    ledger.note_answer("list", 200, 27.9)
    ledger.note_answer("list", 503, 0.1)
    ledger.note_answer("list", None, 0.1)
    assert claims.in_time(ledger).holds and claims.no_internal_error(ledger).holds
    ledger.note_answer("hold", None, 28.1)
    ledger.note_answer("hold", 500, 0.1)
    assert claims.in_time(ledger).failures == ["hold: 28.1 s"]
    assert claims.no_internal_error(ledger).failures == ["hold: HTTP 500"]


def test_memory_that_grows_or_is_too_much_is_seen() -> None:
    assert claims.memory_is_flat([Life(60, 120, 125, 130)], [125]).holds
    assert not claims.memory_is_flat([Life(60, 120, 131, 131)], [131]).holds
    assert not claims.memory_is_flat([Life(60, 120, 125, 151)], [125]).holds
    assert not claims.memory_is_flat([Life(60, 120, 125, 130)], [151]).holds
    # Nothing seen proves nothing.
    assert not claims.memory_is_flat([], [125]).holds


def test_growth_counts_from_where_caches_are_full() -> None:
    steps = [Sample(second, min(100 + 2 * second, 120)) for second in range(60)]
    life = life_of(steps)
    assert life is not None and (life.growth, life.most) == (0, 120)
    leak = life_of([Sample(second, 100 + second) for second in range(60)])
    assert leak is not None and leak.growth > 20
    assert life_of(steps[:10]) is None


def test_a_soak_in_which_nothing_happened_proves_nothing() -> None:
    ledger = Ledger(
        confirmed={"r": Booked(1, "r", "mairie", "")},
        cancelled_by_agents={1},
        moves=[(1, "r")],
        abandoned=[Hold("mairie", "s", "K", "mairie", "guichet-1", "", "", 6)],
    )
    assert claims.something_happened(ledger, {"Redis killed": 1}, {"Redis killed"}).holds
    assert not claims.something_happened(ledger, {}, {"Redis killed"}).holds
    assert not claims.something_happened(Ledger(), {"Redis killed": 1}, {"Redis killed"}).holds


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder for everything that a soak makes; other users (PostgreSQL's) may pass through it."""
    folder = Path(tempfile.mkdtemp(prefix="soak-test-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


def start_soak(place: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "LOG_LEVEL")}
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "scripts.soak", *arguments],
        cwd=ROOT,
        env={**environment, "TMPDIR": str(place)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def left_of(place: Path) -> list[str]:
    """Processes that were started for ``place``, and what lies there."""
    mark, found = f"TMPDIR={place}".encode(), []
    for file in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark in file.read_bytes().split(b"\0"):
                found.append((file.parent / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return [*found, *(str(item) for item in place.iterdir())]


def skip_without_servers(output: str) -> None:
    if "a soak needs it" in output and os.environ.get("CI") != "true":
        pytest.skip(output.strip())


def test_a_run_gets_longer_for_first_turns_only() -> None:
    course = Course(30)
    ends = course.until
    course.go_on(60)
    assert course.until > ends
    course.go_on_no_longer()
    assert course.until == ends
    course.go_on(10**6)
    assert course.until == ends + GRACE
    over = Course(0)
    assert over.over()
    # Callers have gone home: nothing brings them back.
    over.go_on(60)
    assert over.over()


@pytest.mark.thorough
def test_a_short_soak_holds_and_leaves_nothing_behind(place) -> None:
    faults = ("web process", "Redis killed", "PostgreSQL killed", "fails after")
    run = start_soak(place, "--minutes", "0.4", "--faults", *faults)
    output, _ = run.communicate(timeout=400)
    skip_without_servers(output)
    assert run.returncode == 0, output
    assert [line.split()[0] for line in output.splitlines() if "  |  " in line] == ["held"] * 13
    eventually(lambda: not left_of(place))


def test_a_soak_that_is_stopped_ends_everything_it_started(place) -> None:
    run = start_soak(place, "--minutes", "5")
    assert run.stdout is not None
    seen = ""
    for line in run.stdout:
        seen += line
        if "web server killed" in line:
            break
    skip_without_servers(seen)
    assert len(left_of(place)) > 5
    run.terminate()
    output, _ = run.communicate(timeout=120)
    assert run.returncode == 143, seen + output
    # A web worker whose first process was killed sees it at its next turn, and leaves.
    eventually(lambda: not left_of(place))
