"""Blocks of fields on a page: rows of fields that know each other as `block_var_…` (wcs-xml.md §8, §9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from workflows.reader import Block, Field

from .templates import BlockValue, NotEvaluated
from .templates.filters.numbers import parsed
from .values import NO_DATA, NOTHING, Stored
from .variables import row_names
from .widgets import Widget, is_required, of_names
from .widgets import take as take_field
from .widgets import widget_for as widget_of_field

if TYPE_CHECKING:
    from .scope import Scope

#: Rows that are shown at most, whatever a definition says.
MOST_ROWS = 50


def _block(field: Field, scope: Scope) -> Block | None:
    found = scope.site.library.block(field.block_slug)
    if found is None:
        scope.site.trace.notice(
            "source",
            f"{field.document.path}:{field.line}",
            scope.site.say(
                f"The block of fields {field.block_slug} is not among the definitions given",
                f"Le bloc de champs {field.block_slug} n'est pas parmi les définitions fournies",
            ),
            field.block_slug,
        )
    return found


def _number(field: Field, name: str, scope: Scope) -> int:
    source = field.text(name) or "1"
    return max(1, min(int(parsed(scope.text(source, field) if "{" in source else source)), MOST_ROWS))


def _in_row(block: Block, row: Mapping[str, Stored], number: int, scope: Scope) -> Scope:
    return scope.with_names(**row_names(block.fields, dict(row), scope.site.block_fields, number))


def rows_of(stored: Stored) -> list[dict[str, Stored]]:
    """The rows that are stored."""
    return [dict(row) for row in stored.raw] if isinstance(stored.raw, list) else []


def widget_for(field: Field, scope: Scope, stored: Stored, least: int = 0) -> Widget:
    """A block as it is shown: its rows, or as many empty ones as it begins with, and no fewer than `least`."""
    widget = Widget(field, stored, required=is_required(field, scope))
    block = _block(field, scope)
    if block is None:
        return widget
    rows = rows_of(stored if stored.raw else _prefilled(field, block, scope))
    most = _number(field, "max_items", scope)
    wanted = min(most, max(len(rows), _number(field, "default_items_count", scope), least))
    rows += [{} for _ in range(wanted - len(rows))]
    for number, row in enumerate(rows):
        inner = _in_row(block, row, number, scope)
        widget.rows.append(
            [
                widget_of_field(item, inner, row.get(item.id, NOTHING), _place(field, number))
                for item in block.fields
                if inner.holds(item.condition)
            ]
        )
    widget.more = len(rows) < most
    return widget


def _place(field: Field, number: int) -> str:
    return f"{field.id}-{number}-"


def _prefilled(field: Field, block: Block, scope: Scope) -> Stored:
    """Rows made by the template of a prefill (`{% block_value … %}`)."""
    prefill = field.prefill
    if prefill is None or prefill.type != "string" or scope.record.editing:
        return NOTHING
    try:
        value = scope.value(prefill.value, prefill)
    except NotEvaluated:
        return NOTHING
    return made(block, value) if isinstance(value, BlockValue) else NOTHING


def made(block: Block, value: BlockValue, stored: Stored = NOTHING) -> Stored:
    """The rows of a block value: new ones, after the stored ones, or in one of them."""
    fields = {item.varname: item for item in reversed(block.fields)}
    new = [{fields[name].id: Stored(one) for name, one in row.items() if name in fields} for row in value.rows]
    rows = rows_of(stored)
    if value.append:
        rows += new
    elif value.merge is not False and rows:
        number = -1 if value.merge is True else int(parsed(value.merge))
        if -len(rows) <= number < len(rows):
            rows[number] |= {name: one for row in new for name, one in row.items()}
    else:
        rows = new
    return Stored(rows, ", ".join(block.name for _ in rows))


def take(field: Field, given: Any, scope: Scope, stored: Stored) -> Widget:
    """Check the rows of a block: `given` is a list of answers by varname or id; rows without any answer fall out."""
    widget = Widget(field, stored, required=is_required(field, scope))
    block = _block(field, scope)
    if block is None:
        return widget
    answers = [row for row in given if isinstance(row, Mapping)] if isinstance(given, list) else []
    answers = answers[: _number(field, "max_items", scope)]
    filled = [row for row in answers if any(_answered(item, row) for item in block.fields)]
    if not filled and widget.required:
        filled = [answers[0] if answers else {}]
    rows: list[dict[str, Stored]] = []
    for number, row in enumerate(filled):
        rows.append(_take_row(widget, block, row, number, scope))
    widget.value = Stored(rows, _digest(block, rows, scope)) if rows else NOTHING
    widget.more = len(filled) < _number(field, "max_items", scope)
    return widget


def _answered(field: Field, row: Mapping[str, Any]) -> bool:
    value = of_names(row, field)
    if isinstance(value, Stored):
        value = value.raw
    return field.type not in (*NO_DATA, "computed") and value not in (None, "", [], False, "false")


def _take_row(widget: Widget, block: Block, given: Mapping[str, Any], number: int, scope: Scope) -> dict[str, Stored]:
    row: dict[str, Stored] = {}
    shown: list[Widget] = []
    for item in block.fields:
        inner = _in_row(block, row, number, scope)
        if not inner.holds(item.condition):
            continue
        if item.type == "computed":
            try:
                row[item.id] = Stored(inner.value(item.value_template, item))
            except NotEvaluated:
                pass
            continue
        value = of_names(given, item)
        value = value.raw if isinstance(value, Stored) else value
        found = take_field(item, value, inner, NOTHING, _place(widget.field, number))
        shown.append(found)
        if item.type not in NO_DATA and not found.error:
            row[item.id] = found.value
    widget.rows.append(shown)
    if not any(one.wrong for one in shown):
        inner = _in_row(block, row, number, scope)
        for post in block.post_conditions:
            if not inner.holds(post.condition):
                widget.error = inner.text(post.error_message, post) or scope.site.say("Refused.", "Refusé.")
    return row


def _digest(block: Block, rows: list[dict[str, Stored]], scope: Scope) -> str:
    """The text of a block: of each row its digest, the name of the block where there is no template for one."""
    source = block.text("digest_template")
    if not source:
        return ", ".join(block.name for _ in rows)
    return ", ".join(_in_row(block, row, number, scope).text(source, block) or "" for number, row in enumerate(rows))
