"""What each agenda has, in a few figures."""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import asdict, dataclass

from django.db.models import Count, Q

from adapter.agendas.models import Agenda, Booking, BookingState, Desk


@dataclass(frozen=True, slots=True)
class AgendaFigures:
    """``desks`` counts those that take appointments; a virtual agenda counts what its real agendas have together."""

    slug: str
    label: str
    kind: str
    desks: int
    live_locks: int
    bookings_to_come: int

    def as_json(self) -> dict[str, str | int]:
        """For programs."""
        return asdict(self)


def agendas_with_figures(*, now: datetime.datetime) -> list[AgendaFigures]:
    """All agendas by their identifier, as they are at ``now``. Four queries, however many there are."""
    agendas = list(Agenda.objects.order_by("slug").prefetch_related("real_agendas"))
    desks = Counter(Desk.objects.filter(enabled=True).values_list("agenda_id", flat=True))
    rows = Booking.objects.live(now).filter(end__gt=now).order_by().values("agenda_id")
    counted = {
        row["agenda_id"]: row
        for row in rows.annotate(
            locks=Count("pk", filter=Q(state=BookingState.HELD)),
            booked=Count("pk", filter=Q(state=BookingState.BOOKED)),
        )
    }
    found = []
    for agenda in agendas:
        real = [item.pk for item in agenda.real_agendas.all()] if agenda.kind == Agenda.Kind.VIRTUAL else [agenda.pk]
        found.append(
            AgendaFigures(
                slug=agenda.slug,
                label=agenda.label,
                kind=str(agenda.kind),
                desks=sum(desks[pk] for pk in real),
                live_locks=sum(counted[pk]["locks"] for pk in real if pk in counted),
                bookings_to_come=sum(counted[pk]["booked"] for pk in real if pk in counted),
            )
        )
    return found
