"""Bookings: search, export, one of them with its history, and what may be done with it."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from adapter.agendas.errors import AgendaError
from adapter.agendas.models import Booking, BookingState, Callback
from adapter.agendas.queries.bookings import search_bookings
from adapter.agendas.services import cancel_by_agent, note_presence, why_not_cancellable
from adapter.agendas.services.callbacks import retry
from adapter.agendas.services.exporting import note_export
from adapter.clock import now
from adapter.manager.access import access_of, actor_of, agents_only
from adapter.manager.calendar.span import Span, today
from adapter.manager.exports.csv_file import csv_lines
from adapter.manager.exports.ods_file import MOST_ROWS, ods_file
from adapter.manager.history import history_of
from adapter.manager.paging import page_of, query_without
from adapter.manager.searching.bookings import BookingSearchForm
from adapter.manager.searching.choices import choices_of
from adapter.manager.services.appointments import PRESENCE, presence_actions
from adapter.manager.services.holders import holder_in_words, names_of
from adapter.manager.services.titles import known_titles
from adapter.manager.words import presence_noted_in_words, refusal_in_words

ODS = "application/vnd.oasis.opendocument.spreadsheet"
FILES = ("csv", "ods")


@never_cache
@agents_only
@require_safe
def bookings(request: HttpRequest) -> HttpResponse:
    """The bookings that the search finds among those the agent may see."""
    form = BookingSearchForm(request.GET, choices_of(access_of(request)), today(now()))
    search = form.search()
    found = search_bookings(search, access_of(request).visible_bookings()) if search else Booking.objects.none()
    query = query_without(request, "page")
    context = {"form": form, "page_obj": page_of(request, found), "query": query, "valid": search is not None}
    return render(request, "manager/bookings/list.html", context, status=200 if search else 400)


@never_cache
@agents_only
@require_safe
def export(request: HttpRequest, kind: str) -> HttpResponse:
    """The same list as a file, all pages of it; who took it is in the audit log."""
    if kind not in FILES:
        raise Http404
    moment = now()
    form = BookingSearchForm(request.GET, choices_of(access_of(request)), today(moment))
    search = form.search()
    query = query_without(request, "page")
    back = HttpResponseRedirect(f"{reverse('manager-bookings')}?{query}")
    if search is None:
        return back
    found = search_bookings(search, access_of(request).visible_bookings())
    count = found.count()
    if kind == "ods" and count > MOST_ROWS:
        messages.error(
            request,
            _("%(count)d appointments are too many for a spreadsheet: choose fewer days, or take the CSV file.")
            % {"count": count},
        )
        return back
    note_export(kind, count, now=moment, actor=actor_of(request))
    answer: HttpResponse | StreamingHttpResponse
    if kind == "csv":
        answer = StreamingHttpResponse(
            csv_lines(found.iterator(chunk_size=2000)), content_type="text/csv; charset=utf-8"
        )
    else:
        answer = HttpResponse(ods_file(found, _("Bookings")), content_type=ODS)
    name = _("bookings")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}-{today(moment)}.{kind}"'
    return answer  # type: ignore[return-value]  # Django's stubs know no common base that views may return


@never_cache
@agents_only
@require_safe
def booking(request: HttpRequest, booking_id: int) -> HttpResponse:
    """A booking or a lock, its history, and the calls that are owed for it."""
    found = _booking(request, booking_id)
    moment = now()
    acts = access_of(request).acts_on_booking(found)
    refusal = why_not_cancellable(found, now=moment) if found.state == BookingState.BOOKED and acts else None
    held = found.state == BookingState.HELD
    context = {
        "booking": found,
        "is_lock": found.state not in (BookingState.BOOKED, BookingState.CANCELLED),
        "lapsed": held and found.expires_at is not None and found.expires_at <= moment,
        "history": history_of(found, access_of(request).visible_bookings()),
        "holder": holder_in_words(found.holder, names_of({found.holder})),
        "form_title": known_titles([found.form_slug]).get(found.form_slug, ""),
        "callbacks": list(found.callbacks.all()),
        "may_act": acts,
        "may_cancel": acts and found.state == BookingState.BOOKED and refusal is None,
        "presence_actions": presence_actions(found, now=moment) if acts else [],
        "stays": refusal_in_words(refusal) if refusal else "",
        "day_url": Span("day", today(found.start)).url(found.agenda.slug),
    }
    return render(request, "manager/bookings/booking.html", context)


@never_cache
@agents_only
def cancel(request: HttpRequest, booking_id: int) -> HttpResponse:
    """GET asks for a confirmation; POST cancels, and tells w.c.s. when it asked to be told."""
    found = _booking(request, booking_id)
    if not access_of(request).acts_on_booking(found):
        raise PermissionDenied
    back = HttpResponseRedirect(reverse("manager-booking", args=[found.pk]))
    refusal = why_not_cancellable(found, now=now())
    if refusal is not None:
        messages.warning(request, refusal_in_words(refusal))
        return back
    if request.method != "POST":
        return render(request, "manager/bookings/cancel.html", {"booking": found})
    try:
        cancel_by_agent(found.pk, now=now(), actor=actor_of(request))
    except AgendaError as meanwhile:
        messages.warning(request, refusal_in_words(meanwhile))
        return back
    if found.cancel_callback_url:
        messages.success(request, _("The appointment is cancelled. The forms' server is being told."))
    else:
        messages.success(request, _("The appointment is cancelled. The forms' server did not ask to be told."))
    return back


@agents_only
@require_POST
def presence(request: HttpRequest, booking_id: int, action: str) -> HttpResponse:
    """Record who came, or take it back; w.c.s. is told when it asked to be."""
    found = _booking(request, booking_id)
    if not access_of(request).acts_on_booking(found):
        raise PermissionDenied
    if action not in PRESENCE:
        raise Http404
    try:
        noted = note_presence(found.pk, PRESENCE[action], now=now(), actor=actor_of(request))
    except AgendaError as refusal:
        messages.warning(request, refusal_in_words(refusal))
    else:
        messages.success(request, presence_noted_in_words(noted))
    return HttpResponseRedirect(reverse("manager-booking", args=[found.pk]))


@agents_only
@require_POST
def retry_callback(request: HttpRequest, booking_id: int, callback_id: int) -> HttpResponse:
    """Try a call to w.c.s. again, at once."""
    found = _booking(request, booking_id)
    if not access_of(request).acts_on_booking(found):
        raise PermissionDenied
    if not Callback.objects.filter(pk=callback_id, booking=found).exists():
        raise Http404
    if retry(callback_id, now=now(), actor=actor_of(request)):
        messages.success(request, _("The forms' server is called again in a moment."))
    else:
        messages.info(request, _("This call is no longer owed."))
    return HttpResponseRedirect(reverse("manager-booking", args=[found.pk]))


def _booking(request: HttpRequest, booking_id: int) -> Booking:
    """404 when there is none, 403 without the right to view it."""
    rows = Booking.objects.select_related("agenda", "asked_agenda", "desk", "meeting_type")
    found = rows.filter(pk=booking_id).first() if booking_id < 2**63 else None
    if found is None:
        raise Http404
    if not access_of(request).sees_booking(found):
        raise PermissionDenied
    return found
