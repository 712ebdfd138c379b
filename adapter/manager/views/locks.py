"""Locks: what is held at this moment, what became of the others, and giving them back."""

from __future__ import annotations

import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from adapter.agendas.models import Booking
from adapter.agendas.queries.locks import half_adapted_locks, search_locks
from adapter.agendas.services import expire, release_locks
from adapter.agendas.services.lock_log import logged
from adapter.clock import now
from adapter.manager.access import access_of, actor_of, admins_only, agents_only
from adapter.manager.paging import PER_PAGE, page_of, query_without
from adapter.manager.searching.locks import LockSearchForm
from adapter.manager.services.holders import holder_in_words, names_of
from adapter.manager.services.titles import known_titles
from adapter.manager.views.common import inner_path
from tasks.models import TaskRun

TASK = "release_expired_locks"
BECAUSE = "released by an agent"
# Digits of a number that a database can look for.
MOST_DIGITS = 18


@never_cache
@agents_only
@require_safe
def locks(request: HttpRequest) -> HttpResponse:
    """The log of locks, live ones first; nothing in it is personal."""
    access, moment = access_of(request), now()
    within = access.visible_bookings()
    form = LockSearchForm(request.GET, list(access.viewable()), with_code=access.everything)
    search = form.search()
    found = search_locks(search, within, now=moment) if search else Booking.objects.none()
    page = page_of(request, found)
    actable = access.actable_bookings()
    ids = [row.pk for row in page]
    if actable is not None:
        ids = list(Booking.objects.filter(actable, pk__in=ids).values_list("pk", flat=True))
    rows = [logged(row, now=moment) for row in page]
    names = names_of({row.holder for row in page})
    titles = known_titles(row.form_slug for row in page)
    context = {
        "form": form,
        "page_obj": page,
        "rows": [
            (item, holder_in_words(item.lock.holder, names), titles.get(item.lock.form_slug, "")) for item in rows
        ],
        "releasable": {item.lock.pk for item in rows if item.outcome == "held" and item.lock.pk in set(ids)},
        "query": query_without(request, "page"),
        "here": request.get_full_path(),
        "valid": search is not None,
        "half_adapted": half_adapted_locks(within).count(),
        "unmarked": _unmarked(within, moment),
        "run": TaskRun.objects.filter(name=TASK).first(),
        "is_admin": access.everything,
        "now": moment,
    }
    return render(request, "manager/locks/list.html", context, status=200 if search else 400)


def _unmarked(within: Q | None, moment: datetime.datetime) -> int:
    lapsed = Booking.objects.lapsed_locks(moment)
    return (lapsed if within is None else lapsed.filter(within)).count()


@never_cache
@agents_only
@require_POST
def release(request: HttpRequest) -> HttpResponse:
    """Ask whether these locks are to be released, then release them. Only those the agent may act on."""
    back = inner_path(request, "back", reverse("manager-locks"))
    asked = [
        int(text)
        for text in request.POST.getlist("lock")[:PER_PAGE]
        if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
    ]
    moment = now()
    rows = Booking.objects.live_locks(moment).filter(pk__in=asked)
    actable = access_of(request).actable_bookings()
    allowed = rows if actable is None else rows.filter(actable)
    if asked and not allowed.exists() and rows.exists():
        raise PermissionDenied
    if "sure" not in request.POST:
        chosen = list(allowed.select_related("agenda", "desk", "meeting_type").order_by("expires_at", "pk"))
        if not chosen:
            messages.info(request, _("Nothing was chosen, or it is not held any more."))
            return HttpResponseRedirect(back)
        names = names_of({lock.holder for lock in chosen})
        told = [(lock, holder_in_words(lock.holder, names)) for lock in chosen]
        return render(request, "manager/locks/release.html", {"locks": told, "back": back})
    released = release_locks(
        list(allowed.values_list("pk", flat=True)), now=moment, actor=actor_of(request), because=BECAUSE
    )
    messages.success(
        request,
        ngettext("%(count)d lock is released.", "%(count)d locks are released.", released) % {"count": released},
    )
    return HttpResponseRedirect(back)


@admins_only
@require_POST
def expire_now(request: HttpRequest) -> HttpResponse:
    """Do at once what the task does each minute."""
    marked = expire(now=now(), actor=actor_of(request))
    messages.success(
        request,
        ngettext("%(count)d lapsed lock is marked.", "%(count)d lapsed locks are marked.", marked) % {"count": marked},
    )
    return HttpResponseRedirect(reverse("manager-locks"))
