"""Opening periods of desks, excluded periods of a virtual agenda."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from adapter.agendas.models import Agenda, ExcludedPeriod, OpeningPeriod
from adapter.agendas.period_words import period_in_words
from adapter.agendas.services.setup import (
    add_excluded_periods,
    add_openings,
    change_excluded_period,
    change_opening,
    copy_openings,
    delete_excluded_period,
    delete_openings,
)
from adapter.clock import now
from adapter.manager.access import actor_of
from adapter.manager.settings.forms.periods import CopyOpeningsForm, PeriodForm
from adapter.manager.settings.pages import delete_page, form_page, must_be, posted, row_or_404, settings_view, tab_url

OPENINGS, EXCLUDED = "openings", "excluded-periods"
Period = TypeVar("Period", OpeningPeriod, ExcludedPeriod)


@settings_view
def add_opening(request: HttpRequest, agenda: Agenda) -> HttpResponse:
    """One period or several, for one desk (``desk`` in the query) or several."""
    must_be(agenda, Agenda.Kind.MEETINGS)
    asked = request.GET.get("desk", "")
    desk = agenda.desks.filter(pk=int(asked)).first() if asked.isdecimal() and len(asked) < 19 else None
    form = PeriodForm(**posted(request), agenda=agenda, desk=desk)

    def save() -> str:
        made = add_openings(agenda, form.cleaned_data["desks"], form.times(), now=now(), actor=actor_of(request))
        return _("Saved.") if made else _("These opening periods were there already.")

    return form_page(
        request, form, title=_("New opening period"), back=tab_url(agenda, OPENINGS), save=save, agenda=agenda
    )


@settings_view
def edit_opening(request: HttpRequest, agenda: Agenda, pk: int) -> HttpResponse:
    """Change one period of one desk."""
    period = row_or_404(OpeningPeriod.objects.filter(desk__agenda=agenda), pk)
    title = _("Opening period of %(desk)s") % {"desk": period.desk.label}
    return _edit(request, agenda, period, change_opening, title=title, tab=OPENINGS)


@settings_view
def remove_opening(request: HttpRequest, agenda: Agenda, pk: int) -> HttpResponse:
    """Close a desk at these times from now on."""
    period = row_or_404(OpeningPeriod.objects.filter(desk__agenda=agenda), pk)
    question = _("Remove this opening period of %(desk)s: %(period)s? Appointments that are already there stay.")
    return delete_page(
        request,
        agenda,
        title=_("Remove the opening period"),
        question=question % {"desk": period.desk.label, "period": period_in_words(period)},
        back=tab_url(agenda, OPENINGS),
        delete=lambda: delete_openings([period], now=now(), actor=actor_of(request)),
        done=_("The opening period is removed."),
    )


@settings_view
def copy(request: HttpRequest, agenda: Agenda) -> HttpResponse:
    """The opening periods of one desk for others."""
    must_be(agenda, Agenda.Kind.MEETINGS)
    form = CopyOpeningsForm(agenda, **posted(request))

    def save() -> str:
        data = form.cleaned_data
        copy_openings(data["source"], data["desks"], now=now(), actor=actor_of(request))
        return _("The opening periods are copied.")

    return form_page(
        request,
        form,
        title=_("Copy opening periods"),
        back=tab_url(agenda, OPENINGS),
        save=save,
        button=_("Copy"),
        agenda=agenda,
    )


@settings_view
def add_excluded(request: HttpRequest, agenda: Agenda) -> HttpResponse:
    """Times at which the virtual agenda offers nothing."""
    must_be(agenda, Agenda.Kind.VIRTUAL)
    form = PeriodForm(**posted(request))

    def save() -> str:
        add_excluded_periods(agenda, form.times(), now=now(), actor=actor_of(request))
        return _("Saved.")

    return form_page(
        request, form, title=_("New excluded period"), back=tab_url(agenda, EXCLUDED), save=save, agenda=agenda
    )


@settings_view
def edit_excluded(request: HttpRequest, agenda: Agenda, pk: int) -> HttpResponse:
    """Change one excluded period."""
    period = row_or_404(ExcludedPeriod.objects.filter(agenda=agenda), pk)
    return _edit(request, agenda, period, change_excluded_period, title=_("Excluded period"), tab=EXCLUDED)


@settings_view
def remove_excluded(request: HttpRequest, agenda: Agenda, pk: int) -> HttpResponse:
    """Offer these times again."""
    period = row_or_404(ExcludedPeriod.objects.filter(agenda=agenda), pk)
    return delete_page(
        request,
        agenda,
        title=_("Remove the excluded period"),
        question=_("Offer these times again: %(period)s?") % {"period": period_in_words(period)},
        back=tab_url(agenda, EXCLUDED),
        delete=lambda: delete_excluded_period(period, now=now(), actor=actor_of(request)),
        done=_("The excluded period is removed."),
    )


def _edit(
    request: HttpRequest, agenda: Agenda, period: Period, change: Callable[..., Period], *, title: str, tab: str
) -> HttpResponse:
    form = PeriodForm(**posted(request), period=period)

    def save() -> str:
        change(period, form.times(), now=now(), actor=actor_of(request))
        return _("Saved.")

    return form_page(request, form, title=title, back=tab_url(agenda, tab), save=save, agenda=agenda)
