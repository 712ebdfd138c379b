"""What agents do with what stands in the calendar: locks are extended, released, taken over; bookings are cancelled."""

from __future__ import annotations

import datetime
import html
import re

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from adapter.agendas.errors import AppointmentOver, PersonCame
from adapter.agendas.models import Agenda, AuditEvent, Booking, BookingState, Callback, CallbackState
from adapter.agendas.services import (
    Actor,
    BookingDetails,
    BookingRequest,
    HoldRequest,
    cancel,
    confirm,
    hold,
    record_presence,
    remember_draft,
)
from adapter.agendas.services.callbacks import Sent, deliver_due
from adapter.manager.views import appointments, booking, calendar
from adapter.manager.words import problem_in_words, refusal_in_words
from tests.agendas.builders import ALICE, NOW, make_agenda, make_virtual

pytestmark = pytest.mark.both_databases

DAY = "/manage/agendas/mairie/day/2026/11/24/"
BOOK = "/manage/agendas/mairie/book/"
VERSION = "/manage/agendas/mairie/version/"
SLOT = "passeport:2026-11-24-0900"
POPUP = {"X-Fragment": "pop-up"}
HOOK = "https://demarches.test/api/forms/rdv/1/hooks/annuler/"
WORKER = Actor.task("deliver_callbacks")


def log_in(name: str, *groups: str) -> Client:
    """A client with a fresh login that has these roles."""
    user = get_user_model().objects.create_user(name, f"{name}@example.org", "x")
    user.groups.set(Group.objects.filter(name__in=groups))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture(autouse=True)
def _stopped_clock(db, monkeypatch, settings) -> None:
    settings.BASE_URL = "https://agendas.test/"
    monkeypatch.setattr(calendar, "present", lambda: NOW)
    monkeypatch.setattr(appointments, "present", lambda: NOW)
    monkeypatch.setattr(booking, "now", lambda: NOW)


@pytest.fixture
def mairie() -> Agenda:
    return make_agenda(
        desks=1,
        view_role=Group.objects.create(name="voir"),
        booking_role=Group.objects.create(name="réserver"),
        backoffice_booking_enabled=True,
        form_slug="rendez-vous",
        slot_field="creneau",
    )


@pytest.fixture
def agent(mairie) -> Client:
    return log_in("agent", "voir", "réserver")


@pytest.fixture
def lock(mairie) -> Booking:
    return hold(HoldRequest("mairie", (SLOT,), "code-of-somebody", holder="demarches.test"), now=NOW, actor=ALICE).lock


@pytest.fixture
def booked(mairie) -> Booking:
    details = BookingDetails(label="Dossier 42", backoffice_url="https://demarches.test/42/", cancel_callback_url=HOOK)
    return confirm(BookingRequest("mairie", (SLOT,), details=details), now=NOW, actor=ALICE).booking


def place(item: Booking, action: str = "", agenda: str = "mairie") -> str:
    return f"/manage/agendas/{agenda}/appointments/{item.pk}/" + (f"{action}/" if action else "")


def text(answer) -> str:
    return " ".join(html.unescape(answer.content.decode()).split())


def offered(answer, item: Booking) -> set[str]:
    """What the page has a link or a button for; a page that asks whether to do it has only that."""
    return set(re.findall(rf"{place(item)}([a-z-]+)/", answer.content.decode()))


def chosen(answer) -> str:
    """The slot that would be held."""
    found = re.search(r'name="slot" value="([^"]+)"', answer.content.decode())
    return found[1] if found else ""


def question(answer) -> str:
    """What the page asks before it does something."""
    found = re.search(r'class="warningnotice">(.*?)</div>', answer.content.decode(), re.S)
    assert found
    return found[1].strip()


def test_a_lock_says_its_form_its_holder_and_the_time_left(agent, lock) -> None:
    answer = agent.get(place(lock))
    page = text(answer)
    assert "demarches.test" in page
    assert ">10 minutes<" in page
    assert "11:10" in page
    assert offered(answer, lock) == {"extend", "release", "take-over"}
    assert lock.lock_code not in page


