"""Commands for admins: what they print, what they change, how they exit."""

from __future__ import annotations

import datetime
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from adapter.agendas.models import Agenda, Booking, BookingState, Callback, CallbackState, Desk
from adapter.agendas.services import BookingDetails, BookingRequest, HoldRequest, cancel, confirm, hold
from adapter.clock import now
from tests.agendas.builders import ALICE, make_agenda, make_virtual

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def run(*arguments: str) -> str:
    output = io.StringIO()
    call_command(*arguments, stdout=output)
    return output.getvalue()


def run_json(*arguments: str) -> Any:
    return json.loads(run(*arguments, "--json"))


@pytest.fixture
def slot() -> str:
    """A slot of *mairie*, eight days ahead."""
    make_agenda(weekdays=range(7))
    day = now().date() + datetime.timedelta(days=8)
    return f"passeport:{day}-0900"


def test_live_locks_are_listed_with_the_promised_keys(slot) -> None:
    lock = hold(HoldRequest("mairie", (slot,), "K", holder="agent"), now=now(), actor=ALICE).lock
    assert run_json("locks", "list") == [
        {
            "lock_code": "K",
            "agenda": "mairie",
            "desk": "guichet-1",
            "meeting_type": "passeport",
            "start": lock.start.isoformat(),
            "end": lock.end.isoformat(),
            "expires_at": lock.expires_at.isoformat(),
            "renewals": 0,
            "holder": "agent",
        }
    ]
    assert "mairie/guichet-1" in run("locks", "list")


def test_all_locks_come_with_their_outcome(slot, settings) -> None:
    hold(HoldRequest("mairie", (slot,), "lapsed"), now=now() - datetime.timedelta(hours=1), actor=ALICE)
    hold(HoldRequest("mairie", (slot,), "kept"), now=now(), actor=ALICE)
    confirm(BookingRequest("mairie", (slot,), "kept"), now=now(), actor=ALICE)
    hold(HoldRequest("mairie", (slot,), "given"), now=now(), actor=ALICE)
    run("locks", "release", "given")
    hold(HoldRequest("mairie", (slot,), "live"), now=now(), actor=ALICE)
    found = {item["lock_code"]: item["outcome"] for item in run_json("locks", "list", "--all")}
    assert found == {"live": "held", "lapsed": "expired", "kept": "confirmed", "given": "released"}
    assert [item["lock_code"] for item in run_json("locks", "list")] == ["live"]


def test_releasing_a_code_frees_its_slot_and_says_when_there_is_nothing(slot) -> None:
    hold(HoldRequest("mairie", (slot,), "K"), now=now(), actor=ALICE)
    assert run_json("locks", "release", "K") == {"released": 1}
    with pytest.raises(CommandError, match="K"):
        run("locks", "release", "K")


def test_expire_does_what_the_task_does(slot) -> None:
    hold(HoldRequest("mairie", (slot,), "K"), now=now() - datetime.timedelta(hours=1), actor=ALICE)
    assert run_json("locks", "expire") == {"expired": 1}
    assert Booking.objects.get().state == BookingState.EXPIRED
    assert run("locks", "expire") == "0 expired\n"


def test_agendas_are_listed_with_what_they_have(slot, django_assert_num_queries) -> None:
    make_virtual("toutes", Agenda.objects.get(), make_agenda("annexe", desks=1))
    assert run_json("agendas", "list")[1]["live_locks"] == 0
    hold(HoldRequest("mairie", (slot,), "K"), now=now(), actor=ALICE)
    hold(HoldRequest("mairie", (slot,), "lapsed"), now=now() - datetime.timedelta(hours=1), actor=ALICE)
    confirm(BookingRequest("mairie", (slot.replace("0900", "1000"),)), now=now(), actor=ALICE)
    with django_assert_num_queries(4):
        found = run_json("agendas", "list")
    assert [list(item.values()) for item in found] == [
        ["annexe", "Annexe", "meetings", 1, 0, 0],
        ["mairie", "Mairie", "meetings", 2, 1, 1],
        ["toutes", "Toutes", "virtual", 3, 1, 1],
    ]
    assert list(found[0]) == ["slug", "label", "kind", "desks", "live_locks", "bookings_to_come"]
    Desk.objects.filter(agenda__slug="mairie", slug="guichet-2").update(enabled=False)
    assert "mairie  meetings  Mairie  desks: 1  live locks: 1  bookings to come: 1\n" in run("agendas", "list")
    assert run("agendas", "list").endswith("3 agendas\n")


