"""Small pieces all builders share, and the text of a finished definition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID, uuid5

from workflows.reader import Node, Style, render

#: Namespace of the ids derived from words, so that building twice gives the same files.
ID_NAMESPACE = UUID("5f0bb8f5-6f3c-4b8e-9a38-5a3b0a7a2a51")

#: Entries of a query string or body: names and value templates, in order.
Entries = Mapping[str, str] | Iterable[tuple[str, str]]


@dataclass(frozen=True)
class Role:
    """A real role of the site. Functions (`_receiver`), `_submitter` and templates are given as plain text."""

    name: str
    slug: str


def to_xml(root: Node) -> bytes:
    """Write a definition as w.c.s. does: indented, ASCII with numeric references, declaration without encoding."""
    return f'<?xml version="1.0"?>\n{render(root, Style())}\n'.encode("ascii")


def leaf(tag: str, text: str) -> Node:
    """`<tag>text</tag>`."""
    return Node(tag, text)


def optional(tag: str, text: str) -> Node | None:
    """A child that is left out when it says nothing."""
    return Node(tag, text) if text else None


def flag(tag: str, value: bool) -> Node:
    """A boolean of an action or trigger: `True`/`False` (wcs-xml.md §1.3)."""
    return Node(tag, str(value))


def lower_flag(tag: str, value: bool) -> Node:
    """A boolean of a form, card, status, data source or named call: `true`/`false` (wcs-xml.md §1.3)."""
    return Node(tag, str(value).lower())


def listing(tag: str, values: Iterable[str], child: str = "item") -> Node:
    """A container with one child per value."""
    return Node(tag, children=[Node(child, value) for value in values])


def roles(tag: str, values: Iterable[str | Role], child: str = "item") -> Node:
    """A list of roles: always children, a bare text would mean nobody (wcs-xml.md §1.8)."""
    return Node(tag, children=[role(child, value) for value in values])


def role(tag: str, value: str | Role, **attributes: str) -> Node:
    """One role; a function or template stands in the attribute and in the text, a real role goes by its slug."""
    if isinstance(value, Role):
        return Node(tag, value.name, {**attributes, "slug": value.slug})
    return Node(tag, value, {**attributes, "role_id": value})


def condition(expression: str) -> Node | None:
    """A Django condition, without braces; None for an empty one, which means always."""
    if not expression:
        return None
    return Node("condition", children=[leaf("type", "django"), leaf("value", expression)])


def post_condition(expression: str, message: str) -> Node:
    """One `<post_condition>`: what must hold to leave a page, and what is said when it does not."""
    return Node("post_condition").add(condition(expression), leaf("error_message", message))


def pairs(tag: str, entries: Entries) -> Node | None:
    """`<item><name/><value/></item>` entries, as actions and data sources want them (wcs-xml.md §1.7)."""
    found = [pair(name, value) for name, value in entries_of(entries)]
    return Node(tag, children=found) if found else None


def pair(name: str, value: str) -> Node:
    """One entry of `post_data` or `qs_data` of an action."""
    return Node("item", children=[leaf("name", name), leaf("value", value)])


def params(tag: str, entries: Entries) -> Node:
    """`<param key="…">` entries, as named calls want them (wcs-xml.md §1.7)."""
    return Node(tag, children=[param(name, value) for name, value in entries_of(entries)])


def param(name: str, value: str) -> Node:
    """One entry of `post_data` or `qs_data` of a named call."""
    return Node("param", value, {"key": name})


def derived_id(*words: str) -> str:
    """A UUID made of words: stable from one build to the next, and as unique as the words."""
    return str(uuid5(ID_NAMESPACE, "/".join(words)))


def entries_of(entries: Entries) -> Iterable[tuple[str, str]]:
    """Names and templates of either spelling of entries."""
    return entries.items() if isinstance(entries, Mapping) else entries
