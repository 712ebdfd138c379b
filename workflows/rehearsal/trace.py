"""What happened: HTTP calls, and notices about what could not be evaluated or is not played."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

NoticeKind = Literal["not-evaluated", "not-played", "source", "early", "call", "workflow", "mail"]


@dataclass
class Call:
    """One HTTP call. `who` is what made it, `ms` how long it took; `status` is 0 when no answer came.

    `answer` is the decoded JSON, or the beginning of the text; `error` says what was wrong with it; `fault` names what
    the rehearsal did to the call on purpose, `unseen` the answer that it kept from w.c.s.
    Signatures are left out of `url`.
    """

    who: str
    method: str
    url: str
    body: Any = None
    status: int = 0
    answer: Any = None
    ms: int = 0
    error: str = ""
    fault: str = ""
    unseen: Any = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON reports."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True)
class Notice:
    """Something a designer should know: `where` is a place in a definition (`file:line`, or what it is of).

    `early` is a list that was asked for before what it depends on was chosen: empty, and asked for again later.
    """

    kind: NoticeKind
    where: str
    message: str
    name: str = ""

    def as_dict(self) -> dict[str, str]:
        """For JSON reports."""
        return {"kind": self.kind, "where": self.where, "message": self.message, "name": self.name}


@dataclass
class Trace:
    """Calls in the order made, notices each once."""

    calls: list[Call] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    def notice(self, kind: NoticeKind, where: str, message: str, name: str = "") -> None:
        """Add a notice unless the very same is there."""
        found = Notice(kind, where, message, name)
        if found not in self.notices:
            self.notices.append(found)
