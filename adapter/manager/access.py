"""Who may do what. Roles are Django groups named by each agenda; a superuser may do everything.

* view: the view role, or the edit role (who sets an agenda up must see it);
* edit: the edit role;
* book: the booking role, for agents who may also view. A role left empty is held by nobody.

A virtual agenda shows the desks of its members. What stands there is seen by who may view the member, or the agenda
through which it was booked; to anybody else it is busy time and nothing more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse

from adapter.agendas.models import Agenda, Booking
from adapter.agendas.queries.bookings import visible_through
from adapter.agendas.queries.snapshot import AgendaSnapshot
from adapter.agendas.services import Actor

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


@dataclass(frozen=True, slots=True)
class Access:
    """The rights of one agent; ``groups`` are the ids of the agent's roles."""

    everything: bool
    groups: frozenset[int]

    @classmethod
    def of(cls, user: AbstractUser) -> Access:
        """The rights of ``user``; one query at the most."""
        groups = frozenset() if user.is_superuser else frozenset(user.groups.values_list("pk", flat=True))
        return cls(bool(user.is_superuser), groups)

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

    def edits_something(self) -> bool:
        """Whether the agent may change the settings of any agenda; one query at the most."""
        return self.everything or Agenda.objects.filter(edit_role__in=self.groups).exists()

    def visible_in(self, shown: AgendaSnapshot) -> frozenset[int] | None:
        """The agendas (ids) through which the agent may look at what stands on the desks of ``shown``; ``None``: all.

        For an agenda that the agent may view; one query, none for a real agenda.
        """
        if self.everything or any(real.id == shown.id for real in shown.real_agendas):
            return None
        return frozenset(self.viewable().order_by().values_list("pk", flat=True))

    def visible_bookings(self) -> Q | None:
        """The bookings and locks the agent may look at, as a condition on their rows; ``None``: all."""
        if self.everything:
            return None
        return visible_through(self.viewable().order_by().values_list("pk", flat=True))

    def actable_bookings(self) -> Q | None:
        """The bookings the agent may cancel and the locks the agent may release, as a condition; ``None``: all."""
        if self.everything:
            return None
        bookable = self.viewable().order_by().filter(booking_role__in=self.groups)
        return visible_through(bookable.values_list("pk", flat=True))

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
        cached = Access.of(request.user)  # type: ignore[arg-type]
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
