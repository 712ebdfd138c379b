"""Actions of workflows (wcs-xml.md §6). `status()` and `global_action()` number those that have no id."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from workflows.reader import Node

from .fields import number_fields
from .xml import Entries, Role, condition, entries_of, flag, leaf, listing, optional, pairs, roles


@dataclass(frozen=True)
class OnErrors:
    """What a call does when it goes wrong: `:pass`, `:stop` or a status id. All five must be decided."""

    app_error: str
    http_4xx: str
    http_5xx: str
    bad_data: str
    network_errors: str

    @classmethod
    def all(cls, outcome: str) -> OnErrors:
        """The same for every kind of error."""
        return cls(outcome, outcome, outcome, outcome, outcome)


def action(kind: str, *children: Node | None, id: str = "") -> Node:
    """Any action: parameters as children."""
    return Node("item", attributes={"type": kind, **({"id": id} if id else {})}).add(*children)


def webservice_call(
    label: str,
    url: str,
    varname: str,
    on_errors: OnErrors,
    *,
    method: str = "POST",
    post_data: Entries = (),
    qs_data: Entries = (),
    signature_key: str = "",
    record: bool = True,
    notify: bool = False,
    when: str = "",
    id: str = "",
) -> Node:
    """A call whose answer lands in `form_workflow_data_<varname>_response`."""
    return action(
        "webservice_call",
        leaf("label", label),
        leaf("method", method),
        leaf("url", url),
        pairs("qs_data", qs_data),
        flag("post", False),
        pairs("post_data", post_data),
        leaf("response_type", "json"),
        leaf("varname", varname),
        optional("request_signature_key", signature_key),
        leaf("action_on_app_error", on_errors.app_error),
        leaf("action_on_4xx", on_errors.http_4xx),
        leaf("action_on_5xx", on_errors.http_5xx),
        leaf("action_on_bad_data", on_errors.bad_data),
        leaf("action_on_network_errors", on_errors.network_errors),
        flag("notify_on_errors", notify),
        flag("record_on_errors", record),
        flag("record_errors", False),
        condition(when),
        flag("set_marker_on_status", False),
        id=id,
    )


def jump(
    status: str,
    *,
    when: str = "",
    timeout: str = "",
    trigger: str = "",
    by: Iterable[str | Role] = (),
    mark: bool = False,
    id: str = "",
) -> Node:
    """A jump: at once, after `timeout` (seconds or a template), or when `trigger` is called by `by`."""
    mode = "trigger" if trigger else "timeout" if timeout else "immediate"
    return action(
        "jump",
        leaf("status", status),
        condition(when),
        leaf("mode", mode),
        optional("trigger", trigger),
        roles("by", by) if trigger else None,
        optional("timeout", timeout),
        flag("set_marker_on_status", mark),
        id=id,
    )


def choice(
    label: str,
    status: str,
    by: Iterable[str | Role],
    *,
    confirm: str = "",
    identifier: str = "",
    when: str = "",
    mark: bool = False,
    ignore_form_errors: bool = False,
    id: str = "",
) -> Node:
    """A button; `confirm` is the question asked before, none when empty.

    Beside the form of an action it submits that form too, unless it ignores its errors.
    """
    return action(
        "choice",
        leaf("label", label),
        roles("by", by),
        leaf("status", status),
        flag("set_marker_on_status", mark),
        flag("require_confirmation", bool(confirm)),
        optional("confirmation_text", confirm),
        optional("identifier", identifier),
        flag("ignore_form_errors", True) if ignore_form_errors else None,
        condition(when),
        id=id,
    )


def form_action(
    varname: str,
    by: Iterable[str | Role],
    fields: Iterable[Node],
    *,
    hide_submit_button: bool = False,
    when: str = "",
    exit_conditions: Iterable[Node] = (),
    id: str = "",
) -> Node:
    """Fields asked for in a status, read as `<varname>_var_<field>`; the varname must not start with `form`."""
    posts = list(exit_conditions)
    return action(
        "form",
        roles("by", by),
        leaf("varname", varname),
        flag("hide_submit_button", hide_submit_button),
        condition(when),
        Node(
            "formdef", children=[leaf("name", "-"), Node("fields", children=number_fields(fields, f"action/{varname}"))]
        ).add(Node("post_conditions", children=posts) if posts else None),
        id=id,
    )


def jump_on_submit(status: str, *, id: str = "") -> Node:
    """Where to go when the form action of the same status is submitted."""
    return action("jumponsubmit", leaf("status", status), flag("set_marker_on_status", False), id=id)


def display_message(
    message: str,
    *,
    level: str = "info",
    position: str = "top",
    to: Iterable[str | Role] = (),
    when: str = "",
    id: str = "",
) -> Node:
    """A message on the record's page; `level` is success, info, warning or error; `to` nobody means everybody."""
    readers = list(to)
    return action(
        "displaymsg",
        leaf("message", message),
        leaf("level", level),
        leaf("position", position),
        roles("to", readers) if readers else None,
        condition(when),
        id=id,
    )


