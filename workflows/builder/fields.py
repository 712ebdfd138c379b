"""Fields (wcs-xml.md §8). Without an `id`, the definition that takes the field derives one (`number_fields`)."""

from __future__ import annotations

from collections.abc import Iterable

from workflows.reader import Node

from .xml import condition, derived_id, leaf, listing, optional

#: Where a field is shown unless it is said otherwise.
SHOWN = ("validation", "summary")


def value(tag: str, text: str) -> Node:
    """A text child of a field, with the `type` attribute newer exports carry."""
    return Node(tag, text, value_type="str")


def boolean(tag: str, setting: bool) -> Node:
    """A boolean child of a field: `True`/`False`."""
    return Node(tag, str(setting), value_type="bool")


def prefill(kind: str, text: str = "", *, locked: bool = False, locked_unless_empty: bool = False) -> Node:
    """`<prefill>`: `user` (id of a profile field), `string` (template) or `none`."""
    return Node("prefill", children=[leaf("type", kind)]).add(
        leaf("value", text) if text else None,
        leaf("locked", "True") if locked else None,
        leaf("locked-unless-empty", "True") if locked_unless_empty else None,
    )


def data_source(kind: str, text: str = "") -> Node:
    """`<data_source>` of a field: `json`, `geojson`, `jsonvalue` with a value, or the slug of a named one without."""
    return Node("data_source", children=[leaf("type", kind)]).add(optional("value", text))


def field(
    kind: str,
    label: str,
    *,
    id: str = "",
    varname: str = "",
    required: bool | None = None,
    hint: str = "",
    when: str = "",
    shown: Iterable[str] | None = None,
    extra: Iterable[Node | None] = (),
) -> Node:
    """Any field. `required` None leaves it to the class, `shown` None too; `when` is a Django condition."""
    return Node("field", children=[leaf("type", kind), value("label", label)]).add(
        None if required is None else value("required", "required" if required else "optional"),
        value("hint", hint) if hint else None,
        value("varname", varname) if varname else None,
        None if shown is None else listing("display_locations", shown),
        condition(when),
        *extra,
        value("id", id) if id else None,
    )


def page(label: str, *, id: str = "", varname: str = "", when: str = "", exit_conditions: Iterable[Node] = ()) -> Node:
    """A page; `exit_conditions` are made by `post_condition`."""
    posts = list(exit_conditions)
    extra = [Node("post_conditions", children=posts)] if posts else []
    return field("page", label, id=id, varname=varname, when=when, extra=extra)


def title(label: str, *, id: str = "", when: str = "") -> Node:
    """A heading."""
    return field("title", label, id=id, when=when, shown=SHOWN)


def comment(html: str, *, id: str = "", when: str = "", shown: Iterable[str] = ()) -> Node:
    """A text for the reader; the HTML is escaped when written."""
    return field("comment", html, id=id, when=when, shown=shown)


def text_field(
    label: str,
    varname: str,
    *,
    kind: str = "string",
    id: str = "",
    required: bool = True,
    hint: str = "",
    when: str = "",
    prefilled: Node | None = None,
    shown: Iterable[str] = (*SHOWN, "listings"),
    validation: str = "",
) -> Node:
    """A field typed by hand: `string`, `email`, `text`, `date` or `bool`; `validation` such as `phone`."""
    check = Node("validation", children=[leaf("type", validation)]) if validation else None
    return field(
        kind,
        label,
        id=id,
        varname=varname,
        required=required,
        hint=hint,
        when=when,
        shown=shown,
        extra=[prefilled, check],
    )


def item(
    label: str,
    varname: str,
    *,
    source: Node | None = None,
    choices: Iterable[str] = (),
    display_mode: str = "list",
    id: str = "",
    required: bool = True,
    hint: str = "",
    when: str = "",
    prefilled: Node | None = None,
    shown: Iterable[str] = (*SHOWN, "listings"),
) -> Node:
    """A choice of one, from a data source or from written choices; slots want `display_mode="timetable"`."""
    extra = [prefilled, value("display_mode", display_mode), listing("items", choices), source]
    return field(
        "item", label, id=id, varname=varname, required=required, hint=hint, when=when, shown=shown, extra=extra
    )


def computed(label: str, varname: str, template: str, *, id: str = "", freeze: bool = False) -> Node:
    """A computed field; frozen, it keeps the first value it got."""
    extra = [value("value_template", template), boolean("freeze_on_initial_value", freeze)]
    return field("computed", label, id=id, varname=varname, extra=extra)


def block_field(label: str, varname: str, block_slug: str, *, id: str = "", required: bool = True) -> Node:
    """A block of fields, once."""
    extra = [value("block_slug", block_slug)]
    return field("block", label, id=id, varname=varname, required=required, shown=SHOWN, extra=extra)


def number_fields(fields: Iterable[Node], owner: str, prefix: str = "") -> list[Node]:
    """Give an id to the fields that have none: `prefix` (`bo`, `bf` or none) and a UUID derived from owner and name."""
    numbered = list(fields)
    taken = {found.text for node in numbered if (found := node.find("id"))}
    for position, node in enumerate(numbered, 1):
        if node.find("id") is not None:
            continue
        varname = node.find("varname")
        word = varname.text if varname else f"{node.children[0].text}-{position}"
        new = prefix + derived_id(owner, word)
        if new in taken:  # two fields of one varname, whose conditions exclude each other
            new = prefix + derived_id(owner, word, str(position))
        taken.add(new)
        node.add(value("id", new))
    return numbered
