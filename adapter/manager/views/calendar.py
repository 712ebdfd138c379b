"""Day, week and month of an agenda."""

from __future__ import annotations

import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from adapter.agendas.models import Agenda
from adapter.clock import now as present
from adapter.manager.access import access_of, agenda_to_view, agents_only
from adapter.manager.calendar.blocks import Gap, clock_text
from adapter.manager.calendar.board import Board, Filter, day_board, week_board
from adapter.manager.calendar.layout import Column
from adapter.manager.calendar.month import month_overview
from adapter.manager.calendar.reading import CalendarData, calendar_version, read_calendar, read_surroundings
from adapter.manager.calendar.span import Span, date_from, today
from adapter.manager.services.titles import known_titles


@agents_only
@require_safe
def open_agenda(request: HttpRequest, slug: str) -> HttpResponse:
    """The agenda's calendar of today."""
    agenda = agenda_to_view(request, slug)
    return HttpResponseRedirect(Span("day", today(present())).url(agenda.slug))


@agents_only
@require_safe
def go_to_date(request: HttpRequest, slug: str) -> HttpResponse:
    """Where the date picker leads (``date`` and ``view`` in the query)."""
    agenda = agenda_to_view(request, slug)
    view = request.GET.get("view", "day")
    try:
        day = datetime.date.fromisoformat(request.GET.get("date", ""))
    except ValueError:
        day = today(present())
    span = Span(view if view in ("day", "week", "month") else "day", day)
    kept = {name: request.GET.get(name, "") for name in ("type", "only", "desk")}
    return HttpResponseRedirect(_with_query(span.url(agenda.slug), **kept))


@never_cache
@agents_only
@require_safe
def version(request: HttpRequest, slug: str) -> HttpResponse:
    """A text that changes with the calendar; asked for every few seconds by the page. 304 when it is still the same."""
    agenda_to_view(request, slug)
    found = calendar_version(slug, present())
    etag = f'"{found}"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=304, headers={"ETag": etag})
    return JsonResponse({"version": found}, headers={"ETag": etag})


@never_cache
@agents_only
@require_safe
def calendar(request: HttpRequest, slug: str, view: str, year: int, month: int, day: int) -> HttpResponse:
    """A day, a week or a month. With ``X-Fragment: calendar`` only the part that changes is answered.

    ``type`` is the meeting type that a click takes, ``only`` a real agenda of a virtual one, ``desk`` one desk (id).
    """
    agenda = agenda_to_view(request, slug)
    date = date_from(year, month, day)
    if date is None:
        raise Http404
    span, now = Span(view, date), present()
    data = read_calendar(slug, span.window, now)
    chosen = _filter(request, data, view)
    context = _context(request, agenda, span, data, chosen)
    if view == "month":
        context["weeks"] = month_overview(data, span, agenda.slug, chosen)
    else:
        board = day_board(data, date, chosen) if view == "day" else week_board(data, span.days, chosen)
        context.update(_board_context(board, data, context))
    fragment = request.headers.get("X-Fragment") == "calendar"
    response = render(request, "manager/calendar/live.html" if fragment else "manager/calendar/page.html", context)
    response.headers["Vary"] = "X-Fragment"
    return response


def _filter(request: HttpRequest, data: CalendarData, view: str) -> Filter:
    """Nonsense is shown as if it had not been asked for."""
    real = data.snapshot.real_agendas
    only = next((item.slug for item in real if item.slug == request.GET.get("only") and len(real) > 1), "")
    asked = request.GET.get("desk", "") if view == "week" else ""
    desks = [desk.id for agenda in real if only in ("", agenda.slug) for desk in agenda.desks]
    return Filter(only, next((desk_id for desk_id in desks if str(desk_id) == asked), None))


