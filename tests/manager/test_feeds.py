"""Calendars for other programs, at secret addresses."""

from __future__ import annotations

import datetime
import re

import icalendar
import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from adapter.agendas.models import AuditEvent, Booking
from adapter.agendas.services import (
    BookingDetails,
    BookingRequest,
    HoldRequest,
    anonymize,
    cancel,
    confirm,
    hold,
)
from adapter.manager.models import CalendarFeed
from adapter.manager.views import feeds as views
from tests.agendas.builders import ALICE, NOW

PAGE = "/manage/agendas/mairie/feed/"


def make(client: Client) -> str:
    """A new feed; the path at which it is read."""
    content = client.post(f"{PAGE}make/").content.decode()
    found = re.search(r'value="https://agendas\.test(/manage/feeds/[^"]+\.ics)"', content)
    assert found
    return found[1]


def read(path: str, **headers: str):
    return Client().get(path, headers=headers or None)


def events(content: bytes) -> list[icalendar.Event]:
    return list(icalendar.Calendar.from_ical(content).walk("VEVENT"))


def book(start: str, **details: str) -> Booking:
    request = BookingRequest("mairie", (f"passeport:2026-11-24-{start}",), details=BookingDetails(**details))
    return confirm(request, now=NOW, actor=ALICE).booking


def test_bookings_are_confirmed_and_locks_tentative_without_a_name(log_in) -> None:
    booking = book("0900", label="Dossier 42", user_last_name="Lovelace", backoffice_url="https://demarches.test/42/")
    hold(HoldRequest("mairie", ("passeport:2026-11-24-0920",), "SECRET", holder="agent"), now=NOW, actor=ALICE)
    gone = book("1000")
    cancel(gone.pk, now=NOW, actor=ALICE)
    answer = read(make(log_in("viewer")))
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    first, second = events(answer.content)
    assert (first["STATUS"], second["STATUS"]) == ("CONFIRMED", "TENTATIVE")
    assert first["SUMMARY"] == "Dossier 42 · Passeport"
    assert first["DESCRIPTION"] == "Lovelace"
    assert first["URL"] == "https://demarches.test/42/"
    assert first["DTSTART"].dt == booking.start
    assert first["UID"] == f"booking-{booking.pk}@agendas.test"
    assert second["SUMMARY"].endswith(" · Passeport")
    assert not [name for name in ("DESCRIPTION", "URL", "ATTENDEE") if name in second]
    assert b"SECRET" not in answer.content
    assert b"LOCATION:Mairie\\, Guichet 1" in answer.content


