"""What all typed views share: they hold their element, and read it the way w.c.s. does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from lxml import etree

from ..kinds import KINDS, slugify

if TYPE_CHECKING:
    from ..document import Document


def text_of(element: etree._Element | None) -> str:
    """The text of an element verbatim, blanks included, "" when absent or empty (wcs-xml.md §1.1)."""
    return "" if element is None else element.text or ""


class View:
    """A typed look at one element; what it does not know stays in the element and in the file."""

    def __init__(self, document: Document, element: etree._Element) -> None:
        self.document = document
        self.element = element

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.document.path}:{self.line}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, View) and self.element is other.element

    def __hash__(self) -> int:
        return hash(self.element)

    @property
    def line(self) -> int:
        """Line of the element in its file, from 1."""
        return self.document.line(self.element)

    def child(self, tag: str) -> etree._Element | None:
        """The first child of that tag: a repeated one is ignored by w.c.s. too."""
        return self.element.find(tag)

    def children(self, container: str) -> Iterator[etree._Element]:
        """The children of a container child, none when it is absent."""
        found = self.element.find(container)
        return iter(()) if found is None else iter(found)

    def text(self, tag: str, default: str = "") -> str:
        """Text of a child; `default` when the child is absent, "" when it is empty."""
        found = self.element.find(tag)
        return default if found is None else found.text or ""

    def flag(self, tag: str, default: bool = False) -> bool:
        """A boolean of an action or field: only `True` is true."""
        found = self.element.find(tag)
        return default if found is None else (found.text or "") == "True"


@dataclass(frozen=True)
class Reference:
    """A named link to another definition or to a role: `slug` attribute when there is one, and the text."""

    element: etree._Element
    slug: str
    name: str


class Condition(View):
    """`<condition><type/><value/></condition>`: Django condition, without braces."""

    @property
    def type(self) -> str:
        return self.text("type")

    @property
    def value(self) -> str:
        return self.text("value")

    @property
    def always(self) -> bool:
        """True when w.c.s. takes it for no condition at all."""
        return not (self.type and self.value)


def condition_of(view: View) -> Condition | None:
    """The condition child of a view, None when there is none."""
    found = view.child("condition")
    return None if found is None else Condition(view.document, found)


class Definition(View):
    """The root of a file."""

    @property
    def kind(self) -> str:
        """Key of `kinds.KINDS`."""
        return self.document.kind

    @property
    def name(self) -> str:
        return self.text("name")

    @cached_property
    def slug(self) -> str:
        """The slug as written, else the one w.c.s. makes from the name."""
        kind = KINDS[self.kind]
        return self.text(kind.slug_child) or slugify(self.name, kind.dash)

    @property
    def category(self) -> Reference | None:
        return reference_of(self, "category")


def reference_of(view: View, tag: str) -> Reference | None:
    """The link in a child, None when the child is absent."""
    found = view.child(tag)
    return None if found is None else Reference(found, found.get("slug") or "", text_of(found))
