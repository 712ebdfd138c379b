"""Which operations of a migration break the version that still serves while it runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.migrations import Migration, operations
from django.db.migrations.state import ProjectState
from django.db.models import NOT_PROVIDED, Field

BREAKING = (
    operations.RemoveField,
    operations.DeleteModel,
    operations.RenameField,
    operations.RenameModel,
    operations.AlterModelTable,
    operations.RemoveConstraint,
)
# Rules that rows of the old version may not keep.
DEMANDING = (operations.AlterUniqueTogether,)


def dangers(migration: Migration, state: ProjectState) -> Iterator[str]:
    """One sentence for each; ``state`` is that before the migration, and is changed.

    A migration may answer for an operation in ``safe_because = {"RemoveField booking.colour": "why"}``: that is for the
    second of two releases, when no version that serves knows the column any more.
    """
    safe: dict[str, str] = getattr(migration, "safe_because", {})
    made: set[str] = set()
    for operation in migration.operations:
        name = _name(operation)
        if isinstance(operation, operations.CreateModel):
            made.add(operation.name_lower)
        before = state.clone()
        operation.state_forwards(migration.app_label, state)
        on_new_table = getattr(operation, "model_name_lower", "") in made
        if name not in safe and not on_new_table:
            for danger in _dangers(operation, migration.app_label, before):
                yield f"{migration.app_label}.{migration.name}: {name}: {danger}"


def _name(operation: Any) -> str:
    model = getattr(operation, "model_name", None) or getattr(operation, "name", "")
    field = getattr(operation, "name", "") if getattr(operation, "model_name", None) else ""
    return f"{type(operation).__name__} {str(model).lower()}{'.' + field if field else ''}".strip()


def _dangers(operation: Any, app: str, before: ProjectState) -> Iterator[str]:
    if isinstance(operation, BREAKING):
        yield "the version that serves still uses it; do it a release later"
    if isinstance(operation, DEMANDING):
        yield "rows of the version that serves may be refused"
    if isinstance(operation, operations.AddField):
        yield from _added(operation.field)
    if isinstance(operation, operations.AlterField):
        old = before.models[app, operation.model_name_lower].fields[operation.name]
        yield from _altered(old, operation.field)


def _added(field: Field[Any, Any]) -> Iterator[str]:
    if field.many_to_many:
        return
    if not field.null and field.db_default is NOT_PROVIDED:
        yield "NOT NULL without db_default: rows of the version that serves are refused"
    if field.unique:
        yield "a unique column locks the table while its index is made"


def _altered(old: Field[Any, Any], new: Field[Any, Any]) -> Iterator[str]:
    if old.get_internal_type() != new.get_internal_type():
        yield "another type rewrites the table under a lock"
    if old.null and not new.null:
        yield "rows of the version that serves may be refused"
    if (old.max_length or 0) > (new.max_length or 0) and new.max_length:
        yield "shorter than what the version that serves writes"
    if new.unique and not old.unique:
        yield "rows of the version that serves may be refused"
