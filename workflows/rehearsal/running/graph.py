"""Where statuses lead by themselves: what is reached without waiting for anybody."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from workflows.reader import Action, FormAction, Jump, Status, Workflow

Wanted = Callable[[Action], bool]


def statuses_after(workflow: Workflow, status_id: str) -> Iterator[Status]:
    """The status, and those that immediate jumps reach from it, each once."""
    waiting, seen = [status_id], set()
    while waiting:
        status = workflow.status(waiting.pop(0))
        if status is None or status.id in seen:
            continue
        seen.add(status.id)
        yield status
        waiting += [jump.status for jump in status.actions if isinstance(jump, Jump) and jump.mode == "immediate"]


def reaches(workflow: Workflow, status_id: str, wanted: Wanted) -> bool:
    """Whether an action for which `wanted` holds is met on the way."""
    return any(wanted(action) for status in statuses_after(workflow, status_id) for action in status.actions)


def after_form(action: FormAction) -> list[str]:
    """The statuses to which answering the form of an action may lead."""
    return [other.text("status") for other in action.owner.actions if other.type == "jumponsubmit"]
