"""The calendar while it lives: it refreshes itself, locks run down, and agents act on what stands there."""

from __future__ import annotations

import datetime

import pytest
from django.contrib.auth.models import Group
from playwright.sync_api import Page, expect

from adapter.agendas.models import AuditEvent, Booking, BookingState, CallbackState
from adapter.agendas.services import Actor, BookingDetails, BookingRequest, HoldRequest, Slot, confirm, hold
from adapter.agendas.services.callbacks import Sent, deliver_due
from adapter.clock import now
from tests.agendas.builders import ALICE, make_agenda
from tests.browser.agents import calendar, come_back_to_the_tab, free_slots, log_in

pytestmark = pytest.mark.servers
WORKER = Actor.task("deliver_callbacks")


def hold_slot(slot: Slot, code: str = "of-somebody") -> Booking:
    return hold(HoldRequest("mairie", (slot.id,), code, holder="demarches.test"), now=now(), actor=ALICE).lock


def book_slot(slot: Slot, **details: str) -> Booking:
    request = BookingRequest("mairie", (slot.id,), details=BookingDetails(label="Dossier 42", **details))
    return confirm(request, now=now(), actor=ALICE).booking


def open_details(page: Page, demo: str, item: Booking, view: str = "day") -> None:
    page.goto(calendar(demo, item.start.date(), view))
    page.locator(f"#details-{item.pk}").click()
    expect(page.get_by_role("dialog")).to_be_visible()


@pytest.mark.parametrize("view", ["day", "week"])
def test_the_calendar_refreshes_itself_and_keeps_focus_and_scroll(desktop, demo, view) -> None:
    slot = free_slots()[4]
    log_in(desktop, demo)
    desktop.set_viewport_size({"width": 500, "height": 500})
    desktop.goto(calendar(demo, slot.start.date(), view))
    kept = desktop.locator(".block.booked .details").last
    kept.focus()
    name = kept.get_attribute("id")
    scroll = "(() => { const s = document.querySelector('.board-scroll'); return [s.scrollLeft, s.scrollTop]; })()"
    desktop.evaluate("document.querySelector('.board-scroll').scrollTo(40, 60)")
    before = desktop.evaluate(scroll)
    assert before[1] == 60
    lock = hold_slot(slot)
    expect(desktop.locator(f"#block-{lock.pk}")).to_have_count(0)
    come_back_to_the_tab(desktop)
    expect(desktop.locator(f"#block-{lock.pk}")).to_contain_text("Retenu")
    assert desktop.evaluate("document.activeElement.id") == name
    assert desktop.evaluate(scroll) == before


def test_an_unchanged_calendar_is_not_fetched_again(desktop, demo) -> None:
    log_in(desktop, demo)
    desktop.goto(calendar(demo, free_slots()[0].start.date()))
    asked: list[str] = []
    desktop.on("request", lambda request: asked.append(request.url))
    for _ in range(3):
        with desktop.expect_response(lambda answer: answer.url.endswith("/version/")) as answer:
            come_back_to_the_tab(desktop)
        assert answer.value.status == 304
    assert all(url.endswith("/version/") for url in asked)


def test_a_lock_runs_down_in_view_and_goes(desktop, demo) -> None:
    lock = hold_slot(free_slots()[4])
    Booking.objects.filter(pk=lock.pk).update(expires_at=now() + datetime.timedelta(seconds=6))
    log_in(desktop, demo)
    desktop.goto(calendar(demo, lock.start.date()))
    block = desktop.locator(f"#block-{lock.pk}")
    first = block.locator(".left").text_content()
    expect(block.locator(".left")).not_to_have_text(first or "")
    expect(block).to_have_count(0)
    assert Booking.objects.get(pk=lock.pk).state == BookingState.HELD, "no task has run: expiry is a predicate"


