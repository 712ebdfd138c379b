"""Why a slot is not offered: each reason with the link to its rule."""

from __future__ import annotations

import datetime
import html
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from adapter.agendas.errors import SlotUnavailable
from adapter.agendas.models import ExcludedPeriod, MeetingType, Refusal
from adapter.agendas.services import (
    BookingDetails,
    BookingRequest,
    HoldRequest,
    cancel,
    confirm,
    explain_day,
    hold,
    list_slots,
)
from adapter.agendas.services.listing import SlotQuery
from adapter.agendas.services.pruning import prune
from adapter.agendas.slots import Reason
from adapter.manager.words import REASONS
from tests.agendas.builders import ALICE, NOW, close, make_agenda, make_virtual

pytestmark = pytest.mark.both_databases

WHY = "/manage/agendas/mairie/why/"
TUESDAY = datetime.date(2026, 11, 24)
SETTINGS = "/manage/agendas/mairie/settings/#open:"


def at(hour: int, minute: int = 0, day: int = 24) -> datetime.datetime:
    return datetime.datetime(2026, 11, day, hour - 1, minute, tzinfo=datetime.UTC)


def row(page: str, time: str) -> str:
    """The table's row of a start, without markup between words."""
    found = re.search(rf'<tr class="[^"]*"><th scope="row">{time}</th>.*?</tr>', page, re.DOTALL)
    assert found, time
    return found[0]


def state(page: str, time: str) -> Reason:
    """Why a start is not offered, or that it is free, as its row is marked."""
    found = re.match(r'<tr class="is-([\w-]+)"', row(page, time))
    assert found
    return Reason(found[1])


def verdict(page: str) -> str:
    """What is said of the time that was asked for."""
    found = re.search(r'<div class="(?:success|warning)notice" role="status">.*?</div>', page, re.DOTALL)
    assert found
    return found[0]


def ask(client, **query: object) -> str:
    answer = client.get(WHY, {"day": "2026-11-24", "type": "passeport", **query})
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def test_each_reason_has_words_and_a_link_to_its_rule(log_in, town) -> None:
    first, second = town.desks.order_by("position")
    close(town, at(14), at(15), label="Formation")
    booking = confirm(BookingRequest("mairie", ("passeport:2026-11-24-0900",)), now=NOW, actor=ALICE).booking
    lock = hold(HoldRequest("mairie", ("passeport:2026-11-24-0900",), "K"), now=NOW, actor=ALICE).lock
    page = ask(log_in("editor"))
    taken = row(page, "09:00")
    assert state(page, "09:00") == Reason.HELD  # the desk that comes nearest to accepting
    assert f'href="/manage/bookings/{booking.pk}/"' in taken
    assert f'href="/manage/bookings/{lock.pk}/"' in taken
    assert {booking.desk_id, lock.desk_id} == {first.pk, second.pk}
    assert state(page, "09:20") == Reason.FREE
    closed = row(page, "14:10")
    assert "Formation" in closed
    assert f'href="{SETTINGS}exceptions"' in closed
    late = row(page, "16:50")
    assert "17:00" in late
    assert f'href="{SETTINGS}openings"' in late


def test_delays_say_from_when_and_until_when(log_in) -> None:
    today = ask(log_in("editor"), day="2026-11-23")
    soon = row(today, "14:10")
    assert state(today, "14:10") == Reason.TOO_SOON
    assert "mar 24 novembre 2026 00:00" in soon
    assert f'href="{SETTINGS}delays"' in soon
    later = ask(log_in("editor"), day="2027-01-18")
    assert state(later, "09:00") == Reason.TOO_LATE
    assert "lun 18 janvier 2027 00:00" in row(later, "09:00")


@pytest.mark.parametrize("counts_from", [datetime.time(0), None], ids=["midnight", "the minute"])
def test_until_when_is_true_also_for_a_delay_that_is_longer_than_anybody_books(log_in, town, counts_from) -> None:
    town.maximal_booking_delay, town.minimal_booking_time = 1000, counts_from
    town.save()
    page = ask(log_in("editor"), day="2028-12-04")
    assert state(page, "09:00") == Reason.TOO_LATE
    assert "ven 24 novembre 2028 00:00" in row(page, "09:00")


def test_a_time_off_the_grid_or_outside_of_hours_is_explained(log_in) -> None:
    client = log_in("editor")
    assert re.search("20 minutes .*09:00", verdict(ask(client, time="09:10")))
    outside = verdict(ask(client, time="12:30"))
    assert "09:00–12:00, 13:30–17:00" in outside
    assert "warningnotice" in outside
    assert "successnotice" in verdict(ask(client, time="09:20"))
    sunday = ask(client, day="2026-11-29", time="10:00")
    assert "warningnotice" in verdict(sunday)
    assert "<tr class=" not in sunday


def test_an_agent_who_may_not_change_settings_is_not_led_there(log_in, town) -> None:
    close(town, at(9), at(12))
    page = ask(log_in("viewer"), time="12:30")
    assert state(page, "09:00") == Reason.EXCEPTION
    assert "/settings/" not in page


