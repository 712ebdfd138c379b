"""The builder: what it makes imports without an error, in both ways, and is the same every time."""

from __future__ import annotations

import io
import json
import tarfile

import pytest

from workflows import builder as b
from workflows.checker import check
from workflows.reader import Document, load

from . import samples


@pytest.mark.parametrize("make", [node.tag for node in samples.site()])
def test_each_kind_of_definition_is_written_as_wcs_writes(make):
    [node] = [node for node in samples.site() if node.tag == make]
    raw = b.to_xml(node)
    assert raw.startswith(b'<?xml version="1.0"?>\n<' + make.encode()) and raw.isascii() and raw.endswith(b">\n")
    assert load(raw).kind == make


def test_a_whole_site_checks_without_a_finding_as_files_and_as_a_bundle(tmp_path):
    for node in samples.site():
        (tmp_path / b.file_name(node)).write_bytes(b.to_xml(node))
    assert check([tmp_path], strict_refs=True, language="en") == []
    packed = tmp_path / "packed"
    packed.mkdir()
    (packed / "kit.tar").write_bytes(b.bundle("Kit", "1.0", samples.site()))
    assert check([packed], strict_refs=True, language="en") == []


def test_a_bundle_names_its_members_by_type_and_slug_and_is_reproducible():
    raw = b.bundle("Kit", "1.2", samples.site(), install_only=["workflows/traitement"])
    assert raw == b.bundle("Kit", "1.2", samples.site(), install_only=["workflows/traitement"])
    with tarfile.open(fileobj=io.BytesIO(raw)) as archive:
        names = archive.getnames()
        manifest = json.load(archive.extractfile("manifest.json"))
    assert "data-sources/couleurs" in names and "forms-categories/divers" in names
    assert (manifest["slug"], manifest["version_number"]) == ("kit", "1.2")
    assert manifest["config_options"]["install_only"] == {"workflows/traitement": True}
    assert {f"{e['type']}/{e['slug']}" for e in manifest["elements"]} == set(names) - {"manifest.json"}


def test_two_definitions_of_one_slug_do_not_go_in_one_bundle():
    with pytest.raises(ValueError, match="same slug"):
        b.bundle("Kit", "1", [samples.call(), samples.call()])


def test_actions_are_numbered_after_the_highest_and_fields_get_stable_prefixed_ids():
    status = b.status("1", "x", [b.jump("1", id="7"), b.jump("1"), b.jump("1", id="3")])
    assert [item.attributes["id"] for item in status.find("items").children] == ["7", "8", "3"]

    def ids():
        fields = [b.text_field("a", "x"), b.text_field("b", "x", when="a"), b.title("t")]
        return [node.find("id").text for node in b.block("B", fields).find("fields").children]

    assert ids() == ids() and len(set(ids())) == 3
    assert all(identifier.startswith("bf") for identifier in ids())
    data = b.workflow("w", [], backoffice_fields=[b.text_field("a", "x")]).find("backoffice-fields")
    assert data.children[0].find("fields").children[0].find("id").text.startswith("bo")


def test_calls_are_explicit_about_every_kind_of_error():
    call = b.webservice_call("x", "u", "v", b.OnErrors("1", "2", "3", "4", "5"), post_data={"a": "b"})
    written = {child.tag: child.text for child in call.children if child.tag.startswith("action_on_")}
    assert written == {
        "action_on_app_error": "1",
        "action_on_4xx": "2",
        "action_on_5xx": "3",
        "action_on_bad_data": "4",
        "action_on_network_errors": "5",
    }
    assert call.find("post_data").children[0].tag == "item"
    assert samples.call().find("request").find("post_data").children[0].tag == "param"


def test_booleans_are_spelled_as_each_place_wants():
    call = b.webservice_call("x", "u", "v", b.OnErrors.all(":stop"))
    assert (call.find("post").text, samples.form().find("disabled").text) == ("False", "false")
    assert b.computed("x", "y", "z", freeze=True).find("freeze_on_initial_value").text == "True"


def test_markup_and_templates_are_escaped_and_come_back_whole():
    body = "<p>{{ a|default:\"b\" }} & 'c' → é</p>\n\n  end"
    assert Document(b.to_xml(b.mail_template("x", "y", body))).definition.body == body


def test_a_category_is_only_made_of_a_kind_of_category():
    with pytest.raises(ValueError, match="not a kind of category"):
        b.category("x", kind="formdef")
