"""Texts that others choose: nowhere do they become markup, headers, formulas or a way to elsewhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import quote

import icalendar
import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import Group
from django.core.management import call_command

from adapter.agendas.models import Agenda, Booking, Closure, Desk, MeetingType
from adapter.agendas.services import BookingDetails, BookingRequest, HoldRequest, confirm, hold
from tests.agendas.builders import ALICE, NOW, close
from tests.security.permissions import PAGES, Page
from tests.support.signed import KEY

EVIL = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}{% x %}&lt;javascript:alert(1)"
SCRIPT_URLS = re.compile(r"^\s*(javascript|data|vbscript):", re.IGNORECASE)
# Our empty icon, and a style of the toolkit's own templates that the policy blocks.
HARMLESS = (("link", "href", "data:image/x-icon;,"), ("br", "style", "clear: both;"))
SLOTS = [f"passeport:2026-11-24-{time}" for time in ("0900", "0920", "0940", "1000")]


class Reader(HTMLParser):
    """Notes what a browser would run."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = dict(attributes)
        if any(tag == known and values.get(name) == value for known, name, value in HARMLESS):
            return
        for name, value in attributes:
            if name.startswith("on") or name in ("style", "srcdoc"):
                self.found.append(f"<{tag} {name}>")
            if name in ("href", "src", "action", "formaction") and SCRIPT_URLS.match(value or ""):
                self.found.append(f"<{tag} {name}={value}>")
            if (
                name in ("src", "href")
                and tag in ("script", "link", "img", "iframe")
                and re.match(r"\w+:|//", value or "")
            ):
                self.found.append(f"{tag} from elsewhere: {value}")
        # A block of JSON is data: no browser runs it.
        if tag == "script" and "src" not in values and values.get("type") != "application/json":
            self.found.append("inline <script>")
        if tag in ("style", "iframe", "object", "embed", "base"):
            self.found.append(f"<{tag}>")
        if tag == "img" and values.get("src") == "x":
            self.found.append("injected <img>")

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(content: str) -> Reader:
    reader = Reader()
    reader.feed(content)
    return reader


def test_the_reader_sees_what_a_browser_would_run() -> None:
    assert read(f"<p>{EVIL}</p>").found == ["inline <script>", "<img onerror>", "injected <img>"]
    assert read('<a href=" JavaScript:x">').found
    assert not read("<p>&lt;script&gt;</p><script src='/static/a.js'></script>").found


@pytest.fixture
def evil(mairie) -> Agenda:
    """Every text that an editor, an agent, a citizen or w.c.s. may choose."""
    Agenda.objects.update(label=f"A{EVIL}"[:150])
    Desk.objects.update(label=f"D{EVIL}"[:150])
    MeetingType.objects.update(label=f"T{EVIL}"[:150])
    Group.objects.filter(name="voir").update(name=f"R{EVIL}"[:150])
    mairie.refresh_from_db()
    texts = {
        name: f"{name}{EVIL}"[:250]
        for name in (
            "label",
            "user_display_label",
            "user_name",
            "user_first_name",
            "user_last_name",
            "user_external_id",
        )
    }
    details = BookingDetails(
        **texts,
        user_email=f"{EVIL}@x.test"[:250],
        user_phone_number="<b>1",
        backoffice_url="https://d.test/'\"><script>alert(1)</script>/",
        form_url="https://d.test/1/?<script>alert(1)</script>",
        cancel_callback_url="https://d.test/<script>alert(1)</script>/hooks/",
        extra_data={EVIL: EVIL},
    )
    confirm(BookingRequest("mairie", (SLOTS[0],), details=details), now=NOW, actor=ALICE)
    hold(HoldRequest("mairie", (SLOTS[1],), f"K{EVIL}"[:200], holder=f"H{EVIL}"[:150]), now=NOW, actor=ALICE)
    # An older row, from before addresses were looked at.
    booking = confirm(BookingRequest("mairie", (SLOTS[2],)), now=NOW, actor=ALICE).booking
    Booking.objects.filter(pk=booking.pk).update(
        backoffice_url="javascript:alert(1)", form_url="javascript:alert(1)", label=f"L{EVIL}"
    )
    close(mairie, NOW, NOW.replace(hour=16), label=f"C{EVIL}"[:150])
    Closure.objects.update(label=f"C{EVIL}"[:150])
    return mairie


