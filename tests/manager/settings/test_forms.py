"""Every form of the settings: what it saves, and what it says of bad input."""

from __future__ import annotations

import ast
import datetime
import html
import re
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms import BaseForm

from adapter.agendas.models import Agenda, AuditEvent, Closure, ExcludedPeriod, OpeningPeriod
from adapter.agendas.services import BookingDetails, BookingRequest, HoldRequest, confirm, hold
from adapter.agendas.services.transfer import export_agendas
from adapter.manager.settings.words import EVENTS
from tests.agendas.builders import ALICE, NOW, close, make_agenda, make_virtual

SETTINGS = "/manage/agendas/mairie/settings/"
SLOT = "passeport:2026-11-24-0900"


def texts(answer) -> str:
    """What people read on a page."""
    return html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode()))


def saved(client, path: str, data: dict, tab: str) -> None:
    answer = client.post(f"{SETTINGS}{path}", data)
    assert answer.status_code == 302, texts(answer)
    assert answer.url == f"{SETTINGS}#open:{tab}"
    assert client.get(SETTINGS).status_code == 200


def refused(client, path: str, data: dict, errors: str) -> str:
    """Nothing is saved, and the form says why beside its fields: ``errors`` are ``field code``, ``field`` for ours."""
    before, events = export_agendas(), AuditEvent.objects.count()
    answer = client.post(f"{SETTINGS}{path}" if not path.startswith("/") else path, data)
    assert answer.status_code == 422
    told = found_errors(answer)
    assert {f"{field} {error.code or ''}".strip() for field, error in told} == set(filter(None, errors.split(", ")))
    for _field, error in told:
        assert all(message in texts(answer) for message in error.messages)
    assert (export_agendas(), AuditEvent.objects.count()) == (before, events)
    return answer.content.decode()


def found_errors(answer) -> list[tuple[str, ValidationError]]:
    """Errors of the form that a page was made with."""
    [form] = {value for part in answer.context for value in part.flatten().values() if isinstance(value, BaseForm)}
    return [(field, error) for field, found in form.errors.as_data().items() for error in found]


# -- The agenda


def test_an_agenda_is_created_and_its_settings_open(admin) -> None:
    data = {"label": "Bibliothèque", "kind": "meetings", "category": "Culture"}
    answer = admin.post("/manage/add-agenda/", data)
    assert answer.url == "/manage/agendas/bibliotheque/settings/#open:meeting-types"
    answer = admin.get("/manage/agendas/bibliotheque/settings/")
    page = texts(answer)
    for words in ("Bibliothèque", "Culture"):
        assert words in page
    # Openings need a desk first.
    assert 'href="#open:desks"' in answer.content.decode()
    assert admin.post("/manage/add-agenda/", {"label": "Toutes", "kind": "virtual"}).url.endswith("#open:members")


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"label": "", "kind": "meetings"}, "label required"),
        ({"label": "X", "kind": ""}, "kind required"),
        ({"label": "X", "kind": "events"}, "kind invalid_choice"),
        ({"label": "X", "kind": "meetings", "slug": "A B"}, "slug invalid"),
        ({"label": "X", "kind": "meetings", "slug": "mairie"}, "slug"),
        ({"label": "x" * 200, "kind": "meetings"}, "label max_length"),
        ({"label": "X\0", "kind": "meetings"}, "label null_characters_not_allowed"),
    ],
)
def test_a_new_agenda_that_makes_no_sense(mairie, admin, data, error) -> None:
    content = refused(admin, "/manage/add-agenda/", data, error)
    assert 'name="label"' in content


def test_label_and_category(editor) -> None:
    saved(editor, "general/", {"label": "Hôtel de ville", "category": "Ville"}, "general")
    agenda = Agenda.objects.get()
    assert (agenda.label, str(agenda.category)) == ("Hôtel de ville", "Ville")
    saved(editor, "general/", {"label": "Hôtel de ville", "category": ""}, "general")
    assert Agenda.objects.get().category is None
    refused(editor, "general/", {"label": " "}, "label required")


