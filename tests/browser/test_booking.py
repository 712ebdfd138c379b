"""An agent books in a real browser: by mouse, by keyboard, on a phone."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.cache import cache as django_cache
from playwright.sync_api import Page, expect

from adapter.agendas.models import Booking, BookingState
from adapter.agendas.queries.snapshot import cache
from adapter.agendas.services import BookingRequest, confirm
from adapter.clock import now
from tests.agendas.builders import ALICE, make_agenda
from tests.support.signed import known_services
from tests.support.wcs_double import WcsDouble

pytestmark = pytest.mark.xdist_group("browser")
TOMORROW = datetime.timedelta(days=2)


@pytest.fixture
def wcs(settings) -> Iterator[WcsDouble]:
    django_cache.clear()
    with WcsDouble() as double:
        settings.KNOWN_SERVICES = known_services(double.url)
        addresses = {name: f"{double.url}{name}/12/" for name in ("url", "backoffice_url", "api_url")}
        double.answers = [(200, {"err": 0, "data": {"id": "12", **addresses}})]
        yield double


@pytest.fixture
def site(live_server, settings, wcs, transactional_db) -> str:
    """A running site with the agenda *mairie* and the login *agent*."""
    settings.BASE_URL = f"{live_server.url}/"
    cache.clear()
    roles = [Group.objects.create(name=name) for name in ("voir", "réserver")]
    make_agenda(
        weekdays=range(7),
        view_role=roles[0],
        booking_role=roles[1],
        backoffice_booking_enabled=True,
        form_slug="rendez-vous",
        slot_field="creneau",
    )
    get_user_model().objects.create_user("agent", "agent@example.org", "secret-word").groups.set(roles)
    return live_server.url


def log_in(page: Page, site: str) -> None:
    page.goto(f"{site}/")
    page.get_by_label("Nom d'utilisateur").fill("agent")
    page.get_by_label("Mot de passe").fill("secret-word")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Agendas", level=2)).to_be_visible()


def calendar(site: str, view: str = "day") -> str:
    day = (now() + TOMORROW).date()
    return f"{site}/manage/agendas/mairie/{view}/{day:%Y/%m/%d}/"


def go_to_the_form(page: Page, wcs: WcsDouble) -> Booking:
    with page.expect_navigation(url=f"{wcs.url}**"):
        page.get_by_role("button", name="Allez au formulaire de réservation").click()
    lock = Booking.objects.get(state=BookingState.HELD)
    assert lock.holder == "agent"
    assert wcs.calls[0].body["context"]["lock_code"] == lock.lock_code
    return lock


@pytest.mark.parametrize("view", ["day", "week"])
def test_a_click_on_free_time_leads_to_the_form(desktop, site, wcs, view) -> None:
    log_in(desktop, site)
    desktop.goto(calendar(site, view))
    free = desktop.get_by_role("link", name="Libre de 13:30").first
    free.click()
    expect(desktop.locator(".chosen")).to_contain_text("13:30")
    lock = go_to_the_form(desktop, wcs)
    assert f"{lock.start.astimezone():%M}" == "30"


def test_the_keyboard_is_enough(desktop, site, wcs) -> None:
    log_in(desktop, site)
    desktop.goto(calendar(site))
    desktop.get_by_role("link", name="Ajouter une réservation").focus()
    desktop.keyboard.press("Enter")
    button = desktop.get_by_role("button", name="Allez au formulaire de réservation")
    for _ in range(40):
        if button.evaluate("element => element === document.activeElement"):
            break
        desktop.keyboard.press("Tab")
    with desktop.expect_navigation(url=f"{wcs.url}**"):
        desktop.keyboard.press("Enter")
    assert Booking.objects.get().holder == "agent"


def test_a_phone_is_enough(phone, site, wcs) -> None:
    log_in(phone, site)
    phone.goto(calendar(site))
    phone.get_by_role("link", name="Ajouter une réservation").tap()
    expect(phone.get_by_label("Type de rendez-vous")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    phone.get_by_label("Type de rendez-vous").select_option("mariage")
    phone.get_by_role("button", name="Chercher ce créneau").tap()
    expect(phone.locator(".chosen")).to_contain_text("1 heure")
    go_to_the_form(phone, wcs)


def test_a_slot_taken_while_the_page_was_open_offers_the_nearest(desktop, site, wcs) -> None:
    log_in(desktop, site)
    desktop.goto(f"{site}/manage/agendas/mairie/book/")
    slot = desktop.locator("input[name=slot]").get_attribute("value")
    assert slot
    for _ in range(2):
        confirm(BookingRequest("mairie", (slot,)), now=now(), actor=ALICE)
    desktop.get_by_role("button", name="Allez au formulaire de réservation").click()
    expect(desktop.get_by_role("alert")).to_contain_text("vient de prendre ce créneau")
    desktop.locator(".slots a").first.click()
    go_to_the_form(desktop, wcs)


def test_a_wcs_that_is_down_is_explained_and_holds_nothing(desktop, site, settings) -> None:
    settings.KNOWN_SERVICES = known_services("http://127.0.0.1:9/")
    log_in(desktop, site)
    desktop.goto(f"{site}/manage/agendas/mairie/book/")
    desktop.get_by_role("button", name="Allez au formulaire de réservation").click()
    expect(desktop.get_by_role("alert")).to_contain_text("ne répond pas")
    assert not Booking.objects.live_locks(now()).exists()


def test_no_page_has_a_serious_fault_of_accessibility(browser, site) -> None:
    # The checker is a script of its own: our policy would refuse it.
    page = browser.new_context(locale="fr-FR", bypass_csp=True).new_page()
    faults = []

    def check(name: str) -> None:
        violations = Axe().run(page).response["violations"]
        faults.extend((name, item["id"]) for item in violations if item["impact"] in ("serious", "critical"))

    page.goto(f"{site}/login/")
    check("login")
    log_in(page, site)
    check("home")
    for view in ("day", "week", "month"):
        page.goto(calendar(site, view))
        check(view)
    page.goto(f"{site}/manage/agendas/mairie/book/")
    check("book")
    page.goto(f"{site}/api/docs/")
    check("docs")
    page.context.close()
    assert faults == []
