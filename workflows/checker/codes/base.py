"""What a code is, and how tables of codes are put together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from workflows.languages import Language

Severity = Literal["error", "warning"]
Family = Literal["import", "booking"]


@dataclass(frozen=True)
class Wording:
    """What is said in one language: title, what happens, what to do."""

    title: str
    explanation: str
    remedy: str


@dataclass(frozen=True)
class Code:
    """A kind of finding. `severity` is the usual one; references become errors under strict references.

    `level` tells what w.c.s. does (wcs-xml.md §4): `refused` with a reason, `invalid` ("Invalid File" without one),
    `crash` (HTTP 500), `accepted` (imported but wrong), `tool` (limits of this checker).
    """

    id: str
    severity: Severity
    level: str
    en: Wording
    fr: Wording
    family: Family = "import"

    def wording(self, language: Language) -> Wording:
        """The words in a language."""
        return self.fr if language == "fr" else self.en


def table(codes: Iterable[Code]) -> dict[str, Code]:
    """Codes by id; raises ValueError when two have the same."""
    found: dict[str, Code] = {}
    for code in codes:
        if code.id in found:
            raise ValueError(f"the code {code.id} stands twice in the tables")
        found[code.id] = code
    return found