def test_a_booking_says_its_label_and_leads_to_its_record(agent, booked) -> None:
    answer = agent.get(place(booked))
    page = text(answer)
    assert "Dossier 42" in page
    assert 'href="https://demarches.test/42/"' in page
    assert offered(answer, booked) == {"cancel"}


def test_the_part_for_the_pop_up_is_no_page(agent, booked) -> None:
    part = agent.get(place(booked), headers=POPUP)
    assert "<html" not in part.content.decode()
    assert 'id="popup-title"' in part.content.decode()
    assert "X-Fragment" in part.headers["Vary"].split(", ")


def test_extending_a_lock(agent, lock, monkeypatch) -> None:
    later = NOW + datetime.timedelta(minutes=5)
    monkeypatch.setattr(appointments, "present", lambda: later)
    assert agent.post(place(lock, "extend"), {"back": DAY}).url == DAY
    lock.refresh_from_db()
    assert lock.expires_at == later + datetime.timedelta(minutes=10)
    assert AuditEvent.objects.filter(code="lock.renewed").get().actor == "agent"


def test_a_lock_that_was_extended_too_often_is_not_extended_again(agent, lock, settings) -> None:
    settings.LOCK_RENEWALS_MAX = 0
    answer = agent.post(place(lock, "extend"), headers=POPUP)
    assert answer.status_code == 409
    assert answer.context["problem"]
    assert Booking.objects.get().expires_at == lock.expires_at


def test_releasing_asks_first_and_frees_the_slot(agent, lock) -> None:
    assert offered(agent.get(place(lock, "release")), lock) == {"release"}
    assert Booking.objects.get().state == BookingState.HELD
    answer = agent.post(place(lock, "release"), {"back": DAY}, follow=True)
    assert answer.redirect_chain == [(DAY, 302)]
    assert len(answer.context["messages"]) == 1
    assert Booking.objects.get().state == BookingState.RELEASED
    assert AuditEvent.objects.get(code="lock.released").actor == "agent"


def test_cancelling_asks_first_tells_wcs_and_shows_how_far_that_got(agent, booked) -> None:
    assert offered(agent.get(place(booked, "cancel")), booked) == {"cancel"}
    assert Booking.objects.get().state == BookingState.BOOKED
    done = agent.post(place(booked, "cancel"), headers=POPUP)
    assert done.status_code == 200
    assert offered(done, booked) == set()
    assert Booking.objects.get().state == BookingState.CANCELLED
    assert Callback.objects.get().url == HOOK
    page = text(agent.get(DAY))
    assert f'id="cancelled-{booked.pk}"' in page
    assert 'class="callback pending"' in page
    deliver_due(now=NOW, send=lambda callback: Sent(200), actor=WORKER)
    assert 'class="callback delivered"' in text(agent.get(DAY))


def test_a_call_that_was_given_up_is_shown_and_can_be_tried_again(agent, booked) -> None:
    cancel(booked.pk, now=NOW, actor=Actor.agent("agent"), call_back=True)
    deliver_due(now=NOW, send=lambda callback: Sent(404, "no such record"), actor=WORKER)
    page = text(agent.get(place(booked)))
    assert 'class="callback failed"' in page
    assert "no such record" in page
    agent.post(place(booked, "retry"), {"back": DAY})
    assert Callback.objects.get().state == CallbackState.PENDING
    assert AuditEvent.objects.filter(code="callback.retried", actor="agent").exists()


def test_without_an_address_to_call_the_agent_is_asked_and_answered_otherwise(agent, booked) -> None:
    alone = confirm(BookingRequest("mairie", ("passeport:2026-11-24-1000",)), now=NOW, actor=ALICE).booking
    assert question(agent.get(place(booked, "cancel"))) != question(agent.get(place(alone, "cancel")))
    done = [agent.post(place(item, "cancel"), headers=POPUP).context["done"] for item in (booked, alone)]
    assert done[0] != done[1]
    assert Callback.objects.get().booking == booked