def test_a_program_that_has_it_already_gets_304_until_something_changes(log_in) -> None:
    booking = book("0900", label="Dossier", user_last_name="Lovelace")
    path = make(log_in("viewer"))
    first = read(path)
    tag = first.headers["ETag"]
    assert read(path).content == first.content
    again = read(path, **{"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    book("0920")
    changed = read(path, **{"If-None-Match": tag})
    assert changed.status_code == 200
    tag = changed.headers["ETag"]
    # What is personal is erased there too: no version of any desk says so.
    anonymize(booking.pk, now=NOW, actor=ALICE)
    erased = read(path, **{"If-None-Match": tag})
    assert erased.status_code == 200
    assert b"Lovelace" not in erased.content


def test_a_lock_that_lapses_leaves_the_feed_though_no_task_has_run(log_in, monkeypatch) -> None:
    hold(HoldRequest("mairie", ("passeport:2026-11-24-0900",), "K"), now=NOW, actor=ALICE)
    path = make(log_in("viewer"))
    tag = read(path).headers["ETag"]
    monkeypatch.setattr(views, "now", lambda: NOW + datetime.timedelta(hours=1))
    later = read(path, **{"If-None-Match": tag})
    assert later.status_code == 200
    assert events(later.content) == []


def test_the_secret_is_shown_once_and_not_kept(log_in) -> None:
    client = log_in("viewer")
    secret = make(client).removeprefix("/manage/feeds/").removesuffix(".ics")
    assert len(secret) >= 43
    assert secret not in client.get(PAGE).content.decode()
    assert secret not in str(CalendarFeed.objects.values())
    assert secret not in str(list(AuditEvent.objects.values()))


def test_a_new_address_or_a_revocation_stops_the_one_before(log_in) -> None:
    client = log_in("viewer")
    first = make(client)
    second = make(client)
    assert [read(path).status_code for path in (first, second)] == [404, 200]
    client.post(f"{PAGE}revoke/")
    assert read(second).status_code == 404
    assert client.post(f"{PAGE}revoke/").status_code == 302
    codes = AuditEvent.objects.filter(code__startswith="feed.").order_by("id").values_list("code", "actor")
    assert list(codes) == [("feed.created", "viewer"), ("feed.created", "viewer"), ("feed.revoked", "viewer")]


def test_feeds_are_of_one_agent(log_in) -> None:
    viewer, booker = make(log_in("viewer")), make(log_in("booker"))
    log_in("viewer").post(f"{PAGE}revoke/")
    assert [read(path).status_code for path in (viewer, booker)] == [404, 200]


def test_who_loses_the_role_or_the_account_loses_the_feed(log_in) -> None:
    path = make(log_in("viewer"))
    user = get_user_model().objects.get(username="viewer")
    user.groups.clear()
    assert read(path).status_code == 404
    user.groups.add(Group.objects.get(name="voir"))
    assert read(path).status_code == 200
    user.is_active = False
    user.save()
    assert read(path).status_code == 404


@pytest.mark.parametrize("secret", ["x", "x" * 500, "é", "%00"])
def test_a_guess_is_404(town, secret) -> None:
    assert read(f"/manage/feeds/{secret}.ics").status_code == 404


def test_no_cache_keeps_it_and_its_last_reading_is_known(log_in) -> None:
    client = log_in("viewer")
    path = make(client)
    assert CalendarFeed.objects.get().last_read_at is None
    assert "private" in read(path).headers["Cache-Control"]
    assert CalendarFeed.objects.get().last_read_at == NOW
    assert "23 novembre 2026 11:00" in client.get(PAGE).content.decode()


def test_it_costs_few_queries_whatever_stands_there(log_in) -> None:
    path = make(log_in("viewer"))
    read(path)
    with CaptureQueriesContext(connection) as few:
        read(path)
    for start in ("0900", "0920", "0940", "1000"):
        book(start)
    with CaptureQueriesContext(connection) as many:
        read(path)
    assert len(few) == len(many) <= 6


def test_a_feed_lapses_when_its_agent_does_not_log_in_and_works_again_after(log_in, settings) -> None:
    path = make(log_in("viewer"))
    agents = get_user_model().objects.filter(username="viewer")
    days = datetime.timedelta(days=settings.FEED_DAYS_WITHOUT_LOGIN)
    for last_login, status in (
        (NOW - days, 200),
        (NOW - days - datetime.timedelta(seconds=1), 404),
        (None, 404),
        (NOW, 200),
    ):
        agents.update(last_login=last_login)
        assert read(path).status_code == status, last_login


def test_admins_see_all_feeds_and_stop_one(log_in) -> None:
    path = make(log_in("viewer"))
    get_user_model().objects.filter(username="viewer").update(last_login=NOW - datetime.timedelta(days=400))
    admin = log_in("admin")
    page = admin.get("/manage/feeds/").content.decode()
    assert "viewer" in page and "expiré" in page
    get_user_model().objects.filter(username="viewer").update(last_login=NOW)
    assert read(path).status_code == 200
    assert admin.post(f"/manage/feeds/{CalendarFeed.objects.get().pk}/revoke/").status_code == 302
    assert read(path).status_code == 404
    assert AuditEvent.objects.filter(code="feed.revoked", actor="admin").exists()
