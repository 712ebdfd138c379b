"""What the pop-up offers: agenda, meeting type and slot, each one limited by the others."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q

from adapter.agendas.models import Agenda
from adapter.agendas.queries.snapshot import AgendaSnapshot, MeetingTypeData, load_snapshot
from adapter.agendas.services import DeskPreview, Slot, SlotListing, SlotQuery, desk_that_would_take, list_slots
from adapter.manager.access import Access
from adapter.manager.calendar.span import day_from

NEAREST_COUNT = 4


@dataclass(frozen=True, slots=True)
class Asked:
    """What the agent asked for so far; every text may be empty or nonsense.

    ``day`` is ``YYYY-MM-DD``, ``time`` is ``HH:MM``, ``desk`` is ``AGENDA:DESK`` or a desk's slug. Without ``agenda``
    the desk tells which agenda is meant; without ``day`` the first free slot from ``since`` on is meant, a day as well.
    """

    agenda: str = ""
    meeting_type: str = ""
    day: str = ""
    time: str = ""
    desk: str = ""
    since: str = ""

    @classmethod
    def read(cls, values: Mapping[str, str]) -> Asked:
        """From a query string or a posted form."""
        names = ("agenda", "type", "day", "time", "desk", "since")
        return cls(*(values.get(name, "").strip()[:250] for name in names))

    @property
    def date(self) -> datetime.date | None:
        """The day, when it is one."""
        return day_from(self.day)

    @property
    def first_day(self) -> datetime.date | None:
        """The day from which on a slot is looked for, when it is one."""
        return day_from(self.since)


@dataclass(frozen=True, slots=True)
class Choice:
    """``slot`` is the free slot that is chosen; ``None`` when what was asked is not free, then see ``nearest``.

    ``slots`` are all free slots of ``day``; ``first`` and ``last`` the days between which there are any. ``preview``
    is the desk that would take ``slot``, ``desk`` the one that was asked for (``AGENDA:DESK``, maybe empty). ``since``
    is from when on a slot was looked for, to be kept as long as there is no ``day``.
    """

    shown: Agenda
    agendas: list[Agenda]
    agenda: Agenda
    types: tuple[MeetingTypeData, ...]
    meeting_type: MeetingTypeData | None
    day: datetime.date | None
    slots: list[Slot]
    slot: Slot | None
    asked_time: str
    nearest: list[Slot]
    first: datetime.date | None
    last: datetime.date | None
    desk: str
    desk_label: str
    preview: DeskPreview | None
    since: datetime.date | None

    @property
    def minutes(self) -> int:
        """How long the appointment lasts."""
        return self.meeting_type.duration // 60 if self.meeting_type else 0

    @property
    def desk_changed(self) -> bool:
        """Whether the slot would be on another desk than the one asked for."""
        return bool(self.desk and self.preview and self.preview.key != self.desk)

    @property
    def place(self) -> str:
        """The desk that would take the slot, with its agenda when that is not the one chosen."""
        if self.preview is None:
            return ""
        label = self.preview.desk.label
        return label if self.preview.agenda.slug == self.agenda.slug else f"{self.preview.agenda.label}, {label}"


def agendas_for(shown: Agenda, access: Access) -> list[Agenda]:
    """The agendas among which the form lets choose, ``shown`` first; just that one when the form has no such field."""
    if not shown.agenda_field:
        return [shown]
    others = Agenda.objects.filter(
        Q(memberships__virtual=shown) | Q(backoffice_booking_enabled=True, form_slug=shown.form_slug)
    ).exclude(pk=shown.pk)
    return [shown, *(agenda for agenda in others.distinct() if access.books(agenda))]


def make_choice(shown: Agenda, asked: Asked, access: Access, *, now: datetime.datetime) -> Choice:
    """Fill what was left open with the first thing that fits, and say what is nearest when nothing does."""
    agendas = agendas_for(shown, access)
    named = asked.agenda or asked.desk.partition(":")[0]
    agenda = next((item for item in agendas if item.slug == named), shown)
    choice = _choose(shown, agendas, agenda, asked, now)
    if choice.slot is None and not asked.agenda and agenda != shown:
        # The click was on a desk of a member: its own delays may be shorter than those of the virtual agenda.
        return _choose(shown, agendas, shown, asked, now)
    return choice


def _choose(shown: Agenda, agendas: list[Agenda], agenda: Agenda, asked: Asked, now: datetime.datetime) -> Choice:
    # A form for one type books nothing else, in whatever agenda.
    snapshot = load_snapshot(agenda.slug)[0].only(shown.fixed_meeting_type)
    types = snapshot.meeting_types
    meeting_type = snapshot.meeting_type(asked.meeting_type) or (types[0] if types else None)
    desk, desk_label = _desk(snapshot, asked.desk)
    listing, free = None, []
    if meeting_type is not None:
        listing = list_slots(agenda.slug, meeting_type.slug, SlotQuery(), now=now)
        free = [listing.slot(start) for start in sorted(listing.offer.free)]
    day, slot = _pick(free, asked)
    return Choice(
        shown=shown,
        agendas=agendas,
        agenda=agenda,
        types=types,
        meeting_type=meeting_type,
        day=day,
        slots=[item for item in free if item.start.date() == day],
        slot=slot,
        asked_time=asked.time,
        nearest=[] if slot or listing is None else _nearest(listing, free, asked),
        first=free[0].start.date() if free else None,
        last=free[-1].start.date() if free else None,
        desk=desk,
        desk_label=desk_label,
        preview=desk_that_would_take(agenda.slug, slot.id, prefer=desk, now=now) if slot else None,
        since=asked.first_day,
    )


def _pick(free: list[Slot], asked: Asked) -> tuple[datetime.date | None, Slot | None]:
    if asked.date is None:
        since = asked.first_day or datetime.date.min
        first = next((slot for slot in free if slot.start.date() >= since), free[0] if free else None)
        return (first.start.date(), first) if first else (None, None)
    of_day = [slot for slot in free if slot.start.date() == asked.date]
    if not asked.time:
        return asked.date, of_day[0] if of_day else None
    return asked.date, next((slot for slot in of_day if f"{slot.start:%H:%M}" == asked.time), None)


def _nearest(listing: SlotListing, free: list[Slot], asked: Asked) -> list[Slot]:
    day = asked.date
    if day is None or not free:
        return free[:NEAREST_COUNT]
    try:
        time = datetime.time.fromisoformat(asked.time) if asked.time else datetime.time(12)
    except ValueError:
        time = datetime.time(12)
    wanted = datetime.datetime.combine(day, time, free[0].start.tzinfo).timestamp()
    closest = sorted(free, key=lambda slot: (abs(slot.start.timestamp() - wanted), slot.start))[:NEAREST_COUNT]
    return sorted(closest, key=lambda slot: slot.start)


def _desk(snapshot: AgendaSnapshot, name: str) -> tuple[str, str]:
    """The desk named, as ``AGENDA:DESK``, with its label."""
    agenda_slug, _colon, slug = name.rpartition(":")
    for agenda in snapshot.real_agendas:
        for desk in agenda.desks:
            if slug and desk.slug == slug and agenda_slug in ("", agenda.slug):
                return f"{agenda.slug}:{desk.slug}", desk.label
    return "", ""