def send_mail(
    to: Iterable[str | Role],
    *,
    template: str = "",
    subject: str = "",
    body: str = "",
    when: str = "",
    varname: str = "",
    id: str = "",
) -> Node:
    """A mail from a mail template (slug), or from a subject and a body."""
    return action(
        "sendmail",
        roles("to", to),
        optional("mail_template", template),
        optional("subject", subject),
        optional("body", body),
        optional("varname", varname),
        condition(when),
        id=id,
    )


def set_backoffice_fields(label: str, values: Entries, *, when: str = "", id: str = "") -> Node:
    """Give values (templates) to backoffice fields, by field id."""
    fields = [assignment(field_id, template) for field_id, template in entries_of(values)]
    return action(
        "set-backoffice-fields", leaf("label", label), Node("fields", children=fields), condition(when), id=id
    )


def assignment(field_id: str, template: str) -> Node:
    """One `<field>` of set-backoffice-fields."""
    return Node("field", children=[leaf("field_id", field_id), leaf("value", template)])


def register_comment(comment: str, *, to: Iterable[str | Role] = (), when: str = "", id: str = "") -> Node:
    """A line in the history of the record."""
    readers = list(to)
    return action(
        "register-comment",
        leaf("comment", comment),
        roles("to", readers) if readers else None,
        condition(when),
        id=id,
    )


def notify(to: Iterable[str | Role], title: str, body: str, *, when: str = "", id: str = "") -> Node:
    """A notification on the user's portal."""
    return action("notification", roles("to", to), leaf("title", title), leaf("body", body), condition(when), id=id)


def editable(
    label: str, status: str, by: Iterable[str | Role], *, page: str = "", when: str = "", id: str = ""
) -> Node:
    """A button to edit the record: the whole of it, or the page of that varname alone."""
    return action(
        "editable",
        roles("by", by),
        leaf("status", status),
        leaf("label", label),
        leaf("operation_mode", "single" if page else "full"),
        optional("page_identifier", page),
        flag("set_marker_on_status", False),
        condition(when),
        id=id,
    )


def redirect(url: str, *, id: str = "") -> Node:
    """Send the browser elsewhere."""
    return action("redirect_to_url", leaf("url", url), id=id)


def attachments(templates: Iterable[str]) -> Node:
    """`<attachments>` for mails and comments."""
    return listing("attachments", templates, "attachment")


def number_actions(actions: Iterable[Node]) -> list[Node]:
    """Give the next free integer to the actions that have no id, as w.c.s. numbers them (wcs-xml.md §15)."""
    numbered = list(actions)
    highest = max((int(a.attributes["id"]) for a in numbered if a.attributes.get("id", "").isdecimal()), default=0)
    for node in numbered:
        if not node.attributes.get("id"):
            highest += 1
            node.attributes["id"] = str(highest)
    return numbered
