"""The one exception of the reader, with a stable code."""

from __future__ import annotations

from workflows.languages import Language


class DefinitionError(Exception):
    """A file, fragment or edit that cannot be taken, said in one line.

    `code` is stable and one of the keys of `workflows.checker.codes.FILE_CODES` or, for edits, `edit-conflict`,
    `edit-text`, `edit-children`, `edit-encoding`; `line` counts from 1, 0 when no line can be named. `message` is
    English; whoever drops a file reads it in French as well (`french`), edits are for programs.
    """

    def __init__(self, code: str, message: str, path: str = "", line: int = 0, *, french: str = "") -> None:
        self.code = code
        self.message = " ".join(message.split())
        self.french = " ".join(french.split()) or self.message
        self.path = path
        self.line = line
        super().__init__(self.message)

    def said(self, language: Language) -> str:
        """The message in a language."""
        return self.french if language == "fr" else self.message

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}: " if self.path else ""
        return f"{place}{self.message}"
