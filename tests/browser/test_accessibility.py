"""Nothing serious for axe-core, nothing cut off: desktop, phone, 200 % zoom."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from adapter.agendas.models import Booking
from adapter.agendas.services import Actor, cancel
from adapter.clock import now
from tests.browser.accessibility import serious_faults
from tests.browser.agents import calendar, free_slots, log_in
from tests.support.thorough import THOROUGH

pytestmark = pytest.mark.servers
SIZES = {
    "desktop": {"viewport": {"width": 1280, "height": 900}},
    "phone": {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True},
    # 1280 pixels at 200 %.
    "zoomed": {"viewport": {"width": 640, "height": 450}, "device_scale_factor": 2},
}


@pytest.fixture(params=SIZES)
def sized(request, browser: Browser) -> Iterator[Page]:
    # The checker is a script of its own: our policy would refuse it.
    context = browser.new_context(locale="fr-FR", bypass_csp=True, **SIZES[request.param])
    yield context.new_page()
    context.close()


def faults(page: Page, name: str) -> list[str]:
    """What axe finds, and what does not fit the width of the screen. In short, axe looks at one size only."""
    found = serious_faults(page, name) if THOROUGH or page.viewport_size == SIZES["desktop"]["viewport"] else []
    width = page.viewport_size["width"] if page.viewport_size else 0
    if page.evaluate("document.documentElement.scrollWidth") > width:
        found.append(f"{name}: wider than the screen")
    return found


def test_no_page_has_a_serious_fault(sized, demo) -> None:
    found = []
    sized.goto(f"{demo}/login/")
    found += faults(sized, "login")
    log_in(sized, demo)
    found += faults(sized, "home")
    day = free_slots()[0].start.date()
    booked = Booking.objects.filter(state="booked", start__gt=now(), agenda__slug="mairie").first()
    assert booked
    for view in ("day", "week", "month"):
        sized.goto(calendar(demo, day, view))
        found += faults(sized, view)
    Booking.objects.filter(pk=booked.pk).update(cancel_callback_url="https://demarches.test/hook/")
    cancel(booked.pk, now=now(), actor=Actor.agent("agent"), call_back=True)
    sized.goto(calendar(demo, booked.start.date(), "week", agenda="toutes-mairies"))
    sized.locator("details.cancelled summary").click()
    sized.locator("details.shortcuts summary").click()
    found += faults(sized, "virtual agenda")
    for name in ("book", f"appointments/{booked.pk}"):
        sized.goto(f"{demo}/manage/agendas/mairie/{name}/")
        found += faults(sized, name)
    sized.goto(f"{demo}/api/docs/")
    found += [fault for fault in faults(sized, "docs") if "wider" not in fault]
    assert found == []


def test_no_pop_up_has_a_serious_fault(sized, demo) -> None:
    log_in(sized, demo)
    lock = Booking.objects.live_locks(now()).filter(agenda__slug="mairie").first()
    assert lock
    sized.goto(calendar(demo, lock.start.date()))
    found = []
    dialog = sized.get_by_role("dialog")
    sized.locator(".add-booking").click()
    expect(dialog.locator(".chosen")).to_be_visible()
    found += faults(sized, "choice")
    box = dialog.bounding_box()
    width = sized.viewport_size["width"] if sized.viewport_size else 0
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    dialog.get_by_label("Jour").fill("2020-01-06")
    expect(dialog.locator(".warningnotice")).to_be_visible()
    found += faults(sized, "choice that does not fit")
    sized.keyboard.press("Escape")
    sized.locator(f"#details-{lock.pk}").click()
    expect(dialog.locator(".facts")).to_be_visible()
    found += faults(sized, "lock")
    dialog.get_by_role("link", name="Libérer…").click()
    expect(dialog.locator(".warningnotice")).to_be_visible()
    found += faults(sized, "question")
    assert found == []
