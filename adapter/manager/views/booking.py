"""Booking by an agent: choose, hold, and go to the form; or come back without."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from adapter.agendas.errors import AgendaError, Busy, SlotUnavailable
from adapter.agendas.models import Agenda, Booking
from adapter.agendas.services import release_locks
from adapter.clock import now
from adapter.manager.access import access_of, actor_of, agenda_to_book, agenda_to_view, agents_only
from adapter.manager.services.booking import Wanted, new_attempt, start_booking
from adapter.manager.services.choice import Asked, agendas_for, make_choice
from adapter.manager.services.titles import learn_title
from adapter.manager.views.common import absolute, inner_path, leave, page_or_popup, wcs_to_log_in_to
from adapter.manager.words import problem_in_words
from adapter.wcs.services import WcsError


@never_cache
@agents_only
@require_http_methods(["GET", "HEAD", "POST"])
def book(request: HttpRequest, slug: str) -> HttpResponse:
    """GET chooses agenda, type and slot; POST holds the slot and leads to the form in w.c.s.

    With ``X-Fragment: pop-up`` the answers are parts of a page, and the way to the form is 201 with a ``Location``.
    """
    agenda = agenda_to_book(request, slug)
    if not agenda.backoffice_booking_enabled:
        raise PermissionDenied
    back = inner_path(request, "back", reverse("manager-agenda", args=[slug]))
    if request.method != "POST":
        return _choice(request, agenda, Asked.read(request.GET.dict()), back)
    wanted_agenda = next(
        (item for item in agendas_for(agenda, access_of(request)) if item.slug == request.POST.get("agenda")), agenda
    )
    wanted = Wanted(
        agenda=wanted_agenda,
        slot=request.POST.get("slot", "")[:300],
        desk=request.POST.get("desk", "")[:250],
        return_url=absolute(back),
        cancel_url=given_up_url(slug, back),
        attempt=request.POST.get("attempt", "")[:50],
    )
    asked = _asked(wanted)
    try:
        started = start_booking(agenda, wanted, request.user, now=now())  # type: ignore[arg-type]
    except SlotUnavailable:
        return _choice(request, agenda, asked, back, _("Somebody else has just taken this slot."))
    except Busy:
        return _choice(request, agenda, asked, back, _("Too much is going on at this moment. Try again."))
    except WcsError as failure:
        return _choice(request, agenda, asked, back, problem_in_words(failure.code), failure)
    except AgendaError:
        return _choice(request, agenda, asked, back, _("This slot cannot be booked. Choose another one."))
    learn_title(agenda.form_slug, now=now())
    return leave(request, started.draft.backoffice_url)


@never_cache
@agents_only
@require_safe
def given_up(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Where w.c.s. sends the agent who discards the draft: the agent's own lock of that code is released."""
    agenda_to_view(request, slug)
    moment = now()
    own = Booking.objects.live_locks(moment).filter(lock_code=code, holder=request.user.get_username())
    ids = list(own.values_list("pk", flat=True))
    if release_locks(ids, now=moment, actor=actor_of(request), because="given up"):
        messages.info(request, _("The slot is free again."))
    return HttpResponseRedirect(inner_path(request, "back", reverse("manager-agenda", args=[slug])))


def given_up_url(slug: str, back: str) -> str:
    """The absolute address of :func:`given_up`, with ``{code}`` to be replaced."""
    path = reverse("manager-agenda-given-up", args=[slug, "code"]).replace("/code/", "/{code}/")
    return absolute(f"{path}?{urlencode({'back': back})}")


def _asked(wanted: Wanted) -> Asked:
    """What was posted, as the choice understands it."""
    type_slug, _colon, moment = wanted.slot.rpartition(":")
    return Asked(wanted.agenda.slug, type_slug, moment[:10], f"{moment[11:13]}:{moment[13:15]}", wanted.desk)


def _choice(
    request: HttpRequest, agenda: Agenda, asked: Asked, back: str, problem: str = "", failure: WcsError | None = None
) -> HttpResponse:
    context = {
        "title": _("Add a booking"),
        "agenda": agenda,
        "choice": make_choice(agenda, asked, access_of(request), now=now()),
        "back": back,
        "book_url": reverse("manager-agenda-book", args=[agenda.slug]),
        "attempt": new_attempt(),
        "problem": problem,
        "reference": failure.reference if failure else "",
        "way": wcs_to_log_in_to(failure) if failure else "",
    }
    return page_or_popup(request, "manager/calendar/choice.html", context, status=409 if problem else 200)
