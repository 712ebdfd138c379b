"""What agents do in a browser, for tests to be read as journeys."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from playwright.sync_api import Locator, Page, expect

from adapter.agendas.models import Booking, BookingState
from adapter.agendas.services import Slot, SlotQuery, list_slots
from adapter.clock import now

PASSWORD = "demo"
GO = "Allez au formulaire de réservation"


def log_in(page: Page, site: str, name: str = "agent") -> None:
    """Through the form, as everybody."""
    page.goto(f"{site}/login/")
    page.get_by_label("Nom d'utilisateur").fill(name)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Agendas", level=2)).to_be_visible()


def free_slots(agenda: str = "mairie", meeting_type: str = "passeport") -> list[Slot]:
    """What can be booked now, in order of time."""
    listing = list_slots(agenda, meeting_type, SlotQuery(), now=now())
    return [listing.slot(start) for start in sorted(listing.offer.free)]


def calendar(site: str, day: datetime.date, view: str = "day", agenda: str = "mairie") -> str:
    """The address of a view."""
    return f"{site}/manage/agendas/{agenda}/{view}/{day:%Y/%m/%d}/"


def gap_at(page: Page, column: str, minute: int) -> Locator:
    """The free time of a column (its ``data-column``) in which a minute of the day lies."""
    for gap in page.locator(f'[data-column="{column}"] .gap a').all():
        if int(gap.get_attribute("data-start") or 0) <= minute < int(gap.get_attribute("data-end") or 0):
            return gap
    raise AssertionError(f"nothing is free at {minute} in {column}")


def place_in(gap: Locator, minute: int) -> dict[str, float]:
    """Where that minute of the day lies in a free time, for a click."""
    box = gap.bounding_box()
    assert box
    start, end = (int(gap.get_attribute(f"data-{name}") or 0) for name in ("start", "end"))
    return {"x": box["width"] - 12, "y": (minute - start) / (end - start) * box["height"]}


def minutes(moment: datetime.datetime) -> int:
    """Minutes after local midnight."""
    local = moment.astimezone(ZoneInfo(settings.TIME_ZONE))
    return local.hour * 60 + local.minute


def go_to_the_form(page: Page, wcs_url: str) -> Booking:
    """Press the button of the pop-up; the browser is at the draft afterwards. Returns the lock."""
    before = set(Booking.objects.values_list("pk", flat=True))
    with page.expect_navigation(url=f"{wcs_url}**"):
        page.get_by_role("button", name=GO).click()
    lock = Booking.objects.exclude(pk__in=before).get()
    assert (lock.state, lock.holder) == (BookingState.HELD, "agent")
    return lock


def come_back_to_the_tab(page: Page) -> None:
    """What a browser tells a page whose tab is shown again."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def a_slot(index: int = 3) -> Slot:
    """One of the first slots that can be booked now."""
    return free_slots()[index]


def open_gap(page: Page, demo: str, slot: Slot, view: str = "day") -> None:
    """Show the day or week of the slot and click where it stands."""
    page.goto(calendar(demo, slot.start.date(), view))
    columns = page.locator("[data-column]").all()
    for column in [item.get_attribute("data-column") or "" for item in columns]:
        if view == "week" and not column.endswith(f"{slot.start:%Y-%m-%d}"):
            continue
        try:
            gap = gap_at(page, column, minutes(slot.start))
        except AssertionError:
            continue
        gap.click(position=place_in(gap, minutes(slot.start) + 5))
        expect(page.get_by_role("dialog")).to_be_visible()
        return
    raise AssertionError("no free time there")
