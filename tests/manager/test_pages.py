"""The back office's pages: who may see what, and a booking from the calendar to the form."""

from __future__ import annotations

import datetime
import html
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from adapter.agendas.models import Agenda, Booking, BookingState
from adapter.agendas.services import BookingDetails, BookingRequest, HoldRequest, confirm, hold
from adapter.agendas.services.exceptions import create_closure
from adapter.manager.views import booking, calendar
from adapter.manager.words import problem_in_words
from tests.agendas.builders import ALICE, NOW, make_agenda, make_virtual
from tests.support.signed import known_services
from tests.support.wcs_double import WcsDouble

DAY = "/manage/agendas/mairie/day/2026/11/24/"
WEEK = "/manage/agendas/mairie/week/2026/11/24/"
MONTH = "/manage/agendas/mairie/month/2026/11/24/"
BOOK = "/manage/agendas/mairie/book/"
PAGES = ["/manage/", "/manage/agendas/mairie/", DAY, WEEK, MONTH, BOOK, "/manage/agendas/mairie/version/"]
SLOT = "passeport:2026-11-24-0900"


@pytest.fixture(autouse=True)
def _stopped_clock(db, monkeypatch, settings) -> None:
    settings.BASE_URL = "https://agendas.test/"
    monkeypatch.setattr(calendar, "present", lambda: NOW)
    monkeypatch.setattr(booking, "now", lambda: NOW)


@pytest.fixture
def mairie() -> Agenda:
    return make_agenda(
        view_role=Group.objects.create(name="voir"),
        booking_role=Group.objects.create(name="réserver"),
        backoffice_booking_enabled=True,
        form_slug="rendez-vous",
        slot_field="creneau",
    )


def log_in(name: str, *groups: str) -> Client:
    user = get_user_model().objects.create_user(name, f"{name}@example.org", "x")
    user.groups.set(Group.objects.filter(name__in=groups))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def agent(mairie) -> Client:
    return log_in("agent", "voir", "réserver")


@pytest.fixture
def wcs(settings) -> Iterator[WcsDouble]:
    cache.clear()
    with WcsDouble() as double:
        settings.KNOWN_SERVICES = known_services(double.url)
        addresses = {name: f"{double.url}{name}/12/" for name in ("url", "backoffice_url", "api_url")}
        double.answers = [(200, {"err": 0, "data": {"id": "12", **addresses}})]
        yield double


@pytest.mark.parametrize("page", PAGES)
def test_visitors_log_in_first(mairie, page) -> None:
    answer = Client().get(page)
    assert (answer.status_code, answer.url.split("?")[0]) == (302, "/login/")


@pytest.mark.parametrize("page", PAGES[1:])
def test_an_agent_without_the_view_role_sees_nothing(mairie, page) -> None:
    assert log_in("stranger").get(page).status_code == 403


def test_a_month_says_which_days_an_exception_closes_and_why(agent, mairie) -> None:
    def at(day: int, hour: int) -> datetime.datetime:
        return datetime.datetime(2026, 11, day, hour, tzinfo=ZoneInfo("Europe/Paris"))

    first, *others = mairie.desks.all()
    who = {"now": NOW, "actor": ALICE}
    create_closure(mairie, [first, *others], start=at(25, 0), end=at(26, 0), label="Fête", **who)
    create_closure(mairie, [first], start=at(26, 0), end=at(27, 0), label="Formation", **who)
    create_closure(mairie, [first, *others], start=at(27, 0), end=at(27, 10), label="Réunion", **who)
    content = agent.get(MONTH).content.decode()
    days = dict(re.findall(r'id="month-2026-11-(2[567])">(.*?)</a>', content, re.DOTALL))
    assert "Fête" in days["25"]
    assert not re.search(r"[1-9]", free(days["25"]))
    for day in ("26", "27"):
        assert re.search(r"[1-9]", free(days[day]))
    assert "Formation" not in content
    assert "Réunion" not in content


def free(day: str) -> str:
    """What a day of the month says of its free slots; empty when it says nothing."""
    found = re.search(r'class="free[^"]*">(.*?)<', day)
    return found[1] if found else ""


