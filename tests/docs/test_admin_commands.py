"""The commands that the page for admins shows, with the output that it shows.

``WRITE_PAGES=1 pytest tests/docs`` writes what the commands say now into the page: look at the difference.
"""

from __future__ import annotations

import datetime
import io
import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils.timezone import localtime

from adapter.agendas.models import Callback, CallbackState
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
)
from adapter.ops.doctor import platform
from adapter.wcs import client
from adapter.wcs.models import Caller
from tasks.models import TaskRun
from tasks.schedule import PERIODS
from tests.agendas.builders import ALICE, make_agenda
from tests.support.signed import ORIG, known_services
from tests.support.wcs_double import FakeForm, WcsDouble

pytestmark = pytest.mark.django_db
PAGE = Path(__file__).resolve().parents[2] / "docs/admins/running.md"
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# A Monday at 11:00 in Paris.
NOW = datetime.datetime(2026, 11, 23, 10, 0, tzinfo=datetime.UTC)
MINUTE, DAY = datetime.timedelta(minutes=1), datetime.timedelta(days=1)
FORM, AGENT = "rendez-vous", Actor.agent("agent")
URL = "https://demarches.example.org/"


@pytest.fixture
def wcs(settings, monkeypatch, tmp_path) -> Iterator[WcsDouble]:
    """A site on a Monday morning: one call that was given up, one record gone, one workflow that only holds."""
    # Signatures and clocks of other machines go on with the real time.
    assert client.real_now is platform.real_now
    monkeypatch.setattr("adapter.clock.real_now", lambda: NOW)
    monkeypatch.delenv("DJANGO_ALLOW_ASYNC_UNSAFE", raising=False)
    settings.SECRET_KEY = "k" * 50 + "0123456789"
    settings.BASE_URL = "https://agendas.example.org/"
    settings.CELERY_HOME = tmp_path
    with WcsDouble(FakeForm(FORM)) as double:
        settings.KNOWN_SERVICES = known_services(double.url)
        make_agenda(form_slug=FORM)
        for name in PERIODS:
            moment = NOW - MINUTE
            TaskRun.objects.create(name=name, last_run_at=moment, last_success_at=moment, runs=5000)
        Caller.objects.create(orig=ORIG, accepted_at=NOW - 2 * MINUTE)
        _locks_and_bookings(double)
        yield double


def _details(wcs: WcsDouble, number: int) -> BookingDetails:
    return BookingDetails(
        backoffice_url=f"{wcs.url}backoffice/management/{FORM}/{number}/",
        form_url=f"{wcs.url}{FORM}/{number}/",
        cancel_callback_url=f"{wcs.url}api/forms/{FORM}/{number}/hooks/annulation-agenda/",
    )


def _locks_and_bookings(wcs: WcsDouble) -> None:
    def book(number: int, time: str) -> int:
        request = BookingRequest("mairie", (f"passeport:2026-11-26-{time}",), details=_details(wcs, number))
        return confirm(request, now=NOW - DAY, actor=ALICE).booking.pk

    cancelled, _gone = book(41, "0900"), book(42, "0920")
    cancel(cancelled, now=NOW - 4 * DAY, actor=AGENT, call_back=True)
    Callback.objects.update(
        state=CallbackState.FAILED, attempts=58, last_status=502, last_error="HTTP 502", finished_at=NOW - DAY
    )
    half = BookingRequest("mairie", ("passeport:2026-11-26-0940",), "9a03bd17", details=_details(wcs, 43))
    held = fillslot(FillslotRequest(half), now=NOW - 40 * MINUTE, actor=ALICE).booking
    api = {"booking_url": f"https://agendas.example.org/api/booking/{held.pk}/"}
    answer = {"booking_id": held.pk, "datetime": f"{localtime(held.start):%Y-%m-%d %H:%M:%S}", "api": api}
    wcs.add_record(FORM, 43, data={"reservation_response": answer})
    hold(
        HoldRequest("mairie", ("mariage:2026-11-27-1000",), "5f2c41d8", holder="agent"),
        now=NOW - 3 * MINUTE,
        actor=AGENT,
    )


def said_by(command: str, wcs: WcsDouble) -> str:
    """What an admin sees, errors included; the address of the double is that of the example."""
    name, *arguments = shlex.split(command.removeprefix("manage.py "))
    output = io.StringIO()
    try:
        call_command(name, *arguments, stdout=output)
    except CommandError as error:
        output.write(f"CommandError: {error}\n")
    return re.sub(r"SQLite [0-9.]+", "SQLite 3.40.1", output.getvalue().replace(wcs.url, URL))


# The page shows numbers of bookings.
@pytest.mark.django_db(transaction=True, reset_sequences=True)
def test_each_command_says_what_the_page_shows(wcs) -> None:
    page = PAGE.read_text("utf-8")
    count = 0

    def again(block: re.Match[str]) -> str:
        nonlocal count
        commands = [line[2:] for line in block.group(1).splitlines() if line.startswith("$ ")]
        count += len(commands)
        return "```console\n" + "".join(f"$ {command}\n{said_by(command, wcs)}" for command in commands) + "```"

    written = BLOCK.sub(again, page)
    assert count >= 10
    if os.environ.get("WRITE_PAGES"):
        PAGE.write_text(written, "utf-8")
    assert page == written


def test_every_task_is_on_the_page_once() -> None:
    page = PAGE.read_text("utf-8")
    assert {name: page.count(f"| `{name}` |") for name in PERIODS} == dict.fromkeys(PERIODS, 1)
