"""What people may do with a record in its status: choices, forms of actions, edits, global actions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from workflows.reader import Action, FormAction, GlobalAction

from ..filling import PageView
from ..formdata import ActionForm, Formdata
from ..people import Person, Session
from ..scope import Request, Scope
from ..sources import choices
from ..values import NOTHING
from ..widgets import PLAYED, Widget, Wrong, read
from .run import Jumped, Running

if TYPE_CHECKING:
    from ..site import Site


@dataclass(frozen=True)
class Offer:
    """Something that can be done: `key` names it, `label` is what is written on its button."""

    key: str
    label: str
    kind: Literal["choice", "form", "edit", "global"]
    action: Action | GlobalAction
    question: str = ""


def offers(site: Site, record: Formdata, session: Session) -> list[Offer]:
    """What the owner of the session may do now."""
    running = Running(site, record, session)
    status = running.workflow.status(record.status)
    if status is None or record.removed:
        return []
    scope = running.scope()
    found: list[Offer] = []
    for action in status.actions:
        if action.type not in ("choice", "form", "editable") or not may(action.by, record, session.user, scope, action):
            continue
        if action.type == "form" and action.varname in record.answered or not scope.holds(action.condition):
            continue
        key = f"{action.type}-{status.id}-{action.id}"
        if action.type == "choice":
            question = action.text("confirmation_text") or site.say("Are you sure?", "Êtes-vous sûr ?")
            label = scope.text(action.label, action) or action.label
            found.append(Offer(key, label, "choice", action, question if action.flag("require_confirmation") else ""))
        elif action.type == "form":
            found.append(Offer(key, action.varname, "form", action))
        else:
            found.append(Offer(key, action.label or site.say("Edit", "Modifier"), "edit", action))
    return found + _global_offers(running, scope)


def _global_offers(running: Running, scope: Scope) -> list[Offer]:
    found = []
    for action in running.workflow.global_actions:
        for trigger in action.triggers:
            if trigger.type != "manual" or not may(trigger.roles, running.record, running.session.user, scope, action):
                continue
            if trigger.statuses and not _in_statuses(trigger.statuses, running):
                continue
            found.append(Offer(f"global-{action.id}", action.name, "global", action))
    return found


def _in_statuses(wanted: list[str], running: Running) -> bool:
    status = running.workflow.status(running.record.status)
    if status is None:
        return False
    waits = any(action.type in ("choice", "form", "editable", "commentable") for action in status.actions)
    kind = "_waitpoint_status" if waits else "_endpoint_status"
    return status.id in wanted or kind in wanted


def may(by: list[str], record: Formdata, user: Person | None, scope: Scope, action: Any) -> bool:
    """Whether a user is among the roles and functions; `_submitter` is whoever sent the form, known or not.

    Functions (`_receiver`…) are held by the roles that the form gives them; without any, by every agent.
    """
    for role in by:
        if role == "_submitter":
            if record.user == user:
                return True
        elif role == "logged-users":
            if user:
                return True
        elif user is not None and (role in user.roles or (role.startswith("_") and user.roles)):
            return True
    return False


def form_view(site: Site, record: Formdata, session: Session, action: FormAction) -> PageView:
    """The form of an action as it is displayed now."""
    scope = Scope(site, Request(session), record)
    widgets = [
        Widget(item, NOTHING, choices(item, scope) if item.type in ("item", "items") else [])
        for item in (action.form.fields if action.form else [])
        if scope.holds(item.condition)
    ]
    return PageView(0, "", widgets)


def _answer(offer: Offer, given: Mapping[str, Any], running: Running) -> PageView | None:
    """Check and keep the answers to the form of an action; None when they are good."""
    action = offer.action
    if not isinstance(action, FormAction) or action.form is None:
        return None
    scope = running.scope()
    view = PageView(0)
    answers = ActionForm(action.form)
    for item in action.form.fields:
        if not scope.holds(item.condition) or item.type not in PLAYED:
            continue
        items = choices(item, scope) if item.type in ("item", "items") else []
        widget = Widget(item, NOTHING, items)
        view.widgets.append(widget)
        try:
            answers.data[item.id] = read(item, given.get(item.varname, given.get(item.id)), items, scope)
        except Wrong as problem:
            widget.error = str(problem)
    if view.wrong:
        return view
    if action.varname:
        running.record.action_forms[action.varname] = answers
        running.record.answered.add(action.varname)
    running.tell("form", offer.label or running.site.say("Form", "Formulaire"))
    return None


def take(
    site: Site, record: Formdata, session: Session, offer: Offer, given: Mapping[str, Any] | None = None
) -> tuple[Running, PageView | None]:
    """Do what is offered. The view is not None when the form of an action was refused; then nothing happened."""
    running = Running(site, record, session)
    if offer.kind == "form":
        refused = _answer(offer, given or {}, running)
        if refused is not None:
            return running, refused
        _leave_on_submit(running)
        return running, None
    running.tell("choice", offer.label)
    if isinstance(offer.action, GlobalAction):
        run_global(running, offer.action)
    else:
        if offer.action.flag("set_marker_on_status"):
            record.marks.append(record.status)
        status = offer.action.text("status")
        if status:
            running.enter(status)
    return running, None


def _leave_on_submit(running: Running) -> None:
    """After a form of the status, the first `jumponsubmit` whose condition holds."""
    status = running.workflow.status(running.record.status)
    for action in status.actions if status else []:
        if action.type == "jumponsubmit" and running.scope().holds(action.condition):
            running.enter(action.text("status"))
            return


def run_global(running: Running, action: GlobalAction) -> None:
    """Run a global action in whatever status the record is."""
    with running.processing():
        jumped: Jumped | None = running.perform(action)
    if jumped is not None:
        running.enter(jumped.status)
