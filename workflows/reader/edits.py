"""Changes to a document, applied as splices on its bytes: what no change names stays byte for byte."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NamedTuple

from lxml import etree

from .document import Document
from .errors import DefinitionError
from .nodes import Fragment, Node, as_node
from .scan import Span
from .style import Style, render, separator

BLANKS = b" \t\r\n"
#: Order of splices that begin at one offset.
AFTER, INSIDE, BEFORE = range(3)


class Splice(NamedTuple):
    """Replace `start`..`end` of the source by `text`; `order` and `turn` sort splices that begin at the same offset."""

    start: int
    replaces: bool
    order: int
    turn: int
    end: int
    text: str


class Edits:
    """A collector of changes on one document; nothing is changed before `apply` or `write`.

    Elements are those of the document. Fragments (`Node`, element, or XML text of one element) are written in the style
    of their neighbourhood. Changes that touch the same bytes are refused with DefinitionError `edit-conflict`.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self._splices: list[Splice] = []
        self._fills: dict[etree._Element, list[Node]] = {}

    def __bool__(self) -> bool:
        return bool(self._splices or self._fills)

    def replace_text(self, element: etree._Element, text: str) -> None:
        """Replace the text of an element without children (else `edit-children`); no change when it is the same."""
        if len(element):
            raise self._error("edit-children", f"<{element.tag}> holds elements, not a text", element)
        if (element.text or "") == text:
            return
        span, style = self.document.span(element), self.document.style
        if span.closed_at_once:
            self._splice(span.head, span.end, f">{style.text(text)}</{element.tag}>", INSIDE)
        elif text:
            self._splice(span.content, span.content_end, style.text(text), INSIDE)
        else:
            self._splice(span.head, span.end, style.empty, INSIDE)

    def set_attribute(self, element: etree._Element, name: str, value: str) -> None:
        """Set an attribute, in its place and quotes when it is there, else after the last one."""
        found, style = self._attribute(element, name), self.document.style
        if found is None:
            self._splice(self.document.span(element).head, None, f" {name}={style.attribute(value)}", BEFORE)
        elif element.get(name) != value:
            start, end = found.span("value")
            self._splice(start, end, style.attribute(value, quote=found["value"][:1].decode()), INSIDE)

    def remove_attribute(self, element: etree._Element, name: str) -> None:
        """Remove an attribute and the blanks before it; nothing when it is absent."""
        found = self._attribute(element, name)
        if found is not None:
            self._splice(found.start(), found.end(), "", INSIDE)

    def insert_before(self, element: etree._Element, fragment: Fragment) -> None:
        """Insert before an element, with the blanks that stand before that one."""
        node, style, indent = self._prepare(element, fragment)
        start = self.document.span(element).start
        blank = self._blank_before(element)
        # Placed before the blanks, so that the element itself may be removed or replaced by another change.
        self._splice(start - len(blank), None, blank.decode() + render(node, style, indent), BEFORE)

    def insert_after(self, element: etree._Element, fragment: Fragment) -> None:
        """Insert after an element."""
        node, style, indent = self._prepare(element, fragment)
        blank = separator(style, indent, after_children=len(element) > 0) if self._on_lines(element) else ""
        self._splice(self.document.span(element).end, None, blank + render(node, style, indent), AFTER)

    def append_child(self, parent: etree._Element, fragment: Fragment) -> None:
        """Insert as last child; `edit-children` when the parent holds a text."""
        if len(parent):
            last = parent[-1]
            node, style, indent = self._prepare(last, fragment)
            blank = separator(style, indent, after_children=len(last) > 0) if self._on_lines(last) else ""
            self._splice(self.document.span(last).end, None, blank + render(node, style, indent), INSIDE)
            return
        if (parent.text or "").strip():
            raise self._error("edit-children", f"<{parent.tag}> holds a text, not elements", parent)
        self._fills.setdefault(parent, []).append(as_node(fragment))

    def prepend_child(self, parent: etree._Element, fragment: Fragment) -> None:
        """Insert as first child."""
        if len(parent):
            self.insert_before(parent[0], fragment)
        elif parent in self._fills:
            self._fills[parent].insert(0, as_node(fragment))
        else:
            self.append_child(parent, fragment)

    def replace(self, element: etree._Element, fragment: Fragment) -> None:
        """Put a fragment in the place of an element, which may be the root."""
        node = as_node(fragment)
        style = self.document.style.near(element)
        span = self.document.span(element)
        self._splice(span.start, span.end, render(node, style, self._indent_of(element)), INSIDE)

    def remove(self, element: etree._Element) -> None:
        """Remove an element and the blanks before it; the root cannot be removed."""
        if element is self.document.root:
            raise self._error("edit-children", "the root cannot be removed", element)
        span = self.document.span(element)
        self._splice(span.start - len(self._blank_before(element)), span.end, "", INSIDE)

    def write(self) -> bytes:
        """The bytes of the changed file, the same as before when there is no change; raises `edit-conflict`."""
        return self.document.encoding.encode(self._changed_source()) if self else self.document.raw

    def apply(self) -> Document:
        """The changed document, parsed again."""
        return self.document.rewritten(self._changed_source()) if self else self.document

    def _changed_source(self) -> bytes:
        source = self.document.source
        parts: list[bytes] = []
        position = 0
        for splice in sorted([*self._splices, *self._fill_splices()]):
            if splice.start < position:
                line = self.document.line_at(splice.start)
                raise DefinitionError("edit-conflict", "two changes touch the same place", self.document.path, line)
            parts += source[position : splice.start], splice.text.encode("utf-8")
            position = splice.end
        return b"".join([*parts, source[position:]])

    def _splice(self, start: int, end: int | None, text: str, order: int) -> None:
        last = start if end is None else end
        self._splices.append(Splice(start, last > start, order, len(self._splices), last, text))

    def _fill_splices(self) -> list[Splice]:
        """Children for parents that had none: `<items />` opens into lines of its own."""
        splices = []
        for parent, nodes in self._fills.items():
            style, indent = self.document.style.near(parent), self._indent_of(parent)
            if not self._on_lines(parent):
                style = _on_one_line(style)
            whole = render(Node(str(parent.tag), children=nodes), style, indent)
            content = whole[len(str(parent.tag)) + 2 : -len(str(parent.tag)) - 3]
            span = self.document.span(parent)
            if span.closed_at_once:
                splices.append(Splice(span.head, True, INSIDE, 0, span.end, f">{content}</{parent.tag}>"))
            else:
                splices.append(
                    Splice(span.content, span.content_end > span.content, INSIDE, 0, span.content_end, content)
                )
        return splices

    def _prepare(self, neighbour: etree._Element, fragment: Fragment) -> tuple[Node, Style, str]:
        """The node to insert beside an element, with the style and indentation to write it in."""
        if neighbour is self.document.root:
            raise self._error("edit-children", "nothing can stand beside the root", neighbour)
        style = self.document.style.near(neighbour)
        return (
            as_node(fragment),
            style if self._on_lines(neighbour) else _on_one_line(style),
            self._indent_of(neighbour),
        )

    def _blank_before(self, element: etree._Element) -> bytes:
        """The blanks between the previous markup and an element; none when they belong to a mixed text."""
        previous, parent = element.getprevious(), element.getparent()
        text = previous.tail if previous is not None else parent.text if parent is not None else ""
        if (text or "").strip():
            return b""
        start = self.document.span(element).start
        return _trailing_blanks(self.document.source, start)

    def _on_lines(self, element: etree._Element) -> bool:
        """Whether elements here stand on lines of their own."""
        parent = element.getparent()
        if parent is None or not self.document.style.indented:
            return self.document.style.indented
        return b"\n" in self._blank_before(parent[0])

    def _indent_of(self, element: etree._Element) -> str:
        """Indentation of the line an element starts on, or would start on when it is glued to the one before."""
        parent = element.getparent()
        if parent is None:
            return ""
        for child in (element, parent[0]):
            blank = self._blank_before(child)
            if b"\n" in blank:
                return blank.rpartition(b"\n")[2].decode()
        return self._indent_of(parent) + self.document.style.unit

    def _attribute(self, element: etree._Element, name: str) -> re.Match[bytes] | None:
        """Where an attribute stands in its start tag, with its quoted value as group `value`."""
        if element.get(name) is None:
            return None
        span: Span = self.document.span(element)
        pattern = re.compile(rb"\s+" + re.escape(name.encode()) + rb"""\s*=\s*(?P<value>"[^"]*"|'[^']*')""")
        position = span.start + 1 + len(str(element.tag).encode())
        any_attribute = re.compile(rb"""\s+[^\s=]+\s*=\s*(?:"[^"]*"|'[^']*')""")
        while position < span.head:
            found = pattern.match(self.document.source, position, span.head)
            if found:
                return found
            other = any_attribute.match(self.document.source, position, span.head)
            if other is None:
                break
            position = other.end()
        raise self._error("edit-text", f"the attribute {name} cannot be found in the start tag", element)

    def _error(self, code: str, message: str, element: etree._Element) -> DefinitionError:
        return DefinitionError(code, message, self.document.path, self.document.line(element))


def _trailing_blanks(source: bytes, end: int) -> bytes:
    start = end
    while start and source[start - 1] in BLANKS:
        start -= 1
    return source[start:end]


def _on_one_line(style: Style) -> Style:
    return replace(style, indented=False)
