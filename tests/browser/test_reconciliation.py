"""The page of disagreements in a browser: read, decided by the keyboard, repaired."""

from __future__ import annotations

import datetime

import pytest
from playwright.sync_api import expect

from adapter.agendas.models import Booking, Callback, CallbackState
from adapter.clock import now
from adapter.reconciliation.models import Comparison, KeptFinding
from adapter.reconciliation.services import Detail, Kind, Repair
from tests.browser.agents import log_in
from tests.browser.test_accessibility import faults, sized  # noqa: F401

pytestmark = pytest.mark.servers


@pytest.fixture
def owed(demo) -> Callback:
    """A call that was given up, and a comparison that found it and much more."""
    booking = Booking.objects.filter(state="booked", start__gt=now() + datetime.timedelta(days=1)).first()
    assert booking
    callback = Callback.objects.create(
        booking=booking,
        kind="cancel",
        url="https://demarches.test/hook/",
        state=CallbackState.FAILED,
        created_at=now(),
        next_attempt_at=now(),
        finished_at=now(),
    )
    address = f"https://demarches.test/api/forms/{'x' * 90}/1/"
    Comparison.objects.all().delete()
    comparison = Comparison.objects.create(
        made_at=now(), bookings=1, records=1, drafts=1, unreadable=[{"what": address, "reason": "unreachable"}]
    )
    common = {"comparison": comparison, "booking_id": booking.pk, "agenda": "mairie", "start": booking.start}
    for kind, repair, detail in (
        (Kind.RECORD_WITHOUT_BOOKING, Repair.RESEND_CALLBACK, Detail.NOT_TOLD),
        (Kind.RECORD_GONE, Repair.CANCEL_BOOKING, Detail.GONE),
        (Kind.RECORD_WITHOUT_BOOKING, Repair.BY_HAND, Detail.MOVED),
    ):
        KeptFinding.objects.create(**common, kind=kind, repair=repair, detail=detail, callback_id=callback.pk)
    return callback


def test_an_admin_repairs_one_of_them_by_the_keyboard(sized, demo, owed) -> None:  # noqa: F811
    page, found = sized, []
    log_in(page, demo, "admin")
    page.get_by_role("navigation", name="Navigation principale").get_by_role("link", name="Écarts").click()
    found += faults(page, "list")
    page.locator("li", has_text="Prévenir w.c.s. de nouveau").get_by_role("button").press("Enter")
    expect(page.get_by_text("Rien n'est encore changé")).to_be_visible()
    found += faults(page, "dry run")
    owed.refresh_from_db()
    assert owed.state == CallbackState.FAILED
    page.get_by_role("button", name="Prévenir w.c.s. de nouveau").press("Enter")
    expect(page.get_by_text("l'écart est réparé")).to_be_visible()
    expect(page.get_by_text("Réparé par admin")).to_be_visible()
    found += faults(page, "repaired")
    owed.refresh_from_db()
    assert owed.state != CallbackState.FAILED
    assert not found