def test_agendas_go_out_and_come_back_the_same(tmp_path: Path) -> None:
    make_virtual("toutes", make_agenda(), make_agenda("annexe", desks=1))
    file = tmp_path / "agendas.json"
    run("agendas", "export", str(file))
    assert run_json("agendas", "import", str(file)) == []
    Agenda.objects.filter(slug="toutes").delete()
    Agenda.objects.all().delete()
    assert {item["action"] for item in run_json("agendas", "import", str(file))} == {"create"}
    assert json.loads(run("agendas", "export")) == json.loads(file.read_text()) == run_json("agendas", "export")
    assert json.loads(run("agendas", "export", "--agenda", "annexe"))["agendas"][0]["slug"] == "annexe"


def test_a_dry_run_says_what_would_change_and_changes_nothing(tmp_path: Path) -> None:
    make_agenda()
    document = json.loads(run("agendas", "export"))
    document["agendas"][0]["label"] = "Hôtel de ville"
    file = tmp_path / "agendas.json"
    file.write_text(json.dumps(document))
    [change] = run_json("agendas", "import", str(file), "--dry-run")
    assert (change["action"], change["name"], change["fields"]) == ("update", "mairie", ["label"])
    assert Agenda.objects.get().label == "Mairie"
    run("agendas", "import", str(file))
    assert Agenda.objects.get().label == "Hôtel de ville"


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"version": 99, "agendas": []}', '{"version": 1, "agendas": [{"slug": "É"}]}', "[" * 9999],
)
def test_a_file_that_cannot_be_used_is_refused_whole(tmp_path: Path, content: str) -> None:
    file = tmp_path / "agendas.json"
    file.write_text(content)
    with pytest.raises(CommandError):
        run("agendas", "import", str(file))
    assert not Agenda.objects.exists()


def test_programs_are_told_each_fault_of_a_file_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "agendas.json"
    file.write_text('{"version": 1, "agendas": [{"slug": "É", "label": ""}]}')
    output = io.StringIO()
    with pytest.raises(CommandError) as refusal:
        call_command("agendas", "import", str(file), "--json", stdout=output)
    assert refusal.value.returncode == 1
    problems = json.loads(output.getvalue())["problems"]
    assert {"agendas[0].slug", "agendas[0].label"} <= {problem["path"] for problem in problems}
    assert all(problem["sentence"] for problem in problems)


def refused_json(*arguments: str) -> tuple[int, Any]:
    """Exit code and the one document on standard output of a command that refuses."""
    output = io.StringIO()
    with pytest.raises(CommandError) as refusal:
        call_command(*arguments, "--json", stdout=output)
    return refusal.value.returncode, json.loads(output.getvalue())


def test_whoever_asked_for_json_gets_a_refusal_as_json_too(slot, tmp_path: Path) -> None:
    code, document = refused_json("locks", "release", "K")
    assert (code, list(document)) == (1, ["error"])
    assert refused_json("outbox", "retry", "41") == (1, {"queued": [], "refused": [41]})
    code, document = refused_json("agendas", "export", "--agenda", "nowhere")
    assert (code, "nowhere" in document["error"]) == (1, True)
    code, document = refused_json("agendas", "import", str(tmp_path / "missing.json"))
    assert (code, "missing.json" in document["error"]) == (1, True)
    # What was listed is not followed by a second document.
    details = BookingDetails(cancel_callback_url="https://demarches.test/hooks/annuler/")
    booking = confirm(BookingRequest("mairie", (slot,), details=details), now=now(), actor=ALICE).booking
    cancel(booking.pk, now=now(), actor=ALICE, call_back=True)
    Callback.objects.update(state=CallbackState.FAILED)
    code, document = refused_json("outbox", "list")
    assert (code, [row["state"] for row in document]) == (1, ["failed"])


