"""The calendar in a real browser, on the demo's data: booking by mouse, keyboard and finger."""

from __future__ import annotations

import datetime
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from adapter.agendas.errors import SlotUnavailable
from adapter.agendas.models import Agenda, Booking, BookingState, Desk
from adapter.agendas.services import BookingDetails, BookingRequest, Slot, confirm
from adapter.agendas.services.exceptions import create_closure
from adapter.clock import now
from tests.agendas.builders import ALICE, make_agenda
from tests.browser.agents import (
    GO,
    a_slot,
    calendar,
    free_slots,
    gap_at,
    go_to_the_form,
    log_in,
    minutes,
    open_gap,
    place_in,
)

pytestmark = pytest.mark.servers
DAY = datetime.timedelta(days=1)


@pytest.mark.parametrize("view", ["day", "week"])
def test_the_mouse_shows_the_slot_that_a_click_takes_and_the_form_gets_it(desktop, demo, forms, view) -> None:
    slot = a_slot()
    log_in(desktop, demo)
    desktop.goto(calendar(demo, slot.start.date(), view))
    columns = [item.get_attribute("data-column") or "" for item in desktop.locator("[data-column]").all()]
    column = next(name for name in columns if view == "day" or name.endswith(f"{slot.start:%Y-%m-%d}"))
    minute = next(minutes(item.start) for item in free_slots() if _is_in(desktop, column, item, slot))
    gap = gap_at(desktop, column, minute)
    place = place_in(gap, minute + 7)
    gap.hover(position=place)
    ghost = desktop.locator(".ghost")
    expect(ghost).to_contain_text(f"{minute // 60:02}:{minute % 60:02}–")
    expect(ghost).to_contain_text("Passeport · Guichet")
    desk = (ghost.text_content() or "").split(" · ")[1]
    gap.click(position=place)
    dialog = desktop.get_by_role("dialog", name="Ajouter une réservation")
    expect(dialog.locator(".chosen")).to_contain_text(f"{minute // 60:02}:{minute % 60:02}")
    expect(dialog.locator(".chosen")).to_contain_text(f"Passeport, 20 minutes · {desk}")
    lock = go_to_the_form(desktop, forms.url)
    assert (lock.desk.label, minutes(lock.start)) == (desk, minute)
    body = forms.calls[0].body
    assert body["context"]["lock_code"] == lock.lock_code
    assert body["data"]["meeting_type_raw"] == "passeport"
    assert urlsplit(body["context"]["return_url"]).path == urlsplit(calendar(demo, slot.start.date(), view)).path


def test_a_click_in_the_column_of_a_desk_takes_that_desk(desktop, demo, forms) -> None:
    # Far ahead nothing stands anywhere: left to itself, a hold would take the first desk.
    slot = free_slots()[-1]
    second = Desk.objects.get(agenda__slug="mairie", slug="guichet-2")
    log_in(desktop, demo)
    desktop.goto(calendar(demo, slot.start.date()))
    gap = gap_at(desktop, f"desk-{second.pk}", minutes(slot.start))
    gap.click(position=place_in(gap, minutes(slot.start) + 5))
    expect(desktop.locator("dialog .chosen")).to_contain_text("Guichet 2")
    assert go_to_the_form(desktop, forms.url).desk == second


def _is_in(page: Page, column: str, item: Slot, slot: Slot) -> bool:
    if item.start.date() != slot.start.date():
        return False
    try:
        return bool(gap_at(page, column, minutes(item.start)))
    except AssertionError:
        return False


def test_coming_back_from_a_form_that_was_given_up_frees_the_slot(desktop, demo, forms) -> None:
    log_in(desktop, demo)
    open_gap(desktop, demo, a_slot())
    lock = go_to_the_form(desktop, forms.url)
    desktop.goto(forms.calls[0].body["context"]["cancel_url"])
    expect(desktop.get_by_text("Le créneau est de nouveau libre.")).to_be_visible()
    expect(desktop).to_have_url(forms.calls[0].body["context"]["return_url"])
    lock.refresh_from_db()
    assert lock.state == BookingState.RELEASED
    expect(desktop.locator(f"#block-{lock.pk}")).to_have_count(0)


