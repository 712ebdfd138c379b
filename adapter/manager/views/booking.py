"""Booking by an agent: choose, hold, and go to the form; or come back without."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from adapter.agendas.errors import AgendaError, SlotUnavailable
from adapter.agendas.models import Agenda, Booking
from adapter.agendas.services import release_locks
from adapter.clock import now
from adapter.manager.access import access_of, actor_of, agenda_to_book, agenda_to_view, agents_only
from adapter.manager.services.booking import Wanted, start_booking
from adapter.manager.services.choice import Asked, agendas_for, make_choice
from adapter.manager.views.common import absolute, inner_path
from adapter.manager.words import problem_in_words
from adapter.wcs.services import WcsError


@never_cache
@agents_only
@require_http_methods(["GET", "HEAD", "POST"])
def book(request: HttpRequest, slug: str) -> HttpResponse:
    """GET chooses agenda, type and slot; POST holds the slot and leads to the form in w.c.s."""
    agenda = agenda_to_book(request, slug)
    if not agenda.backoffice_booking_enabled:
        raise PermissionDenied
    back = inner_path(request, "back", reverse("manager-agenda", args=[slug]))
    if request.method != "POST":
        return _page(request, agenda, Asked.read(request.GET.dict()), back)
    wanted_agenda = next(
        (item for item in agendas_for(agenda, access_of(request)) if item.slug == request.POST.get("agenda")), agenda
    )
    slot = request.POST.get("slot", "")[:300]
    given_up = reverse("manager-agenda-given-up", args=[slug, "code"]).replace("/code/", "/{code}/")
    wanted = Wanted(
        agenda=wanted_agenda,
        slot=slot,
        desk=request.POST.get("desk", "")[:150],
        return_url=absolute(back),
        cancel_url=absolute(f"{given_up}?back={back}"),
    )
    asked = _asked(wanted)
    try:
        started = start_booking(agenda, wanted, request.user, now=now())  # type: ignore[arg-type]
    except SlotUnavailable:
        return _page(request, agenda, asked, back, _("Somebody else has just taken this slot."))
    except WcsError as failure:
        return _page(request, agenda, asked, back, problem_in_words(failure.code), failure.reference)
    except AgendaError:
        return _page(request, agenda, asked, back, _("This slot cannot be booked."))
    return HttpResponseRedirect(started.draft.backoffice_url)


@never_cache
@agents_only
@require_safe
def given_up(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Where w.c.s. sends the agent who discards the draft: the agent's own lock of that code is released."""
    agenda_to_view(request, slug)
    moment = now()
    own = Booking.objects.live_locks(moment).filter(lock_code=code, holder=request.user.get_username())
    release_locks(list(own.values_list("pk", flat=True)), now=moment, actor=actor_of(request), because="given up")
    return HttpResponseRedirect(inner_path(request, "back", reverse("manager-agenda", args=[slug])))


def _asked(wanted: Wanted) -> Asked:
    """What was posted, as the choice understands it."""
    type_slug, _colon, moment = wanted.slot.rpartition(":")
    return Asked(wanted.agenda.slug, type_slug, moment[:10], f"{moment[11:13]}:{moment[13:15]}", wanted.desk)


def _page(
    request: HttpRequest, agenda: Agenda, asked: Asked, back: str, problem: str = "", reference: str = ""
) -> HttpResponse:
    choice = make_choice(agenda, asked, access_of(request), now=now())
    context = {
        "agenda": agenda,
        "choice": choice,
        "back": back,
        "book_url": reverse("manager-agenda-book", args=[agenda.slug]),
        "problem": problem,
        "reference": reference,
    }
    return render(request, "manager/calendar/book.html", context, status=409 if problem else 200)
