"""Calendars for other programs (ICS), each at a secret address that its agent can revoke."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from adapter.clock import now
from adapter.manager.access import Access, actor_of, admins_only, agenda_to_view, agents_only
from adapter.manager.exports.ics_file import ics_file, read_rows
from adapter.manager.models import CalendarFeed
from adapter.manager.paging import page_of, query_without
from adapter.manager.services.feeds import make_feed, read_feed, revoke_any_feed, revoke_feed, state_of
from adapter.manager.views.common import absolute


@never_cache
@agents_only
@require_safe
def feed_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Whether the agent has an address for this agenda, and making or revoking one."""
    return _page(request, slug)


@never_cache
@agents_only
@require_POST
def make(request: HttpRequest, slug: str) -> HttpResponse:
    """A new address, shown once; the one before stops working."""
    agenda = agenda_to_view(request, slug)
    secret = make_feed(request.user, agenda, now=now(), actor=actor_of(request))  # type: ignore[arg-type]
    return _page(request, slug, absolute(reverse("manager-feed", args=[secret])))


@never_cache
@agents_only
@require_POST
def revoke(request: HttpRequest, slug: str) -> HttpResponse:
    """The address stops working at once."""
    agenda = agenda_to_view(request, slug)
    if revoke_feed(request.user, agenda, now=now(), actor=actor_of(request)):  # type: ignore[arg-type]
        messages.success(request, _("The address does not work any more."))
    return HttpResponseRedirect(reverse("manager-agenda-feed", args=[slug]))


@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """The calendar, for whoever knows the secret; 304 when the program has it already."""
    moment = now()
    found = read_feed(secret, now=moment)
    if found is None:
        raise Http404
    content = read_rows(found.agenda, Access.of(found.user), now=moment)
    etag = quote_etag(content.tag)
    answer = get_conditional_response(request, etag=etag)
    if not isinstance(answer, HttpResponseNotModified):
        answer = HttpResponse(ics_file(content), content_type="text/calendar; charset=utf-8")
        answer.headers["Content-Disposition"] = f'inline; filename="{found.agenda.slug}.ics"'
    answer.headers["ETag"] = etag
    # Programs ask each time; no cache in between may keep what is personal.
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


@never_cache
@admins_only
@require_safe
def all_feeds(request: HttpRequest) -> HttpResponse:
    """Every feed there is: whose, of which agenda, and whether it answers."""
    moment = now()
    page = page_of(request, CalendarFeed.objects.select_related("user", "agenda").order_by("agenda__label", "user"))
    context = {
        "rows": [(feed, state_of(feed, now=moment).name) for feed in page],
        "page_obj": page,
        "query": query_without(request, "page"),
        "days": settings.FEED_DAYS_WITHOUT_LOGIN,
    }
    return render(request, "manager/feeds.html", context)


@never_cache
@admins_only
@require_POST
def revoke_one(request: HttpRequest, number: int) -> HttpResponse:
    """An address of any agent stops working at once."""
    if number < 2**63 and revoke_any_feed(number, now=now(), actor=actor_of(request)):
        messages.success(request, _("The address does not work any more."))
    return HttpResponseRedirect(reverse("manager-feeds"))


def _page(request: HttpRequest, slug: str, address: str = "") -> HttpResponse:
    agenda = agenda_to_view(request, slug)
    own = CalendarFeed.objects.filter(user=request.user.pk, agenda=agenda).first()
    return render(
        request,
        "manager/feed.html",
        {"agenda": agenda, "feed": own, "address": address, "days": settings.FEED_DAYS_WITHOUT_LOGIN},
    )
