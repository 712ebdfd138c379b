"""A booking or a lock of the calendar: what it is, and what may be done with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from adapter.agendas.errors import AgendaError, LockUnknown, RenewalsExhausted
from adapter.agendas.models import Agenda
from adapter.agendas.services import cancel_by_agent, note_presence, release_locks, renew
from adapter.agendas.services.callbacks import retry
from adapter.clock import now as present
from adapter.manager.access import access_of, actor_of, agenda_to_view, agents_only
from adapter.manager.services.appointments import ACTIONS, PRESENCE, Appointment, read_appointment
from adapter.manager.services.booking import take_over_booking, wanted_for_lock
from adapter.manager.services.choice import agendas_for
from adapter.manager.services.titles import learn_title
from adapter.manager.views.booking import given_up_url
from adapter.manager.views.common import absolute, in_popup, inner_path, leave, page_or_popup, wcs_to_log_in_to
from adapter.manager.words import presence_noted_in_words, problem_in_words, refusal_in_words
from adapter.wcs.services import WcsError

# These ask once more before they do it.
CONFIRMED = ("take-over", "release", "cancel")
AT_ONCE = tuple(action for action in ACTIONS if action not in CONFIRMED)
ENDED = gettext_lazy("The lock has ended meanwhile.")
CHANGED = gettext_lazy("This is not possible any more: something changed meanwhile.")


class _Refused(Exception):
    """The action was not done; the text says why and what to do."""

    def __init__(self, text: str, reference: str = "") -> None:
        super().__init__(text)
        self.text, self.reference = text, reference


@never_cache
@agents_only
@require_safe
def appointment(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """What a booking or lock is."""
    agenda = agenda_to_view(request, slug)
    return _show(request, agenda, _read(request, agenda, number))


@never_cache
@agents_only
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, slug: str, number: int, action: str) -> HttpResponse:
    """GET asks whether to do it, POST does it. 403 for an agent who may not."""
    if action not in ACTIONS:
        raise Http404
    agenda = agenda_to_view(request, slug)
    found = _read(request, agenda, number)
    if not access_of(request).acts_on_booking(found.booking):
        raise PermissionDenied
    if request.method != "POST":
        return _show(request, agenda, found, ask=action if action in found.actions and action in CONFIRMED else "")
    if action == "take-over":
        return _take_over(request, agenda, found)
    try:
        # Recording a presence twice does no harm, and the domain knows when it is too early.
        if action not in found.actions and action not in PRESENCE:
            raise _Refused(found.stays or str(CHANGED))
        text = _DO[action](request, found)
    except _Refused as refusal:
        return _show(request, agenda, _read(request, agenda, number), problem=refusal.text, status=409)
    if in_popup(request):
        return _show(request, agenda, _read(request, agenda, number), done=text)
    messages.info(request, text)
    return HttpResponseRedirect(_back(request, agenda))


def _read(request: HttpRequest, agenda: Agenda, number: int) -> Appointment:
    return read_appointment(agenda, number, access_of(request), request.user, now=present())  # type: ignore[arg-type]


def _extend(request: HttpRequest, found: Appointment) -> str:
    try:
        renew(found.booking.agenda.slug, found.booking.lock_code, now=present(), actor=actor_of(request))
    except RenewalsExhausted:
        raise _Refused(_("This lock was extended as often as is allowed. Take it over to go on.")) from None
    except LockUnknown:
        raise _Refused(str(ENDED)) from None
    return _("The lock is extended.")


def _release(request: HttpRequest, found: Appointment) -> str:
    if not release_locks(
        [found.booking.pk], now=present(), actor=actor_of(request), because="released in the calendar"
    ):
        raise _Refused(str(ENDED))
    return _("The slot is free again.")


def _cancel(request: HttpRequest, found: Appointment) -> str:
    try:
        booking = cancel_by_agent(found.booking.pk, now=present(), actor=actor_of(request))
    except AgendaError as refusal:
        raise _Refused(refusal_in_words(refusal)) from None
    if booking.cancel_callback_url:
        return _("The appointment is cancelled. The form is being told.")
    return _("The appointment is cancelled. The form gives no address to be told: change it by hand.")


def _note_presence(came: bool | None) -> Callable[[HttpRequest, Appointment], str]:
    def note(request: HttpRequest, found: Appointment) -> str:
        try:
            noted = note_presence(found.booking.pk, came, now=present(), actor=actor_of(request))
        except AgendaError as refusal:
            raise _Refused(refusal_in_words(refusal)) from None
        return presence_noted_in_words(noted)

    return note


def _retry(request: HttpRequest, found: Appointment) -> str:
    if found.callback is None or not retry(found.callback.pk, now=present(), actor=actor_of(request)):
        raise _Refused(_("The form has been told meanwhile."))
    return _("The form is being told again.")


_DO: dict[str, Callable[[HttpRequest, Appointment], str]] = {
    "extend": _extend,
    "release": _release,
    "cancel": _cancel,
    "retry": _retry,
    **{action: _note_presence(came) for action, came in PRESENCE.items()},
}


def _take_over(request: HttpRequest, agenda: Agenda, found: Appointment) -> HttpResponse:
    access, back = access_of(request), _back(request, agenda)
    problem, reference = str(CHANGED if found.state == "held" else ENDED), ""
    way = ""
    if "take-over" in found.actions:
        wanted = wanted_for_lock(
            found.booking, agendas_for(agenda, access), absolute(back), given_up_url(agenda.slug, back)
        )
        try:
            started = take_over_booking(agenda, found.booking, wanted, request.user, now=present())  # type: ignore[arg-type]
            learn_title(agenda.form_slug, now=present())
            return leave(request, started.draft.backoffice_url)
        except LockUnknown:
            problem = str(ENDED)
        except AgendaError:
            problem = _("This slot cannot be booked. Choose another one.")
        except WcsError as failure:
            problem = problem_in_words(failure.code, kept=True)
            reference, way = failure.reference, wcs_to_log_in_to(failure)
    found = _read(request, agenda, found.booking.pk)
    return _show(request, agenda, found, problem=problem, reference=reference, way=way, status=409)


def _back(request: HttpRequest, agenda: Agenda) -> str:
    return inner_path(request, "back", reverse("manager-agenda", args=[agenda.slug]))


def _show(request: HttpRequest, agenda: Agenda, found: Appointment, *, status: int = 200, **told: Any) -> HttpResponse:
    titles = {"held": _("Held slot"), "booked": _("Appointment"), "cancelled": _("Cancelled appointment")}
    context = {
        "title": titles.get(found.state, _("Lock that has ended")),
        "agenda": agenda,
        "found": found,
        "booking": found.booking,
        "back": _back(request, agenda),
        "now": present(),
        "at_once": AT_ONCE,
        **told,
    }
    return page_or_popup(request, "manager/calendar/appointment.html", context, status=status)
