"""Where each element stands in the bytes, as expat sees it: the parser that w.c.s. itself imports with."""

from __future__ import annotations

import re
from array import array
from typing import NamedTuple
from xml.parsers import expat

from .errors import DefinitionError
from .faults import expat_fault
from .limits import Limits

START_TAG = re.compile(rb"""<[^"'>]*(?:"[^"]*"[^"'>]*|'[^']*'[^"'>]*)*>""")
ENCODING_ERRORS = {
    expat.errors.codes[getattr(expat.errors, name)]
    for name in ("XML_ERROR_INCORRECT_ENCODING", "XML_ERROR_UNKNOWN_ENCODING", "XML_ERROR_PARTIAL_CHAR")
}
EMPTY = expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS]


class Span(NamedTuple):
    """Byte offsets of an element in the UTF-8 source; `head` is where an attribute may be added to the start tag."""

    start: int
    head: int
    content: int
    content_end: int
    end: int

    @property
    def closed_at_once(self) -> bool:
        """True for `<a/>`, which has no end tag."""
        return self.content_end == self.end


class Scan(NamedTuple):
    """Offsets of all start tags and ends in document order, unsigned, by rank of the element."""

    starts: array[int]
    ends: array[int]


def scan(data: bytes, limits: Limits, encoding: str | None = None) -> Scan:
    """Parse `data` once and note the offset of each element.

    Raises DefinitionError (`not-xml`, `wrong-encoding`, `empty-file`, `doctype`, `too-deep`, `too-many-elements`).
    A document type is refused before any entity in it is declared, so nothing is ever expanded.
    """
    starts, ends = array("L"), array("L")
    open_ranks: list[int] = []
    parser = expat.ParserCreate(encoding, "}")

    def start(tag: str, attributes: object) -> None:
        if len(open_ranks) >= limits.depth:
            raise DefinitionError(
                "too-deep",
                f"more than {limits.depth} nested elements",
                line=parser.CurrentLineNumber,
                french=f"plus de {limits.depth} éléments imbriqués",
            )
        if len(starts) >= limits.elements:
            raise DefinitionError(
                "too-many-elements",
                f"more than {limits.elements} elements",
                line=parser.CurrentLineNumber,
                french=f"plus de {limits.elements} éléments",
            )
        open_ranks.append(len(starts))
        starts.append(parser.CurrentByteIndex)
        ends.append(0)

    def end(tag: str) -> None:
        ends[open_ranks.pop()] = parser.CurrentByteIndex

    def doctype(*args: object) -> None:
        raise DefinitionError(
            "doctype",
            "a document type (DOCTYPE) is refused",
            line=parser.CurrentLineNumber,
            french="un type de document (DOCTYPE) est refusé",
        )

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        code = "wrong-encoding" if error.code in ENCODING_ERRORS else "empty-file" if not data.strip() else "not-xml"
        raise DefinitionError(
            code,
            f"not well-formed XML: {expat.ErrorString(error.code)}",
            line=error.lineno,
            french=expat_fault(error),
        ) from error
    except (ValueError, LookupError, TypeError, UnicodeError) as error:
        raise DefinitionError(
            "wrong-encoding",
            f"encoding not supported: {error}",
            line=1,
            french="encodage que l'analyseur ne connaît pas",
        ) from error
    return Scan(starts, ends)


def span_of(source: bytes, start: int, close: int) -> Span:
    """Work out the offsets of one element from where its start tag begins and what expat gave as its end."""
    tag = START_TAG.match(source, start)
    if tag is None:  # expat accepted the tag, so this would be a fault of ours
        raise DefinitionError(
            "not-xml", "start tag not found at its offset", french="balise ouvrante introuvable à sa place"
        )
    content = tag.end()
    if source.endswith(b"/>", start, content):
        head = start + len(source[start : content - 2].rstrip())
        return Span(start, head, content, content, content)
    return Span(start, start + len(source[start : content - 1].rstrip()), content, close, source.index(b">", close) + 1)
