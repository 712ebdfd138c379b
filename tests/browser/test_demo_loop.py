"""`make demo`, by hand: from the calendar to the form in the stand-in of w.c.s., to the booking and back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import serious_faults
from tests.support.demo import Demo

pytestmark = pytest.mark.servers


@pytest.fixture
def demo(running_demo: Demo) -> tuple[str, str]:
    """The addresses of the adapter and of the stand-in."""
    return running_demo.adapter, running_demo.wcs


def log_in(page: Page, base: str) -> None:
    page.goto(f"{base}/manage/")
    page.fill("[name=username]", "agent")
    page.fill("[name=password]", "demo")
    page.press("[name=password]", "Enter")
    expect(page).to_have_url(re.compile(r"/manage/$"))


def fill_contact(page: Page) -> None:
    for label, value in (("Nom", "Boucle"), ("Prénom", "Ada"), ("Adresse électronique", "ada@example.net")):
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_role("button", name="Suivant").click()


@pytest.mark.parametrize("view", ["desktop", "phone"])
def test_from_the_calendar_to_the_booking_and_back(demo, view, request) -> None:
    page: Page = request.getfixturevalue(view)
    adapter, wcs = demo
    log_in(page, adapter)
    page.goto(f"{adapter}/manage/agendas/mairie/book/")
    page.get_by_role("button", name="Allez au formulaire de réservation").click()

    # The stand-in asks who it is, says what it is, and opens the draft.
    expect(page.get_by_text("Remplaçant de w.c.s.")).to_be_visible()
    page.get_by_role("button", name="Agnès Guichet").click()
    assert serious_faults(page) == []
    fill_contact(page)
    slot = page.get_by_label("Créneau")
    # The draft's data fill the page; the agent may choose another slot.
    expect(slot).to_be_enabled()
    expect(slot).to_have_value(re.compile(r"^\w[\w-]*:\d{4}-"))
    assert serious_faults(page) == []
    page.get_by_role("button", name="Suivant").click()
    page.get_by_role("button", name="Valider").click()
    expect(page.get_by_text("En attente du rendez-vous").first).to_be_visible()
    assert serious_faults(page) == []
    record = page.url

    # The calendar shows the booking, with the way to its record.
    [number] = re.findall(r"Numéro de réservation\s+(\d+)", page.inner_text("main"))
    [day, month, year] = re.findall(r"(\d+) (\S+) (\d{4}) \d\d:\d\d", page.inner_text("main"))[0]
    months = [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ]
    page.goto(f"{adapter}/manage/agendas/mairie/day/{year}/{months.index(month) + 1}/{day}/")
    link = page.locator(f'a[href="{record}"]')
    expect(link.first).to_be_attached()
    assert number

    # What was said between the two can be read.
    page.goto(f"{wcs}/calls/")
    expect(page.get_by_text("rdv_preblocage").first).to_be_visible()
    assert serious_faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_giving_up_in_the_form_leads_back_and_frees_the_slot(demo, desktop: Page) -> None:
    adapter, wcs = demo
    log_in(desktop, adapter)
    desktop.goto(f"{adapter}/manage/agendas/annexe/book/")
    desktop.get_by_role("button", name="Allez au formulaire de réservation").click()
    desktop.get_by_role("button", name="Agnès Guichet").click()
    desktop.get_by_role("button", name="Annuler").click()
    assert desktop.url.startswith(f"{adapter}/manage/")
    desktop.goto(f"{wcs}/")
    expect(desktop.get_by_text("Saisies en attente")).to_have_count(0)


def test_a_citizen_books_in_the_stand_in_and_cancels(demo, phone: Page) -> None:
    _adapter, wcs = demo
    phone.goto(f"{wcs}/")
    phone.get_by_role("link", name="Remplir comme usager").click()
    fill_contact(phone)
    phone.get_by_label("Lieu").select_option(label="Mairie")
    phone.get_by_role("button", name="Suivant").click()
    phone.get_by_label("Motif").select_option(label="Passeport")
    phone.get_by_role("button", name="Suivant").click()
    phone.get_by_label("Créneau").select_option(index=30)
    phone.get_by_role("button", name="Suivant").click()
    phone.get_by_role("button", name="Valider").click()
    expect(phone.get_by_text("En attente du rendez-vous").first).to_be_visible()
    phone.get_by_text("Annuler le rendez-vous").first.click()
    phone.get_by_role("button", name="Annuler le rendez-vous").click()
    expect(phone.get_by_text("Rendez-vous annulé").first).to_be_visible()
    assert serious_faults(phone) == []


def test_an_agent_without_the_role_is_told(demo, desktop: Page) -> None:
    _adapter, wcs = demo
    desktop.goto(f"{wcs}/backoffice/submission/rendez-vous/")
    desktop.get_by_role("button", name="Lucien Lecteur").click()
    expect(desktop.get_by_text("Vous n'avez pas de rôle de saisie")).to_be_visible()
