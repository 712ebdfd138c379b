"""Day, week and month of an agenda."""

from __future__ import annotations

import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from adapter.agendas.models import Agenda
from adapter.clock import now as present
from adapter.manager.access import access_of, agenda_to_view, agents_only
from adapter.manager.calendar.board import Board, day_board, week_board
from adapter.manager.calendar.month import month_overview
from adapter.manager.calendar.reading import CalendarData, calendar_version, read_calendar, version_text
from adapter.manager.calendar.span import Span, date_from, today


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
    query = request.GET.copy()
    for name in ("date", "view"):
        query.pop(name, None)
    return HttpResponseRedirect(span.url(agenda.slug) + (f"?{query.urlencode()}" if query else ""))


@never_cache
@agents_only
@require_safe
def version(request: HttpRequest, slug: str) -> HttpResponse:
    """A text that changes with the calendar; asked for every few seconds by the page."""
    agenda_to_view(request, slug)
    return JsonResponse({"version": calendar_version(slug, present())})


@never_cache
@agents_only
@require_safe
def calendar(request: HttpRequest, slug: str, view: str, year: int, month: int, day: int) -> HttpResponse:
    """A day, a week or a month. With ``X-Fragment: calendar`` only the part that changes is answered."""
    agenda = agenda_to_view(request, slug)
    date = date_from(year, month, day)
    if date is None:
        raise Http404
    span, now = Span(view, date), present()
    data = read_calendar(slug, span.window, now)
    context = _context(request, agenda, span, data)
    if view == "month":
        context["weeks"] = month_overview(data, span, agenda.slug)
    else:
        desk = _desk_id(request, data) if view == "week" else None
        board = day_board(data, date) if view == "day" else week_board(data, span.days, desk)
        context.update(_board_context(board, data, context))
        context["desk_id"] = desk
    fragment = request.headers.get("X-Fragment") == "calendar"
    response = render(request, "manager/calendar/board.html" if fragment else "manager/calendar/page.html", context)
    response.headers["Vary"] = "X-Fragment"
    return response


def _context(request: HttpRequest, agenda: Agenda, span: Span, data: CalendarData) -> dict[str, Any]:
    access = access_of(request)
    types = data.snapshot.meeting_types
    chosen = data.snapshot.meeting_type(request.GET.get("type", "")) or (types[0] if types else None)
    bookable = agenda.backoffice_booking_enabled and access.books(agenda)
    query = request.GET.urlencode()
    return {
        "agenda": agenda,
        "span": span,
        "now": data.now,
        "today": Span(span.view, today(data.now)),
        "views": {view: Span(view, span.day) for view in ("day", "week", "month")},
        "urls": {
            "previous": span.previous().url(agenda.slug),
            "next": span.next().url(agenda.slug),
            "today": Span(span.view, today(data.now)).url(agenda.slug),
            "day": Span("day", span.day).url(agenda.slug),
            "week": Span("week", span.day).url(agenda.slug),
            "month": Span("month", span.day).url(agenda.slug),
        },
        "query": f"?{query}" if query else "",
        "here": span.url(agenda.slug),
        "types": types,
        "meeting_type": chosen,
        "desks": [(item, desk) for item in data.snapshot.real_agendas for desk in item.desks],
        "members": data.snapshot.real_agendas if agenda.kind == Agenda.Kind.VIRTUAL else (),
        "may_edit": access.edits(agenda),
        "may_book": bookable,
        "book_url": reverse("manager-agenda-book", args=[agenda.slug]),
        "version": version_text(data.snapshot, data.versions, data.now),
    }


def _board_context(board: Board, data: CalendarData, context: dict[str, Any]) -> dict[str, Any]:
    chosen = context["meeting_type"]
    expiries = [item.expires_at for item in data.bookings if item.state == "held" and item.expires_at]
    return {
        "board": board,
        "free_times": board.free_times(data.snapshot.meeting_types),
        "columns": [
            (column, [(gap, gap.first(chosen.slug if chosen else "")) for gap in column.gaps])
            for column in board.columns
        ],
        "next_expiry": min(expiries, default=None),
    }


def _desk_id(request: HttpRequest, data: CalendarData) -> int | None:
    asked = request.GET.get("desk", "")
    return next(
        (desk.id for agenda in data.snapshot.real_agendas for desk in agenda.desks if str(desk.id) == asked), None
    )
