"""One field on a page: its choices, its value, and the check of what comes back (wcs-runtime.md §2.3, §6.4)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workflows.reader import Field

from . import checks
from .checks import Wrong
from .sources import Item, choices, item_of_id
from .templates import NotEvaluated
from .values import NO_DATA, NOTHING, Stored

if TYPE_CHECKING:
    from .scope import Scope

#: Fields that somebody fills in here; others that hold a value are told as not played.
PLAYED = frozenset({"string", "text", "email", "bool", "date", "item", "items", "numeric", "file", "map", "block"})
#: Prefills of these keep the type of what their template gives.
TYPED = frozenset({"item", "items", "numeric", "date", "file", "map", "bool"})


class Unlisted(Wrong):
    """An id that is not in the list: w.c.s. shows the page again at once, nothing more is evaluated (§6.4)."""


@dataclass
class Widget:
    """A field to show. `value` is what is shown, `locked` that it cannot be changed, `error` what was wrong with it.

    Of a block, `rows` are the fields of each of its rows, and `more` tells that another row may be added.
    `row` is the place of a field of a block: the id of the block and the number of the row.
    """

    field: Field
    value: Stored = NOTHING
    items: list[Item] = dataclasses.field(default_factory=list)
    locked: bool = False
    error: str = ""
    unlisted: bool = False
    required: bool = False
    rows: list[list[Widget]] = dataclasses.field(default_factory=list)
    more: bool = False
    row: str = ""

    @property
    def name(self) -> str:
        """Of the HTML control."""
        return f"f{self.row}{self.field.id}"

    @property
    def enabled(self) -> list[Item]:
        """Choices that may be taken."""
        return [item for item in self.items if not item.disabled]

    @property
    def listed(self) -> list[Item]:
        """Choices that are shown: disabled ones only where the field says so (§6.1)."""
        return self.items if self.field.flag("display_disabled_items") else self.enabled

    @property
    def chosen(self) -> list[str]:
        """Ids that are chosen."""
        raw = self.value.raw
        return [str(one) for one in raw] if isinstance(raw, list) else [] if raw is None else [str(raw)]

    @property
    def shown(self) -> bool:
        """Whether it is a field that holds a value."""
        return self.field.type not in NO_DATA

    @property
    def played(self) -> bool:
        """Whether it can be filled in here."""
        return self.field.type in PLAYED

    @property
    def wrong(self) -> bool:
        """Whether it, or something in it, was refused."""
        return bool(self.error) or any(inner.wrong for row in self.rows for inner in row)


def is_required(field: Field, scope: Scope) -> bool:
    """Whether it must be filled in: some fields by citizens only (wcs-xml.md §8)."""
    return field.required and not (field.text("required") == "frontoffice" and scope.record.backoffice)


def item_value(item: Item) -> Stored:
    """What is stored for a choice."""
    return Stored(item.id, item.text, item.structured)


def several(field: Field, items: list[Item]) -> Stored:
    """What is stored for several choices; nothing structured when none has more than an id and a text."""
    structured = [item.structured or {"id": item.id, "text": item.text} for item in items]
    return Stored(
        [item.id for item in items],
        ", ".join(item.text for item in items),
        structured if any(item.structured for item in items) else None,
    )


def looked_up(value: str, items: list[Item]) -> Stored:
    """The item of an id, or of exactly that text; else the value is kept as given (§6.4)."""
    for item in items:
        if item.id == value:
            return item_value(item)
    for item in items:
        if item.text == value:
            return item_value(item)
    return Stored(value)


def read(field: Field, given: Any, items: list[Item], scope: Scope) -> Stored:
    """Check what was filled in, except in blocks. Raises `Wrong` with the message."""
    say = scope.site.say
    given = given.strip() if isinstance(given, str) else given
    if field.type != "bool" and given in (None, "", []):
        if is_required(field, scope):
            raise Wrong(say("required field", "champ obligatoire"))
        return NOTHING
    match field.type:
        case "item":
            return item_value(_item(field, str(given), items, scope))
        case "items":
            return _several(field, [given] if isinstance(given, str) else list(given), items, scope)
        case "bool":
            ticked = str(given).lower() in ("true", "yes", "on", "1")
            if not ticked and is_required(field, scope) and field.text("required"):
                raise Wrong(say("required field", "champ obligatoire"))
            return Stored(ticked)
        case "email":
            return Stored(checks.email(str(given), scope))
        case "date":
            return Stored(checks.date(field, given, scope))
        case "numeric":
            return Stored(checks.numeric(field, given, scope))
        case "file":
            return Stored(checks.file(given, scope))
        case "map":
            return Stored(checks.point(given, scope))
        case "string" | "text":
            return Stored(checks.text(field, str(given), scope))
    return Stored(given)


def _item(field: Field, given: str, items: list[Item], scope: Scope) -> Item:
    """An id that is not listed is a technical error, a disabled one an invalid choice (§6.4)."""
    found = item_of_id(field, given, items, scope)
    if found is None:
        raise Unlisted(scope.site.say("Technical error, please try again.", "Erreur technique, veuillez réessayer."))
    if found.disabled:
        raise Wrong(scope.site.say("invalid value selected", "valeur choisie non valide"))
    return found


def _several(field: Field, given: list[Any], items: list[Item], scope: Scope) -> Stored:
    found = [_item(field, str(one), items, scope) for one in given]
    for name, too_far in (("min_choices", -1), ("max_choices", 1)):
        limit = field.text(name)
        if limit.isdecimal() and int(limit) and (len(found) - int(limit)) * too_far > 0:
            raise Wrong(scope.site.say(f"wrong number of choices ({limit})", f"nombre de choix incorrect ({limit})"))
    return several(field, found)


def prefilled(field: Field, items: list[Item], scope: Scope) -> Stored:
    """The computed prefill, `NOTHING` without one or when it cannot be evaluated (§2.3, §6.4)."""
    prefill = field.prefill
    if scope.record.editing or prefill is None or prefill.type in ("", "none", "geolocation"):
        return NOTHING
    value: Any
    if prefill.type == "user":
        user = scope.record.user if scope.record.backoffice else scope.request.session.user
        value = user.prefill(prefill.value) if user else ""
    elif prefill.type != "string":
        scope.note(_not_played(prefill.type), prefill)
        return NOTHING
    elif field.type in TYPED:
        try:
            value = scope.value(prefill.value, prefill)
        except NotEvaluated:
            return NOTHING
    else:
        value = scope.text(prefill.value, prefill)
    return _as_stored(field, value, items, scope)


def _not_played(kind: str) -> NotEvaluated:
    return NotEvaluated(
        "python" if kind in ("python", "formula") else "variable",
        kind,
        1,
        f"Prefill of type {kind}: not played",
        f"Préremplissage de type {kind} : non joué",
    )


def _as_stored(field: Field, value: Any, items: list[Item], scope: Scope) -> Stored:
    if value in (None, ""):
        return NOTHING
    if field.type == "item":
        if isinstance(value, dict | list):
            # w.c.s.: “Invalid type for item lookup” (§6.4).
            scope.site.trace.notice(
                "not-evaluated",
                f"{field.document.path}:{field.line}",
                scope.site.say(
                    "The prefill gives an object or a list, an id or a text is needed",
                    "Le préremplissage donne un objet ou une liste, il faut un identifiant ou un texte",
                ),
            )
            return NOTHING
        return looked_up(str(value), items)
    if field.type == "items":
        wanted = [str(one) for one in (value if isinstance(value, list) else [value])]
        return several(field, [item for item in items if item.id in wanted or item.text in wanted])
    try:
        return read(field, value, items, scope)
    except Wrong:
        return Stored(str(value))


def is_locked(field: Field, computed: Stored, scope: Scope) -> bool:
    """Whether the prefill locks the field; `locked-unless-empty` only softens `locked`, alone it locks nothing."""
    prefill = field.prefill
    if scope.record.editing or prefill is None or prefill.type in ("", "none", "geolocation"):
        return False
    if prefill.locked and prefill.locked_unless_empty:
        return computed.raw not in (None, "")
    return prefill.locked


def widget_for(field: Field, scope: Scope, stored: Stored = NOTHING, row: str = "") -> Widget:
    """The field as it is shown: a stored value wins over the prefill unless this locks it (§2.3)."""
    from . import rows

    if field.type == "block":
        return rows.widget_for(field, scope, stored)
    items = choices(field, scope) if field.type in ("item", "items") else []
    computed = prefilled(field, items, scope)
    locked = is_locked(field, computed, scope)
    value = computed if locked or stored.raw is None else stored
    widget = Widget(field, value, items, locked, required=is_required(field, scope), row=row)
    if field.type == "item" and value.raw is not None and value.raw not in [item.id for item in widget.enabled]:
        widget.error = scope.site.say("invalid value selected", "valeur choisie non valide")
    return widget


def take(field: Field, given: Any, scope: Scope, stored: Stored = NOTHING, row: str = "") -> Widget:
    """Check one field; of a locked one the value is the computed one, whatever was sent (§2.3)."""
    from . import rows

    if field.type == "block":
        return rows.take(field, given, scope, stored)
    items = choices(field, scope) if field.type in ("item", "items") else []
    widget = Widget(field, stored, items, required=is_required(field, scope), row=row)
    if not widget.played:
        return widget
    computed = prefilled(field, items, scope)
    widget.locked = is_locked(field, computed, scope)
    value = computed.raw if widget.locked else given
    try:
        widget.value = read(field, value, items, scope)
    except Wrong as problem:
        widget.error = str(problem)
        widget.unlisted = isinstance(problem, Unlisted)
        widget.value = Stored(value)
    return widget


def of_names(given: Mapping[str, Any], field: Field) -> Any:
    """What was given for a field: by varname or id."""
    return given.get(field.varname) if field.varname and field.varname in given else given.get(field.id)
