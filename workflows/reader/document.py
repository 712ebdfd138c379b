"""One definition file: its bytes, its tree, and where each element stands in the bytes."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING

from lxml import etree

from .encoding import Encoding, sniff, to_utf8, undecodable
from .errors import DefinitionError
from .kinds import kind_of
from .limits import DEFAULT_LIMITS, Limits
from .scan import Span, scan, span_of
from .style import Style
from .tree import parse_tree

if TYPE_CHECKING:
    from .edits import Edits
    from .model.base import Definition

LINE_END = re.compile(rb"\r\n|\r|\n")


class Document:
    """A parsed file. The tree is for reading; changes go through `edit()` so that untouched bytes stay.

    Attributes: `path` (as given, for messages), `raw` (bytes of the file), `source` (the same as UTF-8, what offsets
    count in; `raw` itself in nearly every file), `encoding`, `root` (lxml element, without comments).
    """

    def __init__(self, raw: bytes, path: str = "", limits: Limits = DEFAULT_LIMITS) -> None:
        """Parse; raises DefinitionError for anything w.c.s. could not parse and for what is over the limits."""
        self.path = path
        self.raw = raw
        try:
            if len(raw) > limits.xml_size:
                raise DefinitionError(
                    "too-big",
                    f"{len(raw)} bytes: more than the {limits.xml_size} allowed for one file",
                    french=f"{len(raw)} octets, plus que les {limits.xml_size} permis pour un fichier",
                )
            encoding = sniff(raw)
            if not encoding.direct:
                scan(raw, limits)  # the verdict of the parser of w.c.s. on the bytes as they are
            self.source, self.encoding = to_utf8(raw, encoding)
            override = None if encoding.direct else "utf-8"
            try:
                self._starts, self._ends = scan(self.source, limits, override)
            except DefinitionError as error:
                better = undecodable(self.source, encoding) if error.code == "not-xml" else None
                if better is None:
                    raise
                raise better from error
            self.root = parse_tree(self.source)
            #: All elements in document order; holding them keeps lxml from making new objects for the same element.
            self.elements: list[etree._Element] = list(self.root.iter())
            if len(self.elements) != len(self._starts):
                raise DefinitionError(
                    "not-xml",
                    "the two XML parsers disagree about the elements of this file",
                    french="les deux analyseurs XML ne voient pas les mêmes éléments dans ce fichier",
                )
        except DefinitionError as error:
            error.path = error.path or path
            raise
        self._ranks = {element: rank for rank, element in enumerate(self.elements)}

    def __repr__(self) -> str:
        return f"<Document {self.kind or self.root.tag} {self.path}>"

    @cached_property
    def kind(self) -> str:
        """Canonical kind from the root (`formdef`, `workflow`, `data-source`…: see `kinds.KINDS`), "" when unknown."""
        return kind_of(str(self.root.tag))

    @cached_property
    def definition(self) -> Definition:
        """The typed view of the root; raises DefinitionError `unknown-root` for other XML."""
        from .model import definition_of

        return definition_of(self)

    @cached_property
    def style(self) -> Style:
        """How the file is written."""
        return Style.of(self.source, self.encoding)

    def rank(self, element: etree._Element) -> int:
        """Position of an element in document order; KeyError when it is not of this document."""
        return self._ranks[element]

    def span(self, element: etree._Element) -> Span:
        """Byte offsets of an element in `source`."""
        rank = self._ranks[element]
        return span_of(self.source, self._starts[rank], self._ends[rank])

    def line(self, element: etree._Element) -> int:
        """Line of the start tag, from 1, right beyond 65535 too."""
        rank = self._ranks.get(element)
        return 1 if rank is None else self.line_at(self._starts[rank])

    def line_at(self, offset: int) -> int:
        """Line of a byte offset of `source`, from 1."""
        return bisect_right(self._line_ends, offset) + 1

    @cached_property
    def _line_ends(self) -> list[int]:
        return [match.end() for match in LINE_END.finditer(self.source)]

    def edit(self) -> Edits:
        """Start collecting changes; nothing changes in this document, `Edits.apply` gives a new one."""
        from .edits import Edits

        return Edits(self)

    def write(self) -> bytes:
        """The bytes of the file: those that were read."""
        return self.raw

    def rewritten(self, source: bytes) -> Document:
        """A new document of the same path and encoding from changed UTF-8 source."""
        encoding = Encoding(self.encoding.codec, self.encoding.mark, self.encoding.exact)
        return Document(encoding.encode(source), self.path)
