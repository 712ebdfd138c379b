"""Where closures come from: calendars at addresses, files, public holidays."""

from __future__ import annotations

import contextlib
import datetime
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from celery.exceptions import SoftTimeLimitExceeded

from adapter.agendas.errors import InvalidPayload
from adapter.agendas.models import Agenda, Closure, ExceptionSource
from adapter.agendas.services import BookingRequest, SlotQuery, confirm, list_slots
from adapter.agendas.services.exceptions import bookings_inside, change_closure, create_closure, delete_closure
from adapter.agendas.services.holidays import UnknownCountry, public_holidays
from adapter.agendas.services.safe_fetch import AddressRefused, FetchError, fetch_text, is_public
from adapter.agendas.services.sources import add_source, change_source, refresh_due, remove_source
from tests.agendas.builders import ALICE, NOW, make_agenda
from tests.agendas.test_ics import calendar

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def mairie() -> Agenda:
    return make_agenda()


def first_slot(agenda: str = "mairie") -> str:
    listing = list_slots(agenda, "passeport", SlotQuery(), now=NOW)
    return listing.slot(min(listing.offer.free)).id


def source(agenda: Agenda, **values: str) -> ExceptionSource:
    return ExceptionSource(agenda=agenda, label="Test", **values)


class Site:
    """A web site that serves one text; redirects when it starts with http."""

    def __init__(self) -> None:
        self.text, self.status = "", 200
        site = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

            def do_GET(self) -> None:
                moved = site.text.startswith("http")
                self.send_response(302 if moved else site.status)
                if moved:
                    self.send_header("Location", site.text)
                body = site.text.encode()
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://localhost:{self.server.server_port}/closures.ics"


@pytest.fixture
def site(settings) -> Iterator[Site]:
    settings.ICS_PRIVATE_HOSTS_ALLOWED = ["localhost"]
    found = Site()
    threading.Thread(target=found.server.serve_forever, args=(0.05,), daemon=True).start()
    yield found
    found.server.shutdown()
    found.server.server_close()


def test_a_calendar_at_an_address_closes_and_opens_again(mairie, site) -> None:
    site.text = calendar("DTSTART;VALUE=DATE:20261124|SUMMARY:Inventaire")
    added = source(mairie, kind="ics_url", ics_url=site.url)
    assert add_source(added, mairie.desks.all(), now=NOW, actor=ALICE).changed == 1
    assert first_slot() == "passeport:2026-11-25-0900"
    version = Agenda.objects.get().config_version
    [summary] = [refresh_due(["ics_url"], now=NOW + HOUR, actor=ALICE, older_than=HOUR)]
    assert (summary.refreshed, summary.changed) == (1, 0)
    assert Agenda.objects.get().config_version == version
    site.text = calendar()
    assert refresh_due(["ics_url"], now=NOW + 2 * HOUR, actor=ALICE, older_than=HOUR).changed == 1
    assert first_slot() == "passeport:2026-11-24-0900"


def test_closures_stay_when_the_calendar_cannot_be_read(mairie, site) -> None:
    site.text = calendar("DTSTART;VALUE=DATE:20261124")
    added = source(mairie, kind="ics_url", ics_url=site.url)
    add_source(added, mairie.desks.all(), now=NOW, actor=ALICE)
    for site.status, site.text in ((500, "x"), (200, "not a calendar")):
        assert refresh_due(["ics_url"], now=NOW + HOUR, actor=ALICE, older_than=HOUR).failed == 1
        assert ExceptionSource.objects.get().last_error
        assert first_slot() == "passeport:2026-11-25-0900"


def test_one_source_that_fails_stops_no_other(mairie, site) -> None:
    site.text = calendar("DTSTART;VALUE=DATE:20261124")
    for url in ("http://nowhere.invalid/", site.url):
        add_source(source(mairie, kind="ics_url", ics_url=url), mairie.desks.all(), now=NOW, actor=ALICE)
    run = refresh_due(["ics_url"], now=NOW + HOUR, actor=ALICE, older_than=HOUR)
    assert (run.refreshed, run.failed) == (1, 1)


def test_a_source_that_holds_its_worker_goes_to_the_end_of_the_line(mairie) -> None:
    add_source(
        source(mairie, kind="ics_url", ics_url="http://hostile.test/"), [], now=NOW, actor=ALICE, fetch=calendar_of
    )
    add_source(source(mairie, kind="ics_url", ics_url="http://good.test/"), [], now=NOW, actor=ALICE, fetch=calendar_of)
    asked: list[str] = []

    def fetch(url: str) -> str:
        asked.append(url)
        if "hostile" in url:
            raise SoftTimeLimitExceeded
        return calendar()

    for later in (2, 3):
        with contextlib.suppress(SoftTimeLimitExceeded):
            refresh_due(["ics_url"], now=NOW + later * HOUR, actor=ALICE, older_than=HOUR, fetch=fetch)
    assert asked == ["http://hostile.test/", "http://good.test/", "http://hostile.test/"]


def calendar_of(_url: str) -> str:
    return calendar()


