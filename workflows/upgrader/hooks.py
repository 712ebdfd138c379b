"""The hook by which an agent's cancellation in the calendar reaches the record."""

from __future__ import annotations

import re

from workflows.bookable import BookingAction
from workflows.bookable.analysis import only_holds
from workflows.bookable.hooks import called_hook, hooks_of
from workflows.builder import global_action, jump, pair, webservice_trigger
from workflows.reader import Node, Status, Workflow

from .bookings import add_entries, name_of
from .plan import Plan

IDENTIFIER = "annulation-agenda"
ADDRESS = f"{{{{ form_api_url }}}}hooks/{IDENTIFIER}/"
CANCELLED = re.compile(r"annulée?s?\b|cancelled|canceled", re.IGNORECASE)


def tell_cancellations(plan: Plan, *, add: bool) -> None:
    """Add the hook where it is missing and wanted; else say what is missing."""
    actions = [booking.action for booking in plan.analysis.bookings]
    for booking in plan.analysis.bookings:
        if only_holds(booking.action, actions):
            continue
        present = booking.pair("cancel_callback_url")
        identifier = IDENTIFIER if present is None else called_hook(present.value)
        if present is not None and (not identifier or identifier in hooks_of(booking.workflow)):
            # Another address than that of a hook is somebody's own way.
            continue
        target = _cancelled(plan, booking.workflow)
        if not add or target is None:
            code = "no-cancel-hook" if target is not None else "no-cancel-status"
            plan.note(code, action=name_of(booking))
            continue
        if present is None:
            add_entries(plan, booking, [pair("cancel_callback_url", ADDRESS)])
            plan.change(booking.action, plan.say("callback", action=name_of(booking)), plan.say("callback-why"))
        _add_hook(plan, booking, identifier, target)


def _cancelled(plan: Plan, workflow: Workflow) -> Status | None:
    """The status of what is cancelled, by its name; rather one that does not cancel once more."""
    cancelling = [action.owner for action in plan.analysis.cancels]
    named = [status for status in workflow.statuses if CANCELLED.search(status.name)]
    return next((status for status in named if status not in cancelling), named[0] if named else None)


def _add_hook(plan: Plan, booking: BookingAction, identifier: str, target: Status) -> None:
    workflow = booking.workflow
    if (id(workflow), identifier) in plan.hooks:
        return
    plan.hooks.add((id(workflow), identifier))
    taken = {action.id for action in workflow.global_actions}
    number = next(str(number) for number in range(1, 1000) if str(number) not in taken)
    name = plan.say("hook-name")
    node = global_action(number, name, [jump(target.id)], [webservice_trigger(identifier)])
    edits = plan.edits(workflow.document)
    container, before = workflow.child("global_actions"), workflow.child("possible_status")
    if container is not None:
        edits.append_child(container, node)
    elif before is not None:
        edits.insert_after(before, Node("global_actions", children=[node]))
    plan.change(workflow, plan.say("hook", identifier=identifier, status=target.name), plan.say("callback-why"))
    if any(action.owner == target for action in plan.analysis.cancels):
        plan.note("hook-cancels-again", status=target.name)
