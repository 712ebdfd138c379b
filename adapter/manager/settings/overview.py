"""What the tabs of the settings show."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from adapter.agendas.models import Agenda, AuditEvent, Closure, Desk, ExceptionSource
from adapter.agendas.period_words import period_in_words
from adapter.agendas.queries.snapshot import load_snapshot
from adapter.agendas.services.reminder_messages import preview
from adapter.agendas.services.setup import match_members, virtual_agendas_of
from adapter.manager.calendar.span import today
from adapter.manager.settings import words
from adapter.manager.settings.week import monday_of, picture

PAST_CLOSURES = 20
EVENTS = 50


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab: its name in addresses (``#open:NAME``), its label, its template."""

    name: str
    label: str | Promise
    template: str


def _tab(name: str, label: str | Promise) -> Tab:
    return Tab(name, label, f"manager/settings/tabs/{name.replace('-', '_')}.html")


COMMON_START = [_tab("general", _("General")), _tab("delays", _("Delays"))]
REMINDERS = _tab("reminders", _("Reminders and retention"))
COMMON_END = [
    _tab("permissions", _("Roles")),
    _tab("backoffice-booking", _("Backoffice booking")),
    _tab("history", _("History")),
]
TABS: dict[str, list[Tab]] = {
    Agenda.Kind.MEETINGS: [
        *COMMON_START,
        _tab("meeting-types", _("Meeting types")),
        _tab("desks", _("Desks")),
        _tab("openings", _("Opening periods")),
        _tab("exceptions", _("Exceptions")),
        REMINDERS,
        *COMMON_END,
    ],
    Agenda.Kind.VIRTUAL: [
        *COMMON_START,
        _tab("members", _("Real agendas")),
        _tab("excluded-periods", _("Excluded periods")),
        *COMMON_END,
    ],
}


def overview(agenda: Agenda, week: str, now: datetime.datetime) -> dict[str, Any]:
    """Everything that the tabs of ``agenda`` show; ``week`` is a day of the week that is drawn, maybe empty."""
    snapshot, _versions = load_snapshot(agenda.slug)
    day = today(now)
    context: dict[str, Any] = {
        "agenda": agenda,
        "now": now,
        "today": day,
        "tabs": TABS[agenda.kind],
        "is_virtual": agenda.kind == Agenda.Kind.VIRTUAL,
        "week": picture(snapshot, monday_of(week, day)),
        "lock_minutes": (agenda.lock_duration or settings.LOCK_DURATION) / 60,
        "events": [
            (event, words.EVENTS.get(event.code, event.code), words.event_details(event))
            for event in AuditEvent.objects.filter(agenda=agenda, booking_id=None)[:EVENTS]
        ],
    }
    if context["is_virtual"]:
        return context | {
            "matching": match_members(agenda),
            "excluded": [(item, period_in_words(item)) for item in agenda.excluded_periods.all()],
        }
    desks = list(agenda.desks.prefetch_related("openings"))
    return context | {
        "meeting_types": list(agenda.meeting_types.all()),
        "desks": [(desk, [(item, period_in_words(item)) for item in desk.openings.all()]) for desk in desks],
        "virtual_agendas": virtual_agendas_of(agenda),
        "reminder": preview(agenda, now),
        **_exceptions(agenda, len(desks), now),
    }


@dataclass(frozen=True, slots=True)
class ClosureLine:
    """An exception, in words."""

    closure: Closure
    when: str
    desks: str


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A source of exceptions, in words; ``days`` are its closures to come."""

    source: ExceptionSource
    desks: str
    area: str
    days: list[ClosureLine]
    count: str
    error: str


def _exceptions(agenda: Agenda, desk_count: int, now: datetime.datetime) -> dict[str, Any]:
    def line(closure: Closure) -> ClosureLine:
        names = _names(closure.desks.all(), desk_count)
        return ClosureLine(closure, words.closure_in_words(closure), names)

    rows = agenda.closures.prefetch_related("desks")
    to_come = list(rows.filter(end__gt=now))
    by_source: dict[int | None, list[ClosureLine]] = {}
    for closure in to_come:
        by_source.setdefault(closure.source_id, []).append(line(closure))
    past = rows.filter(end__lte=now, source=None).order_by("-start")
    sources = []
    for source in agenda.exception_sources.prefetch_related("desks"):
        days = by_source.get(source.pk, [])
        area = ""
        if source.kind == ExceptionSource.Kind.HOLIDAYS:
            area = source.get_country_display()
            if source.subdivision:
                area += f" – {words.subdivision_in_words(source.subdivision)}"
        names = _names(source.desks.all(), desk_count)
        error = words.source_error_in_words(source.last_error)
        sources.append(SourceLine(source, names, area, days, words.days_count(len(days)), error))
    return {
        "closures": by_source.get(None, []),
        "past_closures": [line(closure) for closure in past[:PAST_CLOSURES]],
        "sources": sources,
    }


def _names(desks: Any, total: int) -> str:
    found: list[Desk] = list(desks)
    return words.desks_in_words([desk.label for desk in found], total)