def test_another_identifier_needs_a_word_that_nothing_uses_it(editor) -> None:
    refused(editor, "identifier/", {"slug": "hotel-de-ville"}, "known required")
    answer = editor.post(f"{SETTINGS}identifier/", {"slug": "hotel-de-ville", "known": "on"})
    assert answer.url == "/manage/agendas/hotel-de-ville/settings/#open:general"


def test_the_identifier_of_a_used_agenda_cannot_be_changed(editor) -> None:
    assert 'name="slug"' in editor.get(f"{SETTINGS}identifier/").content.decode()
    confirm(BookingRequest("mairie", (SLOT,)), now=NOW, actor=ALICE)
    assert 'name="slug"' not in editor.get(f"{SETTINGS}identifier/").content.decode()
    refused(editor, "identifier/", {"slug": "autre", "known": "on"}, "slug")


DELAYS = {"minimal_booking_delay": "2", "maximal_booking_delay": "30", "minimal_booking_time": "08:00"}


def test_delays(editor) -> None:
    saved(editor, "delays/", {**DELAYS, "slot_step": "15", "lock_minutes": "7.5"}, "delays")
    agenda = Agenda.objects.get()
    assert (agenda.minimal_booking_delay, agenda.maximal_booking_delay, agenda.slot_step) == (2, 30, 15)
    assert (agenda.minimal_booking_time, agenda.lock_duration) == (datetime.time(8), 450)
    assert 'value="7,5' in editor.get(f"{SETTINGS}delays/").content.decode().replace("7.5", "7,5")
    saved(editor, "delays/", {}, "delays")
    agenda.refresh_from_db()
    assert (agenda.minimal_booking_delay, agenda.minimal_booking_time, agenda.lock_duration) == (None, None, None)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"maximal_booking_delay": "2"}, "maximal_booking_delay"),
        ({"minimal_booking_delay": "-1"}, "minimal_booking_delay min_value"),
        ({"minimal_booking_delay": "abc"}, "minimal_booking_delay invalid"),
        ({"maximal_booking_delay": "99999"}, "maximal_booking_delay max_value"),
        ({"minimal_booking_time": "25:00"}, "minimal_booking_time invalid"),
        ({"slot_step": "0"}, "slot_step min_value"),
        ({"lock_minutes": "4.9"}, "lock_minutes"),
        ({"lock_minutes": "21"}, "lock_minutes"),
        ({"lock_minutes": "NaN"}, "lock_minutes invalid"),
    ],
)
def test_delays_that_make_no_sense(editor, data, error) -> None:
    refused(editor, "delays/", {**DELAYS, **data}, error)


def test_a_refused_duration_of_locks_is_told_beside_its_field(editor) -> None:
    content = refused(editor, "delays/", {**DELAYS, "lock_minutes": "21"}, "lock_minutes")
    [field] = re.findall(r'<input[^>]*name="lock_minutes"[^>]*>', content)
    [places] = re.findall(r'aria-describedby="([^"]+)"', field)
    assert 'aria-invalid="true"' in field
    assert "error_id_lock_minutes" in places.split()
    assert content.count('id="error_id_lock_minutes"') == 1


def test_delays_of_a_virtual_agenda(toutes, editor) -> None:
    page = editor.get("/manage/agendas/toutes/settings/delays/").content.decode()
    assert "slot_step" not in page
    editor.post("/manage/agendas/toutes/settings/delays/", {"minimal_booking_delay": "3"})
    toutes.refresh_from_db()
    assert (toutes.minimal_booking_delay, toutes.maximal_booking_delay) == (3, None)


def test_roles(mairie, editor) -> None:
    view = Group.objects.create(name="Accueil")
    assert texts(editor.get(f"{SETTINGS}permissions/")).count("personne") == 3
    saved(editor, "permissions/", {"view_role": view.pk, "edit_role": mairie.edit_role_id}, "permissions")
    agenda = Agenda.objects.get()
    assert (agenda.view_role, agenda.edit_role, agenda.booking_role) == (view, mairie.edit_role, None)


