"""Edits: only the intended bytes change, in the style of the file."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.support.thorough import at_length
from workflows.builder import to_xml, value
from workflows.reader import DefinitionError, Document, Node, as_node

from . import samples
from .exports import FILES

MODERN = b"""<?xml version="1.0"?>
<formdef id="4" url="">
  <name>Caf&#233;</name>
  <fields>
    <field>
      <type>string</type>
      <label type="str">A</label>
    </field>
  </fields>
  <options />
</formdef>
"""
FIELD = Node("field", children=[Node("type", "item", value_type="str"), value("label", "É")])


def edited(raw, change):
    document = Document(raw)
    edits = document.edit()
    change(edits, document.root)
    return edits.write()


def test_a_fragment_takes_the_indentation_and_entities_of_its_neighbours():
    out = edited(MODERN, lambda edits, root: edits.insert_after(root.find("fields/field"), FIELD))
    new = b'    <field>\n      <type>item</type>\n      <label type="str">&#201;</label>\n    </field>\n'
    assert out == MODERN.replace(b"  </fields>", new + b"  </fields>")


def test_a_raw_file_gets_raw_characters():
    raw = MODERN.replace(b"&#233;", "é".encode())
    assert "É".encode() in edited(raw, lambda edits, root: edits.append_child(root.find("fields"), FIELD))


def test_an_older_file_gets_no_type_attributes():
    raw = MODERN.replace(b' type="str"', b"")
    out = edited(raw, lambda edits, root: edits.append_child(root.find("fields"), FIELD))
    assert b"<label>&#201;</label>" in out and b'type="' not in out


def test_the_oldest_style_types_even_the_type():
    raw = MODERN.replace(b"<type>", b'<type type="str">')
    out = edited(raw, lambda edits, root: edits.append_child(root.find("fields"), FIELD))
    assert b'<type type="str">item</type>' in out


def test_windows_line_ends_are_followed():
    raw = MODERN.replace(b"\n", b"\r\n")
    fragment = Node("custom_view", children=[Node("title", "a\nb")])
    out = edited(raw, lambda edits, root: edits.append_child(root.find("options"), fragment))
    assert not re.search(rb"(?<!\r)\n", out)
    assert Document(out).root.find("options/custom_view/title").text == "a\nb"


def test_a_file_on_one_line_stays_on_one_line():
    raw = b"<wscall><name>a</name><slug/></wscall>"
    out = edited(raw, lambda edits, root: edits.insert_after(root[0], Node("request", children=[Node("url", "u")])))
    assert out == b"<wscall><name>a</name><request><url>u</url></request><slug/></wscall>"


def test_glued_elements_stay_glued():
    raw = b"<a>\n  <b>\n    <c>1</c>\n  </b><b>\n    <c>2</c>\n  </b><b>\n    <c>3</c>\n  </b>\n</a>"
    node = Node("b", children=[Node("c", "new")])
    out = edited(raw, lambda edits, root: edits.insert_after(root[0], node))
    assert out == raw.replace(b"</b><b>", b"</b><b>\n    <c>new</c>\n  </b><b>", 1)


def test_single_quotes_are_followed_and_kept():
    raw = b"<a x='1' y='2'/>"
    assert edited(raw, lambda edits, root: edits.set_attribute(root, "x", "it's")) == b"<a x='it&apos;s' y='2'/>"
    assert edited(raw, lambda edits, root: edits.set_attribute(root, "z", '"')) == b"""<a x='1' y='2' z='"'/>"""
    assert edited(raw, lambda edits, root: edits.remove_attribute(root, "x")) == b"<a y='2'/>"


def test_an_attribute_is_not_mistaken_for_text_inside_another():
    raw = b'<a t="  id=\'7\'" id="1" />'
    assert edited(raw, lambda edits, root: edits.set_attribute(root, "id", "2")) == b'<a t="  id=\'7\'" id="2" />'


def test_an_empty_element_opens_for_a_text_and_closes_again():
    raw = b"<a>\n  <b />\n</a>"
    opened = edited(raw, lambda edits, root: edits.replace_text(root[0], "x < y"))
    assert opened == b"<a>\n  <b>x &lt; y</b>\n</a>"
    assert edited(opened, lambda edits, root: edits.replace_text(root[0], "")) == raw


def test_children_of_an_empty_element_go_on_lines_of_their_own_in_order():
    def change(edits, root):
        edits.append_child(root.find("options"), Node("b", "2"))
        edits.append_child(root.find("options"), Node("c", "3"))
        edits.prepend_child(root.find("options"), Node("a", "1"))

    new = b"  <options>\n    <a>1</a>\n    <b>2</b>\n    <c>3</c>\n  </options>\n"
    assert edited(MODERN, change) == MODERN.replace(b"  <options />\n", new)


def test_insertions_beside_each_other_keep_the_order_of_the_calls():
    def change(edits, root):
        edits.insert_before(root.find("fields"), Node("x"))
        edits.insert_after(root.find("name"), Node("w"))
        edits.insert_before(root.find("fields"), Node("y"))

    assert [e.tag for e in Document(edited(MODERN, change)).root] == ["name", "w", "x", "y", "fields", "options"]


def test_an_element_may_be_removed_and_another_put_before_it():
    def change(edits, root):
        edits.insert_before(root.find("fields"), Node("x"))
        edits.remove(root.find("fields"))

    assert [e.tag for e in Document(edited(MODERN, change)).root] == ["name", "x", "options"]


def test_removing_takes_the_line_with_it():
    out = edited(MODERN, lambda edits, root: edits.remove(root.find("options")))
    assert out == MODERN.replace(b"  <options />\n", b"")


def test_replacing_keeps_the_place():
    out = edited(MODERN, lambda edits, root: edits.replace(root.find("options"), "<options><o>1</o></options>"))
    assert out == MODERN.replace(b"  <options />", b"  <options>\n    <o>1</o>\n  </options>")


def test_changes_that_touch_the_same_place_are_refused():
    document = Document(MODERN)
    edits = document.edit()
    edits.replace_text(document.root.find("name"), "x")
    edits.remove(document.root.find("name"))
    with pytest.raises(DefinitionError) as caught:
        edits.write()
    assert (caught.value.code, caught.value.line) == ("edit-conflict", 3)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda edits, root: edits.replace_text(root, "x"), "edit-children"),
        (lambda edits, root: edits.append_child(root.find("name"), Node("x")), "edit-children"),
        (lambda edits, root: edits.remove(root), "edit-children"),
        (lambda edits, root: edits.insert_after(root, Node("x")), "edit-children"),
        (lambda edits, root: edits.replace_text(root.find("name"), "\x00"), "edit-text"),
        (lambda edits, root: edits.append_child(root, "<a><b></a>"), "not-xml"),
        (lambda edits, root: edits.append_child(root, "<!DOCTYPE a><a/>"), "doctype"),
    ],
)
def test_a_change_that_would_damage_the_file_is_refused(change, code):
    with pytest.raises(DefinitionError) as caught:
        edited(MODERN, change)
    assert caught.value.code == code


def test_a_text_that_spells_a_boolean_keeps_its_type_in_an_older_file():
    raw = MODERN.replace(b' type="str"', b"")
    field = Node("field", children=[value("label", "x"), value("anonymise", "True")])
    assert b'<anonymise type="str">True' in edited(raw, lambda edits, root: edits.append_child(root[1], field))


def test_a_fragment_of_text_becomes_the_same_node():
    assert as_node("<a x='1'>\n <b>t</b>\n</a>") == Node("a", "", {"x": "1"}, [Node("b", "t")])


def sources() -> list[bytes]:
    """Files to patch at random: one of each kind and style."""
    own = [to_xml(samples.form()), to_xml(samples.workflow()), MODERN.replace(b"\n", b"\r\n")]
    return own + [path.read_bytes() for path in FILES if path.stat().st_size < 40_000][::12]


TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=8
)


@settings(max_examples=at_length(30, 120), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_random_patches_never_lose_or_reorder_what_they_do_not_touch(data):
    """The patched file is compared with the same operations done on a tree by lxml."""
    document = Document(data.draw(st.sampled_from(sources())))
    expected = etree.fromstring(etree.tostring(document.root))
    twins = list(expected.iter())
    edits = document.edit()
    touched: set[int] = set()
    for rank in data.draw(st.lists(st.integers(1, len(twins) - 1), min_size=1, max_size=6, unique=True)):
        element, twin = document.elements[rank], twins[rank]
        family = {document.rank(e) for e in (*element.iterancestors(), *element.iter())}
        if family & touched:
            continue
        operation = data.draw(st.sampled_from(["text", "attribute", "after", "before", "append", "remove"]))
        text = data.draw(TEXTS)
        if operation == "text" and not len(element):
            edits.replace_text(element, text)
            twin.text = text or None
        elif operation == "attribute":
            edits.set_attribute(element, "data-x", text)
            twin.set("data-x", text)
        elif operation == "after":
            edits.insert_after(element, Node("new", text))
            twin.addnext(_element("new", text))
        elif operation == "before":
            edits.insert_before(element, Node("new", text))
            twin.addprevious(_element("new", text))
        elif operation == "append" and (len(element) or not (element.text or "").strip()):
            edits.append_child(element, Node("new", text))
            twin.append(_element("new", text))
        elif operation == "remove":
            edits.remove(element)
            twin.getparent().remove(twin)
        # What stands around must not be touched again, for the comparison to stay simple.
        touched |= {document.rank(e) for e in element.iter()}
    assert _shape(Document(edits.write()).root) == _shape(expected)


def _element(tag: str, text: str) -> etree._Element:
    element = etree.Element(tag)
    element.text = text or None
    return element


def _shape(element: etree._Element) -> tuple:
    text = "" if len(element) and not (element.text or "").strip() else element.text or ""
    if not len(element) and element.tag != "new" and not text.strip():
        text = ""
    return element.tag, dict(element.attrib), text, [_shape(child) for child in element]


@settings(max_examples=at_length(15, 60), deadline=None)
@given(st.data())
def test_one_random_text_change_leaves_all_other_bytes(data):
    document = Document(data.draw(st.sampled_from(sources())))
    leaves = [element for element in document.elements if not len(element) and element.text]
    element, text = data.draw(st.sampled_from(leaves)), data.draw(TEXTS.filter(bool))
    edits = document.edit()
    edits.replace_text(element, text)
    span, out = document.span(element), edits.write()
    assert out.startswith(document.raw[: span.content])
    assert out.endswith(document.raw[span.content_end :])
    assert Document(out).elements[document.rank(element)].text == text
