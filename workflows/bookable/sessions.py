"""Whether an action runs only while the form is being submitted, in the submitter's own session (wcs-runtime.md §3)."""

from __future__ import annotations

from workflows.reader import Action, Jump, Status, Workflow


def way_outside(action: Action, workflow: Workflow) -> str:
    """How the action may run in another session, in a few words with the names of the file; empty when it cannot.

    Inside is what follows the submission at once: the first status, and statuses that only immediate jumps of those
    lead to.
    """
    owner = action.owner
    if not isinstance(owner, Status):
        return owner.name or owner.id
    if not workflow.statuses:
        return ""
    inside = {workflow.statuses[0].id}
    while True:
        more = {
            target
            for status in workflow.statuses
            if status.id in inside
            for step in status.actions
            if _immediate(step)
            for target in _targets(step, workflow)
        } - inside
        if not more:
            break
        inside |= more
    if owner.id not in inside:
        return owner.name or owner.id
    return _other_way_in(owner, workflow, inside, set())


def _other_way_in(status: Status, workflow: Workflow, inside: set[str], seen: set[str]) -> str:
    """The first way into a status, or into one before it, that is not part of the submission."""
    if status.id in seen:
        return ""
    seen.add(status.id)
    for global_action in workflow.global_actions:
        if any(status.id in _targets(step, workflow) for step in global_action.actions):
            return global_action.name or global_action.id
    for other in workflow.statuses:
        for step in other.actions:
            if status.id not in _targets(step, workflow):
                continue
            if not _immediate(step) or other.id not in inside:
                return f"{other.name or other.id} → {status.name or status.id}"
            before = _other_way_in(other, workflow, inside, seen)
            if before:
                return before
    return ""


def _targets(step: Action, workflow: Workflow) -> list[str]:
    found = []
    for target in step.targets:
        status = workflow.status(target.status)
        if status is not None:
            found.append(status.id)
    return found


def _immediate(step: Action) -> bool:
    """A jump without waiting, or a branch after an error of a call: both go on in the same run."""
    if isinstance(step, Jump):
        return step.mode == "immediate"
    return step.type == "webservice_call"