@pytest.mark.parametrize("role", ["", "voir", "99999", "x"])
def test_nobody_gives_the_right_to_edit_away_by_mistake(mairie, editor, role) -> None:
    pk = Group.objects.get(name=role).pk if role == "voir" else role
    refused(
        editor, "permissions/", {"edit_role": pk}, "edit_role" if role in ("", "voir") else "edit_role invalid_choice"
    )


def test_administrators_add_roles_that_are_missing(mairie, admin, editor) -> None:
    answer = admin.post(f"{SETTINGS}permissions/", {"new_role": "Guichetiers", "action": "add-role"})
    assert answer.status_code == 302
    assert ">Guichetiers</option>" in admin.get(answer.url).content.decode()
    assert "new_role" not in editor.get(f"{SETTINGS}permissions/").content.decode()
    editor.post(f"{SETTINGS}permissions/", {"new_role": "Pirates", "action": "add-role"})
    assert not Group.objects.filter(name="Pirates").exists()


def test_a_copy_is_made_by_administrators(mairie, admin) -> None:
    answer = admin.post(f"{SETTINGS}duplicate/", {"label": "Annexe"})
    assert answer.url == "/manage/agendas/annexe/settings/#open:general"
    refused(admin, "duplicate/", {"label": "Annexe", "slug": "annexe"}, "slug")
    refused(admin, "duplicate/", {"label": ""}, "label required")


def test_an_agenda_is_removed_after_a_question(editor) -> None:
    asked = editor.get(f"{SETTINGS}delete/")
    assert "Mairie" in asked.context["question"] and "delete-button" in asked.content.decode()
    assert Agenda.objects.exists()
    assert editor.post(f"{SETTINGS}delete/").url == "/manage/"
    assert not Agenda.objects.exists()


@pytest.mark.parametrize("use", ["booking", "lock", "member"])
def test_an_agenda_that_is_needed_is_not_removed(mairie, editor, use) -> None:
    if use == "booking":
        confirm(BookingRequest("mairie", (SLOT,)), now=NOW, actor=ALICE)
    elif use == "lock":
        hold(HoldRequest("mairie", (SLOT,), "K"), now=NOW, actor=ALICE)
    else:
        make_virtual("toutes", mairie)
    page = editor.get(f"{SETTINGS}delete/")
    assert "delete-button" not in page.content.decode()
    refused(editor, "delete/", {}, "__all__")


# -- Meeting types and desks


def test_meeting_types(mairie, editor) -> None:
    saved(editor, "meeting-types/add/", {"label": "Carte d'identité", "duration": "15"}, "meeting-types")
    row = mairie.meeting_types.get(slug="carte-didentite")
    path = f"meeting-types/{row.pk}/"
    saved(editor, path, {"label": "CNI", "duration": "25", "slug": "cni"}, "meeting-types")
    row.refresh_from_db()
    assert (row.label, row.duration, row.slug, row.enabled) == ("CNI", 25, "cni", False)
    saved(editor, f"{path}move/", {"to": "up"}, "meeting-types")
    assert [item.slug for item in mairie.meeting_types.all()][-2:] == ["cni", "mariage"]
    saved(editor, f"{path}delete/", {}, "meeting-types")
    assert not mairie.meeting_types.filter(slug="cni").exists()


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"label": "", "duration": "15"}, "label required"),
        ({"label": "X", "duration": ""}, "duration required"),
        ({"label": "X", "duration": "0"}, "duration min_value"),
        ({"label": "X", "duration": "1441"}, "duration max_value"),
        ({"label": "X", "duration": "15", "slug": "É"}, "slug invalid"),
        ({"label": "X", "duration": "15", "slug": "passeport"}, "slug"),
    ],
)
def test_meeting_types_that_make_no_sense(editor, data, error) -> None:
    refused(editor, "meeting-types/add/", data, error)