def test_the_countdown_follows_the_clock_of_the_server(desktop, demo, settings) -> None:
    settings.CLOCK_OFFSET = 3 * 3600
    lock = hold_slot(free_slots()[4])
    log_in(desktop, demo)
    desktop.goto(calendar(demo, lock.start.date()))
    expect(desktop.locator(f"#block-{lock.pk} .left")).to_contain_text("encore 9:")


def test_extending_and_releasing_a_lock(desktop, demo) -> None:
    lock = hold_slot(free_slots()[4])
    soon = now() + datetime.timedelta(minutes=2)
    Booking.objects.filter(pk=lock.pk).update(expires_at=soon)
    log_in(desktop, demo)
    open_details(desktop, demo, lock)
    dialog = desktop.get_by_role("dialog", name="Créneau retenu")
    expect(dialog).to_contain_text("une personne en ligne")
    expect(dialog).to_contain_text("encore 1:")
    dialog.get_by_role("button", name="Prolonger").click()
    expect(dialog.get_by_role("status")).to_contain_text("retenu plus longtemps")
    expect(dialog).to_contain_text("encore 9:")
    dialog.get_by_role("link", name="Libérer…").click()
    expect(dialog.get_by_role("link", name="Non, revenir")).to_be_focused()
    dialog.get_by_role("button", name="Libérer le créneau").click()
    expect(desktop.get_by_role("dialog").get_by_role("status")).to_contain_text("de nouveau libre")
    desktop.keyboard.press("Escape")
    expect(desktop.locator(f"#block-{lock.pk}")).to_have_count(0)
    codes = set(AuditEvent.objects.filter(booking_id=lock.pk, actor="agent").values_list("code", flat=True))
    assert codes == {"lock.renewed", "lock.released"}


def test_taking_over_a_lock_leads_to_a_form_of_ones_own(desktop, demo, forms) -> None:
    lock = hold_slot(free_slots()[4])
    log_in(desktop, demo)
    open_details(desktop, demo, lock, "week")
    dialog = desktop.get_by_role("dialog")
    dialog.get_by_role("link", name="Reprendre…").click()
    expect(dialog).to_contain_text("Reprendre ce créneau ?")
    with desktop.expect_navigation(url=f"{forms.url}**"):
        dialog.get_by_role("button", name="Reprendre et aller au formulaire").click()
    mine = Booking.objects.get(holder="agent", form_slug="rendez-vous", start=lock.start, state=BookingState.HELD)
    assert forms.calls[0].body["context"]["lock_code"] == mine.lock_code != lock.lock_code
    desktop.goto(calendar(demo, lock.start.date()))
    expect(desktop.locator(f"#block-{mine.pk}")).to_contain_text("Agnès Guichet")
    expect(desktop.locator(f"#block-{lock.pk}")).to_have_count(0)


def test_cancelling_a_booking_tells_the_form_and_shows_how_far_that_got(desktop, demo) -> None:
    item = book_slot(free_slots()[4], cancel_callback_url="https://demarches.test/api/forms/rdv/1/hooks/annuler/")
    log_in(desktop, demo)
    open_details(desktop, demo, item)
    dialog = desktop.get_by_role("dialog", name="Rendez-vous")
    dialog.get_by_role("link", name="Annuler le rendez-vous…").click()
    dialog.get_by_role("link", name="Non, revenir").click()
    dialog.get_by_role("link", name="Annuler le rendez-vous…").click()
    dialog.get_by_role("button", name="Annuler le rendez-vous").click()
    expect(dialog.get_by_role("status")).to_contain_text("Le rendez-vous est annulé.")
    desktop.keyboard.press("Escape")
    expect(desktop.locator(f"#block-{item.pk}")).to_have_count(0)
    deliver_due(now=now(), send=lambda callback: Sent(404, "Not found"), actor=WORKER)
    come_back_to_the_tab(desktop)
    listed = desktop.locator("details.cancelled")
    expect(listed).to_have_attribute("open", "")
    expect(listed).to_contain_text("la démarche n'a pas pu être prévenue")
    listed.get_by_role("link").click()
    desktop.get_by_role("button", name="Prévenir de nouveau la démarche").click()
    expect(desktop.get_by_role("dialog").get_by_role("status")).to_contain_text("de nouveau")
    assert item.callbacks.get().state == CallbackState.PENDING
    deliver_due(now=now(), send=lambda callback: Sent(200), actor=WORKER)
    desktop.keyboard.press("Escape")
    expect(desktop.locator("details.cancelled .callback")).to_have_text("la démarche a été prévenue")