@pytest.mark.parametrize("came", [True, False])
def test_an_appointment_that_is_over_or_took_place_is_not_cancelled(agent, booked, monkeypatch, came) -> None:
    if came:
        record_presence(booked.pk, {"user_was_present": True}, {}, now=NOW, actor=ALICE)
    else:
        monkeypatch.setattr(appointments, "present", lambda: booked.end)
    page = agent.get(place(booked))
    why = refusal_in_words(PersonCame() if came else AppointmentOver())
    assert page.context["found"].stays == why
    assert "cancel" not in offered(page, booked)
    answer = agent.post(place(booked, "cancel"), headers=POPUP)
    assert (answer.status_code, answer.context["problem"]) == (409, why)
    booked.refresh_from_db()
    assert booked.state == BookingState.BOOKED


def test_who_came_is_noted_in_the_pop_up_and_shown_in_the_calendar(agent, booked, monkeypatch) -> None:
    Booking.objects.update(absence_callback_url=HOOK)
    early = agent.post(place(booked, "missed"), headers=POPUP)
    assert early.status_code == 409
    assert "n'a pas commencé" in text(early)
    assert place(booked, "missed") not in text(agent.get(place(booked)))
    for module in (appointments, calendar):
        monkeypatch.setattr(module, "present", lambda: booked.start)
    part = text(agent.post(place(booked, "missed"), headers=POPUP))
    assert "La démarche va être prévenue." in part
    assert place(booked, "missed") not in part
    assert place(booked, "came") in part
    assert "Absent" in text(agent.get(DAY))
    assert Callback.objects.get().kind == Callback.Kind.ABSENCE
    # The second of two clicks does no harm.
    assert agent.post(place(booked, "missed"), headers=POPUP).status_code == 200
    agent.post(place(booked, "forget-presence"), {"back": DAY})
    assert Booking.objects.get().user_was_present is None
    assert "Absent" not in text(agent.get(DAY))


def test_a_call_that_goes_by_itself_in_a_moment_is_not_offered_to_be_repeated(agent, booked) -> None:
    cancel(booked.pk, now=NOW, actor=Actor.agent("agent"), call_back=True)
    assert offered(agent.get(place(booked)), booked) == set()
    deliver_due(now=NOW, send=lambda callback: Sent(500), actor=WORKER)
    assert Callback.objects.get().state == CallbackState.PENDING
    assert offered(agent.get(place(booked)), booked) == {"retry"}


@pytest.mark.parametrize("action", ["cancel", "release", "extend", "take-over", "retry"])
def test_what_is_over_cannot_be_done_again(agent, booked, action) -> None:
    cancel(booked.pk, now=NOW, actor=ALICE)
    before = AuditEvent.objects.count()
    answer = agent.post(place(booked, action), headers=POPUP)
    assert answer.status_code == 409
    assert AuditEvent.objects.count() == before


def test_taking_over_leads_to_a_draft_of_ones_own(agent, lock, wcs_form) -> None:
    assert offered(agent.get(place(lock, "take-over")), lock) == {"take-over"}
    answer = agent.post(place(lock, "take-over"), {"back": DAY}, headers=POPUP)
    assert answer.status_code == 201
    assert answer.headers["Location"].startswith(f"{wcs_form.url}backoffice/management/rendez-vous/")
    lock.refresh_from_db()
    assert (lock.state, lock.ended_because) == (BookingState.RELEASED, "taken over")
    new = Booking.objects.get(state=BookingState.HELD)
    assert (new.holder, new.form_slug, new.desk_id) == ("agent", "rendez-vous", lock.desk_id)
    context = wcs_form.calls[0].body["context"]
    assert context["lock_code"] == new.lock_code
    assert context["slot_id"] == SLOT
    assert new.lock_code in context["cancel_url"]
    assert AuditEvent.objects.get(code="lock.taken_over").actor == "agent"