def test_after_the_form_was_sent_the_calendar_shows_the_booking_with_its_link(desktop, demo, forms) -> None:
    slot = a_slot()
    log_in(desktop, demo)
    open_gap(desktop, demo, slot)
    lock = go_to_the_form(desktop, forms.url)
    record = f"{forms.url}backoffice/management/rendez-vous/12/"
    details = BookingDetails(label="Rendez-vous 12-3", user_name="Ada Lovelace", backoffice_url=record)
    confirm(BookingRequest("mairie", (slot.id,), lock.lock_code, details), now=now(), actor=ALICE)
    desktop.goto(calendar(demo, slot.start.date()))
    block = desktop.locator(f"#block-{lock.pk}")
    expect(block).to_contain_text("Ada Lovelace")
    expect(block.get_by_role("link", name="Rendez-vous 12-3", exact=True)).to_have_attribute("href", record)


def test_the_keyboard_is_enough(desktop, demo, forms) -> None:
    slot = a_slot()
    log_in(desktop, demo)
    desktop.goto(calendar(demo, slot.start.date()))
    focus = "document.activeElement"
    for _ in range(60):
        if desktop.evaluate(f"{focus}.matches('.board [data-item]')"):
            break
        desktop.keyboard.press("Tab")
    first = desktop.evaluate(f"{focus}.id")
    desktop.keyboard.press("ArrowDown")
    assert desktop.evaluate(f"{focus}.id") != first
    desktop.keyboard.press("Home")
    assert desktop.evaluate(f"{focus}.id") == first
    column = desktop.evaluate(f"{focus}.closest('[data-column]').dataset.column")
    desktop.keyboard.press("ArrowRight")
    assert desktop.evaluate(f"{focus}.closest('[data-column]').dataset.column") != column
    # One stop for Tab: the next one leaves the board.
    desktop.keyboard.press("Tab")
    assert not desktop.evaluate(f"{focus}.matches('.board [data-item]')")
    desktop.keyboard.press("Shift+Tab")
    while not desktop.evaluate(f"{focus}.matches('.gap a')"):
        before = desktop.evaluate(f"{focus}.id")
        desktop.keyboard.press("ArrowDown")
        assert desktop.evaluate(f"{focus}.id") != before, "the column has free time"
    gap = desktop.evaluate(f"{focus}.id")
    desktop.keyboard.press("Enter")
    button = desktop.get_by_role("button", name=GO)
    expect(button).to_be_focused()
    for _ in range(12):
        desktop.keyboard.press("Tab")
        assert desktop.evaluate(f"{focus} === document.body || !!{focus}.closest('dialog')")
    desktop.keyboard.press("Escape")
    expect(desktop.get_by_role("dialog")).to_have_count(0)
    expect(desktop.locator(f"#{gap}")).to_be_focused()
    desktop.keyboard.press("Enter")
    expect(button).to_be_focused()
    with desktop.expect_navigation(url=f"{forms.url}**"):
        desktop.keyboard.press("Enter")
    assert Booking.objects.filter(state=BookingState.HELD, holder="agent", form_slug="rendez-vous").exists()


def test_a_pop_up_that_is_opened_again_at_once_is_filled(desktop, demo) -> None:
    slot = a_slot()
    log_in(desktop, demo)
    open_gap(desktop, demo, slot)
    button = desktop.get_by_role("button", name=GO)
    expect(button).to_be_focused()
    # Before the browser says that it was closed.
    desktop.evaluate("document.getElementById('popup').close(); document.querySelector('.gap a').click()")
    expect(desktop.get_by_role("dialog").get_by_label("Type de rendez-vous")).to_be_visible()
    expect(button).to_be_focused()