def test_a_server_that_cannot_be_reached_is_told_and_forgotten_when_it_is_back(desktop, demo) -> None:
    log_in(desktop, demo)
    desktop.goto(calendar(demo, free_slots()[0].start.date()))
    desktop.context.set_offline(True)
    come_back_to_the_tab(desktop)
    notice = desktop.locator(".stale")
    expect(notice).to_contain_text("Pas de nouvelles du serveur")
    desktop.locator(".add-booking").click()
    expect(desktop.get_by_role("alert")).to_contain_text("Le serveur ne répond pas")
    desktop.keyboard.press("Escape")
    desktop.context.set_offline(False)
    come_back_to_the_tab(desktop)
    expect(notice).to_be_hidden()


def test_an_agent_who_was_logged_out_is_led_to_the_log_in(desktop, demo) -> None:
    log_in(desktop, demo)
    desktop.goto(calendar(demo, free_slots()[0].start.date()))
    desktop.context.clear_cookies()
    desktop.locator(".add-booking").click()
    expect(desktop.get_by_label("Mot de passe")).to_be_visible()


def test_a_day_on_paper_is_a_list_for_each_desk(desktop, demo) -> None:
    item = book_slot(free_slots()[4])
    log_in(desktop, demo)
    desktop.goto(calendar(demo, item.start.date()))
    desktop.emulate_media(media="print")
    expect(desktop.get_by_role("link", name="Aujourd'hui")).to_be_hidden()
    block = desktop.locator(f"#block-{item.pk}")
    expect(block).to_be_visible()
    assert block.evaluate("element => getComputedStyle(element).position") == "static"


def test_twenty_desks_and_four_hundred_bookings_stay_usable(desktop, demo) -> None:
    role = Group.objects.get(name="Agendas : réservation")
    hours = (("09:00", "12:00"), ("13:00", "17:00"))
    values = {"view_role": role, "booking_role": role, "backoffice_booking_enabled": True, "form_slug": "f"}
    make_agenda("grande", desks=20, weekdays=range(7), hours=hours, **values)
    day = (now() + datetime.timedelta(days=3)).date()
    times = [f"{hour:02}{minute:02}" for hour in (9, 10, 11, 13, 14, 15, 16) for minute in (0, 20, 40)][:-1]
    for time in times:
        for _ in range(20):
            confirm(BookingRequest("grande", (f"passeport:{day}-{time}",)), now=now(), actor=ALICE)
    log_in(desktop, demo)
    desktop.goto(calendar(demo, day, agenda="grande"))
    assert desktop.locator(".block.booked").count() == 400
    last = desktop.locator("[data-column]").last
    last.locator(".gap a").click()
    expect(desktop.locator("dialog .chosen")).to_contain_text("Guichet 20")
    desktop.keyboard.press("Escape")
    # Heads of columns and hours stay in sight wherever one is.
    head = last.locator(".head").bounding_box()
    board = desktop.locator(".board-scroll").bounding_box()
    assert head
    assert board
    assert abs(head["y"] - board["y"]) < 2
    desktop.goto(calendar(demo, day, "week", agenda="grande"))
    assert desktop.locator(".block.booked").count() == 400
    assert desktop.evaluate("document.documentElement.scrollWidth") <= 1280
    narrow = desktop.locator(".block.booked").first.bounding_box()
    assert narrow
    assert narrow["width"] > 60