def test_the_holder_goes_on_with_the_form_and_takes_nothing_over(agent, lock, mairie) -> None:
    Booking.objects.update(holder="agent")
    remember_draft(lock.pk, "https://demarches.test/api/12/", "https://demarches.test/backoffice/submission/rdv/12/")
    page = agent.get(place(lock))
    assert 'href="https://demarches.test/backoffice/submission/rdv/12/"' in text(page)
    assert offered(page, lock) == {"extend", "release"}
    assert agent.post(place(lock, "take-over")).status_code == 409
    lock.refresh_from_db()
    assert lock.state == BookingState.HELD
    colleague = log_in("colleague", "voir", "réserver")
    seen = colleague.get(place(lock))
    assert "take-over" in offered(seen, lock)
    assert "backoffice/submission" not in text(seen)


def test_when_wcs_refuses_a_take_over_the_first_holder_keeps_the_slot(agent, lock, wcs_form) -> None:
    wcs_form.fail_next("no-role")
    answer = agent.post(place(lock, "take-over"), headers=POPUP)
    assert answer.status_code == 409
    assert answer.context["problem"] == problem_in_words("agent-not-allowed", kept=True)
    assert answer.context["reference"] and answer.context["reference"] in text(answer)
    lock.refresh_from_db()
    assert (lock.state, Booking.objects.count()) == (BookingState.HELD, 1)


def test_a_lock_of_a_meeting_type_that_the_form_cannot_name_is_left_alone(mairie, agent, wcs_form) -> None:
    roles = {"view_role": mairie.view_role, "booking_role": mairie.booking_role}
    form = {"backoffice_booking_enabled": True, "form_slug": "f", "slot_field": "s"}
    make_virtual("toutes", mairie, make_agenda("annexe", types={"autre": 20}, **roles), **roles, **form)
    item = hold(HoldRequest("annexe", ("autre:2026-11-24-0900",), "K"), now=NOW, actor=ALICE).lock
    answer = agent.post(place(item, "take-over", "toutes"), headers=POPUP)
    assert answer.status_code == 409
    assert wcs_form.calls == []
    assert Booking.objects.get().lock_code == "K"


def test_the_title_of_the_form_is_shown_once_it_is_known(agent, lock, wcs_form) -> None:
    agent.post(place(lock, "take-over"))
    assert "Prendre rendez-vous · agent" in text(agent.get(DAY))


@pytest.mark.parametrize("action", ["extend", "release", "take-over"])
def test_an_agent_who_may_only_look_is_shown_no_action_and_refused(lock, action) -> None:
    reader = log_in("lecteur", "voir")
    assert offered(reader.get(place(lock)), lock) == set()
    assert reader.get(place(lock, action)).status_code == 403
    assert reader.post(place(lock, action)).status_code == 403
    assert Booking.objects.get().state == BookingState.HELD


def test_an_agent_who_may_only_look_cannot_cancel(booked) -> None:
    reader = log_in("lecteur", "voir")
    assert offered(reader.get(place(booked)), booked) == set()
    assert reader.post(place(booked, "cancel")).status_code == 403


def test_strangers_see_nothing_and_other_agendas_show_nothing_of_it(agent, booked) -> None:
    assert log_in("stranger").get(place(booked)).status_code == 403
    make_agenda("annexe", view_role=Group.objects.get(name="voir"))
    assert agent.get(place(booked, agenda="annexe")).status_code == 404
    assert agent.get("/manage/agendas/mairie/appointments/999/").status_code == 404
    assert agent.post(place(booked, "nonsense")).status_code == 404


def test_a_virtual_agenda_shows_what_stands_in_its_members(mairie, booked) -> None:
    make_virtual("toutes", mairie, view_role=mairie.view_role)
    reader = log_in("lecteur", "voir")
    assert reader.get(place(booked, agenda="toutes")).status_code == 200


# -- The version


