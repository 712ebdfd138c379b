"""Exceptions by hand, and the calendars from which others come."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from adapter.agendas.errors import InvalidPayload
from adapter.agendas.models import Agenda, Closure, ExceptionSource
from adapter.agendas.services.exceptions import bookings_inside, change_closure, create_closure, delete_closure
from adapter.agendas.services.sources import (
    Refreshed,
    add_source,
    change_source,
    closures_of,
    refresh_source,
    remove_source,
)
from adapter.clock import now
from adapter.manager.access import actor_of
from adapter.manager.settings.forms.exceptions import SOURCE_FORMS, ClosureForm, HolidaysForm
from adapter.manager.settings.pages import (
    UNUSABLE,
    delete_page,
    form_page,
    must_be,
    posted,
    row_or_404,
    settings_action,
    settings_view,
    show_form,
    tab_url,
    to_tab,
)
from adapter.manager.settings.words import closure_in_words, source_error_in_words, span_in_words

TAB = "exceptions"
SHOWN = 50
CLOSE_ALL_THE_SAME, PREVIEW = "close-all-the-same", "preview"
TITLES = {
    ExceptionSource.Kind.ICS_FILE: gettext_lazy("Exceptions from an ICS file"),
    ExceptionSource.Kind.ICS_URL: gettext_lazy("Exceptions from an ICS address"),
    ExceptionSource.Kind.HOLIDAYS: gettext_lazy("Public holidays as exceptions"),
}


@settings_view
def add_closure(request: HttpRequest, agenda: Agenda) -> HttpResponse:
    """Close some desks for a while."""
    return _closure_page(request, agenda, None)


@settings_view
def edit_closure(request: HttpRequest, agenda: Agenda, pk: int) -> HttpResponse:
    """Change an exception that was made by hand."""
    return _closure_page(request, agenda, row_or_404(_by_hand(agenda), pk))


def _closure_page(request: HttpRequest, agenda: Agenda, closure: Closure | None) -> HttpResponse:
    """Appointments that stand in the way are shown before anything is closed."""
    must_be(agenda, Agenda.Kind.MEETINGS)
    form = ClosureForm(agenda, **posted(request), closure=closure)
    page: dict[str, Any] = {
        "title": _("New exception") if closure is None else _("Exception"),
        "back": tab_url(agenda, TAB),
        "agenda": agenda,
        "template": "manager/settings/closure.html",
    }

    def save() -> str | HttpResponse:
        data = form.cleaned_data
        inside = list(bookings_inside(data["desks"], data["start"], data["end"], now=now()))
        in_the_way = {str(booking.pk) for booking in inside}
        # Only what was shown is agreed to: desks and days may be others than when the page was made.
        agreed = request.POST.get("action") == CLOSE_ALL_THE_SAME
        if inside and not (agreed and in_the_way <= set(request.POST.get("seen", "").split())):
            return show_form(
                request,
                form,
                **page,
                inside=inside,
                seen=" ".join(sorted(in_the_way)),
                shown=SHOWN,
                other_buttons=[(CLOSE_ALL_THE_SAME, _("Close all the same"))],
                status=UNUSABLE,
            )
        options = {name: data[name] for name in ("start", "end", "label")}
        if closure is None:
            create_closure(agenda, data["desks"], **options, now=now(), actor=actor_of(request))
        else:
            change_closure(closure, data["desks"], **options, now=now(), actor=actor_of(request))
        return _("Saved.")

    return form_page(request, form, save=save, **page)


@settings_view
def remove_closure(request: HttpRequest, agenda: Agenda, pk: int) -> HttpResponse:
    """Open again."""
    closure = row_or_404(_by_hand(agenda), pk)
    return delete_page(
        request,
        agenda,
        title=_("Remove the exception"),
        question=_("Remove the exception “%(label)s” (%(when)s)? The desks open again as usual.")
        % {"label": closure.label, "when": closure_in_words(closure)},
        back=tab_url(agenda, TAB),
        delete=lambda: delete_closure(closure, now=now(), actor=actor_of(request)),
        done=_("The exception is removed."),
    )


@settings_view
def add_a_source(request: HttpRequest, agenda: Agenda, kind: str) -> HttpResponse:
    """Exceptions from a file, an address or a calendar of public holidays."""
    if kind not in SOURCE_FORMS:
        raise Http404
    return _source_page(request, agenda, ExceptionSource(agenda=agenda, kind=kind))


@settings_view
def edit_source(request: HttpRequest, agenda: Agenda, pk: int) -> HttpResponse:
    """Change where exceptions come from."""
    return _source_page(request, agenda, row_or_404(agenda.exception_sources.all(), pk))


def _source_page(request: HttpRequest, agenda: Agenda, source: ExceptionSource) -> HttpResponse:
    must_be(agenda, Agenda.Kind.MEETINGS)
    form = SOURCE_FORMS[source.kind](agenda=agenda, **posted(request), source=None if source.pk is None else source)
    page: dict[str, Any] = {
        "title": TITLES[ExceptionSource.Kind(source.kind)],
        "back": tab_url(agenda, TAB),
        "agenda": agenda,
        "template": "manager/settings/source.html",
        "other_buttons": [(PREVIEW, _("Show the days"))] if isinstance(form, HolidaysForm) else [],
    }

    def save() -> HttpResponse:
        for name, value in form.columns().items():
            setattr(source, name, value)
        if request.POST.get("action") == PREVIEW and isinstance(form, HolidaysForm):
            days = [(span_in_words(row.start, row.end), row.label) for row in closures_of(source, "", now=now())]
            return show_form(request, form, **page, days=days)
        if source.kind == ExceptionSource.Kind.ICS_FILE:
            _check_file(source)
        is_new = source.pk is None
        write = add_source if is_new else change_source
        refreshed = write(source, form.cleaned_data["desks"], now=now(), actor=actor_of(request))
        if is_new:
            _tell_added(request, refreshed)
        else:
            _tell(request, refreshed, unchanged=_("Saved. The same days are closed as before."))
        return to_tab(agenda, TAB)

    return form_page(request, form, save=save, **page)


def _check_file(source: ExceptionSource) -> None:
    """A file that cannot be read is refused at once: nobody will send another one by itself."""
    try:
        closures_of(source, source.ics_text, now=now())
    except ValueError as error:
        raise InvalidPayload({"file": [str(error)]}) from None


def _tell_added(request: HttpRequest, refreshed: Refreshed) -> None:
    if refreshed.error:
        sentence = _("The calendar is kept, but could not be read: %(error)s. It will be tried again by itself.")
        messages.warning(request, sentence % {"error": source_error_in_words(refreshed.error)})
    elif refreshed.changed:
        sentence = ngettext("Added: it closes %(count)d time.", "Added: it closes %(count)d times.", refreshed.changed)
        messages.success(request, sentence % {"count": refreshed.changed})
    else:
        messages.warning(request, _("Added, but it closes nothing: it has no event today or later."))


def _tell(request: HttpRequest, refreshed: Refreshed, *, unchanged: str) -> None:
    if refreshed.error:
        sentence = _("The calendar could not be read: %(error)s. It will be tried again; its last known days stay.")
        messages.warning(request, sentence % {"error": source_error_in_words(refreshed.error)})
    elif refreshed.changed:
        sentence = ngettext("%(count)d closure changed.", "%(count)d closures changed.", refreshed.changed)
        messages.success(request, sentence % {"count": refreshed.changed})
    else:
        messages.success(request, unchanged)


@settings_view
def delete_source(request: HttpRequest, agenda: Agenda, pk: int) -> HttpResponse:
    """Remove a source with its exceptions."""
    source = row_or_404(agenda.exception_sources.all(), pk)
    return delete_page(
        request,
        agenda,
        title=_("Remove these exceptions"),
        question=_("Remove “%(label)s” with all its exceptions? The desks open again as usual.")
        % {"label": source.label},
        back=tab_url(agenda, TAB),
        delete=lambda: remove_source(source, now=now(), actor=actor_of(request)),
        done=_("The exceptions are removed."),
    )


@settings_action
def refresh(request: HttpRequest, agenda: Agenda, pk: int) -> HttpResponse:
    """Read it again now."""
    source = row_or_404(agenda.exception_sources.all(), pk)
    refreshed = refresh_source(source.pk, now=now(), actor=actor_of(request))
    _tell(request, refreshed, unchanged=_("Nothing has changed there."))
    return to_tab(agenda, TAB)


def _by_hand(agenda: Agenda) -> QuerySet[Closure]:
    return agenda.closures.filter(source=None)
