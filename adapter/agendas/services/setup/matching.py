"""Do the real agendas of a virtual one offer the same kinds of appointments? Only what all share can be booked."""

from __future__ import annotations

from dataclasses import dataclass

from adapter.agendas.models import Agenda, MeetingType


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A meeting type that the virtual agenda does not offer.

    ``missing`` are the real agendas without it, or where it is disabled; ``durations`` (minutes by agenda) is filled
    when they differ.
    """

    slug: str
    label: str
    missing: tuple[Agenda, ...]
    durations: tuple[tuple[Agenda, int], ...]


@dataclass(frozen=True, slots=True)
class Matching:
    """The real agendas of a virtual one, the meeting types that all share, and those they do not."""

    reals: tuple[Agenda, ...]
    shared: tuple[MeetingType, ...]
    mismatches: tuple[Mismatch, ...]


def match_members(virtual: Agenda) -> Matching:
    """Compare the meeting types of the real agendas of ``virtual``; three queries at the most."""
    reals = list(Agenda.objects.filter(memberships__virtual=virtual).order_by("label", "slug"))
    types: dict[str, dict[int, MeetingType]] = {}
    for item in MeetingType.objects.filter(agenda__in=reals, enabled=True):
        types.setdefault(item.slug, {})[item.agenda_id] = item
    shared, mismatches = [], []
    for slug, by_agenda in types.items():
        missing = tuple(agenda for agenda in reals if agenda.pk not in by_agenda)
        durations = {item.duration for item in by_agenda.values()}
        any_type = next(iter(by_agenda.values()))
        if not missing and len(durations) == 1:
            shared.append(any_type)
            continue
        differing = tuple((agenda, by_agenda[agenda.pk].duration) for agenda in reals if agenda.pk in by_agenda)
        mismatches.append(Mismatch(slug, any_type.label, missing, differing if len(durations) > 1 else ()))
    shared.sort(key=lambda item: (item.position, item.duration, item.label))
    mismatches.sort(key=lambda item: item.slug)
    return Matching(tuple(reals), tuple(shared), tuple(mismatches))
