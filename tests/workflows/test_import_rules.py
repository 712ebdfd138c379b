"""One broken definition for each rule of the import: the right code, at the right severity, and no other error."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable

import pytest
from lxml import etree

from workflows.builder import bundle, file_name, to_xml
from workflows.checker import all_codes, check
from workflows.reader import Node

from . import samples

Change = Callable[[etree._Element], object]


def drop(path: str) -> Change:
    def change(root):
        element = root.find(path)
        element.getparent().remove(element)

    return change


def put(path: str, text: str | None) -> Change:
    def change(root):
        root.find(path).text = text

    return change


def attribute(path: str, name: str, value: str | None = None) -> Change:
    def change(root):
        element = root.find(path)
        if value is None:
            del element.attrib[name]
        else:
            element.set(name, value)

    return change


def add(path: str, xml: str) -> Change:
    def change(root):
        element = root if path == "." else root.find(path)
        element.append(etree.fromstring(xml))

    return change


def nest(path: str) -> Change:
    """A real element inside a text."""
    return add(path, "<p>x</p>")


def twice(path: str) -> Change:
    def change(root):
        element = root.find(path)
        element.addnext(etree.fromstring(etree.tostring(element)))

    return change


def field(number: int, child: str = "") -> str:
    return f"fields/field[{number}]" + (f"/{child}" if child else "")


STATUS = "possible_status/status[1]"
ITEMS = f"{STATUS}/items"
SET, CALL, MAIL, JUMP, COMMENT, CHOICE = (f"{ITEMS}/item[{n}]" for n in range(1, 7))
ASK, _, MODEL, DISPATCH, CARD, MESSAGE, EDIT = (f"possible_status/status[2]/items/item[{n}]" for n in range(1, 8))
GLOBAL = "global_actions/action[1]"
MANUAL = f"{GLOBAL}/triggers/trigger[1]"
TIMEOUT = "global_actions/action[2]/triggers/trigger[1]"
DATA = "backoffice-fields/formdef"
OPTIONS = "variables/formdef"
OPTION = "options/option"

#: Sample, rule in words, change, code. All the definitions of the sample site stand beside it.
RULES: list[tuple[str, str, Change, str]] = [
    # 4.1 clean refusals
    ("workflow", "name missing", drop("name"), "WCS-I101"),
    ("formdef", "name empty", put("name", None), "WCS-I101"),
    ("carddef", "name missing", drop("name"), "WCS-I101"),
    ("block", "name missing", drop("name"), "WCS-I101"),
    ("workflow", "name of the options missing", drop(f"{OPTIONS}/name"), "WCS-I101"),
    ("workflow", "name of the backoffice fields empty", put(f"{DATA}/name", None), "WCS-I101"),
    ("workflow", "name of the form of an action missing", drop(f"{ASK}/formdef/name"), "WCS-I101"),
    ("formdef", "unknown root", lambda root: setattr(root, "tag", "form"), "WCS-I006"),
    ("formdef", "unknown field type", put(field(2, "type"), "strings"), "WCS-I202"),
    ("workflow", "unknown field type in an action", put(f"{ASK}/formdef/{field(1, 'type')}", "x"), "WCS-I202"),
    ("formdef", "type with a colon that is no block", put(field(2, "type"), "string:x"), "WCS-I202"),
    ("formdef", "unknown block", put(field(6, "block_slug"), "autre"), "WCS-I204"),
    ("formdef", "unknown block, older spelling", put(field(6, "type"), "block:autre"), "WCS-I204"),
    ("formdef", "block without slug", drop(field(6, "block_slug")), "WCS-I203"),
    ("formdef", "unknown data source", put(field(4, "data_source/type"), "autre"), "WCS-I205"),
    ("formdef", "python data source", put(field(4, "data_source/type"), "python"), "WCS-I212"),
    ("formdef", "formula data source", put(field(4, "data_source/type"), "formula"), "WCS-I212"),
    ("formdef", "data source of type none", put(field(4, "data_source/type"), "none"), "WCS-I212"),
    ("formdef", "unknown card model", put(field(5, "data_source/type"), "carddef:autre"), "WCS-I206"),
    ("formdef", "unknown custom view", put(field(5, "data_source/type"), "carddef:lieux:vue"), "WCS-I206"),
    ("workflow", "unknown mail template", put(f"{MAIL}/mail_template", "autre"), "WCS-I312"),
    ("formdef", "duplicate field id", put(field(2, "id"), "4"), "WCS-I207"),
    ("carddef", "duplicate field id", twice(field(1)), "WCS-I207"),
    # 4.2 invalid files
    ("workflow", "lower-case boolean of an action", put(f"{CALL}/post", "false"), "WCS-I305"),
    ("workflow", "boolean with blanks", put(f"{CALL}/post", " False "), "WCS-I305"),
    ("workflow", "yes for a boolean", put(f"{CHOICE}/require_confirmation", "yes"), "WCS-I305"),
    ("workflow", "boolean of a trigger", put(f"{MANUAL}/allow_as_mass_action", "true"), "WCS-I305"),
    ("workflow", "duration as a time-out", put(f"{JUMP}/timeout", "2 days"), "WCS-I306"),
    ("formdef", "integer of a field", add(field(2), '<size type="int">big</size>'), "WCS-I209"),
    ("formdef", "untyped boolean of a field", add(field(4), "<in_filters>maybe</in_filters>"), "WCS-I209"),
    ("formdef", "integer option", put(OPTION, "x"), "WCS-I501"),
    ("formdef", "floating option", put(OPTION, "x"), "WCS-I501"),
    ("formdef", "date option", put(OPTION, "31/12/2025"), "WCS-I501"),
    ("formdef", "file option", add(OPTION, "<content>a</content>"), "WCS-I501"),
    ("formdef", "option inside a list", add(OPTION, '<item type="int">x</item>'), "WCS-I501"),
    (
        "formdef",
        "warning delay",
        add(".", "<old_but_non_anonymised_warning>x</old_but_non_anonymised_warning>"),
        "WCS-I503",
    ),
    ("category", "position", put("position", "first"), "WCS-I503"),
    ("workflow", "base64 of a model", put(f"{MODEL}/model_file/b64_content", "a"), "WCS-I311"),
    # 4.3 crashes
    ("workflow", "action without type", attribute(CALL, "type"), "WCS-I301"),
    ("workflow", "unknown action type", attribute(CALL, "type", "webservice"), "WCS-I302"),
    ("workflow", "trigger without type", attribute(MANUAL, "type"), "WCS-I303"),
    ("workflow", "unknown trigger type", attribute(MANUAL, "type", "x"), "WCS-I304"),
    ("workflow", "no possible_status", drop("possible_status"), "WCS-I102"),
    ("workflow", "status without items", drop(f"{STATUS}/items"), "WCS-I102"),
    ("workflow", "global action without items", drop(f"{GLOBAL}/items"), "WCS-I102"),
    ("workflow", "global action without triggers", drop(f"{GLOBAL}/triggers"), "WCS-I102"),
    ("formdef", "no fields", drop("fields"), "WCS-I102"),
    ("carddef", "no fields", drop("fields"), "WCS-I102"),
    ("block", "no fields", drop("fields"), "WCS-I102"),
    ("workflow", "embedded form without fields", drop(f"{ASK}/formdef/fields"), "WCS-I102"),
    ("workflow", "options without formdef", drop(OPTIONS), "WCS-I102"),
    ("workflow", "backoffice fields without formdef", drop(DATA), "WCS-I102"),
    ("workflow", "card creation without mappings", drop(f"{CARD}/mappings"), "WCS-I102"),
    ("workflow", "function without id", attribute("roles/role", "id"), "WCS-I103"),
    ("workflow", "remap without status", attribute("status-remapping/remap", "status"), "WCS-I103"),
    ("formdef", "role without key", attribute("roles/role", "role_key"), "WCS-I103"),
    ("formdef", "geolocation without key", attribute("geolocations/geolocation", "key"), "WCS-I103"),
    ("formdef", "digest without key", attribute("digest_templates/template", "key"), "WCS-I103"),
    (
        "formdef",
        "migration without old workflow",
        attribute("workflow-migrations/migration", "old-workflow"),
        "WCS-I103",
    ),
    (
        "formdef",
        "status mapping without new",
        attribute("workflow-migrations/migration/status-mapping/map", "new"),
        "WCS-I103",
    ),
    ("wscall", "param without key", attribute("request/post_data/param", "key"), "WCS-I103"),
    ("formdef", "markup in a field", nest(field(2, "label")), "WCS-I211"),
    ("workflow", "markup in an action", nest(f"{MESSAGE}/message"), "WCS-I307"),
    ("workflow", "markup in a trigger", nest(f"{GLOBAL}/triggers/trigger[2]/identifier"), "WCS-I307"),
    ("workflow", "markup in an assignment", nest(f"{SET}/fields/field/value"), "WCS-I307"),
    ("workflow", "markup in a dispatch rule", nest(f"{DISPATCH}/rules/rule/value"), "WCS-I307"),
    ("formdef", "field without type", drop(field(2, "type")), "WCS-I201"),
    ("workflow", "empty default value", put(f"{OPTIONS}/{field(1, 'default_value')}", None), "WCS-I210"),
    ("workflow", "untyped default value", attribute(f"{OPTIONS}/{field(1, 'default_value')}", "type"), "WCS-I210"),
    ("workflow", "posted entry without name", drop(f"{CALL}/post_data/item/name"), "WCS-I308"),
    ("workflow", "query entry without value", drop(f"{CALL}/qs_data/item/value"), "WCS-I308"),
    ("datasource", "query entry without value", drop("qs_data/item/value"), "WCS-I308"),
    ("workflow", "empty recipient", put(f"{MAIL}/to/item", None), "WCS-I309"),
    ("datasource", "source without type", drop("data_source/type"), "WCS-I601"),
    ("datasource", "source without value", drop("data_source/value"), "WCS-I601"),
    ("workflow", "model without name", drop(f"{MODEL}/model_file/base_filename"), "WCS-I310"),
    ("workflow", "model without content", drop(f"{MODEL}/model_file/b64_content"), "WCS-I310"),
    ("formdef", "view with an empty default", put("custom_views/custom_view/is_default", None), "WCS-I504"),
    ("formdef", "decimal option", put(OPTION, "x"), "WCS-I502"),
    ("category", "empty position", put("position", None), "WCS-I504"),
    # 4.4 and the rest of what is accepted but wrong
    ("workflow", "jump to no status", put(f"{JUMP}/status", "77"), "WCS-I401"),
    ("workflow", "choice to no status", put(f"{CHOICE}/status", "77"), "WCS-I401"),
    ("workflow", "error outcome to no status", put(f"{CALL}/action_on_5xx", "77"), "WCS-I401"),
    ("workflow", "trigger in no status", put(f"{MANUAL}/statuses/statuse", "77"), "WCS-I401"),
    ("workflow", "anchor in no status", add(TIMEOUT, "<anchor_status_first>wf-77</anchor_status_first>"), "WCS-I401"),
    ("workflow", "loop that leads nowhere", add(STATUS, "<after_loop_status>77</after_loop_status>"), "WCS-I401"),
    ("workflow", "unknown backoffice field", put(f"{SET}/fields/field/field_id", "bo9"), "WCS-I402"),
    (
        "workflow",
        "unknown file field",
        add(CALL, "<backoffice_filefield_id>bo9</backoffice_filefield_id>"),
        "WCS-I402",
    ),
    ("workflow", "mapping to no field", attribute(f"{CARD}/mappings/mapping", "field_id", "9"), "WCS-I403"),
    ("workflow", "undeclared function", put(f"{CHOICE}/by/item", "_chef"), "WCS-I404"),
    ("workflow", "undeclared function of a dispatch", put(f"{DISPATCH}/role_key", "_chef"), "WCS-I404"),
    ("workflow", "mail to nobody", drop(f"{MAIL}/to"), "WCS-I405"),
    ("workflow", "mail without content", drop(f"{MAIL}/mail_template"), "WCS-I406"),
    ("workflow", "python condition", put(f"{JUMP}/condition/type", "python"), "WCS-I106"),
    ("formdef", "python condition of a page", put(f"{field(1)}//condition/type", "python"), "WCS-I106"),
    ("formdef", "formula prefill", put(field(2, "prefill/type"), "formula"), "WCS-I213"),
    ("formdef", "boolean in the wrong case", put("disabled", "True"), "WCS-I105"),
    ("datasource", "boolean in the wrong case", put("record_on_errors", "True"), "WCS-I105"),
    ("workflow", "end point in the wrong case", put("possible_status/status[2]/forced_endpoint", "True"), "WCS-I105"),
    ("formdef", "boolean of a field", put(field(7, "freeze_on_initial_value"), "true"), "WCS-I105"),
    ("workflow", "global action without id", drop(f"{GLOBAL}/id"), "WCS-I408"),
    ("workflow", "form action called form_x", put(f"{ASK}/varname", "form_x"), "WCS-I409"),
    ("workflow", "param in an action", add(f"{CALL}/post_data", '<param key="a">b</param>'), "WCS-I410"),
    ("wscall", "item in a named call", add("request/post_data", "<item><name>a</name><value/></item>"), "WCS-I410"),
    ("formdef", "two fields of one varname", put(field(5, "varname"), "couleur"), "WCS-I214"),
    ("workflow", "two statuses of one id", put("possible_status/status[2]/id", "1"), "WCS-I413"),
    ("workflow", "two actions of one id", attribute(CALL, "id", "1"), "WCS-I413"),
    ("workflow", "two triggers of one id", attribute(TIMEOUT, "id", "t1"), "WCS-I413"),
    ("workflow", "two backoffice fields of one id", twice(f"{DATA}/{field(1)}"), "WCS-I208"),
    ("workflow", "roles as a text", put(f"{CHOICE}/by", "{{ form_user_email }}"), "WCS-I407"),
    ("workflow", "call without url", put(f"{CALL}/url", None), "WCS-I411"),
    ("wscall", "call without url", drop("request/url"), "WCS-I411"),
    ("workflow", "unknown method", put(f"{CALL}/method", "post"), "WCS-I412"),
    ("wscall", "time-out in words", put("request/timeout", "ten"), "WCS-I603"),
    ("datasource", "dead type", put("data_source/type", "formula"), "WCS-I602"),
    ("workflow", "no status", lambda root: root.find("possible_status").clear(), "WCS-I414"),
    ("formdef", "unknown workflow, known name", attribute("workflow", "slug", "autre"), "WCS-I505"),
    ("formdef", "unknown category", attribute("category", "slug", "autre"), "WCS-I506"),
    ("formdef", "role for no function", attribute("roles/role", "role_key", "_chef"), "WCS-I507"),
    ("workflow", "unknown target card", put(f"{CARD}/formdef_slug", "autre"), "WCS-I416"),
    ("mail-template", "markup in the body", nest("body"), "WCS-I104"),
    ("datasource", "slug missing", drop("slug"), "WCS-I604"),
    ("workflow", "delay that never comes", put(f"{TIMEOUT}/timeout", "soon"), "WCS-I417"),
    ("formdef", "a field without id among others", drop(field(2, "id")), "WCS-I216"),
    ("block", "block in a block", put(field(1, "type"), "block:adresse"), "WCS-I215"),
]
#: Changes that need the type of the option set first, by what they are called.
OPTION_TYPES = {
    "integer option": "int",
    "floating option": "float",
    "date option": "date",
    "file option": "file",
    "decimal option": "decimal",
    "option inside a list": "list",
}
#: Consequences that come with a change and are right too.
ALSO = {
    "no status": {"WCS-I401"},
    "two statuses of one id": {"WCS-I401"},
    "roles as a text": {"WCS-I404"},
    "duplicate field id": {"WCS-I214"},
    "two backoffice fields of one id": {"WCS-I214"},
    "no possible_status": {"WCS-I401"},
    "backoffice fields without formdef": {"WCS-I402"},
    "function without id": {"WCS-I404"},
    "slug missing": {"WCS-I205"},
    "unknown root": {"WCS-I205", "WCS-I206"},
}


def write_site(folder, kind: str = "", change: Change | None = None) -> str:
    """Write the sample site with one definition changed; returns the name of its file."""
    changed = ""
    for node in samples.site():
        raw = to_xml(node)
        if node.tag == kind and change is not None:
            root = etree.fromstring(raw)
            change(root)
            raw, changed = etree.tostring(root), file_name(node)
        (folder / file_name(node)).write_bytes(raw)
    return changed


@pytest.mark.parametrize(("kind", "rule", "change", "code"), RULES, ids=[f"{r[0]}: {r[1]}" for r in RULES])
def test_a_broken_rule_is_found_and_named(kind, rule, change, code, tmp_path):
    def whole_change(root):
        if rule in OPTION_TYPES:
            root.find(OPTION).set("type", OPTION_TYPES[rule])
        if rule == "roles as a text":
            for item in root.findall(f"{CHOICE}/by/item"):
                item.getparent().remove(item)
        change(root)

    changed = write_site(tmp_path, kind, whole_change)
    findings = check([tmp_path], strict_refs=True, language="en")
    codes = {finding.code for finding in findings if finding.path.endswith(changed)}
    expected = all_codes()[code]
    assert code in codes
    assert codes <= {code} | ALSO.get(rule, set())
    if expected.level in ("refused", "invalid", "crash"):
        assert any(f.code == code and f.severity == "error" for f in findings)
    else:
        assert all(f.severity == "warning" for f in findings if f.code == code)
    assert all(f.line >= 1 and f.remedy for f in findings if f.code == code)


def test_every_code_of_a_definition_has_a_rule_that_shows_it():
    elsewhere = {"WCS-I313", "WCS-I415"}  # shown below
    codes = {code for code in all_codes() if code.startswith("WCS-I") and not code.startswith("WCS-I0")}
    assert codes - {rule[3] for rule in RULES} == elsewhere


def test_all_codes_are_worded_in_both_languages():
    for code in all_codes().values():
        for wording in (code.en, code.fr):
            assert wording.title and wording.explanation.endswith(".") and wording.remedy.endswith(".")
            assert not wording.title.endswith(".")


# References: only what is given can be judged


def form_alone(tmp_path) -> str:
    path = tmp_path / "form.wcs"
    path.write_bytes(to_xml(samples.form()))
    return str(path)


def test_references_of_a_lone_form_are_not_judged(tmp_path):
    assert check([form_alone(tmp_path)]) == []


def test_strict_references_make_what_would_be_refused_an_error(tmp_path):
    found = {finding.code: finding.severity for finding in check([form_alone(tmp_path)], strict_refs=True)}
    assert found == {
        "WCS-I204": "error",
        "WCS-I205": "error",
        "WCS-I206": "error",
        "WCS-I505": "warning",
        "WCS-I506": "warning",
    }


def test_an_unknown_reference_beside_others_of_its_kind_is_a_warning(tmp_path):
    (tmp_path / "other.wcs").write_bytes(to_xml(samples.source()).replace(b">couleurs<", b">autre<"))
    found = {finding.code: finding.severity for finding in check([form_alone(tmp_path), tmp_path / "other.wcs"])}
    assert found == {"WCS-I205": "warning"}


def test_known_definitions_are_referred_to_but_not_checked(tmp_path):
    site = tmp_path / "site"
    site.mkdir()
    write_site(site, "workflow", put(f"{CALL}/post", "false"))
    path = form_alone(tmp_path)
    assert check([path], known=[site], strict_refs=True) == []
    assert check([path, site], strict_refs=True) != []


def test_roles_are_judged_when_those_of_the_site_are_given(tmp_path):
    write_site(tmp_path)
    assert check([tmp_path], strict_refs=True, roles=["accueil"]) == []
    found = check([tmp_path], roles=["autre"])
    assert {(finding.code, finding.severity) for finding in found} == {("WCS-I313", "error")}


def test_an_unknown_comment_template_is_a_warning(tmp_path):
    write_site(tmp_path, "workflow", add(COMMENT, "<comment_template>autre</comment_template>"))
    found = check([tmp_path], strict_refs=True)
    assert [(finding.code, finding.severity) for finding in found] == [("WCS-I415", "warning")]


def test_templates_in_the_place_of_references_are_not_judged(tmp_path):
    write_site(tmp_path, "workflow", put(f"{MAIL}/mail_template", "{{ form_var_modele }}"))
    assert check([tmp_path], strict_refs=True) == []


# What must not be refused


ACCEPTED: list[tuple[str, str, Change]] = [
    ("workflow", "an integer for a boolean", put(f"{CALL}/post", "1")),
    ("workflow", "an empty boolean", put(f"{CALL}/post", None)),
    ("workflow", "a template as a time-out", put(f"{JUMP}/timeout", "{{ form_option_delai }} jours")),
    ("workflow", "a reference to another kind of template", put(f"{JUMP}/timeout", "[form_option_delai]")),
    ("workflow", "an unknown parameter with children", add(CALL, "<novelty><a>1</a></novelty>")),
    ("workflow", "an unknown child of the root", add(".", "<novelty><a>1</a></novelty>")),
    ("workflow", "a time-out in words in a global action", add(f"{GLOBAL}/items/item", "<timeout>2 days</timeout>")),
    ("workflow", "a jump to the marked status", put(f"{JUMP}/status", "_previous")),
    ("workflow", "an untyped boolean default", lambda root: _bare_default(root, "True")),
    ("workflow", "a workflow without slug", drop("slug")),
    ("formdef", "older booleans", put(field(2, "required"), "True")),
    ("formdef", "an unknown field parameter", add(field(2), "<novelty type='int'>x</novelty>")),
    ("formdef", "older children", add(".", "<max_field_id>9</max_field_id>")),
    ("formdef", "a repeated type", add(field(2), "<type>nonsense</type>")),
    ("formdef", "the default workflow", attribute("workflow", "slug", "_default")),
    ("formdef", "cards of a user", put(field(5, "data_source/type"), "carddef:lieux:_with_user_filter")),
    ("formdef", "an untyped boolean", add(field(4), "<in_filters>True</in_filters>")),
    ("formdef", "an untyped integer for a boolean", add(field(4), "<in_filters>0</in_filters>")),
    ("datasource", "the plural root", lambda root: setattr(root, "tag", "datasources")),
    ("wscall", "no query", drop("request/qs_data")),
]


def _bare_default(root: etree._Element, text: str) -> None:
    default = root.find(f"{OPTIONS}/{field(1, 'default_value')}")
    default.text = text
    del default.attrib["type"]


@pytest.mark.parametrize(("kind", "what", "change"), ACCEPTED, ids=[f"{a[0]}: {a[1]}" for a in ACCEPTED])
def test_what_wcs_accepts_is_accepted(kind, what, change, tmp_path):
    write_site(tmp_path, kind, change)
    assert check([tmp_path], strict_refs=True, language="en") == []


# Bundles


def bundle_findings(tmp_path, nodes: list[Node], change=lambda manifest: None) -> dict[str, str]:
    """Findings of a bundle whose manifest is changed, code → severity."""
    output = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(bundle("Kit", "1", nodes))) as old,
        tarfile.open(fileobj=output, mode="w") as new,
    ):
        for info in old:
            data = old.extractfile(info).read()
            if info.name == "manifest.json":
                manifest = json.loads(data)
                change(manifest)
                data = json.dumps(manifest).encode()
                info.size = len(data)
            new.addfile(info, io.BytesIO(data))
    path = tmp_path / "kit.tar"
    path.write_bytes(output.getvalue())
    return {finding.code: finding.severity for finding in check([path])}


BUNDLES: list[tuple[str, Callable[[dict], object], str, str]] = [
    ("no slug", lambda m: m.pop("slug"), "WCS-I022", "error"),
    ("no version", lambda m: m.pop("version_number"), "WCS-I023", "warning"),
    ("missing icon", lambda m: m.update(icon="icon.png"), "WCS-I021", "error"),
    ("missing member", lambda m: m["elements"].append({"type": "forms", "slug": "x"}), "WCS-I020", "error"),
    ("unnamed member", lambda m: m["elements"].pop(), "WCS-I025", "warning"),
    ("element without slug", lambda m: m["elements"].append({"type": "forms"}), "WCS-I022", "error"),
]


@pytest.mark.parametrize(("what", "change", "code", "severity"), BUNDLES, ids=[b[0] for b in BUNDLES])
def test_a_faulty_manifest_is_found(what, change, code, severity, tmp_path):
    assert bundle_findings(tmp_path, samples.site(), change) == {code: severity}


def test_elements_of_other_bricks_are_left_alone(tmp_path):
    extra = [{"type": "roles", "slug": "x"}, {"type": "portal-page", "slug": "y"}]
    assert bundle_findings(tmp_path, samples.site(), lambda m: m["elements"].extend(extra)) == {}


def test_a_bundle_does_not_refuse_duplicate_field_ids(tmp_path):
    card = samples.card()
    card.find("fields").children.append(samples.card().find("fields").children[0])
    found = bundle_findings(tmp_path, [card])
    assert found["WCS-I208"] == "warning" and "WCS-I207" not in found