def test_a_type_that_was_booked_keeps_its_identifier_and_stays(editor) -> None:
    row = confirm(BookingRequest("mairie", (SLOT,)), now=NOW, actor=ALICE).booking.meeting_type
    path = f"meeting-types/{row.pk}/"
    assert re.search(r'<input [^>]*name="slug"[^>]*disabled', editor.get(f"{SETTINGS}{path}").content.decode())
    data = {"label": "Passeports", "duration": "20", "slug": "autre", "enabled": "on"}
    saved(editor, path, data, "meeting-types")
    row.refresh_from_db()
    assert (row.label, row.slug) == ("Passeports", "passeport")
    refused(editor, f"{path}delete/", {}, "__all__")


def test_a_type_that_is_held_right_now_is_not_disabled(editor) -> None:
    row = hold(HoldRequest("mairie", (SLOT,), "K"), now=NOW, actor=ALICE).lock.meeting_type
    data = {"label": "Passeport", "duration": "20", "slug": "passeport"}
    # The end of the lock by the clocks of the town.
    assert "11:10" in refused(editor, f"meeting-types/{row.pk}/", data, "enabled")


def test_desks(mairie, editor) -> None:
    saved(editor, "desks/add/", {"label": "Guichet 3"}, "desks")
    row = mairie.desks.get(slug="guichet-3")
    saved(editor, f"desks/{row.pk}/", {"label": "Étage", "slug": "etage", "enabled": "on"}, "desks")
    saved(editor, f"desks/{row.pk}/move/", {"to": "up"}, "desks")
    assert [desk.label for desk in mairie.desks.all()] == ["Guichet 1", "Étage", "Guichet 2"]
    saved(editor, f"desks/{row.pk}/move/", {"to": "nonsense"}, "desks")
    saved(editor, f"desks/{row.pk}/delete/", {}, "desks")
    refused(editor, "desks/add/", {"label": ""}, "label required")
    refused(editor, "desks/add/", {"label": "X", "slug": "guichet-1"}, "slug")


def test_a_desk_that_was_booked_stays(editor) -> None:
    row = confirm(BookingRequest("mairie", (SLOT,)), now=NOW, actor=ALICE).booking.desk
    assert "delete-button" not in editor.get(f"{SETTINGS}desks/{row.pk}/delete/").content.decode()
    refused(editor, f"desks/{row.pk}/delete/", {}, "__all__")


# -- Periods

EVENING = {"start_time": "18:00", "end_time": "19:00"}


def test_opening_periods(mairie, editor) -> None:
    desks = [desk.pk for desk in mairie.desks.all()]
    saved(
        editor, "openings/add/", {**EVENING, "desks": desks, "weekdays": [0, 3], "weeks_of_month": [1, 3]}, "openings"
    )
    made = OpeningPeriod.objects.filter(start_time=datetime.time(18))
    assert {(row.desk_id, row.weekday, tuple(row.weeks_of_month)) for row in made} == {
        (desk, day, (1, 3)) for desk in desks for day in (0, 3)
    }
    assert "1er et 3e jeudi du mois, 18:00 – 19:00" in texts(editor.get(SETTINGS))
    row = made[0]
    page = editor.get(f"{SETTINGS}openings/{row.pk}/").content.decode()
    assert 'value="18:00"' in page
    saved(editor, f"openings/{row.pk}/", {**EVENING, "date": "2026-12-24", "end_time": "20:00"}, "openings")
    row.refresh_from_db()
    assert (row.weekday, row.date, row.end_time) == (None, datetime.date(2026, 12, 24), datetime.time(20))
    saved(editor, f"openings/{row.pk}/delete/", {}, "openings")
    assert not OpeningPeriod.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"desks": []}, "desks required"),
        ({"desks": [99999]}, "desks invalid_choice"),
        ({"weekdays": []}, "weekdays"),
        ({"weekdays": [9]}, "weekdays invalid_choice"),
        ({"date": "2026-12-24"}, "date"),
        ({"weekdays": [], "date": "2026-13-45"}, "date invalid"),
        ({"weekdays": [], "date": "2026-12-24", "weeks_of_month": [1]}, "weeks_of_month"),
        ({"start_time": ""}, "start_time required"),
        ({"end_time": "17:00"}, "end_time"),
        ({"start_time": "x"}, "start_time invalid"),
        ({"valid_from": "2026-12-24", "valid_until": "2026-12-01"}, "valid_until"),
    ],
)
def test_opening_periods_that_make_no_sense(mairie, editor, data, error) -> None:
    good = {**EVENING, "desks": [desk.pk for desk in mairie.desks.all()], "weekdays": [0]}
    refused(editor, "openings/add/", {**good, **data}, error)


