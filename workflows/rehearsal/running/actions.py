"""What each action does when its turn comes; those that wait for somebody do nothing then (wcs-xml.md §6)."""

from __future__ import annotations

from collections.abc import Callable

from workflows.reader import Action, Jump, SetBackofficeFields, WebserviceCall

from ..scope import place
from ..templates import NotEvaluated
from ..values import Stored
from .run import Jumped, Running
from .webservice import call_webservice

#: They wait for somebody, or for time.
WAITING = frozenset({"choice", "form", "jumponsubmit", "editable", "commentable"})


def perform(action: Action, running: Running) -> None:
    """Run one action. Raises `Jumped` or `Stop`."""
    if action.type in WAITING:
        return
    doing = DOING.get(action.type)
    if doing is None:
        site = running.site
        site.trace.notice(
            "not-played",
            place(action),
            site.say(f"Action {action.type}: not played", f"Action {action.type} : non jouée"),
            action.type,
        )
        running.tell("note", site.say("Not played", "Non joué"), action.label or action.type)
        return
    doing(action, running)


def _jump(action: Action, running: Running) -> None:
    if isinstance(action, Jump) and (action.mode == "immediate" or action.owner not in running.workflow.statuses):
        raise Jumped(action.status, mark=action.flag("set_marker_on_status"))


def _call(action: Action, running: Running) -> None:
    if isinstance(action, WebserviceCall):
        call_webservice(action, running)


def _set_fields(action: Action, running: Running) -> None:
    if not isinstance(action, SetBackofficeFields):
        return
    for assignment in action.assignments:
        try:
            value = running.scope().value(assignment.value, action)
        except NotEvaluated:
            continue
        running.record.data[assignment.field_id] = Stored(value)


def _message(action: Action, running: Running) -> None:
    text = running.scope().text(action.text("message"), action, html=True)
    if text and text.strip():
        to = [item.get("role_id") or item.text or "" for item in action.children("to")]
        running.record.messages.append((action.text("level"), text, to))


def _comment(action: Action, running: Running) -> None:
    template = running.site.library.find("comment-template", action.text("comment_template"))
    source = template.text("comment") if template is not None else action.text("comment")
    text = running.scope().text(source, action, html=True)
    if text:
        running.tell("comment", text)


def _mail(action: Action, running: Running) -> None:
    """A mail is written, and kept in the history instead of being sent."""
    scope, site = running.scope(), running.site
    named = action.text("mail_template")
    template = site.library.find("mail-template", named) if named else None
    if named and template is None:
        site.trace.notice(
            "mail",
            place(action),
            site.say(f"The mail template {named} was not given", f"Le modèle de courriel {named} n'est pas fourni"),
            named,
        )
    part = template.text if template is not None else action.text
    subject = scope.text(part("subject"), template or action)
    body = scope.text(part("body"), template or action)
    to = [scope.text(item.text or item.get("role_id") or "", action) or "" for item in action.children("to")]
    user = running.record.user
    to = [(user.email if user else "") if one == "_submitter" else one for one in to]
    if any(to) and (subject or body):
        running.tell("mail", f"{', '.join(filter(None, to))} – {subject or ''}", body or "")


def _notify(action: Action, running: Running) -> None:
    title = running.scope().text(action.text("title"), action)
    running.tell("note", running.site.say("Notification", "Notification"), title or "")


def _redirect(action: Action, running: Running) -> None:
    running.url = (running.scope().text(action.text("url"), action) or "").strip()


def _remove(action: Action, running: Running) -> None:
    running.tell("note", running.site.say("Deleted", "Supprimée"))
    running.record.removed = True


DOING: dict[str, Callable[[Action, Running], None]] = {
    "jump": _jump,
    "webservice_call": _call,
    "set-backoffice-fields": _set_fields,
    "displaymsg": _message,
    "register-comment": _comment,
    "sendmail": _mail,
    "notification": _notify,
    "redirect_to_url": _redirect,
    "remove": _remove,
}