def test_each_lock_that_lapses_changes_the_version_by_itself(agent, mairie, monkeypatch) -> None:
    ends = [NOW + datetime.timedelta(minutes=minutes) for minutes in (6, 8, 8, 10)]
    for time, end in zip(("1000", "1020", "1040", "1100"), ends, strict=True):
        lock = hold(HoldRequest("mairie", (f"passeport:2026-11-24-{time}",), time), now=NOW, actor=ALICE).lock
        Booking.objects.filter(pk=lock.pk).update(expires_at=end)
    make_agenda("annexe", desks=1)
    hold(HoldRequest("annexe", (SLOT,), "L"), now=NOW, actor=ALICE)
    seen = []
    for moment in (NOW, *sorted(set(ends))):
        for instant in (moment, moment + datetime.timedelta(seconds=1)):
            monkeypatch.setattr(calendar, "present", lambda instant=instant: instant)
            seen.append(version(agent))
    # Nothing changes between two ends; at each end something does.
    assert [one == other for one, other in zip(seen, seen[1:], strict=False)] == [True, False] * 3 + [True]


def version(client: Client) -> str:
    return client.get(VERSION).headers["ETag"]


@pytest.mark.skipif(connection.vendor == "postgresql", reason="its planner goes by the tables as they are filled")
def test_the_next_end_of_a_lock_is_read_from_its_index(agent) -> None:
    with CaptureQueriesContext(connection) as queries:
        version(agent)
    [asked] = [query["sql"] for query in queries if "expires_at > " in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN QUERY PLAN " + asked.replace("%", "%%"), ())
        plan = " ".join(row[3] for row in cursor.fetchall())
    assert "lock_by_expiry" in plan
    assert "TEMP B-TREE" not in plan


def test_an_unchanged_version_costs_a_304_and_few_queries(agent) -> None:
    etag = version(agent)
    with CaptureQueriesContext(connection) as queries:
        answer = agent.get(VERSION, headers={"If-None-Match": etag})
    assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", etag)
    assert len(queries) <= 7
    assert agent.get(VERSION, headers={"If-None-Match": '"old"'}).status_code == 200


def test_the_page_and_the_version_agree(agent) -> None:
    assert f'data-version="{version(agent)[1:-1]}"' in agent.get(DAY).content.decode()


def test_everything_that_shows_changes_the_version(agent, booked, mairie, monkeypatch) -> None:
    seen = [version(agent)]

    def step() -> None:
        assert version(agent) not in seen
        seen.append(version(agent))

    item = hold(HoldRequest("mairie", ("passeport:2026-11-24-1000",), "K"), now=NOW, actor=ALICE).lock
    step()
    later = NOW + datetime.timedelta(minutes=6)
    monkeypatch.setattr(appointments, "present", lambda: later)
    agent.post(place(item, "extend"))
    step()
    agent.post(place(booked, "cancel"))
    step()
    deliver_due(now=later, send=lambda callback: Sent(200), actor=WORKER)
    step()
    monkeypatch.setattr(calendar, "present", lambda: NOW + datetime.timedelta(hours=1))
    step()  # the lock has lapsed, whether or not a task has marked it


# -- The pop-up


def test_the_way_to_the_form_is_told_to_the_script(agent, wcs_form) -> None:
    answer = agent.post(BOOK, {"slot": SLOT, "agenda": "mairie", "back": DAY}, headers=POPUP)
    assert (answer.status_code, answer.content) == (201, b"")
    assert answer.headers["Location"].startswith(wcs_form.url)


def test_a_slot_sent_twice_from_one_pop_up_is_held_once(agent, wcs_form) -> None:
    sent = {"slot": SLOT, "agenda": "mairie", "attempt": "once"}
    for _ in range(2):
        assert agent.post(BOOK, sent, headers=POPUP).status_code == 201
    assert Booking.objects.count() == 1
    other = {**sent, "attempt": "another"}
    assert agent.post(BOOK, other, headers=POPUP).status_code == 409


def test_the_code_cannot_be_guessed_from_the_page(agent, wcs_form) -> None:
    agent.post(BOOK, {"slot": SLOT, "attempt": "once"})
    first = Booking.objects.get().lock_code
    Booking.objects.all().delete()
    log_in("autre", "voir", "réserver").post(BOOK, {"slot": SLOT, "attempt": "once"})
    assert Booking.objects.get().lock_code != first


def test_a_desk_that_is_taken_is_told_with_the_one_instead(agent) -> None:
    make_agenda("grande", desks=2, **dict.fromkeys(("view_role", "booking_role"), Group.objects.get(name="réserver")))
    Agenda.objects.filter(slug="grande").update(backoffice_booking_enabled=True, form_slug="f", slot_field="s")
    hold(HoldRequest("grande", (SLOT,), "K", desk="guichet-1"), now=NOW, actor=ALICE)
    asked = {"type": "passeport", "day": "2026-11-24", "time": "09:00", "desk": "grande:guichet-1"}
    page = text(agent.get("/manage/agendas/grande/book/", asked))
    [notice] = re.findall(r'class="infonotice">(.*?)</div>', page)
    assert re.search("Guichet 1.*Guichet 2", notice)


@pytest.mark.parametrize(
    ("asked", "others_that_day"),
    [
        ({"type": "passeport", "day": "2026-11-24", "time": "09:00"}, True),
        ({"type": "passeport", "day": "2026-11-28", "time": ""}, False),
        ({"type": "mariage", "day": "2026-11-24", "time": "08:00"}, True),
        ({"type": "passeport", "day": "0001-01-01", "time": "00:00"}, False),
        ({"type": "passeport", "day": "9999-12-31", "time": "23:59"}, False),
    ],
)
def test_when_nothing_fits_the_nearest_are_offered(agent, lock, asked, others_that_day) -> None:
    answer = agent.get(BOOK, asked)
    page = text(answer)
    assert chosen(answer) == ""
    assert (len(re.findall(r"<option value=\"\d\d:\d\d\">", page)) > 0) == others_that_day
    assert len(re.findall("data-slot ", page)) > 0
    assert re.search(r"<button [^>]*disabled>", page)


@pytest.mark.parametrize(
    ("shown", "start"),
    [
        ("day/2026/12/03", "2026-12-03-0900"),
        ("day/2026/12/05", "2026-12-07-0900"),  # a Saturday
        ("week/2026/12/03", "2026-11-30-0900"),
        ("month/2026/12/15", "2026-12-01-0900"),
        # What is shown is past, or can be booked from tomorrow on only.
        ("day/2026/10/01", "2026-11-24-0900"),
        ("week/2026/11/23", "2026-11-24-0900"),
        # Nothing can be booked from there on.
        ("day/2028/06/01", "2026-11-24-0900"),
    ],
)
def test_a_booking_is_added_to_what_is_shown_or_else_as_soon_as_may_be(agent, shown, start) -> None:
    page = agent.get(f"/manage/agendas/mairie/{shown}/").content.decode()
    [address] = re.findall(r'add-booking" href="([^"]+)"', page)
    assert chosen(agent.get(html.unescape(address))) == f"passeport:{start}"


def test_what_is_shown_counts_until_a_day_is_chosen(agent, mairie) -> None:
    # Nothing of the first type is free, whatever the day: the agent chooses another one.
    mairie.meeting_types.filter(slug="passeport").update(position=9)
    mairie.meeting_types.create(slug="long", label="Long", duration=720, position=0)
    answer = agent.get(BOOK, {"since": "2026-12-03"})
    assert chosen(answer) == ""
    assert '<input type="hidden" name="since" value="2026-12-03">' in text(answer)
    asked = {"since": "2026-12-03", "type": "passeport"}
    assert chosen(agent.get(BOOK, asked)) == "passeport:2026-12-03-0900"
    assert chosen(agent.get(BOOK, {**asked, "day": "2026-11-25"})) == "passeport:2026-11-25-0900"


@pytest.mark.parametrize("since", ["", "x", "2026-13-01", "2026-12-03\0", "9999-12-31", "0001-01-01"])
def test_a_day_that_is_none_is_as_if_it_had_not_been_shown(agent, since) -> None:
    assert chosen(agent.get(BOOK, {"since": since})) == SLOT


def test_a_click_on_a_desk_of_a_member_asks_that_member_and_else_the_virtual_agenda(mairie, agent) -> None:
    roles = {"view_role": mairie.view_role, "booking_role": mairie.booking_role}
    form = {"backoffice_booking_enabled": True, "form_slug": "f", "slot_field": "s", "agenda_field": "a"}
    annexe = make_agenda("annexe", desks=1, **roles, minimal_booking_delay=3)
    make_virtual("toutes", mairie, annexe, minimal_booking_delay=1, **roles, **form)
    asked = {"type": "passeport", "desk": "annexe:guichet-1", "time": "09:00"}
    far = text(agent.get("/manage/agendas/toutes/book/", {**asked, "day": "2026-11-27"}))
    assert '<option value="annexe" selected>' in far
    near = text(agent.get("/manage/agendas/toutes/book/", {**asked, "day": "2026-11-24"}))
    assert '<option value="toutes" selected>' in near
    assert "Annexe, Guichet 1" in near


def test_an_agenda_that_is_not_enabled_says_so_to_those_who_book(agent, mairie) -> None:
    notice = 'class="infonotice"'
    assert notice not in text(agent.get(DAY))
    Agenda.objects.update(backoffice_booking_enabled=False)
    page = text(agent.get(DAY))
    assert notice in page
    assert BOOK not in page
    assert agent.get(BOOK).status_code == 403


def test_a_day_of_twenty_desks_and_four_hundred_bookings_costs_as_many_queries_as_a_small_one() -> None:
    role = Group.objects.create(name="voir tout")
    counts, actor = [], Actor.agent("agnes")
    for slug, desks in (("petite", 1), ("grande", 20)):
        hours = (("09:00", "12:00"), ("13:00", "17:00"))
        roles = {"view_role": role, "booking_role": role}
        make_agenda(slug, desks=desks, hours=hours, **roles, backoffice_booking_enabled=True, form_slug="f")
        starts = [hour * 60 + minute for hour in (9, 10, 11, 13, 14, 15, 16) for minute in (0, 20, 40)][:-1]
        items = [
            confirm(
                BookingRequest(
                    slug,
                    (f"passeport:2026-11-24-{start // 60:02}{start % 60:02}",),
                    details=BookingDetails(label="Dossier", cancel_callback_url=HOOK),
                ),
                now=NOW,
                actor=ALICE,
            ).booking
            for start in starts
            for _ in range(desks)
        ]
        cancel(items[-1].pk, now=NOW, actor=actor, call_back=True)
        hold(HoldRequest(slug, ("passeport:2026-11-24-1640",), "K", holder="agnes"), now=NOW, actor=actor)
    assert Booking.objects.filter(agenda__slug="grande", confirmed_at__isnull=False).count() == 400
    client = log_in("agnes", "voir tout")
    for slug in ("petite", "grande"):
        client.get(f"/manage/agendas/{slug}/day/2026/11/24/")
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/manage/agendas/{slug}/day/2026/11/24/").status_code == 200
        counts.append(len(queries))
    # Session, agent, roles, header; agenda; settings; version (2); bookings; calls to w.c.s.; holders.
    assert counts[0] == counts[1] <= 11


def test_a_form_for_one_type_leaves_that_type_alone_in_the_calendar(agent, mairie) -> None:
    assert 'value="passeport"' in text(agent.get(DAY))
    Agenda.objects.update(fixed_meeting_type="mariage")
    page = text(agent.get(DAY))
    assert "passeport" not in page
    assert "type=mariage" in page
    asked = text(agent.get(BOOK, {"type": "passeport"}, headers=POPUP))
    assert 'value="mariage"' in asked and 'value="passeport"' not in asked
    answer = agent.post(BOOK, {"agenda": "mairie", "slot": SLOT}, headers=POPUP)
    assert answer.status_code == 409
    assert not Booking.objects.exists()