def test_desks_of_another_agenda_cannot_be_opened(mairie, editor) -> None:
    other = make_agenda("annexe").desks.all()[0]
    refused(editor, "openings/add/", {**EVENING, "desks": [other.pk], "weekdays": [0]}, "desks invalid_choice")
    refused(
        editor,
        "openings/copy/",
        {"source": other.pk, "desks": [other.pk]},
        "source invalid_choice, desks invalid_choice",
    )


def test_a_period_is_of_one_day(mairie, editor) -> None:
    row = mairie.desks.all()[0].openings.all()[0]
    refused(editor, f"openings/{row.pk}/", {**EVENING, "weekdays": [0, 1]}, "weekdays")


def test_opening_periods_are_copied(mairie, editor) -> None:
    one, two = mairie.desks.all()
    two.openings.all().delete()
    saved(editor, "openings/copy/", {"source": one.pk, "desks": [two.pk]}, "openings")
    assert two.openings.count() == one.openings.count() == 10
    refused(editor, "openings/copy/", {"source": one.pk, "desks": [one.pk]}, "desks")


@pytest.mark.parametrize("desk", ["", "x", "99999999999999999999", "-1"])
def test_a_desk_that_is_asked_for_by_nonsense_is_ignored(editor, desk) -> None:
    page = editor.get(f"{SETTINGS}openings/add/?desk={desk}").content.decode()
    assert len(re.findall(r'name="desks"[^>]*checked', page)) == 2


def test_one_desk_is_ticked_when_it_was_asked_for(mairie, editor) -> None:
    page = editor.get(f"{SETTINGS}openings/add/?desk={mairie.desks.all()[1].pk}").content.decode()
    assert len(re.findall(r'name="desks"[^>]*checked', page)) == 1


def test_excluded_periods_and_members(toutes, mairie, editor, log_in) -> None:
    settings = "/manage/agendas/toutes/settings/"
    make_agenda("annexe", view_role=mairie.edit_role, types={"passeport": 25})
    make_agenda("cachee")
    page = texts(editor.get(f"{settings}members/"))
    assert "Annexe" in page
    assert "Cachee" not in page
    reals = [agenda.pk for agenda in Agenda.objects.filter(slug__in=["mairie", "annexe"])]
    assert editor.post(f"{settings}members/", {"members": reals}).status_code == 302
    page = texts(editor.get(settings))
    assert "25 minutes (Annexe)" in page
    assert editor.post(f"{settings}excluded-periods/add/", {**EVENING, "weekdays": [1]}).status_code == 302
    row = ExcludedPeriod.objects.get()
    path = f"{settings}excluded-periods/{row.pk}/"
    assert "Mardi, 18:00 – 19:00" in texts(editor.get(settings))
    refused(editor, path, {**EVENING, "weekdays": []}, "weekdays")
    refused(editor, f"{settings}excluded-periods/add/", {**EVENING}, "weekdays")
    assert editor.post(path, {**EVENING, "weekdays": [2]}).status_code == 302
    assert editor.post(f"{path}delete/").status_code == 302
    assert not ExcludedPeriod.objects.exists()


def test_agendas_that_the_agent_may_not_see_cannot_become_members(toutes, editor) -> None:
    hidden = make_agenda("cachee")
    refused(editor, "/manage/agendas/toutes/settings/members/", {"members": [hidden.pk]}, "members invalid_choice")


