"""Elements to be written: what the builder makes and what edits insert."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from lxml import etree

from .limits import DEFAULT_LIMITS
from .scan import scan
from .tree import parse_tree


@dataclass
class Node:
    """An element with either a text or children.

    `value_type` (`str`, `bool`, `int`) is the `type` attribute that newer exports write on the children of fields;
    it is left out where the file around does without (wcs-xml.md §8).
    """

    tag: str
    text: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)
    value_type: str = ""

    def add(self, *children: Node | None) -> Node:
        """Append children, skipping None, and return the node itself."""
        self.children.extend(child for child in children if child is not None)
        return self

    def find(self, tag: str) -> Node | None:
        """Return the first child of that tag."""
        return next((child for child in self.children if child.tag == tag), None)

    def walk(self) -> Iterable[Node]:
        """Yield the node and all nodes below, in document order."""
        yield self
        for child in self.children:
            yield from child.walk()


#: What may be given where a fragment is wanted: a node, an element of a document, or XML text of one element.
Fragment = Node | etree._Element | str


def as_node(fragment: Fragment) -> Node:
    """Turn a fragment into a node; raises DefinitionError when text is not one well-formed element without DOCTYPE."""
    if isinstance(fragment, Node):
        return fragment
    if isinstance(fragment, str):
        data = fragment.strip().encode("utf-8")
        scan(data, DEFAULT_LIMITS, "utf-8")
        fragment = parse_tree(data)
    children = [as_node(child) for child in fragment]
    text = fragment.text or ""
    return Node(
        tag=str(fragment.tag),
        text="" if children and not text.strip() else text,
        attributes={str(name): str(value) for name, value in fragment.attrib.items()},
        children=children,
    )
