"""What an upgrade is: changes with their reasons, files, and the settings to type into the agenda's tab."""

from __future__ import annotations

import difflib
from dataclasses import asdict, dataclass, field
from typing import Literal

Status = Literal["upgraded", "already-bookable", "refused"]


@dataclass(frozen=True)
class Change:
    """One change: file and line (of the file as it was, from 1), what is changed, and why."""

    path: str
    line: int
    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}\n    {self.why}"


@dataclass(frozen=True)
class Settings:
    """What is to be typed into the tab of the agenda; empty when the form has no such field."""

    form: str = ""
    slot_field: str = ""
    meeting_type_field: str = ""
    agenda_field: str = ""


@dataclass
class Upgrade:
    """The result. `files` maps names of files to their bytes, nothing for a refusal or when there is nothing to do.

    `notes` are things that a person has to look at; they are never changed by the tool.
    """

    status: Status
    reason: str = ""
    changes: list[Change] = field(default_factory=list)
    settings: Settings = field(default_factory=Settings)
    files: dict[str, bytes] = field(default_factory=dict)
    originals: dict[str, bytes] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        """The JSON object of `--json`."""
        return {
            "status": self.status,
            "reason": self.reason,
            "changes": [asdict(change) for change in self.changes],
            "settings": asdict(self.settings),
            "files": sorted(self.files),
            "notes": self.notes,
        }

    def diff(self) -> str:
        """The changes as a unified diff of the files, readable by people and programs."""
        parts: list[str] = []
        for name, content in sorted(self.files.items()):
            before = self.originals.get(name, b"").decode("utf-8", "replace").splitlines(keepends=True)
            after = content.decode("utf-8", "replace").splitlines(keepends=True)
            parts += difflib.unified_diff(before, after, f"a/{name}", f"b/{name}")
        return "".join(part if part.endswith("\n") else f"{part}\n" for part in parts)
