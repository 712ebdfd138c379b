"""How every settings page behaves: who may open it, how a form is shown, what happens to its answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.contrib import messages
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from adapter.agendas.errors import InvalidPayload
from adapter.agendas.models import Agenda
from adapter.manager.access import agenda_to_edit, agents_only
from adapter.manager.settings.forms.base import DeleteForm, SettingsForm

P = ParamSpec("P")
Row = TypeVar("Row", bound=models.Model)
Text = str | Promise
# What was sent cannot be kept: the page shows why.
UNUSABLE = 422


def settings_view(
    view: Callable[Concatenate[HttpRequest, Agenda, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, str, P], HttpResponse]:
    """A page about one agenda, for those who may edit it: the view is given the agenda."""

    @never_cache
    @agents_only
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def guarded(request: HttpRequest, slug: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        return view(request, agenda_to_edit(request, slug), *args, **kwargs)

    return guarded  # type: ignore[return-value]


def settings_action(
    view: Callable[Concatenate[HttpRequest, Agenda, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, str, P], HttpResponse]:
    """A button: as :func:`settings_view`, by POST only."""
    return require_POST(settings_view(view))  # type: ignore[return-value]


def tab_url(agenda: Agenda, tab: str = "") -> str:
    """The settings of ``agenda``, opened at a tab."""
    return reverse("manager-settings", args=[agenda.slug]) + (f"#open:{tab}" if tab else "")


def to_tab(agenda: Agenda, tab: str) -> HttpResponse:
    """Go to a tab of the settings."""
    return HttpResponseRedirect(tab_url(agenda, tab))


def must_be(agenda: Agenda, kind: str) -> None:
    """404 where the other kind of agenda has no such page."""
    if agenda.kind != kind:
        raise Http404


def row_or_404(rows: models.QuerySet[Row], pk: int) -> Row:
    """The row of that number among ``rows``."""
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def form_page(
    request: HttpRequest, form: SettingsForm, *, save: Callable[[], Text | HttpResponse | None], **page: Any
) -> HttpResponse:
    """Show ``form``; once it is valid, call ``save`` and go back with the sentence that it returns.

    ``save`` may answer itself, with a page. A refusal of a service is shown beside its fields. For ``page`` see
    :func:`show_form`.
    """
    if request.method == "POST" and form.is_valid():
        try:
            done = save()
        except InvalidPayload as refusal:
            form.refuse(refusal)
        except models.ObjectDoesNotExist:
            raise Http404 from None
        else:
            if isinstance(done, HttpResponse):
                return done
            if done:
                messages.success(request, str(done))
            return HttpResponseRedirect(page["back"])
    return show_form(request, form, **page)


def show_form(
    request: HttpRequest,
    form: SettingsForm,
    *,
    title: Text,
    back: str,
    button: Text | None = None,
    agenda: Agenda | None = None,
    template: str = "manager/settings/form.html",
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    """The page of a form with ``button`` to send it and a way ``back``; ``context`` is for its template."""
    page = {
        "agenda": agenda,
        "form": form,
        "title": title,
        "back": back,
        "button": button or _("Save"),
        "multipart": form.is_multipart(),
        **context,
    }
    return render(request, template, page, status=UNUSABLE if form.errors else status)


def delete_page(
    request: HttpRequest,
    agenda: Agenda,
    *,
    title: Text,
    question: Text,
    back: str,
    delete: Callable[[], object],
    done: Text,
    reasons: list[str] | None = None,
    then: str = "",
) -> HttpResponse:
    """Ask before something is removed; ``reasons`` say why it cannot be. Goes to ``then`` afterwards, else ``back``."""

    def save() -> HttpResponse:
        delete()
        messages.success(request, str(done))
        return HttpResponseRedirect(then or back)

    form = DeleteForm(request.POST if request.method == "POST" else None)
    return form_page(
        request,
        form,
        save=save,
        title=title,
        back=back,
        agenda=agenda,
        template="manager/settings/delete.html",
        question=question,
        reasons=reasons or [],
    )


def posted(request: HttpRequest) -> dict[str, Any]:
    """Data and files for a form; nothing when the page is only looked at."""
    return {"data": request.POST, "files": request.FILES} if request.method == "POST" else {}
