"""Workflows: statuses, global actions, triggers, embedded forms (wcs-xml.md §5)."""

from __future__ import annotations

from dataclasses import replace

from lxml import etree

from workflows.reader import Workflow

from .actions import Surroundings, check_action, check_parameters
from .check import Check, is_integer, is_template, text
from .fields import check_fields
from .forms import check_booleans, check_category
from .parameters import ACTIONS, TRIGGERS


def check_workflow(check: Check) -> None:
    """Check a workflow."""
    root = check.document.root
    check.name(root)
    check.leaves(root, ("name", "slug", "documentation"))
    check_category(check)
    for tag, attribute in (("roles", "id"), ("status-remapping", "status")):
        for element in _children(root, tag):
            check.attribute(element, attribute)
    for tag in ("variables", "backoffice-fields"):
        check_embedded(check, root, tag)
    around = surroundings(check)
    statuses = check.required(root, "possible_status")
    if statuses is not None:
        check_statuses(check, statuses, around)
    check_global_actions(check, _children(root, "global_actions"), replace(around, in_global_action=True))


def surroundings(check: Check) -> Surroundings:
    """What the actions of the workflow may refer to."""
    workflow = check.document.definition
    assert isinstance(workflow, Workflow)
    fields = workflow.backoffice_fields
    return Surroundings(
        functions=frozenset(workflow.functions),
        statuses=frozenset(status.id for status in workflow.statuses),
        backoffice_fields=frozenset(field.id for field in fields.fields) if fields else frozenset(),
        in_global_action=False,
    )


def check_embedded(check: Check, root: etree._Element, tag: str) -> None:
    """Check workflow options or backoffice fields: a form inside is mandatory, with a name and fields."""
    container = root.find(tag)
    if container is None:
        return
    formdef = check.required(container, "formdef")
    if formdef is not None:
        check.name(formdef)
        check_fields(check, formdef, variables=tag == "variables")


def check_statuses(check: Check, container: etree._Element, around: Surroundings) -> None:
    """Check the statuses in order."""
    if not len(container):
        check.add("WCS-I414", container)
    check.duplicates("WCS-I413", ((text(status, "id"), status) for status in container), "status")
    for status in container:
        check.leaves(status, ("id", "name", "colour", "backoffice_info_text"))
        check_booleans(check, status, ["forced_endpoint"])
        after = text(status, "after_loop_status")
        if after and not after.startswith("_") and after not in around.statuses:
            check.add("WCS-I401", status, f"<after_loop_status> {after}")
        check_items(check, status, around)


def check_items(check: Check, owner: etree._Element, around: Surroundings) -> None:
    """Check the actions of a status or global action."""
    items = check.required(owner, "items")
    if items is None:
        return
    check.duplicates("WCS-I413", ((item.get("id") or "", item) for item in items), "item")
    for item in items:
        kind = item.get("type")
        if not kind:
            check.add("WCS-I301", item)
        elif kind not in ACTIONS:
            check.add("WCS-I302", item, kind)
        else:
            check_action(check, item, around)


def check_global_actions(check: Check, actions: list[etree._Element], around: Surroundings) -> None:
    """Check global actions and their triggers."""
    check.duplicates("WCS-I413", ((text(action, "id"), action) for action in actions), "action")
    triggers: list[etree._Element] = []
    for action in actions:
        if not text(action, "id"):
            check.add("WCS-I408", action, text(action, "name"))
        check_items(check, action, around)
        container = check.required(action, "triggers")
        if container is not None:
            triggers.extend(container)
    check.duplicates("WCS-I413", ((trigger.get("id") or "", trigger) for trigger in triggers), "trigger")
    for trigger in triggers:
        check_trigger(check, trigger, around)


def check_trigger(check: Check, trigger: etree._Element, around: Surroundings) -> None:
    """Check one trigger."""
    kind = trigger.get("type")
    if not kind:
        check.add("WCS-I303", trigger)
        return
    if kind not in TRIGGERS:
        check.add("WCS-I304", trigger, kind)
        return
    check_parameters(check, trigger, TRIGGERS[kind], around.functions)
    for status in _children(trigger, "statuses"):
        _check_status(check, status, status.text or "", around)
    if kind == "timeout":
        for tag in ("anchor_status_first", "anchor_status_latest"):
            found = trigger.find(tag)
            if found is not None:
                _check_status(check, found, found.text or "", around)
        timeout = text(trigger, "timeout")
        if not text(trigger, "anchor") or not (is_integer(timeout) or is_template(timeout)):
            check.add("WCS-I417", trigger, timeout)


def _check_status(check: Check, element: etree._Element, status: str, around: Surroundings) -> None:
    bare = status.removeprefix("wf-")
    if status and not status.startswith("_") and bare not in around.statuses and status not in around.statuses:
        check.add("WCS-I401", element, f"<{element.tag}> {status}")


def _children(parent: etree._Element, tag: str) -> list[etree._Element]:
    found = parent.find(tag)
    return [] if found is None else list(found)
