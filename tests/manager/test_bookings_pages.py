"""Finding bookings, taking them away as files, and one booking's page."""

from __future__ import annotations

import codecs
import csv
import datetime
import io
import re
import zipfile

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from lxml import etree

from adapter.agendas.errors import AlreadyCancelled, AppointmentOver, PersonCame
from adapter.agendas.models import AuditEvent, Booking, BookingState, Callback, CallbackState, Desk
from adapter.agendas.queries.bookings import BookingSearch, search_bookings
from adapter.agendas.services import (
    Actor,
    BookingDetails,
    BookingRequest,
    HoldRequest,
    cancel,
    confirm,
    hold,
    record_presence,
    take_over,
)
from adapter.manager.exports import ods_file
from adapter.manager.history import FIELDS, PRESENCE, Line
from adapter.manager.views import bookings as views
from adapter.manager.words import event_in_words, moment_in_words, refusal_in_words
from tests.agendas.builders import ALICE, NOW, make_agenda, make_virtual

pytestmark = pytest.mark.both_databases

LIST = "/manage/bookings/"
ODF = {
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
}


def book(
    start: str, agenda: str = "mairie", day: str = "2026-11-24", kind: str = "passeport", **details: str
) -> Booking:
    request = BookingRequest(agenda, (f"{kind}:{day}-{start}",), details=BookingDetails(**details))
    return confirm(request, now=NOW, actor=ALICE).booking


def numbers(page: str) -> list[int]:
    """The bookings listed on a page, in order."""
    return [int(number) for number in re.findall(r'href="/manage/bookings/(\d+)/"', page)]


def history(answer) -> list[Line]:
    """What the page of a booking says of its past."""
    return answer.context["history"]


def told(answer) -> list[str]:
    """What the page after a redirect says of what was just done."""
    return [str(message) for message in answer.context["messages"]]


def sheet(content: bytes) -> list[list[tuple[str | None, str]]]:
    """The rows of an ODS file: kind and text of each cell."""
    root = etree.fromstring(zipfile.ZipFile(io.BytesIO(content)).read("content.xml"))
    assert not root.xpath("//@table:formula", namespaces=ODF)
    kind = f"{{{ODF['office']}}}value-type"
    return [
        [(cell.get(kind), "".join(cell.itertext())) for cell in row.findall("table:table-cell", ODF)]
        for row in root.iterfind(".//table:table-row", ODF)
    ]


def test_the_first_look_is_at_what_is_to_come_and_locks_are_no_bookings(log_in) -> None:
    old = book("0900")
    Booking.objects.filter(pk=old.pk).update(
        start=NOW - datetime.timedelta(days=1, hours=1), end=NOW - datetime.timedelta(days=1)
    )
    second, first = book("1100"), book("1000")
    hold(HoldRequest("mairie", ("passeport:2026-11-24-0900",), "K"), now=NOW, actor=ALICE)
    client = log_in("viewer")
    assert numbers(client.get(LIST).content.decode()) == [first.pk, second.pk]
    assert numbers(client.get(LIST, {"since": ""}).content.decode()) == [old.pk, first.pk, second.pk]
    assert numbers(client.get(LIST, {"since": "", "order": "latest"}).content.decode()) == [second.pk, first.pk, old.pk]


def test_a_search_by_name_looks_at_the_past_too_and_in_every_field(log_in) -> None:
    found = {
        book("0900", user_last_name="Lovelace", user_first_name="Ada").pk: ["love", "ada LOVELACE"],
        book("0920", user_email="grace@example.org").pk: ["grace@example.org"],
        book("0940", user_phone_number="+33600000001").pk: ["+33600000001"],
        book("1000", label="Dossier 77-3").pk: ["77-3", "dossier"],
    }
    ago = datetime.timedelta(days=400)
    Booking.objects.update(start=F("start") - ago, end=F("end") - ago)
    client = log_in("viewer")
    for number, texts in found.items():
        assert number in numbers(client.get(LIST, {"q": number}).content.decode())
        for text in texts:
            assert numbers(client.get(LIST, {"q": text}).content.decode()) == [number], text
    assert numbers(client.get(LIST, {"q": "ada dossier"}).content.decode()) == []
    assert numbers(client.get(LIST, {"q": "9" * 30}).content.decode()) == []


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Éloïse", ["eloise", "ELOISE", "éloïse", "ÉLOÏSE", "Eloïse", "e\u0301loi\u0308se"]),
        ("Françoise Lœw", ["francoise loew", "FRANÇOISE LŒW", "lœw"]),
        ("MUÑOZ (ép. Peña)", ["munoz", "(ep.", "pena"]),
        ("D'Haese+test@example.org", ["d'haese+", "TEST@example.org"]),
    ],
)
def test_a_name_is_found_without_its_accents_and_in_any_case(log_in, name, typed) -> None:
    found = book("0900", user_name=name).pk
    book("0920", user_name="Elodie Muller Dx[Haese")
    client = log_in("viewer")
    for text in typed:
        assert numbers(client.get(LIST, {"q": text}).content.decode()) == [found], text


