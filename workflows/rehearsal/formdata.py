"""A record of a form, draft or submitted, with all that happened to it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import uuid4

from workflows.reader import Field, FieldOwner, Form

from .people import Person
from .values import Stored

EntryKind = Literal["status", "call", "message", "mail", "comment", "note", "choice", "form"]


@dataclass(frozen=True)
class Entry:
    """One line of a record's history."""

    at: datetime.datetime
    kind: EntryKind
    text: str
    detail: str = ""


@dataclass
class ActionForm:
    """Answers to the form of an action, and those given to it before."""

    owner: FieldOwner
    data: dict[str, Stored] = field(default_factory=dict)
    earlier: list[ActionForm] = field(default_factory=list)

    @property
    def fields(self) -> list[Field]:
        return self.owner.fields


@dataclass
class Formdata:
    """`status` is the id of a status of the workflow, "" in a draft; `data` goes by field id, backoffice fields too.

    `editing` is true for the copy that is edited from a status.
    `triggers` are the bodies of hooks and triggers by name, `jumps` the identifiers of jumps and choices taken.
    `arrivals` are the ids of statuses and when they were reached, `fired` the delayed triggers that had their turn.
    `processing` is true while its workflow runs: hooks are refused meanwhile (wcs-runtime.md §8.1).
    """

    form: Form
    id: int
    receipt: datetime.datetime
    uuid: str = field(default_factory=lambda: str(uuid4()))
    draft: bool = True
    editing: bool = False
    backoffice: bool = False
    agent: Person | None = None
    user: Person | None = None
    channel: str = ""
    context: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Stored] = field(default_factory=dict)
    page: int = 0
    frozen: set[str] = field(default_factory=set)
    display_id: str = ""
    tracking_code: str = ""
    status: str = ""
    status_since: datetime.datetime | None = None
    marks: list[str] = field(default_factory=list)
    workflow_data: dict[str, Any] = field(default_factory=dict)
    action_forms: dict[str, ActionForm] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)
    triggers: dict[str, list[Any]] = field(default_factory=dict)
    jumps: list[str] = field(default_factory=list)
    wscalls: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    arrivals: list[tuple[datetime.datetime, str]] = field(default_factory=list)
    fired: set[str] = field(default_factory=set)
    history: list[Entry] = field(default_factory=list)
    processing: bool = False
    removed: bool = False

    @property
    def number(self) -> str:
        """The public number."""
        return self.display_id or str(self.id)

    def tell(self, at: datetime.datetime, kind: EntryKind, text: str, detail: str = "") -> None:
        """Add to the history."""
        self.history.append(Entry(at, kind, text, detail))
