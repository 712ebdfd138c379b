"""The changes that are being prepared, file by file."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from workflows.bookable import Analysis
from workflows.languages import Language
from workflows.reader import Document, Edits, View

from .result import Change
from .words import say


class Refused(Exception):
    """The change would not be safe; the sentence says why and what to do."""


@dataclass
class Plan:
    """Collects edits; nothing is written before all steps agreed."""

    analysis: Analysis
    language: Language
    changes: list[Change] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    new_files: dict[str, bytes] = field(default_factory=dict)
    kept_code: str = ""
    kept_token: str = ""
    hooks: set[tuple[int, str]] = field(default_factory=set)
    _edits: dict[int, Edits] = field(default_factory=dict)

    def edits(self, document: Document) -> Edits:
        """The edits of a document."""
        return self._edits.setdefault(id(document), document.edit())

    def changed(self) -> list[Edits]:
        """The edits that change something."""
        return [edits for edits in self._edits.values() if edits]

    def say(self, code: str, **values: str) -> str:
        """A sentence in the language of the plan."""
        return say(code, self.language, **values)

    def note(self, code: str, **values: str) -> None:
        """Something that a person has to look at."""
        sentence = self.say(code, **values)
        if sentence not in self.notes:
            self.notes.append(sentence)

    def change(self, view: View, what: str, why: str, element: etree._Element | None = None) -> None:
        """Record a change at a view, or at an element of its document."""
        line = view.line if element is None else view.document.line(element)
        found = Change(view.document.path, line, what, why)
        if found not in self.changes:
            self.changes.append(found)

    def refuse(self, code: str, **values: str) -> Refused:
        """The refusal to raise."""
        return Refused(self.say(code, **values))