def test_what_looks_like_a_pattern_is_searched_as_it_is(log_in) -> None:
    book("0900", user_name="Ada")
    client = log_in("viewer")
    for text in (".*", "a|b", "[a-z]", "(", "\\", "^A", "?", "A{1}"):
        assert numbers(client.get(LIST, {"q": text}).content.decode()) == [], text


def test_days_in_the_wrong_order_are_told_beside_the_last(log_in) -> None:
    answer = log_in("viewer").get(LIST, {"since": "2026-12-31", "until": "2026-12-01"})
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == ["until"]
    assert re.search(r'<p class="field error">(?:(?!</p>).)*name="until"', answer.content.decode(), re.S)


def test_each_condition_narrows_the_list(log_in) -> None:
    make_agenda("annexe", desks=1, view_role=Desk.objects.first().agenda.view_role or None)
    one = book("0900")
    other = book("0900", kind="mariage", day="2026-11-25")
    gone = book("1000")
    cancel(gone.pk, now=NOW, actor=ALICE)
    came, away = book("1020"), book("1040")
    for booking, present in ((came, True), (away, False)):
        record_presence(booking.pk, {"user_was_present": present}, {}, now=NOW, actor=ALICE)
    elsewhere = book("0900", agenda="annexe")
    client = log_in("admin")

    def listed(**query: object) -> list[int]:
        return numbers(client.get(LIST, query).content.decode())

    assert listed(agenda="annexe") == [elsewhere.pk]
    assert listed(desk=elsewhere.desk_id) == [elsewhere.pk]
    assert listed(type="mariage") == [other.pk]
    assert listed(since="2026-11-25") == [other.pk]
    assert listed(until="2026-11-24", agenda="mairie") == [one.pk, gone.pk, came.pk, away.pk]
    assert listed(state="cancelled") == [gone.pk]
    assert listed(state="present") == [came.pk]
    assert listed(state="absent") == [away.pk]
    assert listed(state="booked", agenda="mairie") == [one.pk, came.pk, away.pk, other.pk]


def test_an_agent_sees_only_what_comes_through_agendas_that_the_agent_may_view(log_in, town) -> None:
    mine, hidden = book("0900"), book("0900", agenda="cachee", user_last_name="Secret")
    everywhere = make_virtual("toutes", *type(town).objects.filter(slug="cachee"), view_role=town.view_role)
    through = book("0920", agenda=everywhere.slug)
    client = log_in("viewer")
    content = client.get(LIST).content.decode()
    assert numbers(content) == [mine.pk, through.pk]
    assert '<option value="cachee"' not in content
    assert numbers(client.get(LIST, {"q": "secret"}).content.decode()) == []
    rows = client.get(f"{LIST}export/csv/").getvalue().decode()
    assert "Secret" not in rows
    assert rows.count("\r\n") == 3
    assert numbers(log_in("admin").get(LIST).content.decode()) == [mine.pk, hidden.pk, through.pk]
    assert numbers(log_in("stranger").get(LIST).content.decode()) == []


@pytest.mark.parametrize(
    "query",
    [
        {"since": "tomorrow"},
        {"until": "9999-12-31"},
        {"agenda": "cachee"},
        {"desk": "x"},
        {"state": "held"},
        {"q": "x" * 201},
    ],
)
def test_a_search_that_makes_no_sense_finds_nothing_and_says_so(log_in, query) -> None:
    book("0900")
    answer = log_in("viewer").get(LIST, query)
    assert answer.status_code == 400
    assert numbers(answer.content.decode()) == []
    assert 'role="alert"' in answer.content.decode()
    assert log_in("viewer").get(f"{LIST}export/csv/", query).status_code == 302


