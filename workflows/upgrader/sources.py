"""The lock code in the query of slots' data sources, whatever their form."""

from __future__ import annotations

import re

from lxml import etree

from workflows.bookable import LOCK_CODE, SlotField, has_lock_code, sends_context_code, unparsable
from workflows.bookable.analysis import GENERATED
from workflows.bookable.expressions import is_django, literal_parts, named_calls, tags, variables
from workflows.builder import pair, param, params
from workflows.reader import DataSource, NamedCall, Node, View

from .plan import Plan

PARAMETER = re.compile(r"((?:[?&]|[%}]\})lock_code=)((?:\{\{.*?\}\}|\{%.*?%\}|[^&#{\s])*)", re.DOTALL)
#: Addresses of the contract, which have no query of their own.
BARE = re.compile(r"datetimes_url$")
#: Words inside tags that are no variables.
WORDS = frozenset({"firstof", "default", "default_if_none", "as"})
SIMPLE = re.compile(r"\{\{(?P<expression>[^{}|]++(?:\|[^{}]*+)?)\}\}")


def send_lock_code(plan: Plan, slot: SlotField) -> None:
    """Make the source of one slot field send the code. Raises `Refused`."""
    source = slot.field.data_source
    if source is None or not source.type:
        raise plan.refuse("no-slot")
    label = slot.field.label or slot.field.varname
    if source.type == "json":
        element = source.value_element
        if element is None:
            raise plan.refuse("no-slot")
        _change_address(plan, slot.field, element, label)
    elif source.type == "jsonvalue":
        _change_calls(plan, source.value, label)
    elif source.inline:
        raise plan.refuse("odd-source", field=label, kind=source.type)
    else:
        _change_named(plan, slot, source.named, label)


def _change_named(plan: Plan, slot: SlotField, slug: str, label: str) -> None:
    named = plan.analysis.named_source(slot)
    if named is None:
        if GENERATED.match(slug):
            # w.c.s. makes it from the agenda, with the lock code in its query.
            return
        raise plan.refuse("missing-source", slug=slug or "?", field=label)
    if named.source_type == "jsonvalue":
        _change_calls(plan, named.value, label)
    elif named.source_type != "json":
        raise plan.refuse("odd-source", field=label, kind=named.source_type)
    elif has_lock_code(named.value):
        assert named.value_element is not None
        _change_address(plan, named, named.value_element, label)
    else:
        _change_pairs(plan, named, label)


def _change_pairs(plan: Plan, named: DataSource, label: str) -> None:
    """The query of a named source is a list of its own, which w.c.s. encodes."""
    present = next((entry for entry in named.qs_data if entry.name == "lock_code"), None)
    if present is not None:
        value = present.element.find("value")
        if not sends_context_code(present.value) and value is not None:
            plan.edits(named.document).replace_text(value, LOCK_CODE)
            plan.change(named, plan.say("source", field=label), plan.say("source-code-why"), present.element)
        return
    entry = pair("lock_code", LOCK_CODE)
    container = named.child("qs_data")
    if container is not None:
        plan.edits(named.document).append_child(container, entry)
    else:
        after = named.child("data_source")
        assert after is not None
        plan.edits(named.document).insert_after(after, Node("qs_data", children=[entry]))
    plan.change(named, plan.say("source", field=label), plan.say("source-why"))


def _change_calls(plan: Plan, template: str, label: str) -> None:
    """A value made from named calls: they send the code."""
    slugs = named_calls(template)
    if not slugs:
        raise plan.refuse("template", template=template, why="jsonvalue")
    for slug in slugs:
        call = plan.analysis.library.named_call(slug)
        if call is None:
            raise plan.refuse("missing-call", slug=slug)
        if "datetimes" in call.url or len(slugs) == 1:
            _change_call(plan, call, label)


def _change_call(plan: Plan, call: NamedCall, label: str) -> None:
    url = call.element.find("request/url")
    present = next((entry for entry in call.qs_data if entry.name == "lock_code"), None)
    if present is not None:
        if not sends_context_code(present.value):
            plan.edits(call.document).replace_text(present.element, LOCK_CODE)
            plan.change(call, plan.say("source", field=label), plan.say("source-code-why"), present.element)
    elif has_lock_code(call.url) and url is not None:
        _change_address(plan, call, url, label)
    elif call.request is not None:
        container = call.element.find("request/qs_data")
        entry = param("lock_code", LOCK_CODE)
        if container is not None:
            plan.edits(call.document).append_child(container, entry)
        else:
            plan.edits(call.document).append_child(call.request, params("qs_data", {"lock_code": LOCK_CODE}))
        plan.change(call, plan.say("source", field=label), plan.say("source-why"))


def _change_address(plan: Plan, view: View, element: etree._Element, label: str) -> None:
    """An address written as a template."""
    template = element.text or ""
    why = unparsable(template)
    if why:
        raise plan.refuse("template", template=template, why=why)
    changed = with_lock_code(template)
    if changed is None:
        raise plan.refuse("template", template=template, why="?")
    if changed != template:
        reason = "source-code-why" if has_lock_code(template) else "source-why"
        plan.edits(view.document).replace_text(element, changed)
        plan.change(view, plan.say("source", field=label), plan.say(reason), element)


def with_lock_code(template: str) -> str | None:
    """The address with the code in its query; the same when it is there already, `None` when it cannot be said.

    A template that yields a whole address of unknown form asks at run time whether there is a query already.
    """
    if has_lock_code(template):
        found = PARAMETER.search(template)
        if found is None:
            return None
        if sends_context_code(found[2]):
            return template
        return template[: found.start(2)] + LOCK_CODE + template[found.end(2) :]
    bare = template.rstrip()
    rest = template[len(bare) :]
    literal = literal_parts(bare)
    if "#" in literal:
        return None
    if "?" in literal:
        joint = "" if literal.endswith(("?", "&")) else "&"
    elif _has_no_query(bare, literal):
        joint = "?"
    else:
        simple = SIMPLE.fullmatch(bare)
        expression = simple["expression"].strip() if simple else ""
        if not expression:
            return None
        joint = f'{{% if "?" in {expression} %}}&{{% else %}}?{{% endif %}}'
    return f"{bare}{joint}lock_code={LOCK_CODE}{rest}"


def _has_no_query(template: str, literal: str) -> bool:
    """Whether the address surely has no query: its end is written out, or it is an address of the contract."""
    if not is_django(template) or not literal.endswith("\0") or "datetimes" in literal:
        return True
    tag = tags(template)[-1]
    names = [name for name in variables(tag) if name not in WORDS]
    return bool(names) and all(BARE.search(name) for name in names)
