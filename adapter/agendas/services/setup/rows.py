"""Changing one row of the settings: checked, and told as what changed."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models
from django.db.models import Q
from django.db.models.deletion import ProtectedError
from django.utils.text import slugify
from django.utils.translation import gettext as _

from adapter.agendas.errors import InvalidPayload
from adapter.agendas.models import Agenda
from adapter.agendas.services.configuration import touch_agendas
from adapter.agendas.services.guard import exclusive
from adapter.agendas.services.uses import agendas_beside, promise_to_keep

Row = TypeVar("Row", bound=models.Model)
SLUG_LENGTH = 100


def refuse(sentence: str, field: str = NON_FIELD_ERRORS) -> InvalidPayload:
    """The refusal of a change, told beside ``field`` or above all fields."""
    return InvalidPayload({field: [sentence]})


@contextmanager
def setting_up(agenda: Agenda) -> Iterator[None]:
    """A transaction that changes the settings of ``agenda``; holds that depend on them wait, or start again.

    Raises ``InvalidPayload`` when somebody saved something that clashes at the same moment.
    """
    try:
        with exclusive():
            touch_agendas(agendas_beside([agenda.pk]))
            yield
    except (IntegrityError, ProtectedError):
        raise refuse(_("Somebody else has just changed this. Look at it again, then try once more.")) from None


def save(row: Row, values: Mapping[str, Any]) -> dict[str, list[str]]:
    """Give ``row`` these values and write it; returns old and new of what changed, as texts.

    A new row gets all; of one that exists only what differs is written. Raises ``InvalidPayload`` with the faults of
    each column.
    """
    new = row.pk is None
    changes: dict[str, list[str]] = {}
    for name, value in values.items():
        before = getattr(row, name)
        if new or before != value:
            changes[name] = [text_of(None if new else before), text_of(value)]
            setattr(row, name, value)
    try:
        row.full_clean()
    except ValidationError as error:
        raise InvalidPayload(error.message_dict) from None
    if new:
        row.save(force_insert=True)
    elif changes:
        row.save(update_fields=list(changes))
    return changes


def text_of(value: Any) -> str:
    """A value as the audit log keeps it."""
    if value is None:
        return ""
    if isinstance(value, models.Model):
        return str(value)
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return str(value)


def free_slug(wanted: str, label: str, taken: models.QuerySet[Any]) -> str:
    """``wanted``, else one made of ``label`` that none of ``taken`` has."""
    if wanted:
        return wanted
    base = slugify(label)[: SLUG_LENGTH - 5].strip("-_") or "agenda"
    known = set(taken.filter(slug__startswith=base).values_list("slug", flat=True))
    number, slug = 1, base
    while slug in known:
        number += 1
        slug = f"{base}-{number}"
    return slug


def refuse_taken(slug: str, others: models.QuerySet[Any]) -> None:
    """Raise ``InvalidPayload`` when one of ``others`` has that identifier."""
    found = others.filter(slug=slug).first()
    if found is not None:
        raise refuse(_("“%(label)s” has this identifier already.") % {"label": found}, "slug")


def refuse_while_held(where: Q, field: str, *, now: datetime.datetime) -> None:
    """Raise ``InvalidPayload`` while a slot is held: what its holder was promised would no longer be found."""
    reason = promise_to_keep(where, now=now)
    if reason:
        raise refuse(reason, field)