def test_days_go_by_under_the_keyboard(desktop, demo) -> None:
    day = a_slot().start.date()
    log_in(desktop, demo)
    desktop.goto(calendar(demo, day, "week"))
    desktop.locator(".board [data-item]").first.focus()
    desktop.keyboard.press("PageDown")
    expect(desktop).to_have_url(calendar(demo, day + 7 * DAY - DAY * day.weekday(), "week"))
    expect(desktop.locator(".board [data-item]:focus")).to_have_count(1)
    desktop.keyboard.press("PageUp")
    desktop.wait_for_url(calendar(demo, day - DAY * day.weekday() + 6 * DAY, "week"))


def test_months_go_by_under_the_keyboard_too(desktop, demo) -> None:
    day = datetime.date(2026, 11, 26)
    log_in(desktop, demo)
    desktop.goto(calendar(demo, day, "month"))
    desktop.locator("#month-2026-11-05").focus()
    desktop.keyboard.press("PageDown")
    expect(desktop).to_have_url(calendar(demo, datetime.date(2026, 12, 1), "month"))
    expect(desktop.locator(".month a:focus")).to_have_attribute("id", "month-2026-12-01")
    desktop.keyboard.press("PageUp")
    expect(desktop).to_have_url(calendar(demo, datetime.date(2026, 11, 30), "month"))


def book_at_opening(day: datetime.date) -> None:
    """Both desks are taken at nine."""
    while True:
        try:
            confirm(BookingRequest("mairie", (f"passeport:{day}-0900",)), now=now(), actor=ALICE)
        except SlotUnavailable:
            return


@pytest.mark.parametrize("view", ["day", "week"])
def test_the_label_of_an_exception_that_began_before_the_hours_shown_is_in_sight(desktop, demo, view) -> None:
    slot = free_slots()[0]
    day = slot.start.date()
    # Somebody had an appointment already, at the very place of the label.
    book_at_opening(day)
    midnight = datetime.datetime.combine(day, datetime.time(), slot.start.tzinfo)
    agenda = Agenda.objects.get(slug="mairie")
    create_closure(
        agenda, agenda.desks.all(), start=midnight, end=midnight + DAY, label="Fête du village", now=now(), actor=ALICE
    )
    log_in(desktop, demo)
    desktop.goto(calendar(demo, day, view))
    label = desktop.locator(".closing > span", has_text="Fête du village").first
    told, board = label.bounding_box(), desktop.locator(".board-scroll").bounding_box()
    head = desktop.locator("[data-column] .head").first.bounding_box()
    assert told
    assert board
    assert head
    assert head["y"] + head["height"] - 1 <= told["y"] < board["y"] + board["height"]
    # Nothing lies over it.
    place = {"x": told["x"] + 5, "y": told["y"] + 5}
    assert label.evaluate("(e, at) => e.contains(document.elementFromPoint(at.x, at.y))", place)


@pytest.mark.parametrize("view", ["day", "week"])
@pytest.mark.parametrize("screen", ["desktop", "phone"])
def test_the_hour_at_which_the_day_ends_stands_on_its_line(request, demo, screen, view) -> None:
    page: Page = request.getfixturevalue(screen)
    log_in(page, demo)
    page.goto(calendar(demo, a_slot().start.date(), view))
    hours = page.locator(".board .hour")
    ends = max(int(number) for number in page.locator("[data-end]").evaluate_all("all => all.map(n => n.dataset.end)"))
    expect(hours.last).to_have_text(f"{-(-ends // 60)}:00")
    last, before = hours.last.bounding_box(), hours.nth(-2).bounding_box()
    axis, board = page.locator(".hours .day-body").bounding_box(), page.locator(".board").bounding_box()
    assert last and before and axis and board
    assert last["y"] + last["height"] == pytest.approx(axis["y"] + axis["height"], abs=1)
    assert last["x"] >= axis["x"]
    assert last["y"] > before["y"] + last["height"]
    # Nothing hangs out below the columns.
    assert page.locator(".board-scroll").evaluate("all => all.scrollHeight") <= max(
        board["height"], page.locator(".board-scroll").evaluate("all => all.clientHeight")
    )


