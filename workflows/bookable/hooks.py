"""Hooks: addresses of a record that another server calls, and the global actions of its workflow that listen there."""

from __future__ import annotations

import re

from workflows.reader import Workflow

HOOK = re.compile(r"hooks/([\w-]+)")


def called_hook(address: str) -> str:
    """The identifier of the hook that an address calls; empty when it calls none."""
    found = HOOK.search(address)
    return found[1] if found else ""


def hooks_of(workflow: Workflow) -> set[str]:
    """The identifiers of the hooks to which a workflow listens."""
    return {
        trigger.identifier
        for action in workflow.global_actions
        for trigger in action.triggers
        if trigger.type == "webservice"
    }