def test_a_text_with_a_null_character_breaks_nothing(log_in) -> None:
    assert log_in("viewer").get(LIST, {"q": "a\0b"}).status_code in (200, 400)


def test_pages_hold_fifty_and_the_queries_do_not_grow(log_in) -> None:
    client = log_in("viewer")
    first = book("0900")
    client.get(LIST)
    with CaptureQueriesContext(connection) as few:
        client.get(LIST)
    moments = [first.start + datetime.timedelta(days=days) for days in range(1, 121)]
    rows = [Booking(**{**_values(first), "start": at, "end": at + datetime.timedelta(minutes=20)}) for at in moments]
    Booking.objects.bulk_create(rows)
    with CaptureQueriesContext(connection) as many:
        content = client.get(LIST).content.decode()
    assert len(few) == len(many) <= 9
    assert len(numbers(content)) == 50
    assert "page=2" in content
    assert len(numbers(client.get(LIST, {"page": "3"}).content.decode())) == 21
    assert len(numbers(client.get(LIST, {"page": "nonsense"}).content.decode())) == 50


def _values(booking: Booking) -> dict[str, object]:
    skipped = ("id",)
    return {
        field.attname: getattr(booking, field.attname)
        for field in Booking._meta.concrete_fields
        if field.name not in skipped
    }


def test_the_csv_file_has_all_pages_and_no_formula(log_in) -> None:
    book("0900", label="=1+1", user_last_name="@SUM(A1)", user_first_name="-2", user_phone_number="+33600000001")
    book("0920", label='Line\nbreak; "quoted", comma', user_last_name="  =HYPERLINK(1)", user_email="\t=x")
    answer = log_in("viewer").get(f"{LIST}export/csv/", {"agenda": "mairie"})
    content = answer.getvalue()
    # What spreadsheets know UTF-8 by.
    assert content.startswith(codecs.BOM_UTF8)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="rendez-vous-2026-11-23.csv"'
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert [len(row) for row in rows] == [16, 16, 16]
    assert rows[0][0] == "Numéro"
    assert rows[1][1:7] == ["2026-11-24", "09:00", "09:20", "Mairie", "Guichet 1", "Passeport"]
    assert rows[1][8:13] == ["'=1+1", "'-2", "'@SUM(A1)", "", "'+33600000001"]
    assert rows[2][8] == 'Line\nbreak; "quoted", comma'
    assert rows[2][10:12] == ["'  =HYPERLINK(1)", "'\t'=x"]
    assert not [cell for row in rows[1:] for cell in row if cell.lstrip().startswith(("=", "+", "-", "@"))]


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_no_part_of_the_csv_file_is_a_formula_wherever_a_spreadsheet_splits(log_in, language, separator) -> None:
    labels = ("x;=1+1", "x,=1+1", 'a";=1', "a;\t =1", "a\n=1", "a;'@x", "a,,;-1", "a;\uff1d1", "a|+1", 'b;"=1', "=a;=b")
    for number, label in enumerate(labels):
        book(f"{9 + number // 6:02}{number // 2 % 3 * 20:02}", label=label, user_last_name=label)
    client = log_in("viewer")
    content = client.get(f"{LIST}export/csv/", headers={"Accept-Language": language}).getvalue().decode("utf-8-sig")
    plain = list(csv.reader(io.StringIO(content)))
    assert len(plain) == len(labels) + 1
    # As a strict reader splits, and as one does that knows nothing of quotes.
    cells = [cell for row in csv.reader(io.StringIO(content), delimiter=separator) for cell in row]
    cells += [cell for line in content.splitlines() for cell in line.split(separator)]
    for cell in cells:
        assert not cell.strip().lstrip('"').strip().startswith(("=", "+", "-", "@", "\uff1d")), cell