@pytest.mark.parametrize("page", [page for page in PAGES if "ok" in page.get.split()], ids=lambda page: page.name)
def test_no_stored_text_becomes_markup(client_of, evil, page: Page) -> None:
    answer = client_of("admin").get(page.path.format(booking=Booking.objects.latest("pk").pk))
    assert answer.status_code == 200
    if "html" in answer["Content-Type"]:
        reader = read(answer.content.decode())
        assert not reader.found
        assert "49" not in "".join(reader.text).replace("2049", "")
    else:
        assert answer["Content-Type"] == "application/json"


@pytest.mark.parametrize("page", [page for page in PAGES if "ok" in page.get.split()], ids=lambda page: page.name)
def test_no_secret_stands_on_a_page(client_of, appointment, settings, page: Page) -> None:
    settings.METRICS_TOKEN = "token-of-the-metrics"
    content = client_of("admin").get(page.path.format(booking=appointment)).content.decode()
    for secret in (KEY, settings.SECRET_KEY, settings.METRICS_TOKEN):
        assert secret not in content


def test_no_secret_is_exported(evil, capsys) -> None:
    call_command("agendas", "export")
    exported = capsys.readouterr().out
    assert "mairie" in exported
    for secret in (KEY, django_settings.SECRET_KEY, "user_email", "@x.test"):
        assert secret not in exported


NAMES = ("back", "next", "slot", "agenda", "desk", "date", "view", "type", "q")


@pytest.mark.parametrize(
    "text", [EVIL, "x\r\nSet-Cookie: evil=1\r\n\r\n<script>alert(1)</script>"], ids=["markup", "header"]
)
@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "root"], ids=lambda page: page.name)
def test_no_text_of_an_address_becomes_markup_or_a_header(client_of, appointment, page: Page, text: str) -> None:
    client, path = client_of("admin"), page.path.format(booking=appointment)
    separator = "&" if "?" in path else "?"
    query = "&".join(f"{name}={quote(text)}" for name in NAMES)
    for answer in (client.get(path + separator + query), client.post(path, dict.fromkeys(NAMES, text))):
        assert answer.status_code < 500
        assert "evil" not in answer.cookies
        assert not any("\n" in value or "\r" in value for value in answer.headers.values())
        if "html" in answer["Content-Type"]:
            assert not read(answer.content.decode()).found


ELSEWHERE = [
    *(
        "https://evil.example/",
        "//evil.example/",
        "///evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "http:evil",
    ),
    *("javascript:alert(1)", "/\t/evil.example/", "https:/\\evil.example", " //evil.example", "\x00//evil.example"),
    *(
        "//evil.example%2f..",
        "https://agendas.test.evil.example/",
        "https://agendas.test@evil.example/",
        "/\n/evil.example",
    ),
]


@pytest.mark.parametrize("target", ELSEWHERE)
def test_no_way_back_leads_elsewhere(client_of, target) -> None:
    """Open redirect, by every parameter that names a way back."""
    client = client_of("booker")
    for address in ("/manage/agendas/mairie/given-up/K/", "/manage/agendas/mairie/go/"):
        answer = client.get(address, {"back": target, "next": target, "return_url": target, "date": "2026-11-24"})
        assert answer["Location"].startswith("/manage/"), answer["Location"]
    page = client.get("/manage/agendas/mairie/book/", {"back": target}).content.decode()
    assert "evil" not in page
    client.logout()
    answer = client.post(f"/login/?next={quote(target)}", {"username": "booker", "password": "x", "next": target})
    assert answer["Location"] == "/manage/"


@pytest.mark.parametrize("name", ["description", "location", "comment", "url"])
def test_nothing_is_added_to_a_calendar_by_a_text(api, name) -> None:
    details = BookingDetails(label="A\r\nATTENDEE:mailto:evil@x.test", user_display_label="B\nEND:VEVENT")
    booking = confirm(BookingRequest("mairie", (SLOTS[0],), details=details), now=NOW, actor=ALICE).booking
    text = "x\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:evil"
    answer = api.get(f"booking/{booking.pk}/ics/", **{name: text})
    if answer.status == 400:
        assert name == "url"
        return
    (event,) = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert "ATTENDEE" not in event
    assert "evil" not in str(event["SUMMARY"])


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "https://a\nb/", "https://a/<script>", "//a/", "/a"]
)
@pytest.mark.parametrize("name", ["backoffice_url", "form_url", "cancel_callback_url"])
def test_addresses_of_records_are_web_addresses(api, name, url) -> None:
    answer = api.post(f"agenda/mairie/fillslot/{SLOTS[0]}/", {name: url})
    assert (answer.status, list(answer.json["errors"])) == (400, [name])
