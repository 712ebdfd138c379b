"""Reading templates of addresses: which variables they use, and what they lead to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

#: The lock code as every template of the platform writes it (wcs-runtime.md §3).
LOCK_CODE = "{% firstof form_submission_context_lock_code session_hash_id %}"
# What a hold sends; the form is told so that agents read which one keeps the slot.
HOLD_BODY = {"lock_code": LOCK_CODE, "form_slug": "{{ form_slug }}"}
CONTEXT_CODE = "form_submission_context_lock_code"

CLOSING = {"{{": "}}", "{%": "%}", "{#": "#}"}
STRING = re.compile(r'"[^"]*"|\'[^\']*\'')
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*")
EZT = re.compile(r"\[[A-Za-z_][\w.\- ]*\]")
FILLSLOT = re.compile(r"(?:_api)?_fillslots?_url$|\.fillslots?_url$")
FILLSLOT_PATH = re.compile(r"/fillslots?(?:/|$|\?)")
CANCEL = re.compile(r"(?:^|_|\.)cancel_url$")
WEBSERVICE = re.compile(r"\bwebservice\.([A-Za-z0-9_]+)")
#: `form_var_X_…`, and `FORM_var_X_…` or `form_workflow_form_FORM_var_X_…` for the form of an action.
FORM_VARIABLE = re.compile(r"(?:form_workflow_(?:form|data)_)?(?P<form>\w+?)_var_(?P<rest>\w+)")


class Place(NamedTuple):
    """A field that a template reads: `form` is empty for the form itself, else the name of an action's form.

    `rest` is what follows `_var_`: the varname, and perhaps more (`creneau_api_fillslot_url`).
    """

    form: str
    rest: str


def is_django(template: str) -> bool:
    """Whether w.c.s. reads it as a Django template; else `[name]` is the older syntax."""
    return "{{" in template or "{%" in template


def pieces(template: str) -> Iterator[tuple[bool, str]]:
    """The template cut into tags (True) and the texts between them, in order.

    Linear: where a mark is not closed, no later one of its kind is either, and none is looked for again.
    """
    unclosed: set[str] = set()
    start = position = 0
    while (position := template.find("{", position)) >= 0:
        mark = template[position : position + 2]
        end = -1
        if mark in CLOSING and mark not in unclosed:
            end = template.find(CLOSING[mark], position + 2)
        if end < 0:
            unclosed.add(mark)
            position += 1
            continue
        yield False, template[start:position]
        yield True, template[position : end + 2]
        start = position = end + 2
    yield False, template[start:]


def tags(template: str) -> list[str]:
    """The tags of a template, comments included."""
    return [text for is_tag, text in pieces(template) if is_tag]


def unparsable(template: str) -> str:
    """Why a template of an address cannot be changed safely; empty when it can."""
    rest = "".join(text for is_tag, text in pieces(template) if not is_tag)
    if any(mark in rest for mark in ("{{", "}}", "{%", "%}")):
        return "its braces do not match"
    if not is_django(template) and EZT.search(template):
        return "it is written in the older syntax with square brackets"
    return ""


def literal_parts(template: str) -> str:
    """The template with every tag replaced by a NUL."""
    return "".join("\0" if is_tag else text for is_tag, text in pieces(template))


def variables(template: str) -> Iterator[str]:
    """Dotted names inside the tags, in order; texts in quotes are none. Of the older syntax, the bracketed names."""
    if not is_django(template):
        for match in EZT.finditer(template):
            yield match[0].strip("[]").strip()
        return
    for tag in tags(template):
        if not tag.startswith("{#"):
            yield from NAME.findall(STRING.sub(" ", tag))


def mentions(template: str, name: str) -> bool:
    """Whether a variable of that name, or below it, is used."""
    return any(found == name or found.startswith((f"{name}_", f"{name}.")) for found in variables(template))


def places(template: str) -> Iterator[Place]:
    """The fields of forms that the template reads."""
    for name in variables(template):
        found = FORM_VARIABLE.match(name.replace(".", "_"))
        if found:
            yield Place("" if found["form"] == "form" else found["form"], found["rest"])


def booking_places(template: str) -> list[Place]:
    """The slot fields whose booking address the template yields, in order: `rest` is the bare varname."""
    found = [
        Place(place.form, FILLSLOT.sub("", place.rest).removesuffix("_structured"))
        for place in places(template)
        if FILLSLOT.search(place.rest)
    ]
    if not found and FILLSLOT_PATH.search(literal_parts(template).replace("\0", "x")):
        # The address is put together, the slot's id comes from the field.
        after = template[_end_of_path(template) :]
        found = [Place(place.form, re.sub(r"_(?:raw|id|structured_id)$", "", place.rest)) for place in places(after)]
    return list(dict.fromkeys(found))


def _end_of_path(template: str) -> int:
    matches = list(re.finditer(r"/fillslots?/", template))
    return matches[-1].end() if matches else 0


def is_booking_url(template: str) -> bool:
    """Whether it leads to `fillslot` or `fillslots`, by its path or by a variable of a slot."""
    return bool(FILLSLOT_PATH.search(literal_parts(template).replace("\0", "x"))) or any(
        FILLSLOT.search(name) for name in variables(template)
    )


def is_cancel_url(template: str) -> bool:
    """Whether it cancels a booking."""
    return any(CANCEL.search(name) for name in variables(template)) or bool(
        _is_cancel_path(literal_parts(template).replace("\0", "x"))
    )


def _is_cancel_path(address: str) -> bool:
    """Whether a part of it that ends with the address or with `?` is `/booking/…/cancel/`."""
    return any(
        "/booking/" in part.removesuffix("/").removesuffix("/cancel") + "/"
        for part in address.rstrip("\n").split("?")
        if part.removesuffix("/").endswith("/cancel")
    )


def has_lock_code(template: str) -> bool:
    """Whether an address sends `lock_code` in its query."""
    return re.search(r"[?&]lock_code=", literal_parts(template).replace("\0", "")) is not None or (
        "lock_code=" in template
    )


def sends_context_code(template: str) -> bool:
    """Whether a value prefers the code of the submission context, so that an agent's draft keeps its slot."""
    return CONTEXT_CODE in template


def named_calls(expression: str) -> list[str]:
    """Slugs of the named calls that a template or condition makes."""
    return list(dict.fromkeys(WEBSERVICE.findall(expression)))