def test_the_ods_file_has_typed_cells_so_that_nothing_is_a_formula(log_in) -> None:
    booking = book("0900", label="=1+1", user_last_name="Ada\x0b & <b>")
    answer = log_in("viewer").get(f"{LIST}export/ods/")
    assert answer.headers["Content-Type"] == "application/vnd.oasis.opendocument.spreadsheet"
    heading, row = sheet(answer.content)
    assert ("string", "Type de rendez-vous") in heading
    assert row[0] == ("float", str(booking.pk))
    assert row[1] == ("date", "2026-11-24")
    assert row[2] == ("time", "09:00:00")
    assert row[8] == ("string", "=1+1")
    assert row[10] == ("string", "Ada & <b>")


def test_a_list_too_long_for_a_spreadsheet_is_refused_with_a_way_out(log_in, monkeypatch) -> None:
    book("0900")
    book("0920")
    monkeypatch.setattr(views, "MOST_ROWS", 1)
    client = log_in("viewer")
    answer = client.get(f"{LIST}export/ods/", {"q": "", "since": ""}, follow=True)
    assert answer.redirect_chain[0][0].startswith(LIST)
    assert "CSV" in answer.content.decode()
    assert not AuditEvent.objects.filter(code="bookings.exported").exists()
    assert ods_file.MOST_ROWS > 1000


def test_who_takes_bookings_away_is_in_the_audit_log(log_in) -> None:
    book("0900")
    log_in("viewer").get(f"{LIST}export/csv/").getvalue()
    event = AuditEvent.objects.get(code="bookings.exported")
    assert (event.actor, event.data) == ("viewer", {"kind": "csv", "count": 1})


def test_other_kinds_of_files_are_404(log_in) -> None:
    assert log_in("viewer").get(f"{LIST}export/xls/").status_code == 404


def test_a_booking_shows_its_record_its_person_and_its_history(log_in) -> None:
    lock = hold(HoldRequest("mairie", ("passeport:2026-11-24-0900",), "K"), now=NOW, actor=ALICE).lock
    details = BookingDetails(
        label="Dossier 42",
        user_last_name="Lovelace",
        user_email="ada@example.org",
        backoffice_url="https://demarches.test/backoffice/42/",
    )
    request = BookingRequest("mairie", ("passeport:2026-11-24-0900",), lock_code="K", details=details)
    confirm(request, now=NOW + datetime.timedelta(minutes=2), actor=ALICE)
    answer = log_in("viewer").get(f"{LIST}{lock.pk}/")
    content = answer.content.decode()
    assert 'href="https://demarches.test/backoffice/42/"' in content
    assert "ada@example.org" in content
    assert [line.what for line in history(answer)] == [
        event_in_words("lock.created"),
        event_in_words("booking.confirmed"),
    ]
    assert "alice.example" in content
    assert f'href="{LIST}{lock.pk}/cancel/"' not in content


def test_the_history_says_what_is_different_before_and_after(log_in) -> None:
    first = book("0900")
    request = BookingRequest("mairie", ("mariage:2026-11-25-1000",), cancel_booking_id=first.pk)
    second = confirm(request, now=NOW, actor=ALICE).booking
    changes = {"user_was_present": True, "user_presence_reason": "secret words"}
    record_presence(second.pk, changes, {"dossier": "secret"}, now=NOW, actor=ALICE)
    client = log_in("viewer")
    moved = client.get(f"{LIST}{first.pk}/")
    before_and_after = [part.split(" → ") for part in history(moved)[-1].changes]
    assert [pair[0].rpartition(" ")[2] for pair in before_and_after] == ["09:00", "Passeport"]
    assert [pair[1] for pair in before_and_after] == [moment_in_words(second.start), second.meeting_type.label]
    assert f'href="{LIST}{second.pk}/"' in moved.content.decode()
    changed = client.get(f"{LIST}{second.pk}/")
    presence, reason, further = history(changed)[-1].changes
    assert presence.endswith(f" → {PRESENCE[True]}")
    assert reason == FIELDS["user_presence_reason"]
    assert "dossier" in further
    assert "secret" not in changed.content.decode().partition('class="history"')[2]


def test_the_history_of_a_lock_that_was_taken_over_names_both_holders(log_in) -> None:
    old = hold(HoldRequest("mairie", ("passeport:2026-11-24-0900",), "K", holder="demarches"), now=NOW, actor=ALICE)
    new = take_over(old.lock.pk, "L", holder="agent", form_slug="", now=NOW, actor=Actor.agent("agent"))
    client = log_in("viewer")
    for lock in (old.lock, new):
        [change] = [change for line in history(client.get(f"{LIST}{lock.pk}/")) for change in line.changes]
        assert change.endswith("demarches → agent")


