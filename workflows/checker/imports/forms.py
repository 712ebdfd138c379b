"""Forms, card models and blocks (wcs-xml.md §7, §9)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation

from lxml import etree

from workflows.reader import FormDefinition

from .check import Check, is_integer, text
from .fields import check_fields, check_post_conditions

BOOLEANS = [
    "discussion",
    "detailed_emails",
    "disabled",
    "only_allow_one",
    "enable_tracking_codes",
    "confirmation",
    "always_advertise",
    "has_captcha",
    "skip_from_360_view",
]
TEXTS = (
    "name",
    "url_name",
    "description",
    "keywords",
    "lateral_template",
    "submission_lateral_template",
    "id_template",
)
DEFAULT_WORKFLOWS = ("_default", "_carddef_default")


def check_form(check: Check) -> None:
    """Check a form or card model."""
    root = check.document.root
    check.name(root)
    check.leaves(root, TEXTS)
    check_booleans(check, root, BOOLEANS)
    warning = root.find("old_but_non_anonymised_warning")
    if warning is not None and warning.text and not is_integer(warning.text):
        check.add("WCS-I503", warning, f"<{warning.tag}> {warning.text}")
    check_fields(check, root, whole_file=True)
    for tag, attribute in (("geolocations", "key"), ("digest_templates", "key"), ("roles", "role_key")):
        for element in _children(root, tag):
            check.attribute(element, attribute)
    for option in _children(root, "options"):
        check_option(check, option)
    for view in _children(root, "custom_views"):
        default = view.find("is_default")
        if default is not None and not default.text:
            check.add("WCS-I504", default, f"<is_default>: {text(view, 'title')}")
    check_migrations(check, root)
    check_workflow_link(check)
    check_category(check)


def check_block_definition(check: Check) -> None:
    """Check a block of fields."""
    root = check.document.root
    check.name(root)
    check.leaves(root, ("name", "slug", "digest_template"))
    check_fields(check, root)
    check_post_conditions(check, root)
    check_category(check)


def check_booleans(check: Check, parent: etree._Element, tags: list[str]) -> None:
    """Report booleans that are neither `true` nor `false`: they silently mean false."""
    for tag in tags:
        found = parent.find(tag)
        if found is not None and (found.text or "") not in ("true", "false", ""):
            check.add("WCS-I105", found, f"<{tag}> {found.text}")


def check_option(check: Check, option: etree._Element) -> None:
    """Check a value of a workflow option by its type, lists and dictionaries included."""
    kind, value = option.get("type"), option.text or ""
    if kind in ("list", "dict"):
        for child in option:
            check_option(check, child)
    elif kind == "file":
        content = option.find("content")
        if content is not None and not is_base64(content.text or ""):
            check.add("WCS-I501", content, option.get("varname") or str(option.tag))
    elif kind == "decimal":
        try:
            Decimal(value)
        except InvalidOperation:
            check.add("WCS-I502", option, f"{option.get('varname') or option.tag} = {value}")
    elif kind in PARSERS and not _parses(kind, value):
        check.add("WCS-I501", option, f"{option.get('varname') or option.tag} = {value}")


def _parse_date(value: str) -> object:
    year, month, day = value.split("-")
    return date(int(year), int(month), int(day))


PARSERS: dict[str, Callable[[str], object]] = {"int": int, "float": float, "date": _parse_date}


def _parses(kind: str, value: str) -> bool:
    try:
        PARSERS[kind](value)
    except (ValueError, OverflowError):
        return False
    return True


def is_base64(value: str) -> bool:
    """Tell whether Python decodes the text; characters outside the alphabet are skipped, as w.c.s. has it."""
    try:
        base64.b64decode(value)
    except (binascii.Error, ValueError):
        return False
    return True


def check_migrations(check: Check, root: etree._Element) -> None:
    """Check the status mappings used when a bundle changes the workflow of a form."""
    for migration in _children(root, "workflow-migrations"):
        check.attribute(migration, "old-workflow", "new-workflow")
        for mapped in _children(migration, "status-mapping"):
            check.attribute(mapped, "old", "new")


def check_workflow_link(check: Check) -> None:
    """Check that the workflow is known, and that roles are given to functions it has."""
    form = check.document.definition
    if not isinstance(form, FormDefinition) or form.workflow is None:
        return
    reference, workflow = form.workflow, check.site.workflow_of(form)
    shown = reference.slug or reference.name
    if workflow is None:
        if shown and reference.slug not in DEFAULT_WORKFLOWS:
            check.reference("WCS-I505", "workflow", shown, reference.element, refused=False)
        return
    for element in form.children("roles"):
        key = element.get("role_key") or ""
        if key and key not in workflow.functions:
            check.add("WCS-I507", element, key)


def check_category(check: Check) -> None:
    """Check that the category of a definition is known, where categories of its kind were given."""
    definition = check.document.definition
    reference = definition.category
    kind = CATEGORY_KINDS.get(definition.kind, "")
    if reference is not None and kind and reference.slug:
        check.reference("WCS-I506", kind, reference.slug, reference.element, refused=False)


CATEGORY_KINDS = {
    "formdef": "category",
    "carddef": "carddef_category",
    "workflow": "workflow_category",
    "block": "block_category",
    "mail-template": "mail_template_category",
    "comment-template": "comment_template_category",
    "datasource": "data_source_category",
}


def _children(parent: etree._Element, tag: str) -> list[etree._Element]:
    found = parent.find(tag)
    return [] if found is None else list(found)
