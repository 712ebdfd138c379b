"""Roles, functions and templates in the lists of a workflow (wcs-xml.md §14)."""

from __future__ import annotations

from lxml import etree

from .check import Check, is_template

#: Literal values that are no function of the workflow.
BUILT_IN = ("_submitter", "_signed_calls", "_user")


def check_role_list(check: Check, element: etree._Element, functions: frozenset[str], mails: bool = False) -> None:
    """Check `by`, `to` or `roles`; `mails` when addresses are welcome too."""
    if not len(element) and (element.text or "").strip():
        check.add("WCS-I407", element, f"<{element.tag}> {element.text}")
    for child in element:
        check_role(check, child, functions, mails)


def check_role(check: Check, element: etree._Element, functions: frozenset[str], mails: bool = False) -> None:
    """Check one role: a function is declared, a real role is known when the roles of the site are."""
    value = element.text or ""
    if value.startswith("_"):
        if value not in functions and not value.startswith(BUILT_IN):
            check.add("WCS-I404", element, value)
        return
    if not value or value == "logged-users" or is_template(value) or (mails and "@" in value):
        return
    known = check.site.roles
    if known is not None and value not in known and (element.get("slug") or "") not in known:
        check.add("WCS-I313", element, value)
