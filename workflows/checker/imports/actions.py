"""Actions of a workflow, one by one (wcs-xml.md §6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lxml import etree

from workflows.reader import FormDefinition
from workflows.reader.model.actions import STATUS_PARAMETERS

from .check import Check, is_integer, is_template, text
from .fields import check_fields, check_post_conditions
from .forms import is_base64
from .parameters import Parameters, parameters_of
from .resources import METHODS
from .roles import check_role, check_role_list

BOOLEANS = ("True", "False")


@dataclass(frozen=True)
class Surroundings:
    """What an action may refer to in its workflow."""

    functions: frozenset[str]
    statuses: frozenset[str]
    backoffice_fields: frozenset[str]
    in_global_action: bool


def check_action(check: Check, element: etree._Element, around: Surroundings) -> None:
    """Check an action whose type is known."""
    kind = element.get("type") or ""
    parameters = parameters_of(kind, around.in_global_action)
    check_parameters(check, element, parameters, around.functions, mails=kind == "sendmail")
    check.condition(element)
    for tag in STATUS_PARAMETERS:
        target = element.find(tag)
        if target is None or tag not in parameters.texts:
            continue
        status = target.text or ""
        if status and not status.startswith((":", "_")) and not is_template(status) and status not in around.statuses:
            check.add("WCS-I401", target, f"{kind}: <{tag}> {status}")
    file_field = text(element, "backoffice_filefield_id")
    if file_field and "backoffice_filefield_id" in parameters.texts and file_field not in around.backoffice_fields:
        check.add("WCS-I402", element, f"{kind}: {file_field}")
    rule = RULES.get(kind)
    if rule:
        rule(check, element, around)


def check_parameters(
    check: Check,
    element: etree._Element,
    parameters: Parameters,
    functions: frozenset[str],
    mails: bool = False,
) -> None:
    """Check texts, booleans and role lists of an action or trigger; other children are not read by the import."""
    for child in element:
        tag = child.tag
        if tag in parameters.roles:
            check_role_list(check, child, functions, mails)
        elif tag in parameters.booleans or tag in parameters.texts or tag == "documentation":
            value = child.text or ""
            if len(child):
                check.add("WCS-I307", child, f"<{child[0].tag}> in <{tag}>")
            elif tag in parameters.booleans and value and value not in BOOLEANS and not is_integer(value):
                check.add("WCS-I305", child, f"<{tag}> {value}")


def check_jump(check: Check, element: etree._Element, around: Surroundings) -> None:
    """In a status the time-out must be seconds or a template."""
    if around.in_global_action:
        return
    timeout = element.find("timeout")
    value = "" if timeout is None else timeout.text or ""
    if timeout is not None and value and not is_integer(value) and not is_template(value):
        check.add("WCS-I306", timeout, value)


def check_sendmail(check: Check, element: etree._Element, around: Surroundings) -> None:
    """A mail needs recipients, none of them empty, and a content."""
    to = element.find("to")
    for child in () if to is None else to:
        if not child.text:
            check.add("WCS-I309", child)
    if to is None or (not len(to) and not (to.text or "").strip()):
        check.add("WCS-I405", element)
    template = text(element, "mail_template")
    if template:
        if not is_template(template):
            check.reference("WCS-I312", "mail-template", template, element)
    elif not (text(element, "subject") and text(element, "body")):
        check.add("WCS-I406", element)


def check_register_comment(check: Check, element: etree._Element, around: Surroundings) -> None:
    """The comment template should be known."""
    template = text(element, "comment_template")
    if template:
        check.reference("WCS-I415", "comment-template", template, element, refused=False)


def check_webservice_call(check: Check, element: etree._Element, around: Surroundings) -> None:
    """A call needs an address, a known method, and its data as items."""
    if not text(element, "url"):
        check.add("WCS-I411", element, text(element, "label"))
    method = text(element, "method")
    if method and method not in METHODS:
        check.add("WCS-I412", element, method)
    for tag in ("qs_data", "post_data"):
        entries = element.find(tag)
        for entry in () if entries is None else entries:
            if entry.tag == "param":
                check.add("WCS-I410", entry, f"<param> in <{tag}>")
            elif entry.tag != "item":
                continue
            elif entry.find("name") is None or entry.find("value") is None:
                check.add("WCS-I308", entry, f"<{tag}> {text(entry, 'name')}")
            else:
                check.leaves(entry, ("name", "value"))


def check_set_fields(check: Check, element: etree._Element, around: Surroundings) -> None:
    """Values go to backoffice fields that exist."""
    fields = element.find("fields")
    for assignment in () if fields is None else fields:
        check.leaves(assignment, ("field_id", "value"), "WCS-I307")
        field_id = text(assignment, "field_id")
        if field_id and field_id not in around.backoffice_fields:
            check.add("WCS-I402", assignment, field_id)


def check_form_action(check: Check, element: etree._Element, around: Surroundings) -> None:
    """The form of a form action is checked like any other."""
    varname = text(element, "varname")
    if varname == "form" or varname.startswith("form_"):
        check.add("WCS-I409", element, varname)
    formdef = element.find("formdef")
    if formdef is not None:
        check.name(formdef)
        check_fields(check, formdef)
        check_post_conditions(check, formdef)


def check_mappings(check: Check, element: etree._Element, around: Surroundings) -> None:
    """`mappings` is mandatory, and names fields of the target."""
    mappings = check.required(element, "mappings")
    slug, kind = text(element, "formdef_slug"), element.get("type")
    target_kind = "formdef" if kind == "create_formdata" else "carddef"
    if slug:
        check.reference("WCS-I416", target_kind, slug, element, refused=False)
    target = check.site.find(target_kind, slug)
    if mappings is None or not isinstance(target, FormDefinition):
        return
    by_varname = text(element, "map_fields_by_varname") == "True"
    ids = {field.varname if by_varname else field.id for field in target.fields}
    workflow = check.site.workflow_of(target)
    if target.workflow is not None and workflow is None:
        return  # its workflow may add backoffice fields that are not known here
    if workflow is not None and workflow.backoffice_fields is not None:
        ids |= {field.varname if by_varname else field.id for field in workflow.backoffice_fields.fields}
    for mapping in mappings:
        field_id = (mapping.get("field_id") or "").partition("$")[0]
        if field_id and field_id not in ids:
            check.add("WCS-I403", mapping, f"{slug}: {field_id}")


def check_external(check: Check, element: etree._Element, around: Surroundings) -> None:
    """The slug of the form or card model whose action is started."""
    kind, _, slug = text(element, "slug").partition(":")
    if slug and kind in ("formdef", "carddef"):
        check.reference("WCS-I416", kind, slug, element, refused=False)


def check_target_card(check: Check, element: etree._Element, around: Surroundings) -> None:
    """The card model whose cards are assigned."""
    slug = text(element, "formdef_slug")
    if slug:
        check.reference("WCS-I416", "carddef", slug, element, refused=False)


def check_model(check: Check, element: etree._Element, around: Surroundings) -> None:
    """The file of a document model must be whole."""
    model = element.find("model_file")
    if model is None or not (len(model) or model.text):
        return
    for tag in ("base_filename", "content_type"):
        if model.find(tag) is None:
            check.add("WCS-I310", model, f"<{tag}>")
    content = model.find("b64_content")
    if content is None and model.find("content") is None:
        check.add("WCS-I310", model, "<b64_content>")
    elif content is not None and not is_base64(content.text or ""):
        check.add("WCS-I311", content, text(model, "base_filename"))


def check_dispatch(check: Check, element: etree._Element, around: Surroundings) -> None:
    """The function that is given, and the roles that get it."""
    key = text(element, "role_key")
    if key.startswith("_") and key not in around.functions:
        check.add("WCS-I404", element, key)
    role = element.find("role_id")
    if role is not None:
        check_role(check, role, around.functions, mails=True)
    rules = element.find("rules")
    for rule in () if rules is None else rules:
        check.leaves(rule, ("role_id", "value"), "WCS-I307")
        role = rule.find("role_id")
        if role is not None:
            check_role(check, role, around.functions, mails=True)


def check_single_role(check: Check, element: etree._Element, around: Surroundings) -> None:
    """The role given to, or taken from, the user."""
    role = element.find("role_id")
    if role is not None:
        check_role(check, role, around.functions)


Rule = Callable[[Check, etree._Element, Surroundings], None]
RULES: dict[str, Rule] = {
    "add_role": check_single_role,
    "assign_carddata": check_target_card,
    "create_carddata": check_mappings,
    "create_formdata": check_mappings,
    "dispatch": check_dispatch,
    "edit_carddata": check_mappings,
    "export_to_model": check_model,
    "external_workflow_global_action": check_external,
    "form": check_form_action,
    "jump": check_jump,
    "register-comment": check_register_comment,
    "remove_role": check_single_role,
    "sendmail": check_sendmail,
    "set-backoffice-fields": check_set_fields,
    "webservice_call": check_webservice_call,
}