def test_a_file_closes_the_desks_it_is_for(mairie) -> None:
    text = calendar("DTSTART;VALUE=DATE:20261124")
    added = source(mairie, kind="ics_file", ics_text=text)
    add_source(added, mairie.desks.filter(slug="guichet-1"), now=NOW, actor=ALICE)
    slot = first_slot()
    assert slot == "passeport:2026-11-24-0900"
    assert confirm(BookingRequest("mairie", (slot,)), now=NOW, actor=ALICE).booking.desk.slug == "guichet-2"
    added.ics_text = calendar()
    change_source(added, mairie.desks.all(), now=NOW, actor=ALICE)
    assert not Closure.objects.exists()


def test_public_holidays_close(mairie) -> None:
    added = source(mairie, kind="holidays", country="FR")
    add_source(added, mairie.desks.all(), now=NOW, actor=ALICE)
    listing = list_slots("mairie", "passeport", SlotQuery(), now=NOW)
    days = {listing.slot(start).start.date() for start in listing.offer.starts}
    assert datetime.date(2026, 12, 24) in days
    assert datetime.date(2026, 12, 25) not in days
    remove_source(added, now=NOW, actor=ALICE)
    assert not Closure.objects.exists()


@pytest.mark.parametrize(
    ("country", "subdivision", "closed", "opened"),
    [
        ("FR", "", (7, 14), (12, 26)),
        ("FR", "67", (12, 26), (7, 21)),
        ("BE", "", (7, 21), (7, 14)),
        ("LU", "", (6, 23), (7, 14)),
    ],
)
def test_holidays_of_each_country(country, subdivision, closed, opened) -> None:
    found = public_holidays(country, subdivision, range(2027, 2028))
    assert datetime.date(2027, *closed) in found
    assert datetime.date(2027, *opened) not in found


def test_other_countries_are_not_known() -> None:
    for country, part in (("US", ""), ("FR", "99"), ("LU", "x")):
        with pytest.raises(UnknownCountry):
            public_holidays(country, part, range(2027, 2028))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.1",
        "169.254.169.254",
        "0.0.0.0",
        "::1",
        "fe80::1%eth0",
        "fc00::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "224.0.0.1",
    ],
)
def test_private_addresses_are_known_in_every_disguise(address) -> None:
    assert not is_public(address)


def test_public_addresses_are_public() -> None:
    assert is_public("93.184.216.34")
    assert is_public("2606:2800:220:1::1")


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://[::1]/", "http://0/", "http://169.254.169.254/latest/"])
def test_nothing_on_the_private_network_is_fetched(url) -> None:
    with pytest.raises(FetchError):
        fetch_text(url)


def test_a_redirect_into_the_private_network_is_refused(site) -> None:
    other = Site()
    try:
        site.text = other.url.replace("localhost", "127.0.0.1")
        with pytest.raises(FetchError):
            fetch_text(site.url)
    finally:
        other.server.server_close()


def test_a_redirect_to_an_allowed_host_is_followed_but_not_for_ever(site) -> None:
    site.text = site.url
    with pytest.raises(FetchError, match="redirects"):
        fetch_text(site.url)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://localhost/", "gopher://x/", "", "http://", "http://["])
def test_only_web_addresses_are_fetched(url) -> None:
    with pytest.raises(FetchError):
        fetch_text(url)


def test_too_long_a_text_is_refused(site) -> None:
    site.text = "x" * (5 * 1024 * 1024 + 1)
    with pytest.raises(FetchError, match="MiB"):
        fetch_text(site.url)


def test_a_refused_address_says_so() -> None:
    from adapter.agendas.services.safe_fetch import judged_addresses

    with pytest.raises(AddressRefused, match="private network"):
        judged_addresses("localhost", 80)


def test_a_closure_by_hand_from_creation_to_deletion(mairie) -> None:
    start = datetime.datetime(2026, 11, 24, 8, 0, tzinfo=datetime.UTC)
    booked = confirm(BookingRequest("mairie", ("passeport:2026-11-24-0900",)), now=NOW, actor=ALICE).booking
    assert list(bookings_inside(mairie.desks.all(), start, start + HOUR, now=NOW)) == [booked]
    closure = create_closure(
        mairie, mairie.desks.all(), start=start, end=start + HOUR, label="Réunion", now=NOW, actor=ALICE
    )
    assert first_slot() == "passeport:2026-11-24-1000"
    change_closure(closure, mairie.desks.all(), start=start, end=start + 2 * HOUR, now=NOW, actor=ALICE)
    assert first_slot() == "passeport:2026-11-24-1100"
    delete_closure(closure, now=NOW, actor=ALICE)
    assert first_slot() == "passeport:2026-11-24-0900"


def test_a_closure_that_cannot_be_is_refused(mairie) -> None:
    other = make_agenda("annexe")
    start = datetime.datetime(2026, 11, 24, 8, 0, tzinfo=datetime.UTC)
    for desks, end in ((mairie.desks.all(), start), ([], start + HOUR), (other.desks.all(), start + HOUR)):
        with pytest.raises(InvalidPayload):
            create_closure(mairie, desks, start=start, end=end, now=NOW, actor=ALICE)