def notice(page: str) -> str:
    """What is said above a day or a week on which nothing is open, with its link; empty when nothing is said."""
    found = re.search(r'<div class="infonotice closed-days">(.*?)</div>', page, re.DOTALL)
    return " ".join(html.unescape(found[1]).split()) if found else ""


def test_a_closed_day_says_so_and_leads_to_the_next_open_one(agent, mairie) -> None:
    def on(address: str, day: str) -> str:
        return address.replace("11/24/", day)

    def said(address: str) -> str:
        return notice(agent.get(address).content.decode())

    assert not said(DAY)
    assert not said(on(WEEK, "11/28/"))
    saturday = said(on(DAY, "11/28/") + "?type=passeport")
    assert f'<a href="{on(DAY, "11/30/")}?type=passeport">' in saturday
    assert "lundi 30 novembre</a>" in saturday
    # What an exception closes is not open either: the way leads past it.
    begin = datetime.datetime(2026, 11, 30, tzinfo=ZoneInfo("Europe/Paris"))
    closed = {"start": begin, "end": begin + datetime.timedelta(days=7), "label": "Travaux"}
    create_closure(mairie, mairie.desks.all(), **closed, now=NOW, actor=ALICE)
    assert f'href="{on(DAY, "12/07/")}"' in said(on(DAY, "11/28/"))
    assert f'href="{on(WEEK, "12/07/")}"' in said(on(WEEK, "12/02/"))


def test_where_nothing_ever_opens_no_day_is_promised(agent, mairie) -> None:
    for desk in mairie.desks.all():
        desk.openings.all().delete()
    said = notice(agent.get(DAY).content.decode())
    assert said and "href" not in said


@pytest.mark.parametrize("page", [DAY, WEEK, MONTH])
def test_an_agent_who_may_only_look_has_no_way_to_book(mairie, page) -> None:
    reader = log_in("lecteur", "voir")
    content = reader.get(page).content.decode()
    assert BOOK not in content
    assert reader.get(BOOK).status_code == 403
    assert reader.post(BOOK, {"slot": SLOT}).status_code == 403
    assert not Booking.objects.exists()


@pytest.mark.parametrize("path", ["add-agenda/", "import-agendas/", "agendas/mairie/why/"])
def test_pages_of_agendas_are_marked_in_the_navigation(log_in, path) -> None:
    page = log_in("admin").get(f"/manage/{path}").content.decode()
    assert '<a href="/manage/" aria-current="true">Agendas</a>' in page


def test_the_first_page_lists_what_the_agent_may_see(agent) -> None:
    make_agenda("cachee")
    content = agent.get("/manage/").content.decode()
    assert "Mairie" in content
    assert "Cachee" not in content


def test_logging_in_and_out() -> None:
    get_user_model().objects.create_user("agent", password="secret-word")
    client = Client()
    wrong = client.post("/login/", {"username": "agent", "password": "x"})
    assert wrong.context["form"].non_field_errors().as_data()[0].code == "invalid_login"
    assert client.get("/manage/").status_code == 302
    assert client.post("/login/", {"username": "agent", "password": "secret-word"}).url == "/manage/"
    assert client.get("/manage/").status_code == 200
    client.post("/logout/")
    assert client.get("/manage/").status_code == 302


@pytest.mark.parametrize("page", [DAY, WEEK])
def test_bookings_and_locks_are_shown_with_words(agent, page) -> None:
    details = BookingDetails(label="Dossier 42", user_last_name="Lovelace", backoffice_url="https://demarches.test/42/")
    confirm(BookingRequest("mairie", (SLOT,), details=details), now=NOW, actor=ALICE)
    hold(HoldRequest("mairie", ("passeport:2026-11-24-1000",), "K"), now=NOW, actor=ALICE)
    content = agent.get(page).content.decode()
    assert '<a class="record" href="https://demarches.test/42/">Dossier 42</a>' in content
    assert "Lovelace" in content
    assert "10 minutes" in content
    assert len(re.findall(r'<li class="block [^"]*\bheld\b', content)) == 1
    assert len(re.findall(r'<li class="block [^"]*\bbooked\b', content)) == 1


