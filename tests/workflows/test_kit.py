"""The importable kit: in both languages, for one agenda or several, it imports, it is bookable, it says everything."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.template import Context, Engine
from lxml import etree

from workflows.bookable import LOCK_CODE, is_booking_url
from workflows.checker import check
from workflows.cli import main
from workflows.definitions import make_kit
from workflows.definitions.texts import TEXTS
from workflows.reader import Form, Status, Workflow, load_many, read_bundle
from workflows.rehearsal.names import Names
from workflows.rehearsal.templates import render, speaking
from workflows.upgrader import make_bookable

KINDS = [(language, agenda) for language in ("fr", "en") for agenda in ("", "mairie")]


def export(folder: Path, *arguments: object) -> tuple[int, str]:
    errors = io.StringIO()
    code = main(["export", str(folder), *map(str, arguments)], io.StringIO(), errors)
    return code, errors.getvalue()


@pytest.fixture(params=KINDS, ids=lambda kind: "-".join(filter(None, kind)))
def kit(request, tmp_path) -> Path:
    """A folder with the kit, and its bundle beside it."""
    language, agenda = request.param
    options = ["--language", language, "--role", "Accueil", "--bundle", tmp_path / "kit.tar"]
    assert export(tmp_path / "kit", *options, *(["--agenda", agenda] if agenda else [])) == (0, "")
    return tmp_path / "kit"


def test_it_checks_without_a_finding_as_files_and_as_a_bundle(kit) -> None:
    for paths in ([kit], [kit.parent / "kit.tar"]):
        findings = check(paths, strict_refs=True, roles=["Accueil"], language="en")
        assert [str(finding) for finding in findings] == []


def test_it_imports_one_by_one_in_the_order_it_is_written(kit) -> None:
    names = list(make_kit("fr").files())
    order = ["mail-template", "datasource", "wscall", "workflow", "form"]
    places = [next(place for place, kind in enumerate(order) if name.startswith(kind)) for name in names]
    assert places == sorted(places)


def test_it_is_bookable_already(kit) -> None:
    found = make_bookable(kit / "form-rendez-vous.wcs", [kit / "workflow-rendez-vous.wcs"])
    assert (found.status, found.notes) == ("already-bookable", [])
    assert found.settings.form == "rendez-vous"
    assert (found.settings.slot_field, found.settings.meeting_type_field) == ("creneau", "meeting_type")
    assert found.settings.agenda_field in ("agenda", "")


def test_the_agenda_is_asked_for_unless_it_is_fixed() -> None:
    assert "datasource-rdv_agendas.wcs" in make_kit("fr").files()
    fixed = make_kit("fr", "mairie").files()
    assert "datasource-rdv_agendas.wcs" not in fixed
    assert b"api/agenda/mairie/meetings/" in fixed["datasource-rdv_motifs.wcs"]


def test_the_same_arguments_give_the_same_bytes() -> None:
    assert make_kit("fr", "mairie").bundle() == make_kit("fr", "mairie").bundle()
    assert make_kit("fr").files() == make_kit("fr").files()
    assert make_kit("fr").files() != make_kit("en").files()


def test_the_bundle_is_versioned_and_whole(kit) -> None:
    bundle = read_bundle((kit.parent / "kit.tar").read_bytes())
    assert bundle.manifest["version_number"]
    assert len(bundle.documents) == len(list(kit.iterdir()))


def test_the_languages_share_slugs_varnames_and_statuses() -> None:
    def skeleton(language: str) -> list[object]:
        library = _library(make_kit(language).files())
        [form], [workflow] = library.of(Form), library.of(Workflow)
        assert isinstance(form, Form)
        assert isinstance(workflow, Workflow)
        return [form.slug, [f.varname for f in form.fields], [(s.id, len(s.actions)) for s in workflow.statuses]]

    assert skeleton("fr") == skeleton("en")


def _library(files: dict[str, bytes]):
    from workflows.reader import Library, load

    return Library([load(content) for content in files.values()])


def workflow_of(folder: Path) -> Workflow:
    [found] = load_many([folder]).of(Workflow)
    assert isinstance(found, Workflow)
    return found


def test_every_outcome_and_every_trouble_has_its_status(kit) -> None:
    workflow = workflow_of(kit)
    [booking] = [a for a in workflow.actions() if a.type == "webservice_call" and a.owner.id == "2"]
    names = ("app_error", "4xx", "5xx", "bad_data", "network_errors")
    errors = {booking.on_error(f"action_on_{name}") for name in names}
    assert len(errors) == 4
    assert all(workflow.status(status) for status in errors)
    jumps = [(a.condition.value if a.condition else "", a.status) for a in booking.owner.actions if a.type == "jump"]
    assert [condition for condition, _ in jumps] == [
        "not autre_var_creneau_api_fillslot_url and not form_var_creneau_api_fillslot_url",
        'reservation_response_outcome == "recaptured" and not autre_var_creneau_api_fillslot_url',
        'reservation_response_outcome == "already_confirmed"',
        "",
    ]
    assert len({status for _, status in jumps}) == 4


def test_errors_answered_in_json_are_not_taken_for_a_lost_slot(kit) -> None:
    workflow = workflow_of(kit)
    [booking] = [a for a in workflow.actions() if a.type == "webservice_call" and a.owner.id == "2"]
    sorting = workflow.status(booking.on_error("action_on_app_error"))
    assert [(a.condition.value if a.condition else "", a.status) for a in sorting.actions] == [
        ("form_workflow_data_reservation_status >= 500", booking.on_error("action_on_5xx")),
        ("form_workflow_data_reservation_status >= 400", booking.on_error("action_on_4xx")),
        ("", "7"),
    ]


def test_the_tests_for_wcs_name_what_is_there(kit) -> None:
    [form] = load_many([kit]).of(Form)
    workflow = workflow_of(kit)
    tests = form.element.findall("testdefs/testdef")
    assert len(tests) >= 4
    names = {status.name for status in workflow.statuses}
    labels = {action.label for action in workflow.actions() if action.type == "choice"}
    urls = {action.url for action in workflow.actions() if action.type == "webservice_call"}
    slots = {field.id for field in form.fields if field.type == "item"}
    for test in tests:
        steps = test.findall("workflow_tests/actions/test-action")
        assert {step.findtext("status_name") for step in steps} - {None} <= names
        assert {step.findtext("button_name") for step in steps} - {None} <= labels
        values = json.loads(test.findtext("data"))["fields"]
        assert slots <= set(values)
        addresses = {value["api"].get("fillslot_url") for value in values.values() if isinstance(value, dict)}
        answered = {answer.findtext("url") for answer in test.findall("_webservice_responses/webservice-response")}
        assert answered <= urls | addresses


def test_buttons_beside_a_form_ignore_its_errors(kit) -> None:
    statuses = [s for s in workflow_of(kit).statuses if any(a.type == "form" for a in s.actions)]
    buttons = [a for status in statuses for a in status.actions if a.type == "choice"]
    assert len(statuses) == 3 and len(buttons) == 5
    assert all(button.flag("ignore_form_errors") for button in buttons)


def test_nothing_but_the_agenda_itself_cancels_without_telling_the_agenda(kit) -> None:
    workflow = workflow_of(kit)
    [cancelled] = [s for s in workflow.statuses if any(a.text("mail_template") == "rdv-annulation" for a in s.actions)]
    ways = [(a.owner, a) for a in workflow.actions() for target in a.targets if target.status == cancelled.id]
    [calling] = [owner for owner, _ in ways if isinstance(owner, Status)]
    [call, _] = calling.actions
    assert call.url == "{{ agendas_url }}api/bookings/cancel/"
    assert {pair.name for pair in call.post_data} == {"backoffice_url", "form_url"}
    assert [owner.name for owner, _ in ways if not isinstance(owner, Status)] == [workflow.global_actions[0].name]


def test_citizens_see_only_steps_that_mean_something(kit) -> None:
    hidden = {s.id for s in workflow_of(kit).statuses if s.element.find("visibility/role") is not None}
    passing = {
        s.id
        for s in workflow_of(kit).statuses
        if s.actions[-1:] and s.actions[-1].type == "jump" and s.actions[-1].mode == "immediate"
    }
    # Received and confirmed pass too, and mean something.
    assert passing - hidden == {"1", "3"}


def test_both_bookings_send_the_code_the_confirmation_and_the_record(kit) -> None:
    bookings = [a for a in workflow_of(kit).actions() if a.type == "webservice_call" and is_booking_url(a.url)]
    assert len(bookings) == 2
    for action in bookings:
        body = {pair.name: pair.value for pair in action.post_data}
        assert LOCK_CODE in body["lock_code"]
        assert body["confirm_after_lock"] == "true"
        assert body["backoffice_url"] == "{{ form_url_backoffice }}"
    assert "cancel_booking_id" in {pair.name for pair in bookings[1].post_data}


def test_the_hook_of_the_calendar_does_not_cancel_again(kit) -> None:
    workflow = workflow_of(kit)
    hooks = {t.identifier: a for a in workflow.global_actions for t in a.triggers if t.type == "webservice"}
    assert set(hooks) == {"annulation-agenda", "presence", "absence", "rappel"}
    for name in ("annulation-agenda", "presence", "absence"):
        [jump] = hooks[name].actions
        status = workflow.status(jump.status)
        assert status is not None
        assert not [action for action in status.actions if action.type == "webservice_call"]
        for trigger in hooks[name].triggers:
            assert trigger.roles == ["_signed_calls"]


def test_every_status_has_a_way_in_and_a_way_out(kit) -> None:
    workflow = workflow_of(kit)
    targets = {target.status for action in workflow.actions() for target in action.targets}
    for status in workflow.statuses[1:]:
        assert status.id in targets, status.name
        assert status.forced_endpoint or any(action.targets for action in status.actions), status.name


@pytest.mark.parametrize("key", sorted(TEXTS))
@pytest.mark.parametrize("index", [0, 1])
def test_every_text_is_a_template_that_renders(key, index) -> None:
    text = TEXTS[key][index]
    assert text.strip()
    engine = Engine(autoescape=True)
    assert engine.from_string(text).render(Context({})) is not None


@pytest.mark.parametrize(
    ("language", "day", "said"),
    [
        ("fr", "2026-12-01", "mardi 1er décembre 2026 09:00"),
        ("fr", "2026-12-02", "mercredi 2 décembre 2026 09:00"),
        ("en", "2026-12-01", "Tuesday 1 December 2026 09:00"),
    ],
)
def test_the_date_of_an_appointment_is_said_as_the_language_says_it(language, day, said) -> None:
    kept = etree.fromstring(make_kit(language).files()["workflow-rendez-vous.wcs"]).findall(".//field")
    [keep] = {field.findtext("value") for field in kept if field.findtext("field_id") == "bo-rdv-date"}
    with speaking(language, "Europe/Paris"):
        assert render(keep, Names({"reservation_response_datetime": f"{day} 09:00:00"})) == said


@pytest.mark.parametrize("agenda", ["É", "a b", "../x", "{{ x }}", "a/b"])
def test_a_slug_that_cannot_be_one_is_refused(tmp_path, agenda) -> None:
    code, errors = export(tmp_path / "kit", "--agenda", agenda)
    assert (code, len(errors.splitlines())) == (2, 1)
    assert not (tmp_path / "kit").exists()


def test_a_folder_that_cannot_be_written_is_told(tmp_path) -> None:
    (tmp_path / "file").write_text("x")
    assert export(tmp_path / "file")[0] == 2
