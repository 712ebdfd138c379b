"""Named calls, data sources, templates and categories (wcs-xml.md §10–§13)."""

from __future__ import annotations

from workflows.reader import KINDS

from .check import Check, is_integer, is_template, text
from .forms import check_booleans, check_category

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
REPORTING = ["notify_on_errors", "record_on_errors"]


def check_named_call(check: Check) -> None:
    """Check a `wscall`."""
    root = check.document.root
    check_slug(check)
    check_booleans(check, root, REPORTING)
    request = root.find("request")
    if request is None or not text(request, "url"):
        check.add("WCS-I411", root if request is None else request, text(root, "name"))
    if request is None:
        return
    check.leaves(request, ("url", "request_signature_key", "method"))
    method = text(request, "method")
    if method and method not in METHODS:
        check.add("WCS-I412", request, method)
    for tag in ("timeout", "cache_duration"):
        value = text(request, tag)
        if value and not value.strip().isdecimal():
            check.add("WCS-I603", request, f"<{tag}> {value}")
    for tag in ("qs_data", "post_data"):
        entries = request.find(tag)
        for entry in () if entries is None else entries:
            if entry.tag != "param":
                check.add("WCS-I410", entry, f"<{entry.tag}> in <{tag}>")
                continue
            check.attribute(entry, "key")
            if len(entry):
                check.add("WCS-I104", entry, f"<{entry[0].tag}> in <param>")


def check_named_source(check: Check) -> None:
    """Check a `datasource`."""
    root = check.document.root
    check_slug(check)
    check_booleans(check, root, REPORTING)
    check_category(check)
    value = text(root, "cache_duration")
    if value and not value.strip().isdecimal() and not is_template(value):
        check.add("WCS-I603", root, f"<cache_duration> {value}")
    entries = root.find("qs_data")
    for entry in () if entries is None else entries:
        if entry.tag == "param":
            check.add("WCS-I410", entry, "<param> in <qs_data>")
        elif entry.find("name") is None or entry.find("value") is None:
            check.add("WCS-I308", entry, text(entry, "name"))
    source = root.find("data_source")
    if source is None:
        return
    for tag in ("type", "value"):
        if source.find(tag) is None:
            check.add("WCS-I601", source, f"<{tag}>")
    check.leaves(source, ("value",))
    if text(source, "type") in ("python", "formula"):
        check.add("WCS-I602", source, text(source, "type"))


def check_template(check: Check) -> None:
    """Check a mail or comment template: nothing is mandatory, but markup must be escaped."""
    check_slug(check)
    check.leaves(check.document.root, ("name", "subject", "body", "comment"))
    check_category(check)


def check_category_definition(check: Check) -> None:
    """Check a category."""
    root = check.document.root
    check.leaves(root, ("name", "url_name", "description"))
    position = root.find("position")
    if position is None:
        return
    if not position.text:
        check.add("WCS-I504", position, "<position>")
    elif not is_integer(position.text):
        check.add("WCS-I503", position, f"<position> {position.text}")


def check_slug(check: Check) -> None:
    """Report a definition that others refer to by a slug it does not state."""
    root = check.document.root
    if not text(root, KINDS[check.document.kind].slug_child):
        check.add("WCS-I604", root, text(root, "name"))