def test_the_history_costs_as_many_queries_with_many_moves_as_with_one(log_in) -> None:
    held = [
        hold(HoldRequest("mairie", (f"passeport:2026-11-24-{time}",), "K"), now=NOW, actor=ALICE).lock
        for time in ("0900", "0920")
    ]
    client = log_in("viewer")
    address = f"{LIST}{held[0].pk}/"
    client.get(address)
    with CaptureQueriesContext(connection) as one:
        client.get(address)
    for number in range(5):
        AuditEvent.objects.create(
            at=NOW, code="lock.moved", actor_kind="task", booking_id=held[0].pk, data={"to": held[1].pk + number}
        )
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert len(many) <= len(one) + 1


def test_an_appointment_that_is_over_or_took_place_cannot_be_cancelled(log_in, monkeypatch) -> None:
    past, came = book("0900"), book("1000")
    record_presence(came.pk, {"user_was_present": True}, {}, now=NOW, actor=ALICE)
    monkeypatch.setattr(views, "now", lambda: past.end)
    client = log_in("booker")
    for booking, refusal in ((past, AppointmentOver()), (came, PersonCame())):
        page = client.get(f"{LIST}{booking.pk}/")
        assert refusal_in_words(refusal) in page.content.decode()
        assert f"{booking.pk}/cancel/" not in page.content.decode()
        answer = client.post(f"{LIST}{booking.pk}/cancel/", follow=True)
        assert told(answer) == [refusal_in_words(refusal)]
        booking.refresh_from_db()
        assert booking.state == BookingState.BOOKED


def test_addresses_and_texts_of_others_are_never_scripts(log_in) -> None:
    booking = book("0900", label="<script>alert(1)</script>", backoffice_url="javascript:alert(1)", form_url="data:x")
    client = log_in("booker")
    for path in (
        LIST,
        f"{LIST}{booking.pk}/",
        f"{LIST}{booking.pk}/cancel/",
        "/manage/agendas/mairie/day/2026/11/24/print/",
    ):
        content = client.get(path).content.decode()
        assert "<script>alert" not in content
        assert "javascript:" not in content
        assert 'href="data:x' not in content


def test_cancelling_asks_first_then_frees_the_slot_and_owes_the_call(log_in) -> None:
    booking = book("0900", cancel_callback_url="https://demarches.test/hook/")
    client = log_in("booker")
    assert Booking.objects.get().state == BookingState.BOOKED
    asked = client.get(f"{LIST}{booking.pk}/cancel/")
    assert (asked.status_code, asked.context["booking"]) == (200, booking)
    assert Booking.objects.get().state == BookingState.BOOKED
    answer = client.post(f"{LIST}{booking.pk}/cancel/", follow=True)
    found = Booking.objects.get()
    assert (found.state, found.ended_because) == (BookingState.CANCELLED, "cancelled by an agent")
    callback = Callback.objects.get()
    assert (callback.kind, callback.url, callback.state) == ("cancel", "https://demarches.test/hook/", "pending")
    assert history(answer)[-1].what == event_in_words("booking.cancelled")
    assert history(answer)[-1].who.endswith(" booker")
    again = client.post(f"{LIST}{booking.pk}/cancel/", follow=True)
    assert told(again) == [refusal_in_words(AlreadyCancelled())]
    assert Callback.objects.count() == 1


def test_without_an_address_the_agent_is_answered_otherwise_and_no_call_is_owed(log_in) -> None:
    alone, with_address = book("0900"), book("0920", cancel_callback_url="https://demarches.test/hook/")
    client = log_in("booker")
    answers = [client.post(f"{LIST}{booking.pk}/cancel/", follow=True) for booking in (alone, with_address)]
    assert told(answers[0]) != told(answers[1])
    assert Callback.objects.get().booking == with_address


