"""`wcs make-bookable`: every shape of form becomes bookable, nothing else changes, a second run does nothing."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
from lxml import etree

from tests.workflows.appointments import (
    BODY,
    FILLSLOT,
    SLOT_URL,
    booking,
    form,
    save,
    slot_field,
    workflow,
)
from workflows import builder as b
from workflows.bookable import LOCK_CODE, sent_token
from workflows.checker import check
from workflows.cli import main
from workflows.definitions import make_kit
from workflows.reader import Form, Node, Workflow, load
from workflows.upgrader import Upgrade, make_bookable

CALL = "preblocage_rdv"
HELD = f"not form_var_creneau_raw or webservice.{CALL}.err == 0"
TOKEN = sent_token()
QUERY = f"lock_code={LOCK_CODE}&lock_token={TOKEN}"
GUARDED_URL = f"{{% if form_var_meeting_type_api_datetimes_url %}}{SLOT_URL}?{QUERY}{{% endif %}}"
SENT = {"lock_code": LOCK_CODE, "lock_token": TOKEN}


def upgrade(folder: Path, form_node: Node, workflow_node: Node, *others: Node, **options: str) -> Upgrade:
    """Save, upgrade, and check what always holds: it checks clean as bookable, and a second run does nothing."""
    paths = save(folder, form_node, workflow_node, *others)
    found = make_bookable(paths[0], [paths[1]], others=paths[2:], **options)
    assert found.status == "upgraded", found.reason
    out = folder / "out"
    out.mkdir()
    for path in paths[2:]:
        (out / path.name).write_bytes(path.read_bytes())
    for name, content in found.files.items():
        (out / name).write_bytes(content)
    findings = [finding for finding in check([out], language="en") if finding.family == "booking"]
    assert [str(finding) for finding in findings if finding.code not in ("WCS-B114",)] == []
    assert not [finding for finding in check([out]) if finding.severity == "error"]
    again = make_bookable(out / paths[0].name, [out / paths[1].name], **options)
    assert (again.status, again.changes, again.files) == ("already-bookable", [], {})
    return found


def refusal(folder: Path, form_node: Node, workflow_node: Node, *others: Node, **options: str) -> str:
    paths = save(folder, form_node, workflow_node, *others)
    found = make_bookable(paths[0], [paths[1]], others=paths[2:], language="en", **options)
    assert found.status == "refused"
    assert found.files == {}
    return found.reason


def form_of(found: Upgrade) -> Form:
    definition = load(next(content for name, content in found.files.items() if name.startswith("form"))).definition
    assert isinstance(definition, Form)
    return definition


def workflow_of(found: Upgrade) -> Workflow:
    definition = load(next(content for name, content in found.files.items() if name.startswith("workflow"))).definition
    assert isinstance(definition, Workflow)
    return definition


def bodies(found: Upgrade) -> list[dict[str, str]]:
    return [
        {pair.name: pair.value for pair in action.post_data}
        for action in workflow_of(found).actions()
        if action.type == "webservice_call" and action.post_data
    ]


def exit_conditions(found: Upgrade) -> list[str]:
    return [post.condition.value for page in form_of(found).pages for post in page.post_conditions if post.condition]


def source(found: Upgrade, varname: str = "creneau") -> str:
    use = form_of(found).by_varname(varname)[0].data_source
    assert use is not None
    return use.value


def test_a_plain_form_is_held_and_confirmed(tmp_path) -> None:
    found = upgrade(tmp_path, form(), workflow())
    assert source(found) == GUARDED_URL
    assert bodies(found) == [{**BODY, **SENT, "confirm_after_lock": "true"}]
    assert exit_conditions(found) == [HELD]
    assert [field.value_template for field in form_of(found).by_varname("lock_code")] == [LOCK_CODE]
    assert not [field for field in form_of(found).fields if field.prefill]
    assert found.as_dict()["settings"] == {
        "form": "rdv",
        "slot_field": "creneau",
        "meeting_type_field": "meeting_type",
        "agenda_field": "agenda",
    }
    call = load(found.files["wscall-preblocage_rdv.wcs"]).definition
    assert call.url == FILLSLOT
    assert {pair.name: pair.value for pair in call.post_data} == {**SENT, "form_slug": "{{ form_slug }}"}
    [token] = form_of(found).by_varname("lock_token")
    assert (token.value_template, token.flag("freeze_on_initial_value")) == ("{% token_alphanum 16 %}", True)
    assert token.page is not None and token.page.label == "Rendez-vous"
    assert call.method == "POST"
    assert found.notes == []


def test_only_the_places_that_must_change_differ(tmp_path) -> None:
    found = upgrade(tmp_path, form(), workflow())
    assert found.originals
    for name, original in found.originals.items():
        removed = [line for line in _changed(found, name) if line.startswith("-")]
        assert len(removed) <= 1, removed
        kept = [line for line in original.decode().splitlines() if f"-{line}" not in removed]
        after = iter(found.files[name].decode().splitlines())
        assert all(any(line == other for other in after) for line in kept)


def _changed(found: Upgrade, name: str) -> list[str]:
    wanted, lines = False, []
    for line in found.diff().splitlines():
        if line.startswith("--- a/"):
            wanted = line == f"--- a/{name}"
        elif wanted and line[:1] in "+-" and not line.startswith("+++"):
            lines.append(line)
    return lines


@pytest.mark.parametrize("names", [("rdv", "type_rdv"), ("date_heure", "motif"), ("creneau_2", "creneau_2_type")])
def test_any_varnames(tmp_path, names) -> None:
    slot, kind = names
    fields = [
        b.page("Rendez-vous"),
        b.item("Motif", kind, source=b.data_source("json", "{{ form_option_agenda_structured_api_meetings_url }}")),
        slot_field(slot, b.data_source("json", f"{{{{form_var_{kind}_api_datetimes_url}}}}")),
    ]
    node = b.form("Rdv", fields, workflow=b.workflow_link("rdv", "Rdv"), submission_roles=[b.Role("A", "a")])
    found = upgrade(tmp_path, node, workflow(booking(f"{{{{ form_var_{slot}_api_fillslot_url }}}}")))
    assert (found.settings.slot_field, found.settings.meeting_type_field) == (slot, kind)
    assert found.settings.agenda_field == ""


def test_named_fields_are_taken_at_their_word(tmp_path) -> None:
    node = form(slot_field(source=b.data_source("json", "https://x/datetimes/")))
    found = upgrade(tmp_path, node, workflow(), slot_field="creneau", meeting_type_field="nom")
    assert found.settings.meeting_type_field == "nom"


def test_a_named_data_source_gets_the_code_in_its_query(tmp_path) -> None:
    named = b.data_source_definition("Créneaux", "json", SLOT_URL, slug="creneaux")
    found = upgrade(tmp_path, form(slot_field(source=b.data_source("creneaux"))), workflow(), named)
    definition = load(found.files["datasource-creneaux.wcs"]).definition
    # A query of its own would be sent even where the address is empty.
    assert (definition.value, definition.qs_data) == (GUARDED_URL, [])


def test_a_query_that_is_there_is_kept(tmp_path) -> None:
    named = b.data_source_definition("C", "json", SLOT_URL, slug="c", qs_data={"hide_disabled": "true"})
    found = upgrade(tmp_path, form(slot_field(source=b.data_source("c"))), workflow(), named)
    definition = load(found.files["datasource-c.wcs"]).definition
    assert [pair.name for pair in definition.qs_data] == ["hide_disabled", "lock_code", "lock_token"]


def test_what_lies_beside_the_files_is_found_without_being_told(tmp_path) -> None:
    named = b.data_source_definition("Créneaux", "json", SLOT_URL, slug="creneaux")
    [form_path] = save(tmp_path / "forms", form(slot_field(source=b.data_source("creneaux"))))
    [workflow_path] = save(tmp_path / "workflows", workflow())
    save(tmp_path / "datasources", named)
    found = make_bookable(form_path, [workflow_path])
    assert "datasource-creneaux.wcs" in found.files


def test_a_source_made_from_a_named_call_makes_the_call_send_the_code(tmp_path) -> None:
    call = b.named_call("Créneaux", SLOT_URL, slug="creneaux", qs_data={"a": "1"})
    node = form(slot_field(source=b.data_source("jsonvalue", "{{ webservice.creneaux.data|json }}")))
    found = upgrade(tmp_path, node, workflow(), call)
    definition = load(found.files["wscall-creneaux.wcs"]).definition
    assert {pair.name: pair.value for pair in definition.qs_data} == {"a": "1", **SENT}


@pytest.mark.parametrize("kind", ["meetings", "virtual"])
def test_a_source_that_wcs_made_from_the_agenda_needs_no_file(tmp_path, kind) -> None:
    made = f"chrono_ds_agenda_{kind}_toutes_mairies"
    types = b.item("Type", "meeting_type", source=b.data_source(f"{made}_meetingtypes"))
    fields = [b.page("Rendez-vous"), types, slot_field(source=b.data_source(f"{made}_mtdynamic"))]
    node = b.form("Rdv", fields, workflow=b.workflow_link("rdv", "Rdv"), submission_roles=[b.Role("A", "a")])
    found = upgrade(tmp_path, node, workflow())
    assert (found.settings.slot_field, found.settings.meeting_type_field) == ("creneau", "meeting_type")
    assert not [change for change in found.changes if "source de données" in change.what]
    strict = check([tmp_path / "out"], strict_refs=True)
    assert not [finding for finding in strict if "chrono_ds" in str(finding)]


@pytest.mark.parametrize(
    "url",
    [
        f"{SLOT_URL}?hide_disabled=true",
        "{{ form_option_source }}datetimes/",
        "{{ chrono_url }}api/agenda/a/meetings/b/datetimes/",
    ],
)
def test_every_form_of_address(tmp_path, url) -> None:
    found = upgrade(tmp_path, form(slot_field(source=b.data_source("json", url))), workflow())
    assert f"{url}{'&' if '?' in url else '?'}{QUERY}" in source(found)
    assert source(found).startswith("{% if form_var") == ("form_var" in url)


def test_an_older_lock_code_is_replaced_everywhere(tmp_path) -> None:
    slot = slot_field(source=b.data_source("json", SLOT_URL + "?lock_code={{ session_hash_id }}"))
    call = b.named_call(
        "Bloquer", FILLSLOT, slug="bloquer", method="POST", post_data={"lock_code": "{{ session_hash_id }}"}
    )
    node = form(slot, exit_conditions=[b.post_condition("not webservice.bloquer.err", "Pris")])
    action = booking(body={**BODY, "lock_code": "{{ session_hash_id }}", "confirm_after_lock": "true"})
    found = upgrade(tmp_path, node, workflow(action), call)
    assert "wscall-preblocage_rdv.wcs" not in found.files
    assert exit_conditions(found) == ["not form_var_creneau_raw or webservice.bloquer.err == 0"]
    assert bodies(found)[0]["lock_code"] == LOCK_CODE
    assert source(found) == GUARDED_URL


OLD = "{{ session_hash_id }}"


def test_an_older_lock_code_in_a_named_source_is_replaced_where_it_stands(tmp_path) -> None:
    for number, (url, query) in enumerate([(f"{SLOT_URL}?lock_code={OLD}", {}), (SLOT_URL, {"lock_code": OLD})]):
        named = b.data_source_definition("C", "json", url, slug="c", qs_data=query)
        found = upgrade(tmp_path / str(number), form(slot_field(source=b.data_source("c"))), workflow(), named)
        definition = load(found.files["datasource-c.wcs"]).definition
        assert OLD not in definition.value
        assert (definition.value, definition.qs_data) == (GUARDED_URL, [])


@pytest.mark.parametrize(
    ("url", "query"),
    [(SLOT_URL, {}), (SLOT_URL, {"lock_code": OLD}), (f"{SLOT_URL}?lock_code={OLD}", {}), (SLOT_URL, {"a": "1"})],
)
@pytest.mark.parametrize("named", [True, False])
def test_slots_read_by_a_named_call_make_that_call_send_the_code(tmp_path, url, query, named) -> None:
    call = b.named_call("Créneaux", url, slug="creneaux", qs_data=query)
    template = "{{ webservice.creneaux.data|json }}"
    others = [call]
    use = b.data_source("jsonvalue", template)
    if named:
        others.append(b.data_source_definition("C", "jsonvalue", template, slug="c"))
        use = b.data_source("c")
    found = upgrade(tmp_path, form(slot_field(source=use)), workflow(), *others)
    definition = load(found.files["wscall-creneaux.wcs"]).definition
    assert OLD not in definition.url + "".join(pair.value for pair in definition.qs_data)
    sent = [pair.name for pair in definition.qs_data]
    assert sent.count("lock_code") + definition.url.count("lock_code=") == 1
    assert "a" in sent or "a" not in query


@pytest.mark.parametrize("body", [{}, {"source": "formulaire"}])
def test_a_hold_that_sends_no_code_is_made_to_send_it(tmp_path, body) -> None:
    call = b.named_call("Bloquer", FILLSLOT, slug="bloquer", method="POST", post_data=body)
    node = form(exit_conditions=[b.post_condition("webservice.bloquer.err == 0", "Pris")])
    found = upgrade(tmp_path, node, workflow(), call)
    assert "wscall-preblocage_rdv.wcs" not in found.files
    definition = load(found.files["wscall-bloquer.wcs"]).definition
    assert {pair.name: pair.value for pair in definition.post_data} == {**body, **SENT}
    assert exit_conditions(found) == ["not form_var_creneau_raw or webservice.bloquer.err == 0"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"lock_code": LOCK_CODE},
        {"confirm_after_lock": "true"},
        {"lock_code": LOCK_CODE, "confirm_after_lock": "false"},
        {"lock_code": "", "confirm_after_lock": ""},
    ],
)
def test_a_half_adapted_action_is_completed(tmp_path, body) -> None:
    found = upgrade(tmp_path, form(), workflow(booking(body={**BODY, **body})))
    assert bodies(found) == [{**BODY, **SENT, "confirm_after_lock": "true"}]


def test_an_action_that_holds_on_purpose_is_left_alone(tmp_path) -> None:
    hold = booking(body={"lock_code": LOCK_CODE}, varname="verrou")
    confirm = booking(body={**BODY, "lock_code": LOCK_CODE, "confirm_after_lock": "true"})
    found = upgrade(tmp_path, form(), workflow(hold, confirm))
    assert bodies(found)[0] == {"lock_code": LOCK_CODE}


def test_every_booking_action_is_adapted(tmp_path) -> None:
    second = b.status("5", "Encore", [booking(varname="encore")])
    found = upgrade(tmp_path, form(), workflow(more=[second]))
    assert [body["confirm_after_lock"] for body in bodies(found)] == ["true", "true"]


def test_an_action_outside_the_session_sends_the_code_that_the_form_kept(tmp_path) -> None:
    late = b.global_action("5", "Rebooker", [booking(varname="encore")], [b.manual_trigger(["_receiver"], id="t5")])
    found = upgrade(tmp_path, form(), workflow(global_actions=[late]))
    inside, outside = bodies(found)
    assert inside["lock_code"] == LOCK_CODE
    assert outside["lock_code"].startswith("{% if form_var_lock_code %}{{ form_var_lock_code }}")
    assert [change.why for change in found.changes if "Rebooker" in change.why]


def test_a_status_that_time_leads_to_is_outside_the_session(tmp_path) -> None:
    more = [
        b.status("5", "Plus tard", [booking(varname="encore")]),
        b.status("6", "Attente", [b.jump("5", timeout="60")]),
    ]
    found = upgrade(tmp_path, form(), workflow(more=more))
    assert "form_var_lock_code" in bodies(found)[1]["lock_code"]


def test_an_exit_condition_that_is_there_is_kept(tmp_path) -> None:
    own = b.post_condition("form_var_nom", "Votre nom")
    found = upgrade(tmp_path, form(exit_conditions=[own]), workflow())
    assert exit_conditions(found) == ["form_var_nom", HELD]


def test_a_form_without_pages_gets_one(tmp_path) -> None:
    found = upgrade(tmp_path, form(pages=False), workflow())
    first = form_of(found).fields[0]
    assert first.type == "page"
    assert exit_conditions(found) == [HELD]


def test_a_slot_field_for_each_case_is_held_on_its_page(tmp_path) -> None:
    fields = [
        b.page("A", when='form_var_lieu == "a"'),
        slot_field("a", b.data_source("json", "https://x/agenda/a/meetings/t/datetimes/")),
        b.page("B", when='form_var_lieu == "b"'),
        slot_field("b", b.data_source("json", "https://x/agenda/b/meetings/t/datetimes/")),
    ]
    node = b.form("Rdv", fields, workflow=b.workflow_link("rdv", "Rdv"), submission_roles=[b.Role("A", "a")])
    url = "{% firstof form_var_a_api_fillslot_url form_var_b_api_fillslot_url %}"
    found = upgrade(tmp_path, node, workflow(booking(url)))
    slugs = [f"preblocage_{found.settings.form}__{name}".replace("-", "_") for name in "ab"]
    assert exit_conditions(found) == [
        f"not form_var_{name}_raw or webservice.{slug}.err == 0" for name, slug in zip("ab", slugs, strict=True)
    ]
    for name, slug in zip("ab", slugs, strict=True):
        call = load(found.files[f"wscall-{slug}.wcs"]).definition
        assert call.url == f"{{{{ form_var_{name}_api_fillslot_url }}}}"
    kept = form_of(found).by_varname("lock_code")
    assert [field.page.label for field in kept if field.page] == ["A", "B"]
    assert len({field.id for field in kept}) == 2
    # Exported again, without the calls.
    for slug in slugs:
        (tmp_path / "out" / f"wscall-{slug}.wcs").unlink()
    again = make_bookable(tmp_path / "out" / "form-rdv.wcs", [tmp_path / "out" / "workflow-rdv.wcs"])
    assert again.changes == []


def for_each_case(*first: Node) -> Node:
    """A page and a slot field for each of two places."""
    fields = [
        *first,
        b.page("A", when='form_var_lieu == "a"'),
        slot_field("a", b.data_source("json", "https://x/agenda/a/meetings/t/datetimes/")),
        b.page("B", when='form_var_lieu == "b"'),
        slot_field("b", b.data_source("json", "https://x/agenda/b/meetings/t/datetimes/")),
    ]
    return b.form("Rdv", fields, workflow=b.workflow_link("rdv", "Rdv"), submission_roles=[b.Role("A", "a")])


ONE_OF_TWO = "{% firstof form_var_a_api_fillslot_url form_var_b_api_fillslot_url %}"


def test_the_token_stands_on_a_page_that_everybody_sees(tmp_path) -> None:
    node = for_each_case(b.page("Lieu"), b.item("Lieu", "lieu", choices=["a", "b"]))
    found = upgrade(tmp_path, node, workflow(booking(ONE_OF_TWO)))
    [token] = form_of(found).by_varname("lock_token")
    assert token.page is not None and token.page.label == "Lieu"


def hold_slug(folder: Path, form_node: Node, workflow_node: Node) -> str:
    [name] = [name for name in sorted(upgrade(folder, form_node, workflow_node).files) if name.startswith("wscall-")][
        :1
    ]
    return name.removeprefix("wscall-").removesuffix(".wcs")


def named(slug: str) -> Node:
    node = form()
    node.find("url_name").text = slug
    return node


def test_no_two_forms_share_the_slug_of_a_call(tmp_path) -> None:
    slugs = ["rdv-a", "rdv_a", "rdv--a", "rdv-a-", "rendez-vous", "creneau"]
    found = [hold_slug(tmp_path / str(number), named(slug), workflow()) for number, slug in enumerate(slugs)]
    found.append(hold_slug(tmp_path / "several", for_each_case(), workflow(booking(ONE_OF_TWO))))
    kit = [name for name in make_kit().files() if name.startswith("wscall-")]
    found += [name.removeprefix("wscall-").removesuffix(".wcs") for name in kit]
    assert len(set(found)) == len(found)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", slug) for slug in found)


def test_the_file_of_a_call_has_a_name_that_can_be_written(tmp_path) -> None:
    # w.c.s. allows slugs of 250 characters.
    long = [load(b.to_xml(named("a" * 249 + last)), path="form.wcs") for last in "bc"]
    [flow] = save(tmp_path, workflow())
    names = {name for one in long for name in make_bookable(one, [flow]).files if name.startswith("wscall-")}
    assert len(names) == 2
    for name in names:
        (tmp_path / f".{name}.part").write_bytes(b"")


def test_a_shared_call_that_was_not_given_is_replaced_too(tmp_path) -> None:
    node = form(exit_conditions=[b.post_condition("webservice.preblocage_creneau.err == 0", "Pris")])
    found = upgrade(tmp_path, node, workflow())
    assert exit_conditions(found) == [HELD]
    assert f"wscall-{CALL}.wcs" in found.files


@pytest.mark.parametrize("frozen", [True, False])
def test_only_a_token_that_is_kept_is_sent(tmp_path, frozen) -> None:
    node = form(more=[b.computed("Référence", "reference", "R-{% token_alphanum 8 %}", freeze=frozen)])
    found = upgrade(tmp_path, node, workflow())
    assert bodies(found)[0]["lock_token"] == (sent_token("reference") if frozen else TOKEN)


AGENDA = "{{ agendas_url }}api/agenda/mairie/meetings/{{ form_var_meeting_type_raw }}/datetimes/"
NEEDS_TYPE = "{% if form_var_meeting_type_raw %}"


@pytest.mark.parametrize(
    ("required", "start"), [(True, "{% if form_var_meeting_type_raw and form_var_res_raw %}"), (False, NEEDS_TYPE)]
)
def test_a_choice_that_may_be_left_out_does_not_empty_the_list(tmp_path, required, start) -> None:
    use = b.data_source("json", f"{AGENDA}?resources={{{{ form_var_res_raw }}}}")
    other = b.item("Salle", "res", choices=["a"], required=required)
    found = upgrade(tmp_path, form(slot_field(source=use), more=[other]), workflow())
    assert source(found).startswith(start)


def test_an_address_that_is_the_first_of_several_is_guarded_by_all_of_them(tmp_path) -> None:
    use = b.data_source("json", "{% firstof form_var_a_api_datetimes_url form_var_b_api_datetimes_url %}")
    found = upgrade(tmp_path, form(slot_field(source=use)), workflow())
    start = "{% if form_var_a_api_datetimes_url or form_var_b_api_datetimes_url %}{% firstof "
    assert source(found).startswith(start) and source(found).endswith("{% endif %}")


def test_a_list_of_types_whose_address_is_empty_by_itself_stays_as_it_is(tmp_path) -> None:
    url = "{% firstof form_var_a_api_meetings_url form_var_b_api_meetings_url %}"
    kind = b.item("Type", "meeting_type", source=b.data_source("json", url))
    node = b.form("Rdv", [b.page("P"), kind, slot_field()], workflow=b.workflow_link("rdv", "Rdv"))
    assert source(upgrade(tmp_path, node, workflow()), "meeting_type") == url


def test_a_named_source_that_is_guarded_already_gets_the_code_inside(tmp_path) -> None:
    named_source = b.data_source_definition("C", "json", f"{NEEDS_TYPE}{AGENDA}{{% endif %}}", slug="c")
    found = upgrade(tmp_path, form(slot_field(source=b.data_source("c"))), workflow(), named_source)
    definition = load(found.files["datasource-c.wcs"]).definition
    assert definition.value == f"{NEEDS_TYPE}{AGENDA}?{QUERY}{{% endif %}}"
    assert definition.qs_data == []


@pytest.mark.parametrize("other", [False, True])
def test_the_call_that_earlier_versions_shared_becomes_one_of_the_forms_own(tmp_path, other) -> None:
    url = "{{ form_var_date_api_fillslot_url }}" if other else FILLSLOT
    shared = b.named_call(
        "Préblocage", url, slug="preblocage_creneau", method="POST", post_data={"lock_code": LOCK_CODE}
    )
    node = form(exit_conditions=[b.post_condition("webservice.preblocage_creneau.err == 0", "Pris")])
    found = upgrade(tmp_path, node, workflow(), shared)
    assert exit_conditions(found) == [HELD]
    assert load(found.files[f"wscall-{CALL}.wcs"]).definition.url == FILLSLOT
    assert "wscall-preblocage_creneau.wcs" not in found.files


def test_two_forms_and_the_kit_share_no_call(tmp_path) -> None:
    other = form()
    other.find("url_name").text = "rdv-urbanisme"
    calls = []
    for number, node in enumerate((form(), other)):
        names = upgrade(tmp_path / str(number), node, workflow()).files
        calls.append({name for name in names if name.startswith("wscall-")})
    kit = {name for name in make_kit().files() if name.startswith("wscall-")}
    assert not calls[0] & calls[1] and not (calls[0] | calls[1]) & kit


def test_a_slot_chosen_again_in_the_form_of_an_action(tmp_path) -> None:
    again = b.form_action("suite", ["_submitter"], [slot_field("autre")])
    url = "{{ suite_var_autre_api_fillslot_url|default:form_var_creneau_api_fillslot_url }}"
    more = [b.status("5", "Choisir", [again, b.jump_on_submit("1")])]
    found = upgrade(tmp_path, form(), workflow(booking(url), more=more))
    [owner] = [owner for owner in workflow_of(found).field_owners() if owner.by_varname("autre")]
    use = owner.by_varname("autre")[0].data_source
    assert use is not None
    assert use.value == GUARDED_URL
    assert "form_var_lock_code" in bodies(found)[0]["lock_code"]


def test_an_address_kept_in_a_computed_field_is_followed(tmp_path) -> None:
    kept = b.computed("Adresse", "adresse", FILLSLOT)
    found = upgrade(tmp_path, form(more=[kept]), workflow(booking("{{ form_var_adresse }}")))
    assert found.settings.slot_field == "creneau"


KEY = "form_submission_context_meeting_type_id"
OWN_PREFILL = "{{ request.GET.type }}"


@pytest.mark.parametrize(
    ("prefill", "left"),
    [
        (OWN_PREFILL, OWN_PREFILL),
        (f"{{{{ {KEY} }}}}", None),
        (f"{{% if {KEY} %}}{{{{ {KEY} }}}}{{% else %}}{OWN_PREFILL}{{% endif %}}", OWN_PREFILL),
    ],
)
def test_only_the_prefills_of_earlier_versions_are_removed(tmp_path, prefill, left) -> None:
    node = form(prefilled=b.prefill("string", prefill, locked_unless_empty=prefill != OWN_PREFILL))
    found = upgrade(tmp_path, node, workflow())
    kept = form_of(found).by_varname("meeting_type")[0].prefill
    assert (kept.value if kept else None) == left


@pytest.mark.parametrize("ids", ["uuid", "integer"])
def test_ids_are_kept_and_new_ones_are_new(tmp_path, ids) -> None:
    node = form()
    if ids == "integer":
        for number, field in enumerate(node.find("fields").children, 1):
            field.find("id").text = str(number)
    before = [field.find("id").text for field in node.find("fields").children]
    found = upgrade(tmp_path, node, workflow())
    after = [field.id for field in form_of(found).fields]
    assert [field for field in after if field in before] == before
    new = [field for field in after if field not in before]
    assert [len(one) for one in new] == [36, 36]


def test_a_varname_that_is_taken_is_not_taken_again(tmp_path) -> None:
    found = upgrade(tmp_path, form(more=[b.text_field("Code", "lock_code")]), workflow())
    assert len(form_of(found).by_varname("lock_code_2")) == 1


def test_the_style_of_the_file_is_kept(tmp_path) -> None:
    paths = save(tmp_path, form(), workflow())
    text = paths[0].read_bytes()
    compact = b"".join(line.strip() for line in text.splitlines())
    crlf = text.replace(b"\n", b"\r\n")
    declared = text.replace(b'<?xml version="1.0"?>', b"<?xml version='1.0' encoding='utf-8'?>")
    for variant in (compact, crlf, declared):
        paths[0].write_bytes(variant)
        found = make_bookable(paths[0], [paths[1]])
        changed = found.files[paths[0].name]
        assert (b"\r\n" in changed) == (b"\r\n" in variant)
        assert changed.startswith(variant[:30])
        assert etree.tostring(etree.fromstring(changed.replace(b"\r\n", b"\n")))


def test_it_speaks_both_languages(tmp_path) -> None:
    french, english = (
        upgrade(tmp_path / language, form(), workflow(), language=language).changes for language in ("fr", "en")
    )
    assert [change.line for change in french] == [change.line for change in english]
    assert not {change.what for change in french} & {change.what for change in english}
    assert not {change.why for change in french} & {change.why for change in english}


# -- Refusals ---------------------------------------------------------------------------------------------------


def test_no_slot_field_is_refused(tmp_path) -> None:
    node = b.form("Rdv", [b.text_field("Nom", "nom")])
    assert "--slot-field" in refusal(tmp_path, node, workflow())


def test_a_field_that_does_not_exist_is_refused(tmp_path) -> None:
    assert "nowhere" in refusal(tmp_path, form(), workflow(), slot_field="nowhere")


def test_a_workflow_that_books_nothing_is_refused(tmp_path) -> None:
    assert refusal(tmp_path, form(), workflow(b.display_message("x")))


@pytest.mark.parametrize(
    "use",
    [
        b.data_source("agenda-events-piscine"),
        b.data_source("chrono_ds_agenda_events_piscine"),
        b.data_source("json", "https://x/api/agenda/piscine/datetimes/"),
        b.data_source("json", "{{ agendas_url }}api/agendas/datetimes/?agendas=piscine"),
        b.data_source("json", "{{ form_option_activite_api_datetimes_url }}"),
        b.data_source("json", "{{ form_option_activite_structured_api_datetimes_url }}?date_start=2026-12-01"),
        b.data_source("json", "{{ form_var_agenda_api_datetimes_url }}"),
    ],
)
def test_an_events_agenda_is_refused(tmp_path, use) -> None:
    assert "chooses an event" in refusal(tmp_path, form(slot_field(source=use)), workflow())


def test_a_slot_whose_places_are_counted_is_an_event(tmp_path) -> None:
    full = b.comment("Complet", when="form_var_creneau_structured_places_available == 0")
    other = b.item("Autre", "autre", source=b.data_source("json", SLOT_URL), required=False)
    url = "{% firstof form_var_creneau_api_fillslot_url form_var_autre_api_fillslot_url %}"
    reason = refusal(tmp_path, form(more=[full, other]), workflow(booking(url)))
    assert "chooses an event" in reason and "several slot fields: creneau, autre" in reason


def test_a_workflow_that_serves_both_kinds_of_forms_refuses_no_form_of_meetings(tmp_path) -> None:
    url = "{% firstof form_var_meeting_type_api_datetimes_url form_var_agenda_api_datetimes_url %}"
    again = b.form_action("autre", ["_submitter"], [slot_field("nouveau", b.data_source("json", url))])
    upgrade(tmp_path, form(), workflow(more=[b.status("7", "À choisir", [again])]))


def test_a_field_named_after_places_makes_no_event(tmp_path) -> None:
    more = [b.text_field("Places", "creneau_places"), b.comment("Deux", when='form_var_creneau_places == "2"')]
    upgrade(tmp_path, form(more=more), workflow())


def test_meeting_types_that_wcs_lists_are_no_slots(tmp_path) -> None:
    types = b.item("Type", "meeting_type", source=b.data_source("chrono_ds_agenda_meetings_events_mt_1_meetingtypes"))
    slots = slot_field(source=b.data_source("chrono_ds_agenda_meetings_events_mt_1_mtdynamic"))
    node = b.form("Rdv", [b.page("P"), types, slots], workflow=b.workflow_link("rdv", "Rdv"))
    # The booking does not say which field it takes the slot from.
    [path, flow] = save(tmp_path, node, workflow(booking("{{ agendas_url }}api/agenda/mt-1/fillslot/1/")))
    found = make_bookable(path, [flow])
    assert (found.settings.slot_field, found.settings.meeting_type_field) == ("creneau", "meeting_type")
    assert found.status == "upgraded"


def unhooked(*more: Node) -> Node:
    """A workflow whose record is not told of cancellations in the calendar."""
    body = {name: value for name, value in BODY.items() if name != "cancel_callback_url"}
    return b.workflow("Rdv", [b.status("1", "Reçue", [booking(body=body)]), *more], slug="rdv")


def notes(folder: Path, *nodes: Node) -> str:
    paths = save(folder, *nodes)
    return "\n".join(make_bookable(paths[0], [paths[1]], others=paths[2:], language="en").notes)


def test_what_tells_the_record_of_a_cancellation_is_proposed_and_added_on_request(tmp_path) -> None:
    node = unhooked(b.status("2", "Demande annulée", []))
    assert "--with-cancel-hook" in notes(tmp_path / "a", form(), node)
    paths = save(tmp_path / "b", form(), node)
    found = make_bookable(paths[0], [paths[1]], cancel_hook=True, language="en")
    assert "cancel" not in "\n".join(found.notes)
    assert bodies(found)[0]["cancel_callback_url"] == "{{ form_api_url }}hooks/annulation-agenda/"
    [hook] = workflow_of(found).global_actions
    assert [(trigger.type, trigger.identifier) for trigger in hook.triggers] == [("webservice", "annulation-agenda")]
    assert [action.status for action in hook.actions] == ["2"]
    for name, content in found.files.items():
        (tmp_path / name).write_bytes(content)
    again = make_bookable(tmp_path / paths[0].name, [tmp_path / paths[1].name], cancel_hook=True)
    assert again.status == "already-bookable"


def test_a_status_that_would_cancel_once_more_is_told(tmp_path) -> None:
    free = b.webservice_call("Libérer", "{{ reservation_response_api_cancel_url }}", "libre", b.OnErrors.all(":pass"))
    paths = save(tmp_path, form(), unhooked(b.status("2", "Demande annulée", [free])))
    found = make_bookable(paths[0], [paths[1]], cancel_hook=True, language="en")
    assert [action.status for hook in workflow_of(found).global_actions for action in hook.actions] == ["2"]
    assert "frees the slot once more" in "\n".join(found.notes)


@pytest.mark.parametrize(
    ("address", "listed"),
    [("{{ form_api_url }}hooks/autre/", True), ("{{ form_jumps_trigger_annuler_url }}", False)],
)
def test_a_callback_of_ones_own_is_left_alone_and_one_that_nobody_receives_is_not(tmp_path, address, listed) -> None:
    paths = save(tmp_path, form(), workflow(booking(body={**BODY, "cancel_callback_url": address})))
    assert ("--with-cancel-hook" in "\n".join(make_bookable(paths[0], [paths[1]]).notes)) == listed
    found = make_bookable(paths[0], [paths[1]], cancel_hook=True)
    assert len(workflow_of(found).global_actions) == 1 + listed
    assert bodies(found)[0]["cancel_callback_url"] == address


def test_where_no_status_is_of_cancelled_records_the_hook_is_left_to_a_person(tmp_path) -> None:
    assert "no status fits" in notes(tmp_path, form(), unhooked())


def test_an_old_slot_that_is_freed_before_the_new_one_is_booked_is_told(tmp_path) -> None:
    free = b.webservice_call("Libérer", "{{ reservation_response_api_cancel_url }}", "libre", b.OnErrors.all(":pass"))
    edited = b.status("7", "Modifié", [free, b.jump("1")])
    assert "“Modifié” cancels the old appointment" in notes(tmp_path, form(), workflow(more=[edited]))


def test_fields_that_the_calendar_does_not_know_are_told(tmp_path) -> None:
    kind = b.item("Sorte", "sorte", choices=["A", "B"])
    url = "{{ agendas_url }}api/agenda/{{ form_var_agenda_raw }}/meetings/?sorte={{ form_var_sorte_raw }}"
    types = b.item("Type", "meeting_type", source=b.data_source("json", url))
    agenda = b.item("Agenda", "agenda", source=b.data_source("json", "{{ agendas_url }}api/agenda/"))
    # Its name begins that of the type.
    other = b.text_field("Rencontre", "meeting")
    fields = [b.page("P"), other, kind, agenda, types, slot_field()]
    said = notes(tmp_path, b.form("Rdv", fields, workflow=b.workflow_link("rdv", "Rdv")), workflow())
    assert "“Sorte”" in said and "“Rencontre”" not in said


@pytest.mark.parametrize(
    "use",
    [
        b.data_source("chrono_ds_agenda_meetings_mairie_mt_passeport_famille"),
        b.data_source("json", "{{ agendas_url }}api/agenda/mairie/meetings/passeport-famille/datetimes/"),
    ],
)
def test_a_form_of_one_meeting_type_says_which(tmp_path, use) -> None:
    node = b.form("Rdv", [b.page("P"), slot_field(source=use)], workflow=b.workflow_link("rdv", "Rdv"))
    assert "“passeport-famille” only" in notes(tmp_path, node, workflow())


def test_the_agenda_is_found_through_a_named_call(tmp_path) -> None:
    url = "{{ agendas_url }}api/agenda/{{ form_var_lieu_raw }}/meetings/{{ form_var_motif_raw }}/datetimes/"
    call = b.named_call("Créneaux", url, slug="creneaux")
    fields = [
        b.page("P"),
        b.item("Lieu", "lieu", source=b.data_source("json", "{{ agendas_url }}api/agenda/")),
        b.item(
            "Motif",
            "motif",
            source=b.data_source("json", "{{ agendas_url }}api/agenda/{{ form_var_lieu_raw }}/meetings/"),
        ),
        slot_field(source=b.data_source("jsonvalue", "{{ webservice.creneaux.data|json }}")),
    ]
    node = b.form("Rdv", fields, workflow=b.workflow_link("rdv", "Rdv"), submission_roles=[b.Role("A", "a")])
    found = upgrade(tmp_path, node, workflow(), call)
    assert (found.settings.meeting_type_field, found.settings.agenda_field) == ("motif", "lieu")


def test_errors_that_the_files_still_carry_are_told(tmp_path) -> None:
    node = form(more=[b.item("Profession", "profession", source=b.data_source("formula", "[]"))])
    paths = save(tmp_path, node, workflow())
    found = make_bookable(paths[0], [paths[1]], language="en")
    for name, content in found.files.items():
        (tmp_path / name).write_bytes(content)
    again = make_bookable(paths[0], [paths[1]], language="en")
    assert (found.status, again.status) == ("upgraded", "already-bookable")
    for one in (found, again):
        said = "\n".join(one.notes)
        assert "to be mended for the import: form-rdv.wcs" in said and "WCS-I212" in said


def test_a_slot_inside_a_block_is_refused(tmp_path) -> None:
    block = b.block("Rdv", [slot_field()], slug="rdv")
    node = b.form("F", [b.page("P"), b.block_field("Rdv", "rdv", "rdv")], workflow=b.workflow_link("rdv", "Rdv"))
    assert "block" in refusal(tmp_path, node, workflow(booking("https://x/fillslot/1/")), block)


@pytest.mark.parametrize("url", ["{{ form_var_x", "[form_var_type_api_datetimes_url]", "https://x/datetimes/#part"])
def test_a_template_that_cannot_be_parsed_is_refused(tmp_path, url) -> None:
    assert url in refusal(tmp_path, form(slot_field(source=b.data_source("json", url))), workflow())


def test_a_source_that_was_not_given_is_refused_by_name(tmp_path) -> None:
    assert "creneaux" in refusal(tmp_path, form(slot_field(source=b.data_source("creneaux"))), workflow())


@pytest.mark.parametrize(
    ("use", "others", "why"),
    [
        (b.data_source("formula", "[]"), [], "formula"),
        (b.data_source("c"), [b.data_source_definition("C", "formula", "[]", slug="c")], "formula"),
        (b.data_source("jsonvalue", '[{"id": "1"}]'), [], '[{"id": "1"}]'),
        (b.data_source("jsonvalue", "{{ webservice.nulle_part.data|json }}"), [], "nulle_part"),
        (b.data_source("json"), [], "slot"),
    ],
)
def test_a_source_that_cannot_send_the_code_is_refused_and_named(tmp_path, use, others, why) -> None:
    assert why in refusal(tmp_path, form(slot_field(source=use)), workflow(), *others)


def test_an_action_that_posts_the_whole_record_is_refused(tmp_path) -> None:
    action = booking()
    action.find("post").text = "True"
    assert "extra" in refusal(tmp_path, form(), workflow(action))


def test_two_slots_at_once_are_refused(tmp_path) -> None:
    node = form(more=[slot_field("retour")])
    both = [booking(), booking("{{ form_var_retour_api_fillslot_url }}", varname="b")]
    assert "retour" in refusal(tmp_path, node, workflow(*both))


def test_files_of_the_wrong_kind_are_refused(tmp_path) -> None:
    assert "form" in refusal(tmp_path, workflow(), workflow())
    assert "workflow" in refusal(tmp_path, form(), form())


# -- The command --------------------------------------------------------------------------------------------------


def run(*arguments: object) -> tuple[int, str, str]:
    stdout, stderr = io.StringIO(), io.StringIO()
    code = main(["make-bookable", *map(str, arguments)], stdout, stderr)
    return code, stdout.getvalue(), stderr.getvalue()


def test_the_command_writes_files_and_prints_the_settings(tmp_path) -> None:
    paths = save(tmp_path, form(), workflow())
    code, text, _ = run("--form", paths[0], "--workflow", paths[1], "--output", tmp_path / "out")
    assert code == 0
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {paths[0].name, paths[1].name, "wscall-preblocage_rdv.wcs"}
    assert re.search(r": creneau$", text, re.MULTILINE)
    # In the order in which they can be imported: what others refer to goes first.
    places = [text.index(f"\n  {name}\n") for name in ("wscall-preblocage_rdv.wcs", paths[1].name, paths[0].name)]
    assert places == sorted(places)


def test_json_has_the_promised_keys(tmp_path) -> None:
    paths = save(tmp_path, form(), workflow())
    code, text, _ = run("--form", paths[0], "--workflow", paths[1], "--output", tmp_path / "out", "--json")
    answer = json.loads(text)
    assert code == 0
    assert set(answer) >= {"status", "reason", "changes", "settings", "files"}
    assert set(answer["changes"][0]) == {"path", "line", "what", "why"}
    assert answer["status"] == "upgraded"
    assert "wscall-preblocage_rdv.wcs" in answer["files"]


def test_a_dry_run_shows_the_diff_and_writes_nothing(tmp_path) -> None:
    paths = save(tmp_path, form(), workflow())
    code, text, _ = run("--form", paths[0], "--workflow", paths[1], "--dry-run", "--output", tmp_path / "out")
    assert code == 0
    assert "+              <name>confirm_after_lock</name>" in text
    assert not (tmp_path / "out").exists()


def test_a_refusal_exits_1_and_writes_nothing(tmp_path) -> None:
    paths = save(tmp_path, b.form("F", [b.text_field("Nom", "nom")]), workflow())
    code, text, _ = run("--form", paths[0], "--workflow", paths[1], "--output", tmp_path / "out")
    assert code == 1
    assert "--slot-field" in text
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "content", [b"", b"<form", b"hello", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', b"\xff" * 99]
)
def test_a_file_that_cannot_be_read_is_one_line_and_exit_2(tmp_path, content) -> None:
    paths = save(tmp_path, form(), workflow())
    paths[0].write_bytes(content)
    code, text, errors = run("--form", paths[0], "--workflow", paths[1], "--dry-run")
    assert (code, text, len(errors.splitlines())) == (2, "", 1)


def test_the_output_must_be_named(tmp_path) -> None:
    paths = save(tmp_path, form(), workflow())
    assert run("--form", paths[0], "--workflow", paths[1])[0] == 2


# -- Real files ---------------------------------------------------------------------------------------------------


def real_pairs(folder: Path) -> list[tuple[Path, Path]]:
    """Forms that book, with their workflows, among real exports."""
    pairs = []
    for path in sorted(folder.rglob("forms/*.wcs")):
        definition = load(path).definition
        wanted = definition.workflow.slug if isinstance(definition, Form) and definition.workflow else ""
        found = [item for item in sorted(path.parent.parent.rglob(f"workflows/*{wanted}.wcs")) if wanted]
        if found and b"fillslot" in found[0].read_bytes():
            pairs.append((path, found[0]))
    return pairs


def test_the_real_appointment_form_becomes_bookable(wcs_exports, tmp_path) -> None:
    pairs = real_pairs(wcs_exports)
    if not pairs:
        pytest.skip("no form that books in these exports")
    for number, (form_path, workflow_path) in enumerate(pairs):
        found = make_bookable(form_path, [workflow_path])
        assert found.status == "upgraded", found.reason
        out = tmp_path / str(number)
        out.mkdir()
        for name, content in found.files.items():
            (out / name).write_bytes(content)
        assert not [item for item in check([out]) if item.severity == "error"]
        again = make_bookable(out / form_path.name, [out / workflow_path.name])
        assert (again.status, again.changes) == ("already-bookable", [])
        _only_intended_places(found)


def _only_intended_places(found: Upgrade) -> None:
    """What is removed is a source's address, or one of our own body entries; the rest is added."""
    for name in found.originals:
        for line in _changed(found, name):
            text = line[1:].strip()
            if line.startswith("-"):
                assert text.startswith("<value>{"), line
    added = " ".join(line[1:] for name in found.originals for line in _changed(found, name) if line.startswith("+"))
    for part in ("lock_code", "confirm_after_lock", "preblocage_"):
        assert part in added
