"""The same against the stand-in of w.c.s. with the kit: its own drafts, statuses and exports, over HTTP."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Iterator

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache

from adapter.agendas.models import Agenda, Booking, BookingState
from adapter.agendas.services import Actor, release_locks
from adapter.clock import now
from adapter.manager.services.booking import Started, Wanted, start_booking
from adapter.reconciliation.services import Kind, Repair, compare, repair
from tests.agendas.builders import make_agenda
from tests.support.servers import free_port
from tests.support.signed import KEY, Api, known_services
from workflows.definitions import make_kit
from workflows.rehearsal.definitions import kit_library
from workflows.rehearsal.server import Application, demo_people, serve
from workflows.rehearsal.site import Settings, Site

pytestmark = [pytest.mark.servers, pytest.mark.django_db]
ADMIN = Actor.command("reconcile")
FIELDS = {"slot_field": "creneau", "meeting_type_field": "meeting_type", "agenda_field": "agenda"}


@pytest.fixture
def site(settings) -> Iterator[Site]:
    cache.clear()
    settings.BASE_URL = "http://testserver/"
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    site = _site(url)
    server = serve(Application(site), port)
    settings.KNOWN_SERVICES = known_services(url)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield site
    server.shutdown()
    server.server_close()
    thread.join()


def _site(url: str) -> Site:
    site = Site(
        kit_library(make_kit("fr", roles=["Agents"])),
        Settings(url=url, agendas_url="http://testserver/", secrets={}, known={"agendas.test": KEY}),
    )
    demo_people(site)
    return site


@pytest.fixture
def started(site) -> Started:
    """An agent has begun to fill in the form of the kit."""
    agenda = make_agenda(weekdays=range(7), form_slug="rendez-vous", backoffice_booking_enabled=True, **FIELDS)
    email = next(person.email for person in site.people.values() if "Agents" in person.roles)
    agent = get_user_model().objects.create_user("agent", email, "x")
    day = now().date() + datetime.timedelta(days=8)
    return start_booking(agenda, Wanted(agenda, f"passeport:{day}-0900"), agent, now=now())


def test_from_the_draft_to_the_cancelled_record(site, started) -> None:
    # The lock lives: the draft is in order.
    assert compare(now=now()).drafts == 0
    release_locks([started.lock.pk], now=now(), actor=ADMIN, because="given up")
    report = compare(now=now())
    assert (report.drafts, report.findings, report.unreadable) == (1, [], [])

    # It is submitted to a workflow that does not confirm: the record keeps the answer of a mere hold.
    code = started.lock.lock_code
    slot = f"passeport:{started.lock.start:%Y-%m-%d}-0900"
    [record] = site.records.values()
    record.draft, record.status = False, "6"
    hold = Api().post(f"agenda/mairie/fillslot/{slot}/", {"lock_code": code}).json
    record.workflow_data = {"reservation_response": hold}
    Booking.objects.filter(state=BookingState.HELD).update(expires_at=now() - datetime.timedelta(seconds=1))
    [finding] = compare(now=now()).findings
    assert (finding.kind, finding.repair) == (Kind.RECORD_WITHOUT_BOOKING, Repair.RESTORE_BOOKING)
    assert repair(compare(now=now()), now=now(), actor=ADMIN).left == []
    booking = Booking.objects.get(state=BookingState.BOOKED)
    assert booking.pk == hold["booking_id"]
    report = compare(now=now())
    assert (report.findings, report.unreadable, report.bookings) == ([], [], 1)

    # Its status becomes the kit's “Rendez-vous annulé”, then it is deleted.
    record.status = "15"
    [finding] = compare(now=now()).findings
    assert (finding.kind, finding.booking_id) == (Kind.RECORD_CANCELLED, booking.pk)
    record.removed = True
    assert [item.kind for item in compare(now=now()).findings] == [Kind.RECORD_GONE]
    assert repair(compare(now=now()), now=now(), actor=ADMIN).left == []
    assert Booking.objects.get(pk=booking.pk).state == BookingState.CANCELLED
    assert Agenda.objects.count() == 1
