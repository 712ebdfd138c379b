"""What each action does when its turn comes; those that wait for somebody do nothing then (wcs-xml.md §6)."""

from __future__ import annotations

from collections.abc import Callable

from workflows.reader import Action, Jump, SetBackofficeFields, WebserviceCall

from ..assigning import assigned
from ..scope import place
from ..templates import NotEvaluated
from ..values import NOTHING
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
        raise Jumped(action.status, mark=action.flag("set_marker_on_status"), identifier=action.text("identifier"))


def _call(action: Action, running: Running) -> None:
    if isinstance(action, WebserviceCall):
        call_webservice(action, running)


def _set_fields(action: Action, running: Running) -> None:
    if not isinstance(action, SetBackofficeFields):
        return
    for assignment in action.assignments:
        scope, data = running.scope(), running.record.data
        form = running.workflow.backoffice_fields
        field = form.by_id(assignment.field_id) if form is not None else None
        if field is None:
            running.site.trace.notice(
                "workflow",
                place(action),
                running.site.say(
                    f"No backoffice field {assignment.field_id}", f"Aucun champ backoffice {assignment.field_id}"
                ),
                assignment.field_id,
            )
            continue
        try:
            value = scope.value(assignment.value, action)
        except NotEvaluated:
            continue
        data[field.id] = assigned(field, value, scope, data.get(field.id, NOTHING))


def _message(action: Action, running: Running) -> None:
    """Messages are made when somebody looks at the record (`messages`)."""


def _comment(action: Action, running: Running) -> None:
    template = running.site.library.find("comment-template", action.text("comment_template"))
    source = template.text("comment") if template is not None else action.text("comment")
    if action.text("comment_template") and template is None:
        running.site.trace.notice(
            "mail",
            place(action),
            running.site.say(
                f"The comment template {action.text('comment_template')} was not given",
                f"Le modèle de commentaire {action.text('comment_template')} n'est pas fourni",
            ),
            action.text("comment_template"),
        )
    text = running.scope().text(source, template or action, html=True)
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