def test_a_label_that_only_repeats_the_type_gives_way_to_the_person(agent) -> None:
    details = BookingDetails(
        label="Passeport", user_first_name="Ada", user_last_name="Boucle", backoffice_url="https://demarches.test/42/"
    )
    confirm(BookingRequest("mairie", (SLOT,), details=details), now=NOW, actor=ALICE)
    page = agent.get(DAY).content.decode()
    assert '<a class="record" href="https://demarches.test/42/">Ada Boucle</a>' in page
    assert re.search(r'<span class="who">\s*· Passeport</span>', page)


def test_texts_of_others_are_never_markup_or_scripts(agent) -> None:
    details = BookingDetails(label="<script>alert(1)</script>", backoffice_url="javascript:alert(1)")
    confirm(BookingRequest("mairie", (SLOT,), details=details), now=NOW, actor=ALICE)
    for page in (DAY, "/manage/"):
        content = agent.get(page).content.decode()
        assert "<script>alert" not in content
        assert "javascript:" not in content


@pytest.mark.parametrize("page", [DAY, WEEK, MONTH, BOOK, "/manage/", "/login/"])
def test_pages_allow_no_foreign_or_inline_script(agent, page) -> None:
    policy = agent.get(page).headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_a_free_time_leads_to_the_choice_prefilled(agent) -> None:
    content = agent.get(DAY).content.decode()
    [first, *_] = re.findall(r'class="gap[^"]*"><a href="([^"]+)"', content)
    page = agent.get(first.replace("&amp;", "&")).content.decode()
    assert re.search(r'name="slot"[^>]*value="[^"]*2026-11-24-0900"', page)
    assert "Guichet 1" in page
    assert not re.search(r"<button [^>]*submit-button[^>]*disabled", page)


def test_going_to_the_form_holds_the_slot_and_leads_to_the_draft(agent, wcs) -> None:
    answer = agent.post(BOOK, {"slot": SLOT, "agenda": "mairie", "back": DAY})
    assert (answer.status_code, answer.url) == (302, f"{wcs.url}backoffice_url/12/")
    lock = Booking.objects.get()
    assert (lock.state, lock.holder) == (BookingState.HELD, "agent")
    context = wcs.calls[0].body["context"]
    assert context["return_url"] == f"https://agendas.test{DAY}"
    assert context["cancel_url"].startswith("https://agendas.test/manage/agendas/mairie/given-up/")
    back = agent.get(context["cancel_url"].removeprefix("https://agendas.test"))
    assert back.url == DAY
    assert Booking.objects.get().state == BookingState.RELEASED


def test_another_agent_cannot_release_it_by_the_way_back(agent, wcs) -> None:
    agent.post(BOOK, {"slot": SLOT})
    code = Booking.objects.get().lock_code
    other = log_in("autre", "voir", "réserver")
    other.get(f"/manage/agendas/mairie/given-up/{code}/")
    assert Booking.objects.get().state == BookingState.HELD


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ((403, {"err": 1, "err_code": "user-not-allowed-backoffice-submission"}), "agent-not-allowed"),
        ((403, {"err": 1, "err_code": "unknown-name-id"}), "agent-unknown"),
        ((404, {"err": 1}), "unknown-form"),
        ((500, "x"), "other"),
    ],
)
def test_when_wcs_refuses_the_agent_reads_what_to_do_and_the_slot_is_free(agent, wcs, answer, code) -> None:
    wcs.answers = [answer]
    page = agent.post(BOOK, {"slot": SLOT})
    assert page.status_code == 409
    assert page.context["problem"] == problem_in_words(code)
    assert re.fullmatch("[0-9a-f]{8}", page.context["reference"])
    alert = page.content.decode()[page.content.decode().index('role="alert"') :]
    assert page.context["reference"] in alert
    # Who is not known there is led to where one makes oneself known.
    assert (f'href="{wcs.url}"' in alert) == (code == "agent-unknown")
    assert not Booking.objects.live_locks(NOW).exists()


def test_a_slot_taken_meanwhile_offers_the_nearest(agent, wcs) -> None:
    for _ in range(2):
        confirm(BookingRequest("mairie", (SLOT,)), now=NOW, actor=ALICE)
    answer = agent.post(BOOK, {"slot": SLOT})
    page = answer.content.decode()
    assert (answer.status_code, 'role="alert"' in page) == (409, True)
    assert "time=09%3A20" in page
    assert wcs.calls == []


