"""One file under check: where rules report, and the small readings they share."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lxml import etree

from workflows.reader import Document

from ..codes import Severity
from ..findings import Report
from ..site import Site

TEMPLATE = re.compile(r"\{\{|\{%|\[")


class Check:
    """A document, the site around it, and the report."""

    def __init__(self, document: Document, site: Site, report: Report, in_bundle: bool = False) -> None:
        self.document = document
        self.site = site
        self.report = report
        self.in_bundle = in_bundle

    def add(self, code: str, element: etree._Element, detail: str = "", severity: Severity | None = None) -> None:
        """Report a code at an element."""
        self.report.at(code, self.document, element, detail, severity)

    def reference(self, code: str, kind: str, slug: str, element: etree._Element, refused: bool = True) -> None:
        """Report a reference that is not known, as badly as the site allows to judge."""
        severity = None if is_template(slug) else self.site.judge(kind, slug, refused)
        if severity:
            self.add(code, element, slug, severity)

    def required(self, parent: etree._Element, tag: str) -> etree._Element | None:
        """A mandatory child; reported as WCS-I102 when it is absent."""
        found = parent.find(tag)
        if found is None:
            self.add("WCS-I102", parent, f"<{tag}> in <{parent.tag}>")
        return found

    def attribute(self, element: etree._Element, *names: str) -> None:
        """Report mandatory attributes that are absent (WCS-I103)."""
        for name in names:
            if element.get(name) is None:
                self.add("WCS-I103", element, f'{name}="…" in <{element.tag}>')

    def name(self, element: etree._Element) -> None:
        """Report a name that is missing or empty (WCS-I101)."""
        if not text(element, "name"):
            self.add("WCS-I101", element, f"<{element.tag}>")

    def leaves(self, parent: etree._Element, tags: Iterable[str], code: str = "WCS-I104") -> None:
        """Report children that should be texts and hold elements."""
        for tag in tags:
            found = parent.find(tag)
            if found is not None and len(found):
                self.add(code, found, f"<{found[0].tag}> in <{tag}>")

    def duplicates(self, code: str, elements: Iterable[tuple[str, etree._Element]], what: str) -> None:
        """Report the ids that come again; empty ids are not compared."""
        seen: set[str] = set()
        for identifier, element in elements:
            if identifier and identifier in seen:
                self.add(code, element, f"{what} {identifier}")
            seen.add(identifier)

    def condition(self, owner: etree._Element) -> None:
        """Report a condition that is not Django's (WCS-I106) or that is cut at an element (WCS-I104)."""
        found = owner.find("condition")
        if found is None:
            return
        kind = text(found, "type")
        if kind and kind != "django" and text(found, "value"):
            self.add("WCS-I106", found, kind)
        self.leaves(found, ("value",))


def text(parent: etree._Element, tag: str) -> str:
    """Text of a child verbatim, "" when absent or empty."""
    found = parent.find(tag)
    return "" if found is None else found.text or ""


def is_integer(value: str) -> bool:
    """Tell whether Python's `int` takes the text, as w.c.s. has it read."""
    try:
        int(value)
    except ValueError:
        return False
    return True


def is_template(value: str) -> bool:
    """Tell a template as w.c.s. does: by `{{`, `{%` or `[`."""
    return TEMPLATE.search(value) is not None
