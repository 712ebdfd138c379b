"""Moving everything from the embedded SQLite database to PostgreSQL.

Django's ``dumpdata`` and ``loaddata`` would do most of it, but their JSON cuts times to milliseconds, and they know
neither whether somebody still writes nor which numbers were given to rows that are deleted by now.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, DatabaseError, OperationalError, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

from adapter.settings.database import database_from_url

SOURCE, TARGET = "move_source", "move_target"
BATCH_SIZE = 500
# What ``migrate`` writes by itself; the rows of the source take their place.
WRITTEN_BY_MIGRATE: tuple[type[models.Model], ...] = (Permission, ContentType)
T = TypeVar("T")
Model = type[models.Model]


class MoveRefused(Exception):
    """Nothing was moved; the message says why and what to do."""


def move_database(url: str, *, on_copied: Callable[[str, int], None] = lambda _table, _rows: None) -> dict[str, int]:
    """Copy every row to the empty PostgreSQL database at ``url``; returns the rows of each table.

    The source is locked meanwhile and not changed. All rows arrive in one transaction, which ends well only when each
    of them is the same on both sides: after a failure the target holds at most empty tables, and may be used again.
    """
    target_settings = _target_settings(url)
    with _opened(SOURCE, _source_settings()) as source, _opened(TARGET, target_settings) as target:
        with transaction.atomic(using=SOURCE):
            _take_source(source)
            _require_empty(target)
            call_command("migrate", database=TARGET, verbosity=0, interactive=False)
            with transaction.atomic(using=TARGET):
                counts = _fill(source, target, on_copied)
        with target.cursor() as cursor:
            # PostgreSQL plans badly for tables that it has never counted.
            for table in counts:
                cursor.execute(f"ANALYZE {target.ops.quote_name(table)}")
    return counts


def moved_models() -> list[Model]:
    """Every model with a table of its own, those between two models included."""
    found = apps.get_models(include_auto_created=True)
    return [model for model in found if model._meta.managed and not model._meta.proxy]


def _source_settings() -> dict[str, Any]:
    default = connections.settings[DEFAULT_DB_ALIAS]
    if default["ENGINE"] != "django.db.backends.sqlite3":
        raise MoveRefused(
            "DATABASE_URL is PostgreSQL already. This command moves from SQLite to PostgreSQL only; "
            "from one PostgreSQL to another, dump and restore (deploy/backup)."
        )
    if not Path(default["NAME"]).is_file():
        raise MoveRefused(f"There is no database {default['NAME']}: nothing to move.")
    source = copy.deepcopy(default)
    # The first read then takes the whole file, which fails while another process has it open.
    source["OPTIONS"] |= {
        "init_command": "PRAGMA locking_mode=EXCLUSIVE; PRAGMA query_only=ON;",
        "transaction_mode": "DEFERRED",
        "timeout": 1,
    }
    return source


def _target_settings(url: str) -> dict[str, Any]:
    try:
        target = database_from_url(url, pool_size=0, statement_timeout=0, behind_pgbouncer=False)
    except ImproperlyConfigured as error:
        raise MoveRefused(f"The target: {str(error).removeprefix('DATABASE_URL: ')}") from None
    if target["ENGINE"] != "adapter.postgresql":
        raise MoveRefused("The target must be PostgreSQL: postgres://USER@HOST/NAME")
    return target


@contextmanager
def _opened(alias: str, settings: dict[str, Any]) -> Iterator[BaseDatabaseWrapper]:
    """A further connection of this process, closed and forgotten at the end."""
    default = connections.settings[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS].close()
    connections.settings[alias] = connections.configure_settings({DEFAULT_DB_ALIAS: default, alias: settings})[alias]
    try:
        yield connections[alias]
    finally:
        connections[alias].close()
        del connections[alias]
        del connections.settings[alias]


def _take_source(source: BaseDatabaseWrapper) -> None:
    """Keep everybody else out until the connection is closed."""
    name = source.settings_dict["NAME"]
    try:
        executor = MigrationExecutor(source)
    except OperationalError as error:
        if "locked" not in str(error):
            raise
        raise MoveRefused(
            f"Another process has {name} open. Stop web, worker and scheduler (and make demo), then try again."
        ) from None
    if _written_by_newer_version(executor):
        raise MoveRefused(f"{name} was written by a newer version of the adapter. Install that version first.")
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise MoveRefused(f"{name} was written by an older version of the adapter. Run manage.py migrate first.")


def _require_empty(target: BaseDatabaseWrapper) -> None:
    """Raise when some table has rows that ``migrate`` does not write by itself."""
    try:
        target.ensure_connection()
    except OperationalError as error:
        raise MoveRefused(f"The target does not answer: {_first_line(error)}") from None
    executor = MigrationExecutor(target)
    if _written_by_newer_version(executor):
        raise MoveRefused("The target was made by a newer version of the adapter. Give an empty database.")
    expected = {executor.recorder.Migration._meta.db_table, *(model._meta.db_table for model in WRITTEN_BY_MIGRATE)}
    with target.cursor() as cursor:
        filled = []
        for table in sorted(set(target.introspection.table_names(cursor)) - expected):
            cursor.execute(f"SELECT EXISTS (SELECT FROM {target.ops.quote_name(table)})")  # noqa: S608
            if cursor.fetchone() == (True,):
                filled.append(table)
    if filled:
        raise MoveRefused(f"The target is not empty ({', '.join(filled)} have rows). Give an empty database.")


def _written_by_newer_version(executor: MigrationExecutor) -> bool:
    return not set(executor.loader.applied_migrations) <= set(executor.loader.disk_migrations)


def _fill(
    source: BaseDatabaseWrapper, target: BaseDatabaseWrapper, on_copied: Callable[[str, int], None]
) -> dict[str, int]:
    """Within one transaction of the target: copy, compare, let numbers go on."""
    chosen = moved_models()
    with target.cursor() as cursor:
        tables = ", ".join(target.ops.quote_name(model._meta.db_table) for model in chosen)
        cursor.execute(f"LOCK TABLE {tables} IN EXCLUSIVE MODE")
    # Now nobody else can write there; somebody may have before.
    _require_empty(target)
    for model in WRITTEN_BY_MIGRATE:
        model._base_manager.using(TARGET).all().delete()
    # The order does not matter: foreign keys are checked at the end.
    for model in chosen:
        _copy(model)
    target.check_constraints()
    counts = {}
    for model in chosen:
        counts[model._meta.db_table] = _compare(model)
        on_copied(model._meta.db_table, counts[model._meta.db_table])
    _continue_numbers(source, target, chosen)
    return counts


def _copy(model: Model) -> None:
    rows = model._base_manager.using(SOURCE).order_by("pk").iterator(chunk_size=BATCH_SIZE)
    for batch in _batches(rows):
        try:
            _insert(model, batch)
        except (DatabaseError, ValueError):
            # One of them is refused: which one?
            for row in batch:
                try:
                    _insert(model, [row])
                except (DatabaseError, ValueError) as error:
                    raise MoveRefused(
                        f"PostgreSQL refuses the row {row.pk} of {model._meta.db_table}: {_first_line(error)}"
                    ) from None
            raise


def _insert(model: Model, rows: list[models.Model]) -> None:
    with transaction.atomic(using=TARGET):
        model._base_manager.using(TARGET).bulk_create(rows)


def _compare(model: Model) -> int:
    """Rows of the table; raises unless each one is the same on both sides, value by value."""
    names = ["pk", *(field.attname for field in model._meta.concrete_fields)]
    here, there = (model._base_manager.using(alias) for alias in (SOURCE, TARGET))
    count = 0
    for batch in _batches(here.order_by("pk").values_list(*names).iterator(chunk_size=BATCH_SIZE)):
        arrived = {row[0]: row for row in there.filter(pk__in=[row[0] for row in batch]).values_list(*names)}
        for row in batch:
            if arrived.get(row[0]) != row:
                raise MoveRefused(f"The row {row[0]} of {model._meta.db_table} is not the same in the target.")
        count += len(batch)
    if there.count() != count:
        raise MoveRefused(f"{model._meta.db_table} has {count} rows, and {there.count()} in the target.")
    return count


def _continue_numbers(source: BaseDatabaseWrapper, target: BaseDatabaseWrapper, chosen: list[Model]) -> None:
    """New rows get numbers that no row ever had: w.c.s. may still know that of a deleted booking."""
    with source.cursor() as cursor:
        cursor.execute("SELECT name, seq FROM sqlite_sequence")
        given = dict(cursor.fetchall())
    with target.cursor() as cursor:
        for model in chosen:
            column, table = model._meta.auto_field, model._meta.db_table
            if column is not None and given.get(table):
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, %s), %s)",
                    [target.ops.quote_name(table), column.column, given[table]],
                )


def _batches(rows: Iterator[T]) -> Iterator[list[T]]:
    while batch := list(islice(rows, BATCH_SIZE)):
        yield batch


def _first_line(error: Exception) -> str:
    """Without the detail, which may quote the row."""
    return str(error).strip().partition("\n")[0]
