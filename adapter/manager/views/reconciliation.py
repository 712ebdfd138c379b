"""Appointments and requests that do not agree: the last comparison, and its repairs one by one. For administrators."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from adapter.agendas.models import Agenda, Booking
from adapter.clock import now
from adapter.manager.access import actor_of, admins_only
from adapter.manager.disagreements import Shown, explained, failure_in_words, unreadable_in_words
from adapter.manager.paging import page_of
from adapter.reconciliation.models import KeptFinding
from adapter.reconciliation.services import NoLongerKept, Repair, last_comparison, repair_kept
from tasks.models import TaskRun
from tasks.nudging import compare_soon

TASK = "reconcile"
# Of what could not be read, this much is shown; all of it is in the output of the command.
UNREADABLE_SHOWN = 10


@never_cache
@admins_only
@require_safe
def findings(request: HttpRequest) -> HttpResponse:
    """What the last comparison found, and what became of it."""
    comparison = last_comparison()
    rows = KeptFinding.objects.filter(comparison=comparison) if comparison else KeptFinding.objects.none()
    page = page_of(request, rows)
    unreadable = comparison.unreadable if comparison else []
    context = {
        "comparison": comparison,
        "page_obj": page,
        "rows": _shown(list(page)),
        "left": rows.exclude(done=True).count(),
        "unreadable": [unreadable_in_words(**item) for item in unreadable[:UNREADABLE_SHOWN]],
        "unreadable_count": sum(1 + item.get("others", 0) for item in unreadable),
        "unreadable_more": max(0, len(unreadable) - UNREADABLE_SHOWN),
        "run": TaskRun.objects.filter(name=TASK).first(),
    }
    return render(request, "manager/reconciliation/list.html", context)


@never_cache
@admins_only
@require_POST
def repair(request: HttpRequest, finding_id: int) -> HttpResponse:
    """Ask w.c.s. again and say what would be done; with ``sure`` do it."""
    sure = "sure" in request.POST
    try:
        row = repair_kept(finding_id, now=now(), actor=actor_of(request), dry_run=not sure)
    except NoLongerKept:
        messages.info(request, _("A newer comparison has taken its place: look at the list again."))
        return HttpResponseRedirect(reverse("manager-reconciliation"))
    [shown] = _shown([row])
    if not sure and row.repair != Repair.BY_HAND:
        return render(request, "manager/reconciliation/repair.html", {"item": shown})
    if row.done:
        messages.success(request, _("Booking %(number)d: it is repaired.") % {"number": row.booking_id})
    elif row.repair == Repair.BY_HAND:
        messages.info(request, _("Only a person can repair this: open the request."))
    else:
        messages.error(request, failure_in_words(row))
    return HttpResponseRedirect(reverse("manager-reconciliation"))


@never_cache
@admins_only
@require_POST
def compare_now(request: HttpRequest) -> HttpResponse:
    """Have the worker compare; it may take minutes."""
    if compare_soon():
        messages.success(request, _("The comparison has been asked for. Look at this page again in a minute."))
    else:
        text = _("Tasks cannot be given to the worker at this moment. Try again later, or run “manage.py reconcile”.")
        messages.error(request, text)
    return HttpResponseRedirect(reverse("manager-reconciliation"))


def _shown(rows: list[KeptFinding]) -> list[Shown]:
    """The findings with the names of their agendas, and with whether their bookings can be opened."""
    labels = dict(Agenda.objects.filter(slug__in={row.agenda for row in rows}).values_list("slug", "label"))
    known = set(Booking.objects.filter(pk__in={row.booking_id for row in rows}).values_list("pk", flat=True))
    return [explained(row, labels.get(row.agenda, row.agenda), row.booking_id in known) for row in rows]
