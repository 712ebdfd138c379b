"""Statements written by hand, for what each call asks: PostgreSQL plans them once, and no query is built in Python."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from django.db import DEFAULT_DB_ALIAS, connection, connections

Parameters = Sequence[Any] | Mapping[str, Any]


def is_postgres() -> bool:
    """Whether the database is PostgreSQL; else it is SQLite."""
    return connection.vendor == "postgresql"


def fetch(sql: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
    """All rows of a statement; placeholders as Django's cursors have them."""
    database = connections[DEFAULT_DB_ALIAS]
    if database.vendor == "postgresql":
        return cast(list[tuple[Any, ...]], cast(Any, database).fetch_prepared(sql, parameters))
    with database.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cast(list[tuple[Any, ...]], cursor.fetchall())


def one_of(column: str, values: Iterable[int]) -> tuple[str, list[Any]]:
    """The condition that ``column`` is one of ``values``, and its parameters.

    On PostgreSQL the text is the same however many there are, so that it is prepared once.
    """
    found = list(values)
    if is_postgres():
        return f"{column} = ANY(%s::bigint[])", [found]
    return f"{column} IN ({', '.join(['%s'] * len(found))})", found


def one_of_query(column: str, query: str) -> str:
    """The condition that ``column`` is one of the few that ``query`` gives: an index on it is used, however many rows
    there are.
    """
    return f"{column} = ANY(ARRAY({query}))" if is_postgres() else f"{column} IN ({query})"


def epoch(column: str) -> str:
    """UTC epoch seconds of a column of times: several times quicker to read than datetimes."""
    if is_postgres():
        return f"date_part('epoch', {column})::bigint"
    return f"CAST(strftime('%%s', {column}) AS INTEGER)"


def moments(*values: datetime.datetime) -> list[Any]:
    """Aware datetimes as the database takes them."""
    if is_postgres():
        return list(values)
    return [connection.ops.adapt_datetimefield_value(value) for value in values]
