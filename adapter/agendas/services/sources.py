"""Sources of exceptions: ICS files and addresses, public holidays."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.db.models import F, Q

from adapter.agendas.models import Desk, ExceptionSource
from adapter.agendas.services.actor import Actor
from adapter.agendas.services.audit import Entry, record
from adapter.agendas.services.closure_rows import ClosureRow, write_closures
from adapter.agendas.services.configuration import touch_agendas
from adapter.agendas.services.guard import exclusive
from adapter.agendas.services.holidays import UnknownCountry, holiday_closures
from adapter.agendas.services.safe_fetch import FetchError, fetch_text

logger = structlog.get_logger("adapter.sources")
Kind = ExceptionSource.Kind
Fetch = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Refreshed:
    """How one refresh went: rows added or removed, and what went wrong (empty: nothing)."""

    changed: int
    error: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """How a run over many sources went."""

    refreshed: int
    changed: int
    failed: int


def has_local_content(source: ExceptionSource) -> bool:
    """Whether its closures can be worked out without asking another server."""
    return source.kind != Kind.ICS_URL


def closures_of(source: ExceptionSource, text: str, *, now: datetime.datetime) -> list[ClosureRow]:
    """What ``source`` closes, given the text of its calendar. Raises ``ValueError`` with a sentence."""
    if source.kind == Kind.HOLIDAYS:
        return holiday_closures(source.country, source.subdivision, now=now, zone=settings.TIME_ZONE)
    # A library that only processes with calendars to read should load.
    from adapter.agendas.services.ics import read_ics

    return read_ics(text, now=now, zone=settings.TIME_ZONE)


def add_source(
    source: ExceptionSource, desks: Iterable[Desk], *, now: datetime.datetime, actor: Actor, fetch: Fetch = fetch_text
) -> Refreshed:
    """Save a new source and work out its closures at once.

    ``source`` is unsaved and already checked; when its closures cannot be had, it is kept all the same, with the reason
    in ``last_error``, and tried again by the task.
    """
    with exclusive():
        source.save(force_insert=True)
        source.desks.set(desks)
        record(actor, now, [Entry("source.created", source.agenda_id, None, _about(source))])
    return refresh_source(source.pk, now=now, actor=actor, fetch=fetch)


def change_source(
    source: ExceptionSource, desks: Iterable[Desk], *, now: datetime.datetime, actor: Actor, fetch: Fetch = fetch_text
) -> Refreshed:
    """Save a changed source and work out its closures anew; see :func:`add_source`."""
    with exclusive():
        source.save(force_update=True)
        source.desks.set(desks)
        record(actor, now, [Entry("source.changed", source.agenda_id, None, _about(source))])
    return refresh_source(source.pk, now=now, actor=actor, fetch=fetch)


def remove_source(source: ExceptionSource, *, now: datetime.datetime, actor: Actor) -> None:
    """Remove a source and all its closures."""
    with exclusive():
        touch_agendas([source.agenda_id])
        record(actor, now, [Entry("source.deleted", source.agenda_id, None, _about(source))])
        source.delete()


def refresh_source(source_id: int, *, now: datetime.datetime, actor: Actor, fetch: Fetch = fetch_text) -> Refreshed:
    """Make the closures of a source be what it says now, in one transaction; only differences are written.

    When it cannot be read, its closures stay as they were and ``last_error`` says why. A source that is gone meanwhile
    is no error.
    """
    source = ExceptionSource.objects.filter(pk=source_id).first()
    if source is None:
        return Refreshed(0)
    # First of all, so that one that is never read to its end does not come first each time.
    ExceptionSource.objects.filter(pk=source_id).update(tried_at=now)
    text = source.ics_text
    if source.kind == Kind.ICS_URL:
        try:
            # Outside of any transaction: another server may take its time.
            text = fetch(source.ics_url)
        except FetchError as failure:
            return _failed(source, str(failure), now, actor)
    try:
        # This too: it may take seconds, and nobody could book meanwhile.
        rows = closures_of(source, text, now=now)
    except (ValueError, UnknownCountry) as failure:
        return _failed(source, str(failure), now, actor)
    with exclusive():
        locked = ExceptionSource.objects.select_for_update(of=("self",)).filter(pk=source_id).first()
        if locked is None or _said(locked) != _said(source):
            return Refreshed(0)
        changed = _write(locked, rows, now)
        if changed:
            record(actor, now, [Entry("source.refreshed", locked.agenda_id, None, _about(locked, changed=changed))])
    return Refreshed(changed)


def _said(source: ExceptionSource) -> tuple[str, ...]:
    """The settings that decide its closures."""
    return source.kind, source.ics_url, source.ics_text, source.country, source.subdivision


def refresh_in_transaction(source: ExceptionSource, *, now: datetime.datetime) -> str:
    """Work out the closures of a source with local content, in the caller's transaction; returns what went wrong."""
    try:
        rows = closures_of(source, source.ics_text, now=now)
    except ValueError as failure:
        return str(failure)
    _write(source, rows, now)
    return ""


def _write(source: ExceptionSource, rows: list[ClosureRow], now: datetime.datetime) -> int:
    zone = ZoneInfo(settings.TIME_ZONE)
    today = datetime.datetime.combine(now.astimezone(zone).date(), datetime.time.min, zone).astimezone(datetime.UTC)
    changed = write_closures(source, rows, since=today)
    ExceptionSource.objects.filter(pk=source.pk).update(refreshed_at=now, last_error="")
    return changed


def _about(source: ExceptionSource, **more: object) -> dict[str, object]:
    """For the audit log, with the label: the source may be gone when somebody reads it."""
    return {"source": source.pk, "label": source.label, **more}


def _failed(source: ExceptionSource, error: str, now: datetime.datetime, actor: Actor) -> Refreshed:
    if source.last_error != error[:500]:
        with exclusive():
            ExceptionSource.objects.filter(pk=source.pk).update(last_error=error[:500])
            record(actor, now, [Entry("source.failed", source.agenda_id, None, _about(source, error=error[:200]))])
    logger.warning("source_not_read", source=source.pk, error=error[:200])
    return Refreshed(0, error)


def refresh_due(
    kinds: Iterable[str],
    *,
    now: datetime.datetime,
    actor: Actor,
    older_than: datetime.timedelta,
    fetch: Fetch = fetch_text,
) -> Summary:
    """Refresh the sources of ``kinds`` that were not refreshed for that long, those tried longest ago first.

    One that fails stops no other.
    """
    due = ExceptionSource.objects.filter(
        Q(refreshed_at=None) | Q(refreshed_at__lte=now - older_than), kind__in=list(kinds)
    )
    results = [
        refresh_source(source_id, now=now, actor=actor, fetch=fetch)
        for source_id in due.order_by(F("tried_at").asc(nulls_first=True), "pk").values_list("pk", flat=True)
    ]
    return Summary(
        refreshed=sum(1 for result in results if not result.error),
        changed=sum(result.changed for result in results),
        failed=sum(1 for result in results if result.error),
    )
