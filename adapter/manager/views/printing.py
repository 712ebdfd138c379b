"""The appointments of a day on paper."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from adapter.agendas.models import BookingState
from adapter.clock import now as present
from adapter.manager.access import access_of, agenda_to_view, agents_only
from adapter.manager.calendar.reading import read_calendar
from adapter.manager.calendar.span import Span, date_from


@never_cache
@agents_only
@require_safe
def day_list(request: HttpRequest, slug: str, year: int, month: int, day: int) -> HttpResponse:
    """In order of time, all desks or one (``desk``); slots that are held are left out, they may come to nothing."""
    agenda = agenda_to_view(request, slug)
    date = date_from(year, month, day)
    if date is None:
        raise Http404
    span, now = Span("day", date), present()
    data = read_calendar(slug, span.window, now, access_of(request))
    booked = [item for item in data.bookings if item.state == BookingState.BOOKED]
    several = len(data.snapshot.real_agendas) > 1
    desks = [
        (str(desk.id), f"{real.label}, {desk.label}" if several else desk.label)
        for real in data.snapshot.real_agendas
        for desk in real.desks
    ]
    # Desks that take no more appointments may still have some.
    known = {desk_id for desk_id, _label in desks}
    desks += [
        (str(key), label) for key, label in {i.desk_id: i.desk_label for i in booked}.items() if str(key) not in known
    ]
    labels = dict(desks)
    chosen = request.GET.get("desk", "")
    rows = [(item, labels[str(item.desk_id)]) for item in booked if chosen in ("", str(item.desk_id))]
    context = {
        "agenda": agenda,
        "day": date,
        "rows": rows,
        "desks": desks,
        "desk": chosen if chosen in labels else "",
        "desk_label": labels.get(chosen, ""),
        "day_url": span.url(slug),
        "now": now,
    }
    return render(request, "manager/print.html", context)
