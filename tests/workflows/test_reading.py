"""Reading: bytes, places of elements, typed views, references between files."""

from __future__ import annotations

import pytest

from workflows.builder import bundle, file_name, to_xml
from workflows.reader import (
    Document,
    Form,
    Jump,
    Library,
    WebserviceCall,
    Workflow,
    load,
    load_many,
    slugify,
)

from . import samples
from .exports import EXPORTS, FILES, needs_exports


@needs_exports
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_real_export_comes_back_byte_for_byte(path):
    document = load(path)
    assert document.write() == document.edit().write() == path.read_bytes()


@needs_exports
def test_spans_of_real_exports_nest_as_the_elements_do():
    documents = load_many([EXPORTS]).documents
    assert documents
    for document in documents:
        for element in document.elements:
            span = document.span(element)
            assert document.source.startswith(f"<{element.tag}".encode(), span.start)
            assert document.source[span.end - 1 : span.end] == b">"
            for child in element:
                inner = document.span(child)
                assert span.content <= inner.start < inner.end <= span.content_end


ENCODED = '<?xml version="1.0" encoding="{0}"?>\n<wscall>\n  <name>Été</name>\n  <slug>x</slug>\n</wscall>'


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "windows-1252", "utf-16", "iso-8859-15"])
def test_spans_are_exact_in_every_encoding_and_edits_keep_it(encoding):
    raw = ENCODED.format(encoding).encode(encoding)
    document = load(raw)
    assert document.write() == raw
    assert document.definition.name == "Été"
    edits = document.edit()
    edits.replace_text(document.root.find("slug"), "é")
    assert edits.write() == ENCODED.format(encoding).replace(">x<", ">é<").encode(encoding)


def test_a_character_the_encoding_lacks_is_written_as_a_reference():
    document = load(ENCODED.format("iso-8859-1").encode("iso-8859-1"))
    edits = document.edit()
    edits.replace_text(document.root.find("slug"), "é→")
    assert b"<slug>\xe9&#8594;</slug>" in edits.write()


def test_a_byte_order_mark_is_kept():
    raw = b"\xef\xbb\xbf" + to_xml(samples.call())
    document = load(raw)
    edits = document.edit()
    edits.replace_text(document.root.find("slug"), "autre")
    assert edits.write() == raw.replace(b">prebloquer<", b">autre<")


def test_lines_are_right_beyond_65535():
    raw = b"<workflow>" + b"\n" * 70_000 + b"<name>x</name></workflow>"
    document = load(raw)
    assert document.line(document.root.find("name")) == 70_001


def test_comments_inside_a_text_do_not_cut_it():
    assert load(b"<wscall><name>a<!-- no -->b<?pi?>c</name></wscall>").definition.name == "abc"


def test_a_form_knows_its_pages_fields_and_conditions():
    form = load(to_xml(samples.form())).definition
    assert isinstance(form, Form)
    assert [page.label for page in form.pages] == ["Vous", "Choix"]
    assert form.pages[0].post_conditions[0].condition.value == "form_var_nom"
    [color] = form.by_varname("couleur")
    assert (color.type, color.id, color.data_source.named, color.page.label) == ("item", "4", "couleurs", "Choix")
    assert form.by_id("5").data_source.card == "lieux"
    assert form.by_id("6").block_slug == "adresse"
    assert form.by_id("2").prefill.value == "_last_name"


def test_the_older_spelling_of_a_block_field_is_understood():
    raw = b"<formdef><name>x</name><fields><field><type>block:adresse</type></field></fields></formdef>"
    field = load(raw).definition.fields[0]
    assert (field.type, field.block_slug) == ("block", "adresse")


def test_a_workflow_knows_its_actions_and_where_they_lead():
    workflow = load(to_xml(samples.workflow())).definition
    assert isinstance(workflow, Workflow)
    call = next(action for action in workflow.actions() if isinstance(action, WebserviceCall))
    assert (call.method, call.url, call.varname) == ("POST", "https://example.net/fillslot/", "reservation")
    assert [(pair.name, pair.value) for pair in call.post_data] == [("label", "{{ form_name }}")]
    assert [(target.parameter, target.status) for target in call.targets] == [
        ("action_on_app_error", "2"),
        ("action_on_5xx", "1"),
    ]
    assert call.on_error("action_on_bad_data") == ":pass"
    assert call.owner.id == "1" and call.owner.workflow is workflow
    jump = next(action for action in workflow.actions() if isinstance(action, Jump))
    assert (jump.mode, jump.status) == ("timeout", "2")
    assert [trigger.identifier for trigger in workflow.global_actions[0].triggers] == ["", "annuler"]
    assert workflow.backoffice_fields.fields[0].varname == "nom_garde"


def test_a_call_without_method_posts_only_when_it_has_something_to_post():
    item = '<item type="webservice_call">{}</item>'
    wrapped = "<workflow><name>x</name><possible_status><status><items>{}</items></status></possible_status></workflow>"

    def method(inner: str) -> str:
        [action] = load(wrapped.format(item.format(inner)).encode()).definition.actions()
        return action.method

    assert method("") == "GET"
    assert method("<post>True</post>") == "POST"
    assert method("<post_data><item><name>a</name><value/></item></post_data>") == "POST"


def write_site(folder):
    for node in samples.site():
        (folder / file_name(node)).write_bytes(to_xml(node))


def test_a_directory_becomes_a_library_that_resolves_references(tmp_path):
    write_site(tmp_path)
    (tmp_path / "README").write_text("not xml")
    (tmp_path / "other.xml").write_text("<html/>")
    library = load_many([tmp_path, tmp_path])
    assert not library.errors and len(library) == 8
    [form] = library.of(Form)
    assert library.workflow_of(form).slug == "traitement"
    assert library.block("adresse").name == "Adresse"
    assert library.data_source("couleurs").source_type == "json"
    assert [path.rpartition("/")[2] for path in library.skipped] == ["other.xml"]


def test_a_form_is_not_linked_to_a_workflow_by_name_when_the_slug_is_unknown():
    form = samples.form()
    form.find("workflow").attributes["slug"] = "ailleurs"
    library = Library([load(to_xml(form)), load(to_xml(samples.workflow()))])
    assert library.workflow_of(library.of(Form)[0]) is None
    del form.find("workflow").attributes["slug"]
    library = Library([load(to_xml(form)), load(to_xml(samples.workflow()))])
    assert library.workflow_of(library.of(Form)[0]).name == "Traitement"


def test_a_bundle_is_read_like_a_directory(tmp_path):
    path = tmp_path / "kit.tar"
    path.write_bytes(bundle("Kit", "1.0", samples.site()))
    library = load_many([path])
    assert len(library) == 8 and not library.errors
    assert library.find("wscall", "prebloquer").document.path == f"{path}:wscalls/prebloquer"


def test_slugs_are_made_as_wcs_makes_them():
    assert slugify("Prise de rendez-vous à l'été") == "prise-de-rendez-vous-a-l-ete"
    assert slugify("Prise de rendez-vous", "_") == "prise_de_rendezvous"
    assert len(slugify("x" * 300)) == 250


def test_the_document_of_an_edit_is_not_changed_itself():
    document = Document(to_xml(samples.call()))
    edits = document.edit()
    edits.replace_text(document.root.find("name"), "Autre")
    assert edits.apply().definition.name == "Autre"
    assert document.definition.name == "Pré-bloquer"
