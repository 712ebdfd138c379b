"""The pop-up when it cannot be: the slot is taken meanwhile, or w.c.s. refuses, is slow, or does not answer."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from adapter.agendas.models import Booking, BookingState, Desk
from adapter.agendas.services import BookingRequest, Slot, confirm
from adapter.clock import now
from tests.agendas.builders import ALICE
from tests.browser.agents import (
    GO,
    a_slot,
    calendar,
    come_back_to_the_tab,
    free_slots,
    gap_at,
    go_to_the_form,
    log_in,
    minutes,
    open_gap,
    place_in,
)

pytestmark = pytest.mark.servers


def fill_up(slot: Slot, agenda: str = "mairie") -> None:
    """Other people take the slot on every desk."""
    while any(free.id == slot.id for free in free_slots(agenda)):
        confirm(BookingRequest(agenda, (slot.id,)), now=now(), actor=ALICE)


def test_a_slot_taken_before_the_pop_up_offers_the_nearest(desktop, demo, forms) -> None:
    slot = a_slot()
    log_in(desktop, demo)
    desktop.goto(calendar(demo, slot.start.date()))
    fill_up(slot)
    # The board is a few seconds old: the click goes where the slot was.
    for column in ("desk-" + str(desk.pk) for desk in Desk.objects.filter(agenda__slug="mairie")):
        try:
            gap = gap_at(desktop, column, minutes(slot.start))
        except AssertionError:
            continue
        gap.click(position=place_in(gap, minutes(slot.start) + 5))
        break
    dialog = desktop.get_by_role("dialog")
    expect(dialog.get_by_role("status")).to_contain_text("Ce créneau n'est pas libre.")
    expect(dialog.get_by_role("button", name=GO)).to_be_disabled()
    nearest = dialog.locator(".slots a").first
    time = (nearest.text_content() or "")[-5:]
    nearest.click()
    expect(dialog.locator(".chosen")).to_contain_text(time)
    assert f"{go_to_the_form(desktop, forms.url).start.astimezone(slot.start.tzinfo):%H:%M}" == time


def test_a_slot_taken_while_the_pop_up_is_open_is_told_in_it(desktop, demo) -> None:
    slot = a_slot()
    log_in(desktop, demo)
    open_gap(desktop, demo, slot)
    dialog = desktop.get_by_role("dialog")
    expect(dialog.locator(".chosen")).to_contain_text(f"{slot.start:%H:%M}")
    blocks = desktop.locator(".block").count()
    fill_up(slot)
    come_back_to_the_tab(desktop)
    expect(dialog.get_by_role("status")).to_contain_text("Ce créneau n'est pas libre.")
    expect(dialog.get_by_role("button", name=GO)).to_be_disabled()
    assert desktop.locator(".block").count() == blocks, "the board stays still under the pop-up"
    desktop.keyboard.press("Escape")
    expect(desktop.locator(".block")).not_to_have_count(blocks)


def test_a_slot_taken_at_the_very_click_is_told_with_the_nearest(desktop, demo, forms) -> None:
    slot = a_slot()
    log_in(desktop, demo)
    open_gap(desktop, demo, slot)
    expect(desktop.locator("dialog .chosen")).to_contain_text(f"{slot.start:%H:%M}")
    fill_up(slot)
    desktop.get_by_role("button", name=GO).click()
    expect(desktop.get_by_role("alert")).to_contain_text("vient de prendre ce créneau")
    desktop.locator("dialog .slots a").first.click()
    expect(desktop.locator("dialog .chosen")).to_be_visible()
    go_to_the_form(desktop, forms.url)


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        ("down", "ne répond pas"),
        ("no-role", "rôle de saisie backoffice"),
        ("unknown-agent", "ne connaît pas votre compte"),
        ("disabled", "est désactivé"),
        ("unknown-form", "n'existe pas"),
        ("error", "n'a pas pu préparer"),
    ],
)
def test_when_wcs_does_not_do_it_the_agent_reads_what_to_do_and_the_slot_is_free(
    desktop, demo, forms, failure, words
) -> None:
    log_in(desktop, demo)
    open_gap(desktop, demo, a_slot())
    before = Booking.objects.live_locks(now()).count()
    forms.fail_next(failure)
    desktop.get_by_role("button", name=GO).click()
    alert = desktop.get_by_role("alert")
    expect(alert).to_contain_text(words)
    expect(alert).to_contain_text("Le créneau est de nouveau libre.")
    expect(alert).to_contain_text("Code pour l'assistance")
    way = alert.get_by_role("link", name="Ouvrir w.c.s.")
    expect(way).to_have_count(1 if failure == "unknown-agent" else 0)
    assert Booking.objects.live_locks(now()).count() == before
    # It can be tried again from where one is.
    go_to_the_form(desktop, forms.url)


def hold_back(page: Page) -> list[Route]:
    """What the button of the pop-up sends waits until it is let go: w.c.s. takes its time."""
    waiting: list[Route] = []
    page.route("**/book/", lambda route: waiting.append(route) if route.request.method == "POST" else route.continue_())
    return waiting


def test_a_slow_wcs_is_waited_for_and_what_it_says_is_shown_whatever_happens_meanwhile(desktop, demo, forms) -> None:
    log_in(desktop, demo)
    open_gap(desktop, demo, a_slot())
    waiting = hold_back(desktop)
    forms.fail_next("no-role")
    desktop.get_by_role("button", name=GO).click()
    expect(desktop.get_by_role("dialog").get_by_text("Veuillez patienter")).to_be_visible()
    # Somebody books elsewhere: the calendar hears of it while the answer is awaited.
    confirm(BookingRequest("mairie", (free_slots()[-1].id,)), now=now(), actor=ALICE)
    with desktop.expect_response(lambda answer: answer.url.endswith("/version/") and answer.status == 200):
        come_back_to_the_tab(desktop)
    waiting[0].continue_()
    expect(desktop.get_by_role("alert")).to_contain_text("rôle de saisie backoffice")
    expect(desktop.get_by_role("dialog").get_by_text("Veuillez patienter")).to_have_count(0)
    desktop.unroute_all()
    go_to_the_form(desktop, forms.url)


def test_a_pop_up_that_was_closed_while_wcs_was_awaited_leads_nowhere(desktop, demo, forms) -> None:
    log_in(desktop, demo)
    slot = a_slot()
    open_gap(desktop, demo, slot)
    waiting = hold_back(desktop)
    desktop.get_by_role("button", name=GO).click()
    expect(desktop.get_by_role("dialog").get_by_text("Veuillez patienter")).to_be_visible()
    desktop.keyboard.press("Escape")
    with desktop.expect_response(lambda answer: answer.request.method == "POST" and answer.status == 201):
        waiting[0].continue_()
    lock = Booking.objects.get(holder="agent", state=BookingState.HELD, form_slug="rendez-vous", start=slot.start)
    come_back_to_the_tab(desktop)
    # What is held is in the calendar, with the way to the form.
    desktop.locator(f"#details-{lock.pk}").click()
    way = desktop.get_by_role("dialog").get_by_role("link", name="Reprendre le formulaire")
    expect(way).to_have_attribute("href", lock.draft.backoffice_url)
    assert desktop.url == calendar(demo, slot.start.date())