@pytest.mark.parametrize("arguments", [("locks", "list"), ("outbox", "list"), ("agendas", "list")])
def test_a_database_that_is_away_is_no_stack_trace(monkeypatch, arguments) -> None:
    def away(*_: object, **__: object) -> None:
        raise OperationalError("could not connect with the password hunter2")

    monkeypatch.setattr(connection, "cursor", away)
    code, document = refused_json(*arguments)
    assert (code, list(document)) == (2, ["error"])
    assert "OperationalError" in document["error"] and "hunter2" not in document["error"]


def test_what_is_not_there_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="missing.json"):
        run("agendas", "import", str(tmp_path / "missing.json"))
    with pytest.raises(CommandError, match="nowhere"):
        run("agendas", "export", "--agenda", "nowhere")


def test_the_outbox_is_listed_and_what_was_given_up_is_sent_again(slot) -> None:
    details = BookingDetails(cancel_callback_url="https://demarches.test/hooks/annuler/")
    booking = confirm(BookingRequest("mairie", (slot,), details=details), now=now(), actor=ALICE).booking
    cancel(booking.pk, now=now(), actor=ALICE, call_back=True)
    [row] = run_json("outbox", "list")
    assert (row["kind"], row["state"], row["booking"]) == ("cancel", "pending", booking.pk)
    assert (row["agenda"], row["finished_at"]) == ("mairie", None)
    assert row["created_at"] <= row["next_attempt_at"] < row["given_up_at"]
    # The address would tell the record.
    assert "demarches.test" not in run("outbox", "list", "--json")
    assert run_json("outbox", "list", "--booking", str(booking.pk)) == [row]
    assert run_json("outbox", "list", "--booking", str(booking.pk + 1)) == []
    Callback.objects.update(state=CallbackState.FAILED)
    with pytest.raises(CommandError, match="outbox retry"):
        run("outbox", "list")
    assert run_json("outbox", "retry") == {"queued": [row["id"]], "refused": []}
    assert Callback.objects.get().state == CallbackState.PENDING
    Callback.objects.update(state=CallbackState.DELIVERED)
    assert run("outbox", "list") == "0 callbacks\n"
    assert len(run_json("outbox", "list", "--all")) == 1
    with pytest.raises(CommandError, match=rf"\b{row['id']}$"):
        run("outbox", "retry", str(row["id"]))


def test_the_demo_is_what_the_design_says_and_loads_once() -> None:
    run("demo_data")
    agendas = {agenda.slug: agenda for agenda in Agenda.objects.all()}
    assert set(agendas) == {"mairie", "annexe", "toutes-mairies"}
    assert [desk.slug for desk in agendas["mairie"].desks.all()] == ["guichet-1", "guichet-2"]
    durations = agendas["annexe"].meeting_types.values_list("slug", "duration")
    assert dict(durations) == {"passeport": 20, "passeport-famille": 40, "mariage": 60}
    assert agendas["toutes-mairies"].real_agendas.count() == 2
    for agenda in agendas.values():
        assert agenda.backoffice_booking_enabled
        assert (agenda.form_slug, agenda.slot_field) == ("rendez-vous", "creneau")
        assert (agenda.meeting_type_field, agenda.agenda_field) == ("meeting_type", "agenda")
    before = Booking.objects.count()
    assert Booking.objects.live_locks(now()).count() == 3
    assert "already" in run("demo_data")
    assert Booking.objects.count() == before
    assert run("demo_data", "-v", "0") == ""
