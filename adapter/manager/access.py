"""Who may do what. Roles are Django groups named by each agenda; a superuser may do everything.

* view: the view role, or the edit role (who sets an agenda up must see it);
* edit: the edit role;
* book: the booking role, for agents who may also view. A role left empty is held by nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse

from adapter.agendas.models import Agenda, Booking
from adapter.agendas.services import Actor

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


@dataclass(frozen=True, slots=True)
class Access:
    """The rights of one agent; ``groups`` are the ids of the agent's roles."""

    everything: bool
    groups: frozenset[int]

    def views(self, agenda: Agenda) -> bool:
        """Whether the agent may look at ``agenda``."""
        return self.everything or bool(self.groups & {agenda.view_role_id, agenda.edit_role_id})

    def edits(self, agenda: Agenda) -> bool:
        """Whether the agent may change the settings of ``agenda``."""
        return self.everything or agenda.edit_role_id in self.groups

    def books(self, agenda: Agenda) -> bool:
        """Whether the agent may book, and act on locks and bookings, in ``agenda``."""
        return self.views(agenda) and (self.everything or agenda.booking_role_id in self.groups)

    def viewable(self) -> QuerySet[Agenda]:
        """The agendas the agent may look at."""
        agendas = Agenda.objects.select_related("category")
        if self.everything:
            return agendas
        return agendas.filter(Q(view_role__in=self.groups) | Q(edit_role__in=self.groups)).distinct()

    def sees_booking(self, booking: Booking) -> bool:
        """Whether the agent may look at a booking or lock: through its real agenda or the one that was asked for."""
        return self.views(booking.agenda) or self.views(booking.asked_agenda)

    def acts_on_booking(self, booking: Booking) -> bool:
        """Whether the agent may cancel a booking, or extend, release or take over a lock."""
        return self.books(booking.agenda) or self.books(booking.asked_agenda)


def access_of(request: HttpRequest) -> Access:
    """The rights of the agent who is logged in; one query a request at the most."""
    cached: Access | None = getattr(request, "agenda_access", None)
    if cached is None:
        user = request.user
        groups = frozenset() if user.is_superuser else frozenset(user.groups.values_list("pk", flat=True))
        cached = Access(bool(user.is_superuser), groups)
        request.agenda_access = cached  # type: ignore[attr-defined]
    return cached


def actor_of(request: HttpRequest) -> Actor:
    """The agent who is logged in, for the audit log."""
    return Actor.agent(request.user.get_username())


def agenda_to_view(request: HttpRequest, slug: str) -> Agenda:
    """The agenda ``slug``; 404 when there is none, 403 without the right to view."""
    return _agenda(request, slug, Access.views)


def agenda_to_edit(request: HttpRequest, slug: str) -> Agenda:
    """The agenda ``slug``; 404 when there is none, 403 without the right to edit."""
    return _agenda(request, slug, Access.edits)


def agenda_to_book(request: HttpRequest, slug: str) -> Agenda:
    """The agenda ``slug``; 404 when there is none, 403 without the right to book."""
    return _agenda(request, slug, Access.books)


def _agenda(request: HttpRequest, slug: str, allowed: Callable[[Access, Agenda], bool]) -> Agenda:
    agenda = Agenda.objects.filter(slug=slug).first()
    if agenda is None:
        raise Http404
    if not allowed(access_of(request), agenda):
        raise PermissionDenied
    return agenda


def agents_only(view: View[P]) -> View[P]:
    """Send visitors to the log-in page."""
    return login_required(view)


def admins_only(view: View[P]) -> View[P]:
    """Superusers only; visitors log in first, other agents get 403."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_superuser:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return login_required(guarded)
