"""Reading templates of addresses: which variables they use, and what they lead to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

#: The lock code as every template of the platform writes it (wcs-runtime.md §3).
LOCK_CODE = "{% firstof form_submission_context_lock_code session_hash_id %}"
#: Made once by each form that is being filled in: two forms of one browser then keep their slots apart.
TOKEN = "{% token_alphanum 16 %}"  # noqa: S105
TOKEN_FIELD = "lock_token"  # noqa: S105
CONTEXT_CODE = "form_submission_context_lock_code"

CLOSING = {"{{": "}}", "{%": "%}", "{#": "#}"}
STRING = re.compile(r'"[^"]*"|\'[^\']*\'')
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*")
EZT = re.compile(r"\[[A-Za-z_][\w.\- ]*\]")
FILLSLOT = re.compile(r"(?:_api)?_fillslots?_url$|\.fillslots?_url$")
FILLSLOT_PATH = re.compile(r"/fillslots?(?:/|$|\?)")
CANCEL = re.compile(r"(?:^|_|\.)cancel_url$")
TOKEN_MADE = re.compile(r"\{%\s*token_(?:alphanum|decimal)\b")
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
    ahead = {mark: template.find(mark) for mark in CLOSING}
    start = 0
    while ahead := {mark: position for mark, position in ahead.items() if position >= 0}:
        mark, position = min(ahead.items(), key=lambda item: item[1])
        end = template.find(CLOSING[mark], position + 2)
        if end < 0:
            del ahead[mark]
            continue
        yield False, template[start:position]
        yield True, template[position : end + 2]
        start = end + 2
        ahead = {mark: at if at >= start else template.find(mark, start) for mark, at in ahead.items()}
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
    """Whether a part of it that ends with the address or with `?` is `/booking/…/cancel/` or `/bookings/cancel/`."""
    ends = [part.removesuffix("/") for part in address.removesuffix("\n").split("?")]
    return any(
        part.endswith("/bookings/cancel") or "/booking/" in part.removesuffix("/cancel")
        for part in ends
        if part.endswith("/cancel")
    )


def has_lock_code(template: str) -> bool:
    """Whether an address sends `lock_code` in its query."""
    return re.search(r"[?&]lock_code=", literal_parts(template).replace("\0", "")) is not None or (
        "lock_code=" in template
    )


def sends_context_code(template: str) -> bool:
    """Whether a value prefers the code of the submission context, so that an agent's draft keeps its slot."""
    return CONTEXT_CODE in template


def sent_token(varname: str = TOKEN_FIELD) -> str:
    """The template that sends the token kept in a computed field; empty where the form has none."""
    return f'{{{{ form_var_{varname}|default:"" }}}}'


def hold_body(token_field: str = TOKEN_FIELD) -> dict[str, str]:
    """What a hold sends; the form is told so that agents read which one keeps the slot."""
    return {"lock_code": LOCK_CODE, "lock_token": sent_token(token_field), "form_slug": "{{ form_slug }}"}


def hold_condition(slot_field: str, call: str) -> str:
    """The exit condition of a slot's page: nothing is asked while there is no slot; undefined is not 0."""
    return f"not form_var_{slot_field}_raw or webservice.{call}.err == 0"


def guarded(address: str, names: list[str]) -> str:
    """The address, empty as a whole while one of the names has no value: w.c.s. then asks nobody."""
    return f"{{% if {' and '.join(names)} %}}{address}{{% endif %}}"


def makes_token(template: str) -> bool:
    """Whether a template makes a random token."""
    return TOKEN_MADE.search(template) is not None


def named_calls(expression: str) -> list[str]:
    """Slugs of the named calls that a template or condition makes."""
    return list(dict.fromkeys(WEBSERVICE.findall(expression)))
