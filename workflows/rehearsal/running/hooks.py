"""Calls from outside: hooks of global actions, and triggers of jumps (wcs-runtime.md §8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workflows.reader import GlobalAction, Jump, Workflow

from ..formdata import Formdata
from ..people import Person, Session
from .choices import run_global
from .roles import may
from .run import Running

if TYPE_CHECKING:
    from ..site import Site

PROCESSING = "Formdata currently processing actions."


class HookRefused(Exception):
    """`status` is the HTTP status, the message the one of w.c.s."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def call_hook(
    site: Site,
    record: Formdata,
    identifier: str,
    *,
    signer: str = "",
    user: Person | None = None,
    content: Any = None,
    bypass: bool = False,
) -> None:
    """Run the global action of a hook. Raises `HookRefused`: 404, 403 for roles, 403 while processing.

    The body goes to the workflow data under the identifier (§8.1).
    """
    workflow = site.workflow(record.form)
    action = hooked(workflow, identifier) if workflow else None
    if action is None:
        raise HookRefused(404, "Page not found")
    roles = [role for trigger in action.triggers if trigger.identifier == identifier for role in trigger.roles]
    # No role: open to anyone.
    if roles and not may(roles, record, user, signed=bool(signer)):
        raise HookRefused(403, "Insufficient roles.")
    _not_processing(record, bypass)
    running = Running(site, record, Session(user))
    if content is not None:
        record.workflow_data[identifier] = content
    record.triggers.setdefault(identifier, []).append(content)
    running.tell("note", site.say(f"Hook {identifier} called", f"Appel du hook {identifier}"), action.name)
    run_global(running, action)


def hooked(workflow: Workflow, identifier: str) -> GlobalAction | None:
    """The global action that a hook runs."""
    for action in workflow.global_actions:
        if any(trigger.type == "webservice" and trigger.identifier == identifier for trigger in action.triggers):
            return action
    return None


def _not_processing(record: Formdata, bypass: bool = False) -> None:
    if record.processing and not bypass:
        raise HookRefused(403, PROCESSING)


def call_trigger(
    site: Site, record: Formdata, name: str, *, signer: str = "", user: Person | None = None, content: Any = None
) -> str:
    """Trigger a jump of the current status; returns where the browser may go. Raises `HookRefused` (§8.2)."""
    running = Running(site, record, Session(user))
    status = running.workflow.status(record.status)
    jumps = [
        action
        for action in (status.actions if status else [])
        if isinstance(action, Jump) and action.mode == "trigger" and action.text("trigger") == name
    ]
    if not jumps:
        raise HookRefused(404, "Page not found")
    jump = jumps[0]
    if not (may(jump.by, record, user, signed=bool(signer)) if jump.by else signer):
        raise HookRefused(403, "Insufficient roles.")
    _not_processing(record)
    if not running.scope().holds(jump.condition):
        raise HookRefused(403, "Unmet condition.")
    if isinstance(content, dict):
        record.workflow_data |= content
    elif content is not None:
        record.workflow_data[name] = content
    record.triggers.setdefault(name, []).append(content)
    if jump.text("identifier"):
        record.jumps.append(jump.text("identifier"))
    running.enter(jump.status)
    return running.url
