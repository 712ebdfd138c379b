"""The first page: agendas and what comes next."""

from __future__ import annotations

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from adapter.agendas.models import Booking, BookingState
from adapter.clock import now
from adapter.manager.access import access_of, agents_only

NEXT = 10


@agents_only
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The agendas that the agent may see, and their next appointments."""
    agendas = list(access_of(request).viewable())
    upcoming = (
        Booking.objects.filter(Q(agenda__in=agendas) | Q(asked_agenda__in=agendas), state=BookingState.BOOKED)
        .filter(start__gte=now())
        .select_related("agenda", "desk", "meeting_type")
        .order_by("start", "id")[:NEXT]
    )
    return render(request, "manager/home.html", {"agendas": agendas, "upcoming": upcoming})
