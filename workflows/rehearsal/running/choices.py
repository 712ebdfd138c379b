"""What people may do with a record in its status: choices, forms of actions, edits, global actions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from workflows.reader import Action, Field, FormAction, GlobalAction

from ..filling import PageView
from ..formdata import ActionForm, Formdata
from ..people import Session
from ..scope import Scope, place
from ..values import NO_DATA, NOTHING
from ..variables import is_endpoint
from ..widgets import PLAYED, of_names, widget_for
from ..widgets import take as take_field
from .roles import may
from .run import Jumped, Running

if TYPE_CHECKING:
    from ..site import Site


#: Actions that wait for somebody.
OFFERED = ("choice", "form", "editable", "commentable")


@dataclass(frozen=True)
class Offer:
    """Something that can be done: `key` names it, `label` is what is written on its button."""

    key: str
    label: str
    kind: Literal["choice", "form", "edit", "global", "comment"]
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
        if action.type not in OFFERED or not may(action.by, record, session.user):
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
        elif action.type == "commentable":
            found.append(Offer(key, action.label or site.say("Comment", "Commentaire"), "comment", action))
        else:
            found.append(Offer(key, action.label or site.say("Edit", "Modifier"), "edit", action))
    return found + _global_offers(running)


def _global_offers(running: Running) -> list[Offer]:
    found = []
    for action in running.workflow.global_actions:
        for trigger in action.triggers:
            if trigger.type != "manual" or not may(trigger.roles, running.record, running.session.user):
                continue
            if trigger.statuses and not _in_statuses(trigger.statuses, running):
                continue
            question = trigger.text("confirmation_text") or running.site.say("Are you sure?", "Êtes-vous sûr ?")
            asks = trigger.flag("require_confirmation")
            found.append(Offer(f"global-{action.id}", action.name, "global", action, question if asks else ""))
            break
    return found


def _in_statuses(wanted: list[str], running: Running) -> bool:
    status = running.workflow.status(running.record.status)
    if status is None:
        return False
    if is_endpoint(status):
        kind = "_endpoint_status"
    else:
        waits = any(action.type in OFFERED or action.type == "jump" for action in status.actions)
        kind = "_waitpoint_status" if waits else "_transition_status"
    return status.id in wanted or kind in wanted


def messages(site: Site, record: Formdata, session: Session) -> list[tuple[str, str]]:
    """Level and HTML of what the status shows to the owner of the session, made when it is looked at."""
    running = Running(site, record, session)
    status = running.workflow.status(record.status)
    found = []
    for action in status.actions if status else []:
        to = [item.get("role_id") or item.text or "" for item in action.children("to")]
        if action.type != "displaymsg" or (to and not may(to, record, session.user)):
            continue
        scope = running.scope()
        text = scope.text(action.text("message"), action, html=True) if scope.holds(action.condition) else ""
        if text:
            found.append((action.text("level"), text))
    return found


def form_view(site: Site, record: Formdata, session: Session, action: FormAction) -> PageView:
    """The form of an action as it is displayed now."""
    scope = Running(site, record, session).scope()
    widgets = [widget_for(item, scope) for item in _shown(action, scope)]
    for widget in widgets:
        # Rows are added on pages of forms only.
        widget.more = False
    return PageView(0, "", widgets)


def _shown(action: FormAction, scope: Scope) -> Iterator[Field]:
    for item in action.form.fields if action.form else []:
        if item.type == "computed" or not scope.holds(item.condition):
            continue
        if item.type not in PLAYED and item.type not in NO_DATA:
            scope.site.trace.notice(
                "not-played",
                place(item),
                scope.site.say(
                    f"Field “{item.label}” of type {item.type}: left empty",
                    f"Champ « {item.label} » de type {item.type} : laissé vide",
                ),
                item.type,
            )
        yield item


def _answer(offer: Offer, given: Mapping[str, Any], running: Running) -> PageView | None:
    """Check and keep the answers to the form of an action; None when they are good.

    Its exit conditions see the answers as they were just given.
    """
    action, record = offer.action, running.record
    if not isinstance(action, FormAction) or action.form is None:
        return None
    view = PageView(0)
    before = record.action_forms.get(action.varname)
    answers = ActionForm(action.form, earlier=[*before.earlier, before] if before else [])
    posted = replace(record, action_forms={**record.action_forms, action.varname: answers})
    scope = Scope(running.site, running.scope().request, posted)
    for item in _shown(action, scope):
        widget = take_field(item, of_names(given, item), scope, NOTHING)
        view.widgets.append(widget)
        if widget.played and not widget.error:
            answers.data[item.id] = widget.value
    if not view.wrong:
        for post in action.form.post_conditions:
            if not scope.holds(post.condition):
                view.errors.append(scope.text(post.error_message, post) or running.site.say("Refused.", "Refusé."))
    if view.wrong:
        return view
    if action.varname:
        record.action_forms[action.varname] = answers
        record.answered.add(action.varname)
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
    if offer.kind == "comment":
        running.tell("comment", str((given or {}).get("comment") or ""))
        _leave_on_submit(running)
        return running, None
    refused = _refused_beside(running, offer, given or {})
    if refused is not None:
        return running, refused
    running.tell("choice", offer.label)
    if isinstance(offer.action, GlobalAction):
        run_global(running, offer.action)
    else:
        if offer.action.flag("set_marker_on_status"):
            record.marks.append(record.status)
        if offer.action.text("identifier"):
            record.jumps.append(offer.action.text("identifier"))
        status = offer.action.text("status")
        if status:
            running.enter(status)
    return running, None


def _refused_beside(running: Running, offer: Offer, given: Mapping[str, Any]) -> PageView | None:
    """A button submits the forms of its status too: their errors stop it, unless it ignores them."""
    if offer.kind != "choice" or offer.action.flag("ignore_form_errors"):
        return None
    for other in offers(running.site, running.record, running.session):
        if other.kind == "form" and isinstance(other.action, FormAction):
            scope = running.scope()
            shown = _shown(other.action, scope)
            view = PageView(0, "", [take_field(item, of_names(given, item), scope, NOTHING) for item in shown])
            if view.wrong:
                return view
    return None


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
