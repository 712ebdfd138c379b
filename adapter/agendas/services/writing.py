"""Writing one lock or booking with the desk it stands on and its entry in the audit log.

On PostgreSQL that is one statement, hence one transaction and one round trip; on SQLite, where nothing travels, three
statements in a transaction. Inside a transaction that is running already, both are part of it.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from typing import Any

import orjson
from django.db import connection
from django.db.models.base import ModelState

from adapter.agendas.models import Booking
from adapter.agendas.queries.statements import fetch, is_postgres
from adapter.agendas.services.actor import Actor
from adapter.agendas.services.audit import Entry, record, tell
from adapter.agendas.services.guard import StaleRead, exclusive, next_step, take_all, take_desks

# The desk is taken first: whoever wants to write there waits, or finds its version moved.
TAKE_SEEN = """
    UPDATE agendas_desk SET version = version + %(step)s::bigint
    WHERE id = %(desk)s::bigint AND version = %(seen)s::bigint RETURNING id"""
TAKE_ANY = "UPDATE agendas_desk SET version = version + %(step)s::bigint WHERE id = %(desk)s::bigint RETURNING id"

NOTE = """
    INSERT INTO agendas_auditevent (at, code, actor_kind, actor, agenda_id, booking_id, data)
    SELECT %(at)s::timestamptz, %(code)s, %(actor_kind)s, %(actor)s, {agenda}, written.id, {data}
    FROM written"""
NOTE_GIVEN = NOTE.format(agenda="%(entry_agenda)s::bigint", data="%(entry_data)s::jsonb")
IN_ONE = "WITH taken AS ({taken}), written AS ({written}), noted AS ({note}) SELECT id FROM written"

# Columns whose default is an empty list: each row has its own.
LISTS = ("extra_emails", "extra_phone_numbers")


def new_row(**given: Any) -> Booking:
    """``Booking(**given)``, by names of attributes.

    Made as unpickling makes one: Django would ask forty fields for their defaults and set each by a descriptor.
    """
    row = Booking.__new__(Booking)
    row._state = ModelState()
    vars(row).update({**_blank(), **{name: [] for name in LISTS}, **given})
    return row


def insert(
    row: Booking, entry: Entry, *, actor: Actor, now: datetime.datetime, seen: Mapping[int, int] | None = None
) -> Booking:
    """Write a new row, with ``entry`` about it; the row has its number afterwards.

    ``seen`` are the versions of desks that were read before: the desk of the row is taken, and :class:`StaleRead` is
    raised when it moved on. Without them the running transaction must have taken it.
    """
    values = _columns(row)
    if is_postgres():
        taken = "SELECT 1" if seen is None else TAKE_SEEN
        sql = _insert_statement(tuple(values), taken)
        parameters = {**values, **entry_parameters(entry, actor, now), "step": next_step(), "desk": row.desk_id}
        if seen is not None:
            parameters["seen"] = seen.get(row.desk_id)
        with own_savepoint():
            found = fetch(sql, parameters)
        if not found:
            raise StaleRead
        row.pk = found[0][0]
        tell(actor, [_about(entry, row.pk)])
    else:
        with exclusive():
            if seen is not None:
                take_desks([row.desk_id], seen)
            row.save(force_insert=True)
            record(actor, now, [_about(entry, row.pk)])
    row._state.adding = False
    return row


def change(
    booking_id: int,
    desk_id: int,
    values: Mapping[str, Any],
    entry: Entry,
    *,
    actor: Actor,
    now: datetime.datetime,
    expected: Mapping[str, Any],
    live: bool = True,
) -> bool:
    """Change a row that is still as ``expected`` and, with ``live``, a lock that has not lapsed; take its desk.

    Compare-and-swap: ``False``, and nothing is noted, when the row is another one by now.
    """
    conditions = {**expected, **({"expires_at__gt": now} if live else {})}
    if not is_postgres():
        with exclusive():
            take_all([desk_id])
            changed = Booking.objects.filter(pk=booking_id, **conditions).update(**values)
            if changed:
                record(actor, now, [_about(entry, booking_id)])
        return bool(changed)
    sql = _update_statement(tuple(values), tuple(conditions))
    parameters = {
        **{f"new_{name}": _prepared(value) for name, value in values.items()},
        **{f"old_{name}": _prepared(value) for name, value in conditions.items()},
        **entry_parameters(entry, actor, now),
        "step": next_step(),
        "desk": desk_id,
        "id": booking_id,
    }
    with own_savepoint():
        changed = bool(fetch(sql, parameters))
    if changed:
        tell(actor, [_about(entry, booking_id)])
    return changed


@lru_cache(maxsize=32)
def _insert_statement(given: tuple[str, ...], taken: str) -> str:
    """With a parameter for each column ``given``, and the defaults of the others in its text."""
    return IN_ONE.format(taken=taken, written=insert_from_taken(given, {}), note=NOTE_GIVEN)


def insert_from_taken(given: Iterable[str], computed: Mapping[str, str]) -> str:
    """An INSERT of one booking for each row of ``taken``.

    With a parameter for each column ``given``, expressions for those ``computed``, and the defaults of the others in
    its text.
    """
    columns = {f'"{name}"': f"%({name})s" for name in given} | {f'"{name}"': text for name, text in computed.items()}
    for _attribute, column, plain in _defaults():
        if (quoted := f'"{column}"') not in columns and plain is not None:
            columns[quoted] = _literal(plain)
    return (
        f"INSERT INTO agendas_booking ({', '.join(columns)}) SELECT {', '.join(columns.values())} FROM taken"  # noqa: S608
        " RETURNING id, agenda_id, desk_id"
    )


@lru_cache(maxsize=32)
def _update_statement(columns: tuple[str, ...], conditions: tuple[str, ...]) -> str:
    new = ", ".join(f'"{name}" = %(new_{name})s' for name in columns)
    old = " AND ".join(
        f'agendas_booking."{name.removesuffix("__gt")}" {">" if name.endswith("__gt") else "="} %(old_{name})s'
        for name in conditions
    )
    written = (
        f"UPDATE agendas_booking SET {new} FROM taken WHERE agendas_booking.id = %(id)s::bigint"  # noqa: S608
        f" AND agendas_booking.desk_id = taken.id AND {old} RETURNING agendas_booking.id"
    )
    return IN_ONE.format(taken=TAKE_ANY, written=written, note=NOTE_GIVEN)


def own_savepoint() -> AbstractContextManager[None]:
    """One statement needs no transaction; inside one, a refusal by the database must not spoil it."""
    return exclusive() if connection.in_atomic_block else nullcontext()


def _columns(row: Booking) -> dict[str, Any]:
    """The columns that are not as a new row has them, as the database takes them."""
    values = vars(row)
    return {
        column: _prepared(value) for attribute, column, plain in _defaults() if (value := values[attribute]) != plain
    }


@lru_cache(maxsize=1)
def _defaults() -> list[tuple[str, str, Any]]:
    """Attribute, name and default of each column but the key."""
    empty = Booking()
    return [
        (field.attname, str(field.column), getattr(empty, field.attname))
        for field in Booking._meta.concrete_fields
        if not field.primary_key
    ]


@lru_cache(maxsize=1)
def _blank() -> dict[str, Any]:
    """All attributes of a row that is not written yet, in the order of its fields."""
    empty = Booking()
    return {field.attname: getattr(empty, field.attname) for field in Booking._meta.concrete_fields}


def _literal(plain: str | bool | int | list[Any]) -> str:
    """A default in a statement: they are empty texts, numbers and empty lists, all ours."""
    if isinstance(plain, bool | int):
        return str(plain).lower()
    return "''" if isinstance(plain, str) else f"'{orjson.dumps(plain).decode()}'"


def _prepared(value: Any) -> Any:
    if isinstance(value, dict | list):
        return orjson.dumps(value).decode()
    if isinstance(value, str):
        return str(value)
    return value


def _about(entry: Entry, booking_id: int) -> Entry:
    return Entry(entry.code, entry.agenda_id, booking_id, entry.data)


def entry_parameters(entry: Entry, actor: Actor, now: datetime.datetime) -> dict[str, Any]:
    """Parameters of ``NOTE_GIVEN``; ``NOTE`` needs the first four."""
    return {
        "at": now,
        "code": entry.code,
        "actor_kind": str(actor.kind),
        "actor": actor.name,
        "entry_agenda": entry.agenda_id,
        "entry_data": orjson.dumps(entry.data).decode(),
    }