def test_a_virtual_agenda_names_its_members_and_its_excluded_periods(log_in, town) -> None:
    annexe = make_agenda("annexe", desks=1, types={"passeport": 30, "autre": 10})
    town.meeting_types.filter(slug="mariage").update(slug="autre")
    virtual = make_virtual("toutes", town, annexe, view_role=town.view_role, edit_role=town.edit_role)
    MeetingType.objects.filter(agenda=town, slug="autre").update(duration=10)
    ExcludedPeriod.objects.create(agenda=virtual, weekday=1, start_time=datetime.time(10), end_time=datetime.time(11))
    page = log_in("editor").get("/manage/agendas/toutes/why/", {"day": "2026-11-24"}).content.decode()
    assert "Mairie, Guichet 1" in page
    excluded = row(page, "10:00")
    assert state(page, "10:00") == Reason.EXCLUDED
    assert 'href="/manage/agendas/toutes/settings/#open:excluded-periods"' in excluded
    missing = re.search(r"<li>Passeport\s:.*?</li>", page, re.DOTALL)
    assert missing and "Annexe (30 minutes), Mairie (20 minutes)" in missing[0]
    # The viewer of the virtual agenda alone is not led to bookings of its members.
    confirm(BookingRequest("annexe", ("autre:2026-11-24-0900",)), now=NOW, actor=ALICE)
    for slug in ("mairie",):
        for _ in range(2):
            confirm(BookingRequest(slug, ("autre:2026-11-24-0900",)), now=NOW, actor=ALICE)
    page = log_in("viewer").get("/manage/agendas/toutes/why/", {"day": "2026-11-24"}).content.decode()
    assert state(page, "09:00") == Reason.BOOKED
    assert "/manage/bookings/" not in row(page, "09:00")


def test_an_agenda_without_meeting_types_leads_to_them(log_in, town) -> None:
    town.meeting_types.update(enabled=False)
    page = log_in("editor").get(WHY).content.decode()
    assert f'href="{SETTINGS}meeting-types"' in page


@pytest.mark.parametrize("query", [{"day": "31/12/2026"}, {"day": "9999-12-31"}, {"time": "25:00"}, {"time": "x"}])
def test_nonsense_is_told_and_today_is_shown(log_in, query) -> None:
    answer = log_in("viewer").get(WHY, query)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    assert 'name="day" value="2026-11-23"' in answer.content.decode()


def test_what_was_refused_can_be_explained_afterwards(log_in, town) -> None:
    slot, record = "passeport:2026-11-24-0900", "https://wcs.test/backoffice/management/rendez-vous/7/"
    held = hold(HoldRequest("mairie", (slot,), "K"), now=NOW, actor=ALICE).lock
    booked = confirm(BookingRequest("mairie", (slot,)), now=NOW, actor=ALICE).booking
    with pytest.raises(SlotUnavailable):
        hold(HoldRequest("mairie", (slot,), "L", form_slug="passeports"), now=NOW, actor=ALICE)
    with pytest.raises(SlotUnavailable):
        confirm(BookingRequest("mairie", (slot,), "L", BookingDetails(backoffice_url=record)), now=NOW, actor=ALICE)
    # Meanwhile both are gone: only the trace knows.
    for freed in (held, booked):
        cancel(freed.pk, now=NOW, actor=ALICE)
    page = ask(log_in("editor"))
    assert state(page, "09:00") == Reason.FREE
    refused = page[page.rindex('<table class="main why">') :]
    assert "rendez-vous" in refused and "passeports" in refused
    for number in (held.pk, booked.pk):
        assert refused.count(f'href="/manage/bookings/{number}/"') == 2
    assert str(REASONS[Reason.HELD]) in refused and str(REASONS[Reason.BOOKED]) in refused
    for time, links in (("09:00", 2), ("09:20", 0)):
        assert ask(log_in("viewer"), time=time).count(f'href="/manage/bookings/{held.pk}/"') == links
    # Neither code nor address of the record is kept.
    kept = str(list(Refusal.objects.values()))
    assert "'L'" not in kept and "wcs.test" not in kept


def test_refusals_are_kept_for_the_days_of_the_setting(town, settings) -> None:
    def refuse() -> None:
        with pytest.raises(SlotUnavailable):
            hold(HoldRequest("mairie", ("passeport:2026-11-24-1200",), "K"), now=NOW, actor=ALICE)

    refuse()
    day = datetime.timedelta(days=1)
    prune(now=NOW + 29 * day, keep=day)
    assert Refusal.objects.count() == 1
    prune(now=NOW + 31 * day, keep=day)
    settings.REFUSAL_LOG_DAYS = 0
    refuse()
    assert not Refusal.objects.exists()


def test_the_panel_and_the_list_never_disagree(town) -> None:
    """Free here is offered there, on days with all kinds of reasons."""
    close(town, at(14), at(15))
    confirm(BookingRequest("mairie", ("mariage:2026-11-24-0900",)), now=NOW, actor=ALICE)
    hold(HoldRequest("mairie", ("passeport:2026-11-24-1000",), "K"), now=NOW, actor=ALICE)
    for kind in ("passeport", "passeport-famille", "mariage"):
        verdict = explain_day("mairie", kind, TUESDAY, now=NOW)
        free = {item.start for item in verdict.starts if item.reason is Reason.FREE}
        listing = list_slots("mairie", kind, SlotQuery(date_start=at(1), date_end=at(24)), now=NOW)
        assert free == set(listing.offer.free)
        assert {item.start for item in verdict.starts if any(d.reason is Reason.FREE for d in item.desks)} == free


def test_it_costs_few_queries_whatever_stands_there(log_in) -> None:
    client = log_in("editor")
    ask(client)
    with CaptureQueriesContext(connection) as few:
        ask(client)
    for start in ("0900", "0920", "0940", "1000"):
        confirm(BookingRequest("mairie", (f"passeport:2026-11-24-{start}",)), now=NOW, actor=ALICE)
    with CaptureQueriesContext(connection) as many:
        ask(client)
    assert len(few) == len(many) <= 10
