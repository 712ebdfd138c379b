"""One field on a page: its choices, its value, and the check of what comes back (wcs-runtime.md §6.4)."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from workflows.reader import Field

from .sources import Item, choices
from .values import NOTHING, Stored, as_date

if TYPE_CHECKING:
    from .scope import Scope

#: Fields that hold a value.
DATA_TYPES = frozenset(
    (
        "string",
        "text",
        "email",
        "bool",
        "date",
        "file",
        "item",
        "items",
        "map",
        "numeric",
        "password",
        "time-range",
        "block",
        "computed",
    )
)
#: Of these, what an agent fills in here; the others are shown as not played.
PLAYED = frozenset({"string", "text", "email", "bool", "date", "item", "items", "numeric", "file", "map"})
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class Wrong(Exception):
    """The value is refused; the message is for whoever fills the form."""


@dataclass
class Widget:
    """A field to show. `value` is what is shown, `locked` that it cannot be changed, `error` what was wrong with it."""

    field: Field
    value: Stored = NOTHING
    items: list[Item] = dataclasses.field(default_factory=list)
    locked: bool = False
    error: str = ""

    @property
    def name(self) -> str:
        """Of the HTML control."""
        return f"f{self.field.id}"

    @property
    def enabled(self) -> list[Item]:
        """Choices that may be taken."""
        return [item for item in self.items if not item.disabled]

    @property
    def shown(self) -> bool:
        """Whether it is a field that holds a value."""
        return self.field.type in DATA_TYPES


def item_value(item: Item) -> Stored:
    """What is stored for a choice."""
    return Stored(item.id, item.text, item.structured)


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
    """Check what was filled in. Raises `Wrong` with the message."""
    say = scope.site.say
    given = given.strip() if isinstance(given, str) else given
    if given in (None, "", []):
        if field.required and field.type != "bool":
            raise Wrong(say("required field", "champ obligatoire"))
        return Stored(False) if field.type == "bool" else NOTHING
    match field.type:
        case "item":
            return _read_item(str(given), items, scope)
        case "items":
            chosen = [given] if isinstance(given, str) else list(given)
            found = [_read_item(one, items, scope) for one in chosen]
            return Stored(
                [one.raw for one in found],
                ", ".join(one.display or "" for one in found),
                [one.structured for one in found],
            )
        case "bool":
            return Stored(str(given).lower() in ("true", "yes", "on", "1"))
        case "email" if not EMAIL.fullmatch(str(given)):
            raise Wrong(say("not an e-mail address", "adresse électronique invalide"))
        case "date" if isinstance(as_date(str(given)), str):
            raise Wrong(say("not a date", "date invalide"))
        case "numeric":
            try:
                return Stored(Decimal(str(given).replace(",", ".")))
            except InvalidOperation:
                raise Wrong(say("not a number", "nombre invalide")) from None
        case "string":
            _check_string(field, str(given), scope)
    return Stored(given)


def _read_item(given: str, items: list[Item], scope: Scope) -> Stored:
    """An id that is not listed is a technical error, a disabled one an invalid choice (§6.4)."""
    found = next((item for item in items if item.id == given), None)
    if found is None:
        raise Wrong(scope.site.say("Technical error, please try again.", "Erreur technique, veuillez réessayer."))
    if found.disabled:
        raise Wrong(scope.site.say("invalid value selected", "valeur choisie non valide"))
    return item_value(found)


def _check_string(field: Field, given: str, scope: Scope) -> None:
    validation = field.child("validation")
    if validation is None:
        return
    kind, value = validation.findtext("type") or "", validation.findtext("value") or ""
    pattern = {"regex": value, "digits": r"\d+", "phone": r"\+?[-\(\)\d\.\s/]+", "nrn-be": r"\d{11}"}.get(kind)
    if pattern is None:
        return
    try:
        right = re.fullmatch(pattern, given) is not None
    except re.error:
        return
    if not right:
        raise Wrong(scope.site.say("invalid value", "valeur invalide"))


def prefilled(field: Field, items: list[Item], scope: Scope) -> Stored:
    """The computed prefill, `NOTHING` without one or when it cannot be evaluated (§2.3, §6.4)."""
    prefill = field.prefill
    if scope.record.editing or prefill is None or prefill.type in ("", "none", "geolocation"):
        return NOTHING
    if prefill.type == "user":
        user = scope.record.user if scope.record.backoffice else scope.request.session.user
        value: Any = user.prefill(prefill.value) if user else ""
    else:
        value = scope.text(prefill.value, prefill)
    if value in (None, ""):
        return NOTHING
    return looked_up(str(value), items) if field.type == "item" else Stored(value)


def is_locked(field: Field, computed: Stored, scope: Scope) -> bool:
    """Whether the prefill locks the field: always, or unless it gives nothing (§2.3)."""
    prefill = field.prefill
    if scope.record.editing or prefill is None or prefill.type in ("", "none"):
        return False
    if prefill.locked_unless_empty:
        return computed.raw not in (None, "")
    return prefill.locked


def widget_for(field: Field, scope: Scope) -> Widget:
    """The field as it is shown: a stored value wins over the prefill unless this locks it (§2.3)."""
    items = choices(field, scope) if field.type in ("item", "items") else []
    computed = prefilled(field, items, scope)
    locked = is_locked(field, computed, scope)
    stored = scope.record.data.get(field.id, NOTHING)
    value = computed if locked or stored.raw is None else stored
    widget = Widget(field, value, items, locked)
    if field.type == "item" and value.raw is not None and value.raw not in [item.id for item in widget.enabled]:
        widget.error = scope.site.say("invalid value selected", "valeur choisie non valide")
    return widget
