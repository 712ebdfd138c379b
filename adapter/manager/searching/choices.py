"""What a search may choose from: the agendas an agent sees, their desks and meeting types."""

from __future__ import annotations

from dataclasses import dataclass

from adapter.agendas.models import Agenda, Desk, MeetingType
from adapter.manager.access import Access


@dataclass(frozen=True, slots=True)
class Choices:
    """Three queries, whatever there is."""

    agendas: list[Agenda]
    desks: list[tuple[str, list[Desk]]]
    meeting_types: list[tuple[str, str]]

    @property
    def ids(self) -> list[int]:
        """The agendas' ids."""
        return [agenda.pk for agenda in self.agendas]

    @property
    def desk_ids(self) -> set[int]:
        """The desks' ids."""
        return {desk.pk for _label, desks in self.desks for desk in desks}


def choices_of(access: Access) -> Choices:
    """Desks are those of the agendas seen, and of the real ones behind the virtual ones; grouped by agenda."""
    agendas = list(access.viewable())
    ids = [agenda.pk for agenda in agendas]
    reached = Agenda.objects.filter(pk__in=ids) | Agenda.objects.filter(memberships__virtual__in=ids)
    grouped: dict[str, list[Desk]] = {}
    desks = Desk.objects.filter(agenda__in=reached.values("pk")).select_related("agenda")
    for desk in desks.order_by("agenda__label", "agenda__slug", "position", "label", "id"):
        grouped.setdefault(desk.agenda.label, []).append(desk)
    types: dict[str, str] = {}
    for slug, label in (
        MeetingType.objects.filter(agenda__in=reached.values("pk"))
        .order_by("label", "slug")
        .values_list("slug", "label")
    ):
        types.setdefault(slug, label)
    return Choices(agendas, list(grouped.items()), list(types.items()))
