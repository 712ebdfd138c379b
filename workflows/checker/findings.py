"""Findings, and the collector that gathers them file by file."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from lxml import etree

from workflows.reader import DefinitionError, Document

from .codes import FILE_CODES, Code, Family, Language, Severity

#: Findings kept for one file; a hostile file could give hundreds of thousands.
MOST_PER_FILE = 1000
LEFT_OUT = "WCS-I010"
LONGEST_DETAIL = 200


@dataclass(frozen=True)
class Finding:
    """One fault: where (`line` from 1, 0 when there is none), how bad, which code, in words, and what to do."""

    path: str
    line: int
    severity: Severity
    family: Family
    code: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.severity}: {self.code} {self.message}"

    def as_dict(self) -> dict[str, str | int]:
        """The JSON object of `--json`."""
        return asdict(self)


class Report:
    """Collects findings without duplicates; `codes` are all the codes that may be reported, by id."""

    def __init__(self, codes: dict[str, Code], language: Language = "fr") -> None:
        self.codes = codes
        self.language = language
        self._findings: dict[Finding, None] = {}
        self._counts: dict[str, int] = {}

    @property
    def findings(self) -> list[Finding]:
        """In order of path as met, then line, then code."""
        ranks = {path: rank for rank, path in enumerate(dict.fromkeys(found.path for found in self._findings))}
        return sorted(self._findings, key=lambda found: (ranks[found.path], found.line, found.code, found.message))

    def add(self, code: str, path: str, line: int, detail: str = "", severity: Severity | None = None) -> None:
        """Report a code at a place; `detail` names the thing as the file does, `severity` overrides the usual one."""
        count = self._counts.get(path, 0)
        if count > MOST_PER_FILE:
            return
        if count == MOST_PER_FILE:
            code, line, detail, severity = LEFT_OUT, 0, "", None
        entry = self.codes[code]
        wording = entry.wording(self.language)
        shown = " ".join(detail.split())
        if len(shown) > LONGEST_DETAIL:
            shown = shown[: LONGEST_DETAIL - 1] + "…"
        colon = (" : " if self.language == "fr" else ": ") if shown else ""
        message = f"{wording.title}{colon}{shown}"
        finding = Finding(path, line, severity or entry.severity, entry.family, code, message, wording.remedy)
        if finding not in self._findings:
            self._findings[finding] = None
            self._counts[path] = count + 1

    def at(
        self,
        code: str,
        document: Document,
        element: etree._Element,
        detail: str = "",
        severity: Severity | None = None,
    ) -> None:
        """Report a code at an element of a document."""
        self.add(code, document.path, document.line(element), detail, severity)

    def error(self, error: DefinitionError) -> None:
        """Report what the reader could not take."""
        self.add(FILE_CODES[error.code], error.path, error.line, error.said(self.language))