@pytest.mark.parametrize("way", ["tap", "button"])
def test_a_finger_is_enough(phone, demo, forms, way) -> None:
    first = free_slots()[0]
    log_in(phone, demo)
    phone.goto(calendar(demo, first.start.date()))
    if way == "button":
        phone.get_by_role("link", name="Ajouter une réservation").tap()
        expected = first
    else:
        gap = phone.locator(".gap a").first
        gap.scroll_into_view_if_needed()
        gap.tap(position={"x": 20, "y": 8})
        start = int(gap.get_attribute("data-start") or 0)
        expected = next(s for s in free_slots() if s.start.date() == first.start.date() and minutes(s.start) >= start)
    dialog = phone.get_by_role("dialog")
    expect(dialog.locator(".chosen")).to_contain_text(f"{expected.start:%H:%M}")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    dialog.get_by_label("Type de rendez-vous").select_option("mariage")
    words = "1 heure" if _fits(expected) else "pas libre"
    expect(dialog.locator(".chosen, .warningnotice").first).to_contain_text(words)
    if not _fits(expected):
        dialog.locator(".slots a").first.tap()
        expect(dialog.locator(".chosen")).to_contain_text("1 heure")
    with phone.expect_navigation(url=f"{forms.url}**"):
        dialog.get_by_role("button", name=GO).tap()
    assert Booking.objects.get(holder="agent", form_slug="rendez-vous", meeting_type__slug="mariage")


@pytest.mark.parametrize("view", ["day", "week"])
@pytest.mark.parametrize("screen", ["desktop", "phone"])
def test_the_button_offers_the_first_free_slot_of_what_is_shown(request, demo, screen, view) -> None:
    page: Page = request.getfixturevalue(screen)
    later = free_slots()[-1].start.date()
    first = later - DAY * later.weekday() if view == "week" else later
    expected = next(slot for slot in free_slots() if slot.start.date() >= first)
    log_in(page, demo)
    page.goto(calendar(demo, later, view))
    page.get_by_role("link", name="Ajouter une réservation").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Jour")).to_have_value(f"{expected.start:%Y-%m-%d}")
    expect(dialog.get_by_label("Heure")).to_have_value(f"{expected.start:%H:%M}")
    expect(dialog.get_by_role("button", name=GO)).to_be_enabled()


def _fits(slot: Slot) -> bool:
    return any(item.start == slot.start for item in free_slots(meeting_type="mariage"))


def test_an_agent_without_the_booking_role_sees_no_way_to_book(desktop, demo) -> None:
    day = a_slot().start.date()
    log_in(desktop, demo, "lecteur")
    for view in ("day", "week", "month"):
        desktop.goto(calendar(demo, day, view))
        expect(desktop.locator("#calendar")).to_be_visible()
        assert desktop.get_by_text("Ajouter une réservation").count() == 0
        assert desktop.locator("a[href*='/book/'], .gap").count() == 0
    desktop.goto(calendar(demo, day, "week"))
    desktop.locator(".block.booked .details").first.click()
    expect(desktop.get_by_role("dialog", name="Rendez-vous")).to_be_visible()
    assert desktop.get_by_role("dialog").get_by_text("Annuler").count() == 0


def test_an_agent_without_the_role_to_view_is_refused(desktop, demo) -> None:
    Agenda.objects.filter(slug="mairie").update(view_role=None)
    log_in(desktop, demo, "lecteur")
    answer = desktop.goto(calendar(demo, a_slot().start.date()))
    assert answer
    assert answer.status == 403


def test_a_virtual_agenda_lets_choose_the_agenda(desktop, demo, forms) -> None:
    slot = free_slots("annexe")[2]
    log_in(desktop, demo)
    desktop.goto(calendar(demo, slot.start.date(), agenda="toutes-mairies"))
    desktop.get_by_role("navigation", name="Agendas").get_by_role("link", name="Annexe").click()
    expect(desktop.locator("[data-column]")).to_have_count(1)
    column = desktop.locator("[data-column]").get_attribute("data-column") or ""
    gap = gap_at(desktop, column, minutes(slot.start))
    gap.click(position=place_in(gap, minutes(slot.start) + 5))
    dialog = desktop.get_by_role("dialog")
    expect(dialog.get_by_label("Agenda", exact=True)).to_have_value("annexe")
    expect(dialog.locator(".chosen")).to_contain_text(f"{slot.start:%H:%M}")
    dialog.get_by_label("Agenda", exact=True).select_option(label="Toutes les mairies")
    expect(dialog.locator("[data-part=slot] [name=agenda]")).to_have_value("toutes-mairies")
    dialog.get_by_label("Agenda", exact=True).select_option(label="Annexe")
    lock = go_to_the_form(desktop, forms.url)
    assert lock.agenda.slug == "annexe"
    assert forms.calls[0].body["data"]["agenda_raw"] == "annexe"


