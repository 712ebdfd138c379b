"""The lock code in the query of slots' data sources, whatever their form."""

from __future__ import annotations

import re

from lxml import etree

from workflows.bookable import LOCK_CODE, SlotField, guarded, has_lock_code, sends_context_code, sent_token, unparsable
from workflows.bookable.analysis import GENERATED, fields_read
from workflows.bookable.expressions import FORM_VARIABLE, is_django, literal_parts, named_calls, pieces, tags, variables
from workflows.builder import pair, param, params
from workflows.reader import DataSource, Field, NamedCall, Node, View

from .holds import keep_token
from .plan import Plan

PARAMETER = re.compile(r"((?:[?&]|[%}]\})lock_code=)((?:\{\{.*?\}\}|\{%.*?%\}|[^&#{\s])*)", re.DOTALL)
#: Addresses of the contract, which have no query of their own.
BARE = re.compile(r"datetimes_url$")
#: What the query of a source may hold when it is written into its address.
OURS = {"lock_code", "lock_token"}
#: An address that is guarded already, by one condition around all of it.
GUARDED = re.compile(
    r"(?P<start>\{% if (?:(?!%\}).)+ %\})(?P<address>(?:(?!\{% (?:if|else|elif|endif)).)*)\{% endif %\}", re.DOTALL
)
#: The lock code in an address, which reads no field that the address needs.
CODE = re.compile(r"[?&]lock_(?:code|token)=(?:\{\{.*?\}\}|\{%.*?%\}|[^&#{\s])*", re.DOTALL)
#: The first of some variables that has a value.
FIRST_OF = re.compile(r"\{%\s*firstof\s+(?P<names>[\w.]+(?:\s+[\w.]+)*)\s*%\}")
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
    elif has_lock_code(named.value) or (_may_be_empty(named.value) and {entry.name for entry in named.qs_data} <= OURS):
        # A query of its own would be asked for even where the address is empty.
        assert named.value_element is not None
        query = named.child("qs_data")
        if query is not None and not {entry.name for entry in named.qs_data} - OURS:
            plan.edits(named.document).remove(query)
        _change_address(plan, named, named.value_element, label)
    else:
        _change_pairs(plan, named, label)


def _may_be_empty(address: str) -> bool:
    return bool(read_fields(address)) or GUARDED.fullmatch(address.strip()) is not None


def _change_pairs(plan: Plan, named: DataSource, label: str) -> None:
    """The query of a named source is a list of its own, which w.c.s. encodes."""
    entries = {entry.name: entry for entry in named.qs_data}
    missing = []
    present = entries.get("lock_code")
    if present is None:
        missing.append(pair("lock_code", LOCK_CODE))
        plan.change(named, plan.say("source", field=label), plan.say("source-why"))
    else:
        value = present.element.find("value")
        if not sends_context_code(present.value) and value is not None:
            plan.edits(named.document).replace_text(value, LOCK_CODE)
            plan.change(named, plan.say("source", field=label), plan.say("source-code-why"), present.element)
    if "lock_token" not in entries:
        missing.append(pair("lock_token", sent_token(keep_token(plan))))
        plan.change(named, plan.say("source-token", field=label), plan.say("token-why"))
    container = named.child("qs_data")
    if container is not None:
        for entry in missing:
            plan.edits(named.document).append_child(container, entry)
    else:
        after = named.child("data_source")
        assert after is not None
        plan.edits(named.document).insert_after(after, Node("qs_data", children=missing))


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
    entries = {entry.name: entry for entry in call.qs_data}
    missing = {}
    present = entries.get("lock_code")
    if present is None and has_lock_code(call.url) and url is not None:
        _change_address(plan, call, url, label, guard=False)
        return
    if present is None:
        missing["lock_code"] = LOCK_CODE
        plan.change(call, plan.say("source", field=label), plan.say("source-why"))
    elif not sends_context_code(present.value):
        plan.edits(call.document).replace_text(present.element, LOCK_CODE)
        plan.change(call, plan.say("source", field=label), plan.say("source-code-why"), present.element)
    if "lock_token" not in entries:
        missing["lock_token"] = sent_token(keep_token(plan))
        plan.change(call, plan.say("source-token", field=label), plan.say("token-why"))
    container = call.element.find("request/qs_data")
    if container is not None:
        for name, value in missing.items():
            plan.edits(call.document).append_child(container, param(name, value))
    elif missing and call.request is not None:
        plan.edits(call.document).append_child(call.request, params("qs_data", missing))


