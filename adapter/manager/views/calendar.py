"""Day, week and month of an agenda."""

from __future__ import annotations

from dataclasses import replace

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from adapter.clock import now as present
from adapter.manager.access import access_of, agenda_to_view, agents_only
from adapter.manager.calendar.addresses import with_query
from adapter.manager.calendar.reading import calendar_version, read_calendar
from adapter.manager.calendar.screen import Screen
from adapter.manager.calendar.span import Span, date_from, day_from, today


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
    day = day_from(request.GET.get("date", "")) or today(present())
    span = Span(view if view in ("day", "week", "month") else "day", day)
    kept = {name: request.GET.get(name, "") for name in ("type", "only", "desk")}
    return HttpResponseRedirect(with_query(span.url(agenda.slug), **kept))


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
    """A day, a week or a month. With ``X-Fragment: calendar`` only the part that changes is answered."""
    agenda = agenda_to_view(request, slug)
    date = date_from(year, month, day)
    if date is None:
        raise Http404
    span = Span(view, date)
    access = access_of(request)
    data = read_calendar(slug, span.window, present(), access)
    # What can be booked here is what the form is for.
    data = replace(data, snapshot=data.snapshot.only(agenda.fixed_meeting_type))
    screen = Screen(agenda, span, data, access, request.GET)
    fragment = request.headers.get("X-Fragment") == "calendar"
    template = "manager/calendar/live.html" if fragment else "manager/calendar/page.html"
    response = render(request, template, screen.context())
    response.headers["Vary"] = "X-Fragment"
    return response