def test_a_call_that_was_given_up_can_be_tried_again(log_in) -> None:
    booking = book("0900", cancel_callback_url="https://demarches.test/hook/")
    cancel(booking.pk, now=NOW, actor=Actor.agent("x"), call_back=True)
    Callback.objects.update(state=CallbackState.FAILED, attempts=9, last_status=500, finished_at=NOW)
    callback = Callback.objects.get()
    client = log_in("booker")
    page = client.get(f"{LIST}{booking.pk}/").content.decode()
    assert "500" in page
    assert str(CallbackState.FAILED.label) in page
    address = f"{LIST}{booking.pk}/callbacks/{callback.pk}/retry/"
    assert address in page
    assert address not in log_in("viewer").get(f"{LIST}{booking.pk}/").content.decode()
    client.post(address)
    callback.refresh_from_db()
    assert (callback.state, callback.attempts, callback.next_attempt_at) == (CallbackState.PENDING, 0, NOW)
    Callback.objects.update(state=CallbackState.DELIVERED)
    assert address not in client.get(f"{LIST}{booking.pk}/").content.decode()
    assert client.post(f"{LIST}{booking.pk}/callbacks/{callback.pk + 1}/retry/").status_code == 404


def test_the_page_of_a_lock_names_nobody_but_its_holder(log_in) -> None:
    request = HoldRequest("mairie", ("passeport:2026-11-24-0900",), "SECRET-CODE", holder="agent", form_slug="rdv")
    lock = hold(request, now=NOW, actor=ALICE).lock
    content = log_in("viewer").get(f"{LIST}{lock.pk}/").content.decode()
    assert "SECRET-CODE" not in content
    assert "<dd>agent</dd>" in content


def test_home_groups_agendas_and_shows_what_comes_next(log_in, town) -> None:
    from adapter.agendas.models import Category

    book("0900", label="Demain matin")
    gone = book("0920", label="Annulé")
    cancel(gone.pk, now=NOW, actor=ALICE)
    book("0900", agenda="cachee", label="Caché")
    make_agenda("annexe", view_role=town.view_role, category=Category.objects.create(slug="papiers", label="Papiers"))
    client = log_in("viewer")
    content = client.get("/manage/").content.decode()
    assert (
        content.index("<h3>Papiers</h3>")
        < content.index("Annexe")
        < content.index("<h3>", content.index("Annexe"))
        < content.index("Mairie")
    )
    assert "Demain matin" in content
    assert "Caché" not in content
    assert "Annulé" not in content
    with CaptureQueriesContext(connection) as few:
        client.get("/manage/")
    for number in range(5):
        make_agenda(f"lieu-{number}", view_role=town.view_role)
        book("0900", agenda=f"lieu-{number}")
    with CaptureQueriesContext(connection) as many:
        client.get("/manage/")
    assert len(few) == len(many)


@pytest.mark.postgresql
def test_the_first_look_is_read_from_an_index(town) -> None:
    """Where a metropolis keeps millions of rows; SQLite cannot tell from parameters that a partial index will do."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off")
    rows = search_bookings(BookingSearch(first_day=NOW.date()))[:50]
    assert "booking_by_start" in rows.explain()


@pytest.mark.parametrize("path", ["/manage/bookings/1/cancel/", "/manage/bookings/{big}/", "/manage/bookings/0/"])
def test_what_is_not_there_is_404(log_in, path) -> None:
    assert log_in("admin").get(path.format(big=2**64)).status_code == 404


def test_who_came_is_noted_on_the_page_of_the_appointment(log_in, monkeypatch) -> None:
    booking = book("0900")
    client, address = log_in("booker"), f"{LIST}{booking.pk}/"

    def told(action: str) -> str:
        return client.post(f"{address}presence/{action}/", follow=True).content.decode()

    assert "n'a pas commencé" in told("came").replace("&#x27;", "'")
    assert "presence/came/" not in client.get(address).content.decode()
    monkeypatch.setattr(views, "now", lambda: booking.start)
    assert "Noté\N{NO-BREAK SPACE}: Présent." in told("came")
    assert Booking.objects.get().user_was_present is True
    page = client.get(address).content.decode()
    assert [action for action in ("came", "missed", "forget-presence") if f"presence/{action}/" in page] == [
        "missed",
        "forget-presence",
    ]
    told("forget-presence")
    assert Booking.objects.get().user_was_present is None
    assert client.post(f"{address}presence/other/").status_code == 404
    assert log_in("viewer").post(f"{address}presence/came/").status_code == 403
    assert "presence/came/" not in log_in("viewer").get(address).content.decode()
