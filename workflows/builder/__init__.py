"""Makes w.c.s. definitions from Python, with the least that imports and every on-error parameter explicit.

Everything is a `Node`; `to_xml` writes a definition, `bundle` several, and `reader.Edits` inserts any of them into an
existing file in that file's own style.
"""

from workflows.reader import Node

from .actions import (
    OnErrors,
    action,
    assignment,
    attachments,
    choice,
    display_message,
    editable,
    form_action,
    jump,
    jump_on_submit,
    notify,
    redirect,
    register_comment,
    send_mail,
    set_backoffice_fields,
    webservice_call,
)
from .bundle import bundle, file_name, member_name
from .definitions import (
    block,
    card,
    category,
    category_link,
    comment_template,
    data_source_definition,
    form,
    mail_template,
    named_call,
    workflow_link,
)
from .fields import (
    block_field,
    boolean,
    comment,
    computed,
    data_source,
    field,
    item,
    page,
    prefill,
    text_field,
    title,
    value,
)
from .testing import form_test, service_answer, tested_step
from .workflow import (
    embedded_form,
    global_action,
    manual_trigger,
    status,
    timeout_trigger,
    webservice_trigger,
    workflow,
)
from .xml import (
    Entries,
    Role,
    condition,
    derived_id,
    flag,
    leaf,
    listing,
    lower_flag,
    pair,
    pairs,
    param,
    params,
    post_condition,
    role,
    roles,
    to_xml,
)

__all__ = [
    "Entries", "Node", "OnErrors", "Role", "action", "assignment", "attachments", "block", "block_field", "boolean",
    "bundle", "card", "category", "category_link", "choice", "comment", "comment_template", "computed", "condition",
    "data_source", "data_source_definition", "derived_id", "display_message", "editable", "embedded_form", "field",
    "file_name", "flag", "form", "form_action", "form_test", "global_action", "item", "jump", "jump_on_submit",
    "leaf", "listing", "lower_flag", "mail_template", "manual_trigger", "member_name", "named_call", "notify", "page",
    "pair", "pairs", "param", "params", "post_condition", "prefill", "redirect", "register_comment", "role", "roles",
    "send_mail", "service_answer", "set_backoffice_fields", "status", "tested_step", "text_field", "timeout_trigger",
    "title", "to_xml", "value", "webservice_call", "webservice_trigger", "workflow", "workflow_link",
]  # fmt: skip