# -- Exceptions


def test_exceptions_by_hand(mairie, editor) -> None:
    desks = [desk.pk for desk in mairie.desks.all()]
    data = {"label": "Pont", "desks": desks, "start_date": "2026-12-24", "end_date": "2026-12-25"}
    saved(editor, "exceptions/add/", data, "exceptions")
    closure = Closure.objects.get()
    assert "du 24 décembre 2026 au 25 décembre 2026" in texts(editor.get(SETTINGS))
    assert "tous les guichets" in texts(editor.get(SETTINGS))
    page = editor.get(f"{SETTINGS}exceptions/{closure.pk}/").content.decode()
    assert 'value="2026-12-25"' in page
    data |= {"desks": desks[:1], "end_date": "", "start_time": "13:30", "end_time": "17:00"}
    saved(editor, f"exceptions/{closure.pk}/", data, "exceptions")
    closure.refresh_from_db()
    assert (closure.start.isoformat(), closure.end.hour) == ("2026-12-24T12:30:00+00:00", 16)
    assert "24 décembre 2026, 13:30 – 17:00" in texts(editor.get(SETTINGS))
    saved(editor, f"exceptions/{closure.pk}/delete/", {}, "exceptions")
    assert not Closure.objects.exists()


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"start_date": ""}, "start_date required"),
        ({"start_date": "24 décembre"}, "start_date invalid"),
        ({"end_date": "2026-12-23"}, "end_date"),
        ({"start_time": "10:00", "end_time": "10:00"}, "end_time"),
        ({"end_time": "99"}, "end_time invalid"),
        ({"start_date": "9999-12-31"}, "end_date"),
        ({"desks": []}, "desks required"),
    ],
)
def test_exceptions_that_make_no_sense(mairie, editor, data, error) -> None:
    good = {"desks": [desk.pk for desk in mairie.desks.all()], "start_date": "2026-12-24"}
    refused(editor, "exceptions/add/", {**good, **data}, error)


def test_appointments_in_the_way_are_shown_before_anything_is_closed(mairie, editor) -> None:
    details = BookingDetails(label="Dossier 42")
    desk = confirm(BookingRequest("mairie", (SLOT,), details=details), now=NOW, actor=ALICE).booking.desk
    data = {"desks": [desk.pk], "start_date": "2026-11-24"}
    content = refused(editor, "exceptions/add/", data, "")
    assert "Dossier 42" in content
    assert "close-all-the-same" in content
    [seen] = re.findall(r'name="seen" value="([0-9 ]+)"', content)
    agreed = {**data, "action": "close-all-the-same", "seen": seen}
    confirm(BookingRequest("mairie", ("passeport:2026-11-25-0900",)), now=NOW, actor=ALICE)
    everything = {"desks": [desk.pk for desk in mairie.desks.all()], "end_date": "2026-11-25"}
    more = refused(editor, "exceptions/add/", {**agreed, **everything}, "")
    [seen_now] = re.findall(r'name="seen" value="([0-9 ]+)"', more)
    assert len(seen_now.split()) == 2
    saved(editor, "exceptions/add/", agreed, "exceptions")
    assert Closure.objects.count() == 1


def test_an_exception_from_a_calendar_is_not_changed_by_hand(mairie, editor) -> None:
    source = mairie.exception_sources.create(kind="holidays", label="Fériés", country="FR")
    closure = close(mairie, NOW, NOW + datetime.timedelta(hours=1))
    Closure.objects.update(source=source)
    for path in ("", "delete/"):
        assert editor.post(f"{SETTINGS}exceptions/{closure.pk}/{path}").status_code == 404
    assert Closure.objects.count() == 1


def ics(text: str = "", name: str = "conges.ics") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode(), content_type="text/calendar")


