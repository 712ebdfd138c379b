"""Fields, wherever they stand (wcs-xml.md §8)."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from lxml import etree

from workflows.bookable.analysis import GENERATED

from .check import Check, is_integer, text

COMMON_TEXTS = ("label", "required", "hint", "varname", "extra_css_class", "anonymise", "documentation")
#: Own parameters of each type that are read as texts, numbers or booleans.
TYPE_TEXTS: dict[str, tuple[str, ...]] = {
    "string": ("size", "maxlength"),
    "comment": (),
    "item": (
        "display_mode",
        "in_filters",
        "display_disabled_items",
        "initial_zoom",
        "min_zoom",
        "max_zoom",
        "initial_position",
        "position_template",
        "initial_date_alignment",
        "use_hint_as_first_option",
        "image_desktop_size",
        "image_mobile_size",
        "radio_orientation",
    ),
    "page": (),
    "subtitle": (),
    "title": (),
    "text": ("rows", "cols", "maxlength", "display_mode"),
    "computed": ("value_template", "freeze_on_initial_value"),
    "bool": (),
    "date": ("minimum_date", "maximum_date", "minimum_is_future", "date_in_the_past", "date_can_be_today"),
    "email": (),
    "file": ("max_file_size", "automatic_image_resize", "allow_portfolio_picking", "storage"),
    "items": ("min_choices", "max_choices", "display_mode", "in_filters", "display_disabled_items"),
    "block": (
        "block_slug",
        "default_items_count",
        "max_items",
        "add_element_label",
        "remove_element_label",
        "label_display",
        "remove_button",
    ),
    "map": ("initial_zoom", "min_zoom", "max_zoom", "initial_position", "default_position"),
    "numeric": ("restrict_to_integers", "min_value", "max_value"),
    "password": (),
    "time-range": (),
    "ranked-items": (),
    "table": (),
    "table-select": (),
    "tablerows": (),
}
#: Parameters whose class default is a boolean: without a `type` attribute their text must be one, or an integer.
BOOLEAN_DEFAULTS = frozenset(
    (
        "in_filters",
        "display_disabled_items",
        "use_hint_as_first_option",
        "freeze_on_initial_value",
        "minimum_is_future",
        "date_in_the_past",
        "date_can_be_today",
        "automatic_image_resize",
        "allow_portfolio_picking",
        "remove_button",
        "restrict_to_integers",
    )
)
BOOLEANS = ("True", "False")
#: Always texts, whatever their `type` attribute says.
PLAIN_TEXTS = frozenset(("label", "hint", "varname", "extra_css_class", "documentation"))
#: Shown but without a value that templates could read.
VALUELESS = frozenset(("page", "title", "subtitle", "comment"))
DEAD_SOURCES = frozenset(("python", "formula", "none"))
INLINE_SOURCES = frozenset(("json", "jsonp", "geojson", "jsonvalue"))


def check_fields(check: Check, owner: etree._Element, whole_file: bool = False, variables: bool = False) -> None:
    """Check the fields of a form, card model, block or embedded form.

    `whole_file`: the owner is the root of a form or card model, where duplicate ids are refused outside of bundles.
    `variables`: the fields are options of a workflow, the only ones with default values.
    """
    container = check.required(owner, "fields")
    if container is None:
        return
    ids: list[tuple[str, etree._Element]] = []
    for element in container:
        check_field(check, element, in_block=owner.tag == "block")
        if variables:
            check_default_value(check, element)
        ids.append((text(element, "id"), element))
    refused = whole_file and not check.in_bundle
    check.duplicates("WCS-I207" if refused else "WCS-I208", ids, "id")
    without = [element for identifier, element in ids if not identifier]
    if without and len(without) < len(ids):
        check.add("WCS-I216", without[0])
    check_varnames(check, container)


def check_field(check: Check, element: etree._Element, in_block: bool) -> None:
    """Check one field by itself."""
    written = text(element, "type")
    kind, colon, block_slug = written.partition(":")
    if not written:
        check.add("WCS-I201", element, text(element, "label"))
        return
    if kind not in TYPE_TEXTS or (colon and kind != "block"):
        check.add("WCS-I202", element, written)
        return
    if kind == "block":
        check_block(check, element, block_slug or text(element, "block_slug"), in_block)
    names = (*COMMON_TEXTS, *TYPE_TEXTS[kind])
    for child in element:
        if child.tag in names:
            check_parameter(check, child)
    check.condition(element)
    check_prefill(check, element)
    if kind in ("string", "item", "items", "computed", "time-range"):
        check_data_source(check, element)
    check_post_conditions(check, element)


def check_parameter(check: Check, child: etree._Element) -> None:
    """Check a text, number or boolean of a field."""
    if len(child):
        check.add("WCS-I211", child, f"<{child[0].tag}> in <{child.tag}>")
        return
    value, kind = child.text or "", child.get("type")
    if not value or child.tag in PLAIN_TEXTS:
        return
    shown = f"<{child.tag}> {value}"
    if kind == "int" or (kind is None and child.tag in BOOLEAN_DEFAULTS):
        if not is_integer(value) and (kind == "int" or value not in BOOLEANS):
            check.add("WCS-I209", child, shown)
    elif kind == "bool" and value not in BOOLEANS:
        check.add("WCS-I105", child, shown)
    elif kind == "decimal":
        try:
            Decimal(value)
        except InvalidOperation:
            check.add("WCS-I209", child, shown)


def check_block(check: Check, element: etree._Element, slug: str, in_block: bool) -> None:
    """Check that a block field names a block that is known."""
    if not slug:
        check.add("WCS-I203", element, text(element, "label"))
        return
    check.reference("WCS-I204", "block", slug, element)
    if in_block:
        check.add("WCS-I215", element, slug)


def check_data_source(check: Check, element: etree._Element) -> None:
    """Check what an inline or named source of choices refers to."""
    source = element.find("data_source")
    kind = "" if source is None else text(source, "type")
    if source is None or not kind:
        return
    check.leaves(source, ("value",))
    if kind.startswith("carddef:"):
        check_card_source(check, source, kind)
    elif kind in DEAD_SOURCES and check.site.find("datasource", kind) is None:
        check.add("WCS-I212", source, kind, "warning" if check.in_bundle else None)
    elif kind not in INLINE_SOURCES and not GENERATED.match(kind):
        check.reference("WCS-I205", "datasource", kind, source)


def check_card_source(check: Check, source: etree._Element, kind: str) -> None:
    """Check `carddef:<slug>[:<view>]`; a card model may refer to itself."""
    _, slug, *views = kind.split(":")
    card = check.site.find("carddef", slug)
    if card is None:
        check.reference("WCS-I206", "carddef", slug, source)
    elif views and views[0] != "_with_user_filter":
        known = {text(view, "slug") for view in card.children("custom_views")}
        if views[0] not in known:
            check.add("WCS-I206", source, kind, "error" if check.site.strict else "warning")


def check_prefill(check: Check, element: etree._Element) -> None:
    """Check for prefills that are dead."""
    prefill = element.find("prefill")
    if prefill is not None and text(prefill, "type") in ("python", "formula"):
        check.add("WCS-I213", prefill, text(prefill, "type"))


def check_post_conditions(check: Check, owner: etree._Element) -> None:
    """Check the conditions to leave a page, a block or a form action."""
    posts = owner.find("post_conditions")
    for post in () if posts is None else posts:
        check.condition(post)
        check.leaves(post, ("error_message",))


def check_default_value(check: Check, element: etree._Element) -> None:
    """Check the default of a workflow option: a text and a type, or a bare boolean."""
    default = element.find("default_value")
    if default is None:
        return
    value = default.text or ""
    if not value or (default.get("type") is None and value not in BOOLEANS):
        check.add("WCS-I210", default, text(element, "label"))


def check_varnames(check: Check, container: etree._Element) -> None:
    """Two fields of one varname are right when their conditions, or those of their pages, exclude each other."""
    page_condition = ""
    seen: set[tuple[str, str, str]] = set()
    for element in container:
        own = element.find("condition")
        condition = "" if own is None else text(own, "value")
        if text(element, "type") == "page":
            page_condition = condition
        varname = text(element, "varname")
        if not varname or text(element, "type") in VALUELESS:
            continue
        place = (varname, page_condition, condition)
        if place in seen:
            check.add("WCS-I214", element, varname)
        seen.add(place)
