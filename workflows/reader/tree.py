"""The lxml tree of a file that has already passed the scan."""

from __future__ import annotations

from lxml import etree

from .errors import DefinitionError
from .faults import libxml_fault


def hardened_parser() -> etree.XMLParser:
    """An lxml parser that resolves nothing and fetches nothing.

    Comments and processing instructions are dropped from the tree, as w.c.s. drops them (their neighbouring texts
    join); they stay in the bytes. One parser serves one document: lxml parsers keep state.
    """
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def parse_tree(source: bytes) -> etree._Element:
    """Parse UTF-8 text; raises DefinitionError where libxml2 is narrower than expat (`too-big`: a value over 10 MB)."""
    try:
        return etree.fromstring(source, hardened_parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        line = error.lineno if isinstance(error, etree.XMLSyntaxError) else 0
        code = "too-big" if "limit" in str(error) else "not-xml"
        raise DefinitionError(
            code, f"XML that cannot be loaded: {error}", line=line or 0, french=libxml_fault(error)
        ) from error