EVENT = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20261224\r\n"
    "DTEND;VALUE=DATE:20261225\r\nSUMMARY:Réveillon\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def test_exceptions_from_a_file(mairie, editor) -> None:
    desks = [desk.pk for desk in mairie.desks.all()]
    saved(editor, "sources/add/ics_file/", {"label": "Congés", "desks": desks, "file": ics(EVENT)}, "exceptions")
    assert Closure.objects.get().label == "Réveillon"
    assert "1 fermeture à venir" in texts(editor.get(SETTINGS))
    source = mairie.exception_sources.get()
    path = f"sources/{source.pk}/"
    saved(editor, path, {"label": "Congés 2026", "desks": desks[:1]}, "exceptions")
    assert list(Closure.objects.get().desks.values_list("pk", flat=True)) == desks[:1]
    saved(editor, f"{path}refresh/", {}, "exceptions")
    saved(editor, f"{path}delete/", {}, "exceptions")
    assert not Closure.objects.exists()


@pytest.mark.parametrize(
    ("file", "error"),
    [
        (None, "file required"),
        (lambda: ics("nonsense"), "file"),
        (lambda: ics("\0"), "file"),
        (lambda: ics("BEGIN:VCALENDAR\nBEGIN:VEVENT"), "file"),
        (lambda: ics(EVENT.replace("DTSTART", "X-START")), "file"),
        (lambda: ics(EVENT.replace("20261224", "demain")), "file"),
        (lambda: ics(""), "file empty"),
        (lambda: ics(EVENT + "\r\n" * (5 * 2**19)), "file"),
    ],
)
def test_files_that_are_no_calendar(mairie, editor, file, error) -> None:
    data = {"label": "Congés", "desks": [desk.pk for desk in mairie.desks.all()]}
    content = refused(editor, "sources/add/ics_file/", data | ({"file": file()} if file else {}), error)
    # Words for people, not those of a library.
    assert not re.search(r"could not|[Ii]nvalid|Error", html.unescape(re.sub(r"<[^>]+>", " ", content)))
    assert not mairie.exception_sources.exists()


@pytest.mark.parametrize("broken", [("DTSTART", "X-START"), ("20261224", "demain")])
def test_the_event_that_cannot_be_read_is_named(mairie, editor, broken) -> None:
    data = {"label": "Congés", "desks": [mairie.desks.all()[0].pk], "file": ics(EVENT.replace(*broken))}
    assert "Réveillon" in refused(editor, "sources/add/ics_file/", data, "file")


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("", "ics_url required"),
        ("ftp://x.example/a.ics", "ics_url"),
        ("file:///etc/passwd", "ics_url invalid"),
        ("x y", "ics_url invalid"),
    ],
)
def test_addresses_that_cannot_be_read(mairie, editor, url, error) -> None:
    data = {"label": "Congés", "desks": [desk.pk for desk in mairie.desks.all()], "ics_url": url}
    refused(editor, "sources/add/ics_url/", data, error)


def test_public_holidays_are_shown_before_they_are_kept(mairie, editor) -> None:
    data = {"label": "Fériés", "desks": [desk.pk for desk in mairie.desks.all()], "area": "FR-57"}
    page = editor.post(f"{SETTINGS}sources/add/holidays/", {**data, "action": "preview"})
    assert page.status_code == 200
    assert "26 décembre 2026" in texts(page)
    assert not mairie.exception_sources.exists()
    saved(editor, "sources/add/holidays/", data, "exceptions")
    source = mairie.exception_sources.get()
    assert (source.country, source.subdivision) == ("FR", "57")
    assert "France – Moselle" in texts(editor.get(SETTINGS))
    saved(editor, f"sources/{source.pk}/", {**data, "area": "BE-"}, "exceptions")
    assert "21 juillet 2027" in texts(editor.get(SETTINGS))
    refused(editor, "sources/add/holidays/", {**data, "area": "XX-"}, "area invalid_choice")


# -- Reminders and retention

