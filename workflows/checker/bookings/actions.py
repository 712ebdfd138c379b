"""The workflow's side: booking actions, what follows them, cancellations."""

from __future__ import annotations

from workflows.bookable import Analysis, is_booking_url, is_cancel_url, sends_context_code
from workflows.bookable.analysis import confirms, only_holds
from workflows.bookable.hooks import called_hook, hooks_of
from workflows.bookable.sessions import way_outside
from workflows.reader import Action, Status, WebserviceCall, Workflow

from ..findings import Report

ERRORS = ("action_on_5xx", "action_on_network_errors")


def check_actions(workflow: Workflow, analysis: Analysis | None, report: Report) -> None:
    """Findings of one workflow; without a form only what the workflow alone tells."""
    bookings = [
        action
        for action in workflow.actions()
        if isinstance(action, WebserviceCall) and action.method == "POST" and is_booking_url(action.url)
    ]
    adapted = [
        action
        for action in bookings
        if (_value(action, "lock_code") or _value(action, "confirm_after_lock")) and not only_holds(action, bookings)
    ]
    for action in adapted:
        _check_codes(action, workflow, analysis, report)
        _check_outcome(action, report)
        _check_callback(action, workflow, report)
    if adapted:
        if not any(isinstance(action, WebserviceCall) and is_cancel_url(action.url) for action in workflow.actions()):
            report.at("WCS-B110", workflow.document, adapted[0].element, _name(adapted[0]))
        _check_editing(workflow, bookings, report)


def _check_codes(action: WebserviceCall, workflow: Workflow, analysis: Analysis | None, report: Report) -> None:
    code, confirmed = _value(action, "lock_code"), confirms(action)
    if code and not confirmed:
        report.at("WCS-B101", workflow.document, action.element, _name(action))
    if confirmed and not code:
        report.at("WCS-B102", workflow.document, action.element, _name(action))
    if not code:
        return
    kept = analysis is not None and any(
        field.type == "computed" and field.varname and f"form_var_{field.varname}" in code
        for field in analysis.form.fields
    )
    if not kept and not sends_context_code(code) and "form_var_" not in code:
        report.at("WCS-B104", workflow.document, action.element, _name(action))
    if "form_var_" not in code and "session_hash_id" in code and (way := way_outside(action, workflow)):
        report.at("WCS-B113", workflow.document, action.element, way)


def _check_outcome(action: WebserviceCall, report: Report) -> None:
    if action.on_error("action_on_app_error") == ":pass":
        report.at("WCS-B108", action.document, action.element, _name(action))
    if not action.varname:
        report.at("WCS-B109", action.document, action.element, _name(action))
    again = any(action.on_error(parameter).removeprefix("wf-") == action.owner.id for parameter in ERRORS)
    if again and not (_value(action, "backoffice_url") or _value(action, "form_url")):
        report.at("WCS-B115", action.document, action.element, _name(action))


def _check_callback(action: WebserviceCall, workflow: Workflow, report: Report) -> None:
    address = _value(action, "cancel_callback_url")
    if not address:
        report.at("WCS-B111", workflow.document, action.element, _name(action))
        return
    hook = called_hook(address)
    if hook and hook not in hooks_of(workflow):
        report.at("WCS-B112", workflow.document, action.element, hook)


def _check_editing(workflow: Workflow, bookings: list[WebserviceCall], report: Report) -> None:
    """An edition that leads nowhere near a booking leaves the new slot free and the old one taken."""
    booking_statuses = {action.owner.id for action in bookings if isinstance(action.owner, Status)}
    for action in workflow.actions():
        if action.type != "editable":
            continue
        target = workflow.status(action.text("status")) or (
            action.owner if isinstance(action.owner, Status) and action.text("status") else None
        )
        if target is None or not _reaches(target, workflow, booking_statuses):
            report.at("WCS-B114", workflow.document, action.element, action.label or action.id)


def _reaches(status: Status, workflow: Workflow, wanted: set[str]) -> bool:
    """Whether jumps lead from a status to one of `wanted`."""
    waiting, seen = [status], {status.id}
    while waiting:
        current = waiting.pop()
        if current.id in wanted:
            return True
        for target in (target for step in current.actions for target in _steps(step)):
            found = workflow.status(target)
            if found is not None and found.id not in seen:
                seen.add(found.id)
                waiting.append(found)
    return False


def _steps(action: Action) -> list[str]:
    return [target.status for target in action.targets] if action.type == "jump" else []


def _value(action: WebserviceCall, name: str) -> str:
    return next((pair.value for pair in action.post_data if pair.name == name), "")


def _name(action: WebserviceCall) -> str:
    return action.label or action.varname or action.id