def _context(
    request: HttpRequest, agenda: Agenda, span: Span, data: CalendarData, chosen: Filter
) -> dict[str, Any]:
    access = access_of(request)
    types = data.snapshot.meeting_types
    query = request.GET.urlencode()
    suffix = f"?{query}" if query else ""
    may_book = access.books(agenda)
    meeting_type = data.snapshot.meeting_type(request.GET.get("type", "")) or (types[0] if types else None)
    here = span.url(agenda.slug) + suffix
    return {
        "agenda": agenda,
        "span": span,
        "now": data.now,
        "views": [
            (view, label, Span(view, span.day).url(agenda.slug) + suffix)
            for view, label in (("day", _("Day")), ("week", _("Week")), ("month", _("Month")))
        ],
        "urls": {
            "previous": span.previous().url(agenda.slug) + suffix,
            "next": span.next().url(agenda.slug) + suffix,
            "today": Span(span.view, today(data.now)).url(agenda.slug) + suffix,
        },
        "here": here,
        "types": types,
        "meeting_type": meeting_type,
        "chosen": chosen,
        "desks": [
            (item, desk)
            for item in data.snapshot.real_agendas
            if chosen.only in ("", item.slug)
            for desk in item.desks
        ],
        "tabs": _tabs(request, agenda, span, data, chosen),
        "may_edit": access.edits(agenda),
        "may_book": may_book and agenda.backoffice_booking_enabled,
        "not_enabled": may_book and not agenda.backoffice_booking_enabled,
        "add_url": _with_query(
            reverse("manager-agenda-book", args=[agenda.slug]),
            agenda=chosen.only,
            type=meeting_type.slug if meeting_type and "type" in request.GET else "",
            back=here,
        ),
        "version": data.version,
        "version_url": reverse("manager-agenda-version", args=[agenda.slug]),
    }


def _tabs(
    request: HttpRequest, agenda: Agenda, span: Span, data: CalendarData, chosen: Filter
) -> list[tuple[str, str, bool]]:
    """Label, address and whether it is shown: all agendas of a virtual one together, then each alone."""
    if len(data.snapshot.real_agendas) < 2:
        return []
    query = request.GET.copy()
    query.pop("desk", None)
    tabs = []
    for slug, label in [("", _("All agendas")), *((item.slug, item.label) for item in data.snapshot.real_agendas)]:
        query["only"] = slug
        if not slug:
            query.pop("only")
        suffix = f"?{query.urlencode()}" if query else ""
        tabs.append((label, span.url(agenda.slug) + suffix, slug == chosen.only))
    return tabs


def _board_context(board: Board, data: CalendarData, context: dict[str, Any]) -> dict[str, Any]:
    preferred = context["meeting_type"].slug if context["meeting_type"] else ""
    agenda: Agenda = context["agenda"]
    surroundings = read_surroundings(data)
    titles = known_titles(item.form_slug for item in data.bookings if item.state == "held")

    def gap_url(column: Column, gap: Gap) -> str:
        first = gap.first(preferred)
        assert first is not None
        slug, minute, desk_id = first
        return _with_query(
            reverse("manager-agenda-book", args=[agenda.slug]),
            type=slug,
            day=column.day.isoformat(),
            time=clock_text(minute),
            desk=board.desk_key(desk_id),
            back=context["here"],
        )

    def shown(column: Column, item: Any) -> dict[str, Any]:
        if item.kind == "gap":
            return {"gap": item, "url": gap_url(column, item)}
        if item.kind == "closing":
            return {"closing": item}
        booking = item.booking
        return {
            "block": item,
            "booking": booking,
            "holder": surroundings.holders.get(booking.holder, ""),
            "form": titles.get(booking.form_slug, ""),
            "callback": surroundings.callbacks.get(booking.pk),
        }

    return {
        "board": board,
        "free_times": board.free_times(data) if context["may_book"] else None,
        "columns": [
            (
                column,
                [shown(column, item) for item in column.items if item.kind != "gap" or context["may_book"]],
            )
            for column in board.columns
        ],
        "cancelled": [(item, surroundings.callbacks[item.pk]) for item in surroundings.cancelled],
        "book_url": reverse("manager-agenda-book", args=[agenda.slug]),
    }


def _with_query(path: str, **values: str) -> str:
    given = {name: value for name, value in values.items() if value}
    return f"{path}?{urlencode(given)}" if given else path
