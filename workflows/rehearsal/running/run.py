"""The loop: enter a status, run its actions in order, follow the first jump (wcs-runtime.md §5.4)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from workflows.reader import Action, ActionOwner, Status, Workflow

from ..formdata import Formdata
from ..people import Session
from ..scope import Request, Scope, place

if TYPE_CHECKING:
    from ..site import Site

#: Statuses that one run may go through: the limit of w.c.s. against loops (wcs-xml.md §6.2).
DEPTH = 20


class Stop(Exception):
    """The remaining actions of the status are not run; the record stays there."""


class Jumped(Exception):
    """The run goes on in another status."""

    def __init__(self, status: str, *, mark: bool = False, identifier: str = "") -> None:
        super().__init__(status)
        self.status = status
        self.mark = mark
        self.identifier = identifier


class Running:
    """One run of a record's workflow, triggered by the owner of `session`.

    `url` is where the workflow sends the browser, "" when it does not.
    """

    def __init__(self, site: Site, record: Formdata, session: Session) -> None:
        workflow = site.workflow(record.form)
        if workflow is None:
            raise LookupError(
                site.say(
                    f"The workflow of the form {record.form.slug} is not among the definitions given",
                    f"Le workflow de la démarche {record.form.slug} n'est pas parmi les définitions fournies",
                )
            )
        self.site = site
        self.record = record
        self.session = session
        self.workflow: Workflow = workflow
        self.url = ""

    def scope(self) -> Scope:
        """A fresh look at the variables: workflow actions keep no answers (§5.1)."""
        return Scope(self.site, Request(self.session), self.record)

    def tell(self, *line: Any) -> None:
        """Add to the record's history."""
        self.record.tell(self.site.clock.now(), *line)

    @contextmanager
    def processing(self) -> Iterator[None]:
        """Hooks are refused meanwhile (§8.1)."""
        self.record.processing = True
        try:
            yield
        finally:
            self.record.processing = False

    def enter(self, status_id: str) -> None:
        """Go to a status and run on until nothing jumps."""
        with self.processing():
            for _ in range(DEPTH):
                status = self._arrive(status_id)
                if status is None or self.record.removed:
                    return
                jumped = self.perform(status)
                if jumped is None:
                    return
                if jumped.mark:
                    self.record.marks.append(status.id)
                if jumped.identifier:
                    self.record.jumps.append(jumped.identifier)
                status_id = jumped.status
        self.site.trace.notice(
            "workflow",
            place(self.workflow),
            self.site.say(
                f"The record went through {DEPTH} statuses in one go: w.c.s. stops there. Is it a loop?",
                f"La demande a traversé {DEPTH} statuts d'affilée : w.c.s. s'arrête là. Est-ce une boucle ?",
            ),
        )

    def _arrive(self, status_id: str) -> Status | None:
        if status_id == "_previous":
            status_id = self.record.marks.pop() if self.record.marks else self.record.status
        status = self.workflow.status(status_id)
        if status is None:
            self.site.trace.notice(
                "workflow",
                place(self.workflow),
                self.site.say(f"No status {status_id}", f"Aucun statut {status_id}"),
                status_id,
            )
            return None
        self.record.status = status.id
        self.record.status_since = self.site.clock.now()
        self.record.arrivals.append((self.record.status_since, status.id))
        self.record.answered = set()
        self.tell("status", status.name)
        return status

    def perform(self, owner: ActionOwner) -> Jumped | None:
        """Run the actions of a status or global action; the first jump ends it."""
        if owner.text("loop_items_template"):
            self.site.trace.notice(
                "not-played",
                place(owner),
                self.site.say(
                    f"The status “{owner.name}” repeats its actions for a list: not played",
                    f"Le statut « {owner.name} » répète ses actions pour une liste : non joué",
                ),
                "loop_items_template",
            )
            self.tell("note", self.site.say("Not played", "Non joué"), owner.name)
            return None
        from .actions import perform  # The table of actions needs the classes above.

        for action in owner.actions:
            if not self.scope().holds(action.condition):
                continue
            try:
                perform(action, self)
            except Jumped as jumped:
                return jumped
            except Stop:
                self.tell("note", self.site.say("Stopped here", "Arrêté ici"), action.label)
                return None
            if self.record.removed:
                return None
        return None


def start(site: Site, record: Formdata, session: Session) -> Running:
    """Start the workflow of a record that was just submitted: its first status."""
    running = Running(site, record, session)
    if running.workflow.statuses:
        running.enter(running.workflow.statuses[0].id)
    return running


def action_place(action: Action, site: Site) -> str:
    """How a report names an action."""
    name = action.label or action.type
    return site.say(
        f"action “{name}” of status “{action.owner.name}”", f"action « {name} » du statut « {action.owner.name} »"
    )