def guard_source(plan: Plan, field: Field) -> None:
    """Leave the address of a list empty while a field that it reads has no value."""
    source = field.data_source
    if source is None:
        return
    named = plan.analysis.library.data_source(source.named) if source.named else None
    view: View = named or field
    element = named.value_element if named is not None else source.value_element if source.inline else None
    kind = named.source_type if named is not None else source.type
    address = (element.text or "") if element is not None else ""
    if kind != "json" or element is None or (named is not None and named.qs_data) or unparsable(address):
        return
    alone = SIMPLE.fullmatch(address.strip())
    if FIRST_OF.fullmatch(address.strip()) or (alone and not alone["expression"].strip().endswith("_raw")):
        # Variables alone are empty by themselves.
        return
    _guard(plan, view, element, address, address, field.label or field.varname)


def _guard(plan: Plan, view: View, element: etree._Element, original: str, changed: str, label: str) -> None:
    """Write an address, guarded by the fields that its original reads."""
    names = _needed(plan, original)
    if names:
        changed = guarded(changed.strip(), names)
        said = ", ".join(f"{{{{ {name} }}}}" for name in names)
        plan.change(view, plan.say("guard", field=label, names=said), plan.say("guard-why"), element)
    if changed != (element.text or ""):
        plan.edits(view.document).replace_text(element, changed)


def _needed(plan: Plan, template: str) -> list[str]:
    """The variables without which an address is not to be asked: not those of its query that may stay empty."""
    query = set(variables(template)) - set(variables(_path(template)))
    return [name for name in read_fields(template) if name not in query or not _may_stay_empty(plan, name)]


def _path(template: str) -> str:
    """An address up to the question mark that is written in it."""
    path = ""
    for is_tag, text in pieces(template):
        if not is_tag and "?" in text:
            return path + text.partition("?")[0]
        path += text
    return path


def _may_stay_empty(plan: Plan, name: str) -> bool:
    return any(
        field.type == "bool" or not field.required or field.condition or (field.page and field.page.condition)
        for field in fields_read(f"{{{{ {name} }}}}", plan.analysis.form)
    )


def read_fields(template: str) -> list[str]:
    """The form's variables without which an address is none; empty when it is guarded or chooses by itself."""
    own = CODE.sub("", template)
    first = FIRST_OF.fullmatch(own.strip())
    if first:
        names = first["names"].split()
        return [" or ".join(names)] if all(FORM_VARIABLE.match(name) for name in names) else []
    if "{%" in own or "|default" in own or not is_django(own):
        return []
    return list(dict.fromkeys(name for name in variables(own) if FORM_VARIABLE.match(name.replace(".", "_"))))


def _change_address(plan: Plan, view: View, element: etree._Element, label: str, *, guard: bool = True) -> None:
    """An address written as a template."""
    template = element.text or ""
    why = unparsable(template)
    if why:
        raise plan.refuse("template", template=template, why=why)
    inner = GUARDED.fullmatch(template.strip())
    bare = inner["address"] if inner else template
    changed = with_lock_code(bare)
    if changed is None:
        raise plan.refuse("template", template=template, why="?")
    if changed != bare:
        reason = "source-code-why" if has_lock_code(bare) else "source-why"
        plan.change(view, plan.say("source", field=label), plan.say(reason), element)
    if "lock_token=" not in changed:
        end = len(changed.rstrip())
        changed = f"{changed[:end]}&lock_token={sent_token(keep_token(plan))}{changed[end:]}"
        plan.change(view, plan.say("source-token", field=label), plan.say("token-why"), element)
    if inner:
        changed = f"{inner['start']}{changed}{{% endif %}}"
    _guard(plan, view, element, bare if guard and not inner else "", changed, label)


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