@pytest.mark.parametrize("slot", ["", "nonsense", "passeport:2026-99-99-9999", "x" * 999, "\0"])
def test_nonsense_is_refused_without_a_trace(agent, wcs, slot) -> None:
    assert agent.post(BOOK, {"slot": slot}).status_code == 409
    assert not Booking.objects.exists()


@pytest.mark.parametrize(
    "back", ["https://evil.example.org/", "//evil.example.org/", "javascript:alert(1)", "\\\\evil"]
)
def test_the_way_back_stays_here(agent, wcs, back) -> None:
    agent.post(BOOK, {"slot": SLOT, "back": back})
    assert wcs.calls[0].body["context"]["return_url"] == "https://agendas.test/manage/agendas/mairie/"
    assert "evil" not in agent.get(BOOK, {"back": back}).content.decode()


def test_booking_needs_the_token_of_the_page(mairie) -> None:
    log_in("agent", "voir", "réserver")
    client = Client(enforce_csrf_checks=True)
    client.force_login(get_user_model().objects.get())
    assert client.post(BOOK, {"slot": SLOT}).status_code == 403


@pytest.mark.parametrize("path", ["day/2026/02/30/", "day/0001/01/01/", "week/9999/12/31/"])
def test_a_day_that_does_not_exist_is_404(agent, path) -> None:
    assert agent.get(f"/manage/agendas/mairie/{path}").status_code == 404


def test_the_version_changes_with_the_calendar(agent) -> None:
    def version() -> str:
        return agent.get("/manage/agendas/mairie/version/").json()["version"]

    before = version()
    assert version() == before
    hold(HoldRequest("mairie", (SLOT,), "K"), now=NOW, actor=ALICE)
    assert version() != before


def test_a_virtual_agenda_shows_the_desks_of_all(mairie) -> None:
    everywhere = make_virtual("toutes", mairie, make_agenda("annexe", desks=1), view_role=mairie.view_role)
    content = log_in("lecteur", "voir").get(f"/manage/agendas/{everywhere.slug}/day/2026/11/24/").content.decode()
    assert content.count('<section class="column ') == 3
    assert "Annexe" in content


def test_the_number_of_queries_does_not_depend_on_desks_and_bookings() -> None:
    role = Group.objects.create(name="voir")
    counts = []
    for slug, desks in (("petite", 1), ("grande", 20)):
        make_agenda(slug, desks=desks, view_role=role)
        for number in range(desks * 10):
            start = 9 * 60 + number // desks * 20
            if start >= 12 * 60:
                start += 90
            slot = f"passeport:2026-11-24-{start // 60:02}{start % 60:02}"
            confirm(BookingRequest(slug, (slot,)), now=NOW, actor=ALICE)
    client = log_in("agent", "voir")
    for slug in ("petite", "grande"):
        client.get(f"/manage/agendas/{slug}/day/2026/11/24/")
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/manage/agendas/{slug}/day/2026/11/24/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 10


def test_every_text_is_translated_and_compiled(tmp_path) -> None:
    folder = Path(__file__).resolve().parents[2] / "adapter/locale/fr/LC_MESSAGES"
    text = (folder / "django.po").read_text("utf-8")
    assert not re.search(r'msgstr(?:\[\d\])? ""\n(?!")', text)
    assert "fuzzy" not in text
    compiled = tmp_path / "django.mo"
    subprocess.run(["msgfmt", "--check", "-o", str(compiled), str(folder / "django.po")], check=True)
    assert compiled.read_bytes() == (folder / "django.mo").read_bytes()


def test_the_demo_says_what_to_try_and_nobody_else_does(log_in, settings) -> None:
    assert 'id="demo"' not in log_in("viewer").get("/manage/").content.decode()
    settings.DEMO = True
    page = log_in("viewer").get("/manage/").content.decode()
    assert 'href="/manage/agendas/mairie/"' in page[page.index('id="demo"') :]


def test_what_is_not_there_and_what_is_not_allowed_lead_on(log_in) -> None:
    client = log_in("viewer")
    for address, status in (("/manage/agendas/nowhere/", 404), ("/manage/studio/", 403)):
        answer = client.get(address)
        assert answer.status_code == status
        page = answer.content.decode()
        assert '<a class="button" href="/manage/">' in page
        assert 'action="/logout/"' in page
