"""The first page: agendas by category, what comes next, and a search."""

from __future__ import annotations

import datetime
from collections import Counter
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from adapter.agendas.models import Agenda, VirtualMember
from adapter.agendas.queries.bookings import BookingSearch, search_bookings
from adapter.clock import now
from adapter.manager.access import access_of, agents_only
from adapter.manager.calendar.span import today
from adapter.manager.views.common import wcs_address

NEXT = 10


@never_cache
@agents_only
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The agendas that the agent may see, and their next appointments."""
    access, moment = access_of(request), now()
    agendas = list(access.viewable())
    _count_today(agendas, today(moment))
    search = BookingSearch(state="booked", first_day=today(moment))
    upcoming = search_bookings(search, access.visible_bookings()).filter(start__gte=moment)[:NEXT]
    context: dict[str, Any] = {"groups": _by_category(agendas), "upcoming": upcoming}
    if settings.DEMO:
        context |= {"demo": True, "wcs": wcs_address(), "edits": access.edits_something()}
    return render(request, "manager/home.html", context)


def _by_category(agendas: list[Agenda]) -> list[tuple[str, list[Agenda]]]:
    """Categories in order of their labels, then the agendas without one."""

    def key(agenda: Agenda) -> tuple[bool, str]:
        return agenda.category is None, agenda.category.label if agenda.category else ""

    return [(label, list(group)) for (_last, label), group in groupby(sorted(agendas, key=key), key)]


def _count_today(agendas: list[Agenda], day: datetime.date) -> None:
    """Write into each agenda how many appointments it has today; a virtual one has those of its members."""
    members: dict[int, list[int]] = {}
    for virtual, real in VirtualMember.objects.filter(virtual__in=agendas).values_list("virtual", "real"):
        members.setdefault(virtual, []).append(real)
    ids = {agenda.pk for agenda in agendas}.union(*members.values())
    search = BookingSearch(state="booked", first_day=day, last_day=day)
    rows = search_bookings(search).filter(agenda__in=ids).order_by().values_list("agenda")
    counts = Counter(dict(rows.annotate(Count("id"))))
    for agenda in agendas:
        agenda.today = sum(counts[real] for real in members.get(agenda.pk, [agenda.pk]))  # type: ignore[attr-defined]
