"""Definitions with one fault each: the journey that meets it fails, and says why."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.rehearsal import failures, library_of_nodes, played, stage_of, warnings
from tests.workflows.appointments import BODY, FILLSLOT
from workflows import builder as b
from workflows.bookable import LOCK_CODE
from workflows.reader import Library, Node
from workflows.rehearsal.adapter import ThrowAwayAdapter, free_port

pytestmark = pytest.mark.servers
SLOTS = "{{ agendas_url }}api/agenda/mairie/meetings/passeport/datetimes/"
WITH_CODE = f"{SLOTS}?lock_code={LOCK_CODE}"
HOLDS = b.post_condition("webservice.bloquer.err == 0", "Ce créneau vient d'être pris.")
CONFIRM = {**BODY, "lock_code": LOCK_CODE, "confirm_after_lock": "true", "cancel_callback_url": ""}


@pytest.fixture(scope="module")
def adapter() -> Iterator[ThrowAwayAdapter]:
    """One for all: none of these is left in a state that others would mind."""
    with ThrowAwayAdapter(f"http://127.0.0.1:{free_port()}/") as found:
        yield found


def definitions(
    body: dict[str, str] | None = None,
    *,
    source: str = WITH_CODE,
    held: Node | None = HOLDS,
    action: Node | None = None,
    statuses: tuple[Node, ...] = (),
    errors: b.OnErrors | None = None,
) -> Library:
    """A form of one page and its workflow: good unless told otherwise."""
    form = b.form(
        "Rendez-vous",
        [
            b.page("Créneau", exit_conditions=[held] if held is not None else []),
            b.text_field("Nom", "nom"),
            b.item("Créneau", "creneau", source=b.data_source("json", source), display_mode="timetable"),
        ],
        workflow=b.workflow_link("rdv", "Rdv"),
        submission_roles=[b.Role("Agents", "agents")],
        slug="rdv",
    )
    call = b.named_call("Bloquer", FILLSLOT, slug="bloquer", method="POST", post_data={"lock_code": LOCK_CODE})
    book = action or b.webservice_call(
        "Réserver", FILLSLOT, "reservation", errors or b.OnErrors.all("3"), post_data=CONFIRM if body is None else body
    )
    workflow = b.workflow(
        "Rdv",
        [
            b.status("1", "Nouveau", [book, b.jump("2")]),
            b.status("2", "Pris", []),
            b.status("3", "Échec", [b.choice("Réessayer", "1", ["_submitter"])]),
            *statuses,
        ],
        slug="rdv",
    )
    return library_of_nodes(form, workflow, call)


def test_what_is_right_passes(adapter) -> None:
    with stage_of(definitions(), adapter=adapter) as stage:
        assert failures(played(stage, "backoffice", "citizen", "expiry", "two-records", "double-click")) == {}


def only(report_failures: dict[str, list[str]], name: str) -> str:
    assert list(report_failures) == [name]
    return " ".join(report_failures[name])


def test_a_booking_that_only_holds_is_no_booking(adapter) -> None:
    body = {name: value for name, value in CONFIRM.items() if name != "confirm_after_lock"}
    with stage_of(definitions(body), adapter=adapter) as stage:
        assert "without confirm_after_lock" in only(failures(played(stage, "citizen")), "citizen")


def test_a_booking_without_its_record_is_found_out(adapter) -> None:
    body = {name: value for name, value in CONFIRM.items() if name != "backoffice_url"}
    with stage_of(definitions(body), adapter=adapter) as stage:
        assert "cannot be linked to its record" in only(failures(played(stage, "citizen")), "citizen")


def test_a_list_without_the_lock_code_does_not_offer_the_held_slot(adapter) -> None:
    with stage_of(definitions(source=SLOTS), adapter=adapter) as stage:
        assert "without the lock code" in only(failures(played(stage, "backoffice")), "backoffice")


def test_a_workflow_that_never_books_is_told(adapter) -> None:
    with stage_of(definitions(action=b.jump("2")), adapter=adapter) as stage:
        assert "no action that books" in only(failures(played(stage, "citizen")), "citizen")


def test_an_ignored_refusal_fails_the_journey_of_the_lost_slot(adapter) -> None:
    with stage_of(definitions(errors=b.OnErrors.all(":pass")), adapter=adapter) as stage:
        assert "as if it were booked" in only(failures(played(stage, "lost")), "lost")


def test_a_slot_that_is_not_held_is_a_warning(adapter) -> None:
    with stage_of(definitions(held=None), adapter=adapter) as stage:
        report = played(stage, "citizen")
    assert failures(report) == {}
    assert "not held while the form is filled in" in warnings(report, "citizen")


def test_a_condition_that_lets_a_dead_adapter_pass_is_a_warning(adapter) -> None:
    unsafe = b.post_condition("not webservice.bloquer.err", "Ce créneau vient d'être pris.")
    with stage_of(definitions(held=unsafe), adapter=adapter, fault="hold-error") as stage:
        report = played(stage, "citizen")
    assert "accepted though nothing could be held" in warnings(report, "citizen")


def test_a_workflow_that_never_tries_again_is_not_played_and_told(adapter) -> None:
    with stage_of(definitions(errors=b.OnErrors.all(":stop")), adapter=adapter) as stage:
        report = played(stage, "retry")
    assert failures(report) == {"retry": ["not-played"]}
    assert "never repeats its booking" in warnings(report, "retry")


def test_a_workflow_without_another_slot_has_no_move(adapter) -> None:
    with stage_of(definitions(), adapter=adapter) as stage:
        report = played(stage, "move")
    assert failures(report) == {"move": ["not-played"]}


def test_no_free_slot_is_told(adapter) -> None:
    with stage_of(definitions(), adapter=adapter, agenda="nowhere") as stage:
        assert "does not list" in only(failures(played(stage, "citizen")), "citizen")


def test_a_page_that_wants_something_special_can_be_given_a_value(adapter) -> None:
    strict = b.post_condition('form_var_nom == "Durand"', "Pas vous.")
    with stage_of(definitions(held=strict), adapter=adapter) as stage:
        assert "Message shown: Pas vous." in only(failures(played(stage, "citizen")), "citizen")
    with stage_of(definitions(held=strict), adapter=adapter, values={"nom": "Durand"}) as stage:
        assert failures(played(stage, "citizen")) == {}


def test_an_unknown_filter_is_named_with_its_line_and_never_guessed(adapter) -> None:
    body = {**CONFIRM, "label": "{{ form_var_nom|de_notre_site }}"}
    with stage_of(definitions(body), adapter=adapter) as stage:
        report = played(stage, "citizen")
    [notice] = [one for one in report.journeys[0].trace.notices if one.kind == "not-evaluated"]
    assert notice.name == "de_notre_site"
    assert notice.where.startswith("workflow-rdv.wcs:")
    [call] = [one for one in report.journeys[0].trace.calls if one.who.startswith("action")]
    assert "label" not in call.body


def test_a_variable_of_the_site_that_has_no_value_is_named(adapter) -> None:
    source = f"{{{{ notre_agenda }}}}api/agenda/mairie/meetings/passeport/datetimes/?lock_code={LOCK_CODE}"
    with stage_of(definitions(source=source), adapter=adapter) as stage:
        report = played(stage, "citizen")
        assert "citizen" in failures(report)
        notices = [one.message for one in report.journeys[0].trace.notices if one.kind == "source"]
        assert notices and all("--variable notre_agenda=" in one for one in notices)
        stage.site.variables["notre_agenda"] = adapter.url
        assert failures(played(stage, "citizen")) == {}
