"""The panel that says why a slot is not offered."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from adapter.agendas.models import Agenda, Booking
from adapter.agendas.queries.availability import zone_name
from adapter.agendas.queries.snapshot import AgendaSnapshot, load_snapshot
from adapter.agendas.services import explain_day, refusals_of
from adapter.clock import now as present
from adapter.manager.access import access_of, agenda_to_view, agents_only
from adapter.manager.addresses import Tab, settings_path
from adapter.manager.calendar.span import Span, date_from, day_from, today
from adapter.manager.services.titles import known_titles
from adapter.manager.why import Links, RefusedRow, refused_rows, row_of, rows_of
from adapter.manager.words import minutes_in_words

# Of a day; the newest.
MOST_REFUSALS = 50


@never_cache
@agents_only
@require_safe
def why(request: HttpRequest, slug: str) -> HttpResponse:
    """For a day and a meeting type, each start with its reason; with a time, that one first."""
    agenda = agenda_to_view(request, slug)
    snapshot, _versions = load_snapshot(slug)
    now = present()
    day, bad_day = _day(request.GET.get("day", ""), today(now))
    asked_time, bad_time = _time(request.GET.get("time", ""))
    types = snapshot.meeting_types
    virtual = agenda.kind == Agenda.Kind.VIRTUAL
    chosen = snapshot.meeting_type(request.GET.get("type", "")) or (types[0] if types else None)
    context = {
        "agenda": agenda,
        "types": types,
        "virtual": virtual,
        "meeting_type": chosen,
        "not_shared": _not_shared(snapshot),
        "day": day,
        "time": asked_time,
        "problem": bad_day or bad_time,
        "day_url": Span("day", day).url(slug),
        "may_edit": access_of(request).edits(agenda),
        "openings_url": settings_path(slug, Tab.MEMBERS if virtual else Tab.OPENINGS),
        "types_url": settings_path(slug, Tab.MEMBERS if virtual else Tab.MEETING_TYPES),
    }
    if chosen is not None:
        verdict = explain_day(slug, chosen.slug, day, now=now, at=asked_time)
        links = _links(request, snapshot)
        context["rows"] = rows_of(verdict, links)
        context["asked"] = row_of(verdict.asked, snapshot, links) if verdict.asked else None
        context["refused"] = _refused(agenda, snapshot, chosen.slug, day, asked_time, links)
        context["refusal_days"] = settings.REFUSAL_LOG_DAYS
    return render(request, "manager/why.html", context, status=400 if bad_day or bad_time else 200)


def _refused(
    agenda: Agenda,
    snapshot: AgendaSnapshot,
    meeting_type: str,
    day: datetime.date,
    time: datetime.time | None,
    links: Links,
) -> list[RefusedRow]:
    """Holds and bookings that were refused on that day, or for that time."""
    zone = ZoneInfo(zone_name())
    begin = datetime.datetime.combine(day, time or datetime.time.min, zone)
    length = datetime.timedelta(minutes=1) if time else datetime.timedelta(days=1)
    found = refusals_of(agenda, begin, begin + length).filter(meeting_type=meeting_type)
    refusals = list(found[:MOST_REFUSALS])
    numbers = {desk.get("booking") for refusal in refusals for desk in refusal.desks} - {None}
    known = set(Booking.objects.filter(pk__in=numbers).values_list("pk", flat=True)) if numbers else set()
    titles = known_titles(refusal.form_slug for refusal in refusals)
    return refused_rows(refusals, snapshot, titles, links, known)


def _links(request: HttpRequest, snapshot: AgendaSnapshot) -> Links:
    """Settings of the agenda and of those behind it, where the agent may change them."""
    access = access_of(request)
    ids = {snapshot.id, *(real.id for real in snapshot.real_agendas)}
    edits = {agenda.pk for agenda in Agenda.objects.filter(pk__in=ids) if access.edits(agenda)}
    viewable = set(access.viewable().filter(pk__in=ids).values_list("pk", flat=True))
    # Somebody who sees only the virtual agenda may not see what was booked through its members.
    return Links(frozenset(edits), all(real.id in viewable for real in snapshot.real_agendas))


def _not_shared(snapshot: AgendaSnapshot) -> list[tuple[str, list[str]]]:
    """Meeting types that a virtual agenda cannot offer, and what they are in each of its members."""
    offered = {item.slug for item in snapshot.meeting_types}
    found: dict[str, str] = {}
    for real in snapshot.real_agendas:
        for item in real.meeting_types:
            if item.enabled and item.slug not in offered:
                found.setdefault(item.slug, item.label)
    if len(snapshot.real_agendas) < 2:
        return []
    missing = []
    for slug, label in found.items():
        places = []
        for real in snapshot.real_agendas:
            own = real.meeting_type(slug)
            length = minutes_in_words(own.duration // 60) if own else gettext("missing or disabled")
            places.append(gettext("%(agenda)s (%(length)s)") % {"agenda": real.label, "length": length})
        missing.append((label, places))
    return missing


def _day(text: str, default: datetime.date) -> tuple[datetime.date, bool]:
    if not text:
        return default, False
    asked = day_from(text)
    day = date_from(asked.year, asked.month, asked.day) if asked else None
    return (default, True) if day is None else (day, False)


def _time(text: str) -> tuple[datetime.time | None, bool]:
    if not text:
        return None, False
    try:
        asked = datetime.time.fromisoformat(text)
    except ValueError:
        return None, True
    return asked.replace(second=0, microsecond=0, tzinfo=None), False