REMINDERS = {"reminder_hours": "24", "reminder_subject": "À demain", "reminder_body": "Le {{ date }}, {{ link }}"}


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"reminder_hours": "0"}, "reminder_hours min_value"),
        ({"reminder_hours": "x"}, "reminder_hours invalid"),
        ({"reminder_subject": "{{ password }}"}, "reminder_subject unknown_field"),
        ({"reminder_body": "{% now %}"}, "reminder_body left_over"),
        ({"reminder_body": "x" * 5001}, "reminder_body max_length"),
        ({"anonymize_after_days": "30", "purge_after_days": "29"}, "purge_after_days"),
        ({"purge_after_days": "-1"}, "purge_after_days min_value"),
    ],
)
def test_reminders_that_make_no_sense(editor, data, error) -> None:
    refused(editor, "reminders/", {**REMINDERS, **data}, error)


# -- History


def test_the_history_says_who_changed_what(mairie, editor) -> None:
    saved(editor, "general/", {"label": "Hôtel de ville"}, "general")
    saved(editor, "desks/add/", {"label": "Guichet 3"}, "desks")
    page = re.sub(r"\s+", " ", texts(editor.get(SETTINGS)))
    assert re.search(rf"editor {EVENTS['agenda.changed']} .*Mairie → Hôtel de ville", page)
    assert f"editor {EVENTS['desk.created']} Guichet 3" in page


def test_the_history_names_days_and_weeks_as_the_tabs_do(mairie, editor) -> None:
    desks = [mairie.desks.all()[0].pk]
    times = {"desks": desks, "start_time": "22:00", "end_time": "00:00"}
    saved(editor, "openings/add/", {**times, "weekdays": [5, 6], "weeks_of_month": [1, 3]}, "openings")
    saved(editor, "openings/add/", {**times, "date": "2026-12-06"}, "openings")
    page = re.sub(r"\s+", " ", texts(editor.get(SETTINGS)))
    history = page[page.index("Quand Qui Quoi") :]
    assert "Période d'ouverture ajoutée 1er et 3e samedi et dimanche du mois, 22:00 – 24:00 guichet-1" in history
    assert "Période d'ouverture ajoutée 6 décembre 2026, 22:00 – 24:00 guichet-1" in history


def test_every_change_of_an_agenda_has_words_in_its_history() -> None:
    """Events of bookings are told on their own pages, those of no agenda in the logs."""
    codes = set()
    for file in Path("adapter").rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(call, ast.Call) or getattr(call.func, "id", "") != "Entry" or len(call.args) < 2:
                continue
            code, agenda = call.args[:2]
            if isinstance(code, ast.Constant) and not isinstance(agenda, ast.Constant):
                codes.add(str(code.value))
    codes = {code for code in codes if not code.startswith(("booking.", "lock."))}
    assert len(codes) > 20
    assert codes <= set(EVENTS)


def test_labels_of_others_are_never_markup(mairie, editor) -> None:
    bad = "<script>alert(1)</script>"
    saved(editor, "general/", {"label": bad, "category": bad}, "general")
    saved(editor, "meeting-types/add/", {"label": bad, "duration": "5"}, "meeting-types")
    saved(editor, "desks/add/", {"label": bad}, "desks")
    assert "<script>alert" not in editor.get(SETTINGS).content.decode()


@pytest.mark.parametrize("path", ["meeting-types/add/", "desks/add/", "openings/add/", "exceptions/add/", "reminders/"])
def test_a_virtual_agenda_has_no_page_for_what_it_cannot_have(toutes, editor, path) -> None:
    assert editor.get(f"{SETTINGS}{path}").status_code == 200
    assert editor.get(f"/manage/agendas/toutes/settings/{path}").status_code == 404


@pytest.mark.parametrize("path", ["members/", "excluded-periods/add/"])
def test_a_real_agenda_has_no_page_for_what_is_a_virtual_ones(toutes, editor, path) -> None:
    assert editor.get(f"/manage/agendas/toutes/settings/{path}").status_code == 200
    assert editor.get(f"{SETTINGS}{path}").status_code == 404