def test_changing_one_thing_in_the_pop_up_updates_what_the_others_allow(desktop, demo) -> None:
    slot = a_slot()
    log_in(desktop, demo)
    open_gap(desktop, demo, slot)
    dialog = desktop.get_by_role("dialog")
    other = next(item for item in free_slots() if item.start.date() > slot.start.date())
    dialog.get_by_label("Jour").fill(f"{other.start:%Y-%m-%d}")
    time = dialog.get_by_label("Heure")
    expect(time.locator("option").nth(1)).to_be_attached()
    of_day = [f"{item.start:%H:%M}" for item in free_slots() if item.start.date() == other.start.date()]
    expect(time.locator(f"option[value='{of_day[-1]}']")).to_be_attached()
    time.select_option(of_day[-1])
    expect(dialog.locator(".chosen")).to_contain_text(of_day[-1])
    expect(dialog.get_by_role("button", name=GO)).to_be_enabled()


@pytest.mark.parametrize("date", [datetime.date(2027, 3, 28), datetime.date(2026, 10, 25)])
def test_days_on_which_clocks_change(desktop, demo, forms, settings, date) -> None:
    noon_before = datetime.datetime.combine(date - 3 * DAY, datetime.time(11), datetime.UTC)
    settings.CLOCK_OFFSET = int((noon_before - now()).total_seconds())
    template = Agenda.objects.get(slug="mairie")
    roles = {name: getattr(template, name) for name in ("view_role", "booking_role")}
    make_agenda(
        "nuit",
        desks=1,
        weekdays=range(7),
        hours=[("01:00", "05:00")],
        backoffice_booking_enabled=True,
        form_slug="rendez-vous",
        slot_field="creneau",
        **roles,
    )
    log_in(desktop, demo)
    desktop.goto(calendar(demo, date, agenda="nuit"))
    column = desktop.locator("[data-column]").get_attribute("data-column") or ""
    gap = gap_at(desktop, column, 200)
    gap.click(position=place_in(gap, 205))
    expect(desktop.locator("dialog .chosen")).to_contain_text("03:20")
    lock = go_to_the_form(desktop, forms.url)
    assert minutes(lock.start) == 200
    assert forms.calls[0].body["data"]["creneau_raw"] == f"passeport:{date}-0320"
    desktop.goto(calendar(demo, date, agenda="nuit"))
    expect(desktop.locator(f"#block-{lock.pk} strong")).to_have_text("03:20–03:40")


def test_without_scripts_all_of_it_works_too(browser, demo, forms) -> None:
    context = browser.new_context(locale="fr-FR", java_script_enabled=False)
    page = context.new_page()
    log_in(page, demo)
    slot = a_slot()
    page.goto(calendar(demo, slot.start.date()))
    page.locator(".gap a").first.click()
    page.get_by_label("Type de rendez-vous").select_option("passeport-famille")
    page.get_by_role("button", name="Chercher ce créneau").click()
    if not page.locator(".chosen").count():
        page.locator(".slots a").first.click()
    expect(page.locator(".chosen")).to_contain_text("40 minutes")
    lock = go_to_the_form(page, forms.url)
    page.goto(calendar(demo, lock.start.date()))
    page.locator(f"#details-{lock.pk}").click()
    page.get_by_role("link", name="Libérer…").click()
    page.get_by_role("button", name="Libérer le créneau").click()
    expect(page.get_by_text("Le créneau est de nouveau libre.")).to_be_visible()
    context.close()
