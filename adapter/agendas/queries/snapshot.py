"""An agenda's settings as plain data, kept in the process as long as their version stands."""

from __future__ import annotations

import datetime
import math
from collections import OrderedDict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any

from django.db.models import QuerySet

from adapter.agendas.errors import UnknownAgenda
from adapter.agendas.models import Agenda, Closure, Desk, ExcludedPeriod, MeetingType
from adapter.agendas.queries.epoch import Epoch
from adapter.agendas.queries.statements import fetch
from adapter.agendas.slots import Closed, PeriodRule
from adapter.agendas.slots.localtime import DAY


@dataclass(frozen=True, slots=True)
class MeetingTypeData:
    """A meeting type; ``duration`` in seconds."""

    id: int
    slug: str
    label: str
    duration: int
    enabled: bool


@dataclass(frozen=True, slots=True)
class DeskData:
    """A desk that takes appointments, with its openings and closures."""

    id: int
    slug: str
    label: str
    position: int
    rules: tuple[PeriodRule, ...]
    closures: tuple[Closed, ...]


@dataclass(frozen=True, slots=True)
class RealAgenda:
    """A meetings agenda; delays in days, ``step`` in seconds."""

    id: int
    slug: str
    label: str
    minimal_booking_delay: int | None
    maximal_booking_delay: int | None
    minimal_booking_time: datetime.time | None
    lock_duration: int | None
    step: int
    meeting_types: tuple[MeetingTypeData, ...]
    desks: tuple[DeskData, ...]

    def meeting_type(self, slug: str, *, enabled_only: bool = True) -> MeetingTypeData | None:
        """The meeting type of that slug."""
        for item in self.meeting_types:
            if item.slug == slug and (item.enabled or not enabled_only):
                return item
        return None


@dataclass(frozen=True, slots=True)
class AgendaSnapshot:
    """What was asked for (``slug``…) and the real agendas behind it: itself, or the members of a virtual one.

    ``version`` names the settings, ``desk_versions`` what stands on the desks (desk id → version), both as they
    were before anything else was read.
    """

    id: int
    slug: str
    label: str
    kind: str
    lock_duration: int | None
    backoffice_booking_enabled: bool
    real_agendas: tuple[RealAgenda, ...]
    excluded: tuple[PeriodRule, ...]
    meeting_types: tuple[MeetingTypeData, ...]
    version: tuple[tuple[int, int], ...]
    # What was worked out from these settings alone, by whoever did; it goes when they go.
    worked_out: dict[Hashable, Any] = field(default_factory=dict, compare=False, repr=False)

    def meeting_type(self, slug: str) -> MeetingTypeData | None:
        """The bookable meeting type of that slug: on a virtual agenda, one that all its real agendas share."""
        return next((item for item in self.meeting_types if item.slug == slug), None)

    def only(self, meeting_type: str) -> AgendaSnapshot:
        """The same with that meeting type (slug) alone, or none; as it is when none is named."""
        if not meeting_type:
            return self
        kept = tuple(item for item in self.meeting_types if item.slug == meeting_type)
        return replace(self, meeting_types=kept, worked_out={})


DeskVersions = dict[int, int]


class SnapshotCache:
    """Snapshots of the agendas used last, by slug; each is valid only for the version it was read at."""

    def __init__(self, size: int = 200) -> None:
        self._size = size
        self._lock = Lock()
        self._items: OrderedDict[str, AgendaSnapshot] = OrderedDict()

    def get(self, slug: str, version: tuple[tuple[int, int], ...]) -> AgendaSnapshot | None:
        """The snapshot of ``slug`` at ``version``, if it is the one kept."""
        snapshot = self.latest(slug)
        return snapshot if snapshot is not None and snapshot.version == version else None

    def latest(self, slug: str) -> AgendaSnapshot | None:
        """The snapshot of ``slug`` that was read last, which may be out of date."""
        with self._lock:
            snapshot = self._items.get(slug)
            if snapshot is not None:
                self._items.move_to_end(slug)
            return snapshot

    def put(self, snapshot: AgendaSnapshot) -> None:
        """Keep ``snapshot`` in the place of any other of its agenda."""
        with self._lock:
            self._items[snapshot.slug] = snapshot
            self._items.move_to_end(snapshot.slug)
            while len(self._items) > self._size:
                self._items.popitem(last=False)

    def clear(self) -> None:
        """Forget everything (tests that go back in time need it)."""
        with self._lock:
            self._items.clear()


cache = SnapshotCache()

# The agenda of a slug (given twice) and the members of a virtual one.
ASKED = """
    SELECT id FROM agendas_agenda WHERE slug = %s
    UNION ALL
    SELECT member.real_id FROM agendas_virtualmember member
    JOIN agendas_agenda virtual ON virtual.id = member.virtual_id WHERE virtual.slug = %s"""
# A row a desk.
VERSIONS = f"""
SELECT agenda.id, agenda.config_version, agenda.slug, desk.id, desk.version
FROM agendas_agenda agenda LEFT JOIN agendas_desk desk ON desk.agenda_id = agenda.id
WHERE agenda.id IN ({ASKED})
"""  # noqa: S608


def load_snapshot(slug: str) -> tuple[AgendaSnapshot, DeskVersions]:
    """The settings of the agenda ``slug`` and the versions of its desks.

    One query when the settings did not change since they were last read here, six at the most otherwise. Raises
    :class:`UnknownAgenda`.
    """
    # The versions are read first: data read later can only be newer than they say, never older.
    return snapshot_at(slug, fetch(VERSIONS, [slug, slug]))


def snapshot_at(slug: str, rows: Sequence[tuple[Any, ...]]) -> tuple[AgendaSnapshot, DeskVersions]:
    """The same, when the rows of ``VERSIONS`` were read just now. No query when the settings are known here."""
    if not any(row[2] == slug for row in rows):
        raise UnknownAgenda(slug)
    version = tuple(sorted({(row[0], row[1]) for row in rows}))
    desk_versions = {row[3]: row[4] for row in rows if row[3] is not None}
    snapshot = cache.get(slug, version)
    if snapshot is None:
        snapshot = _read(slug, version)
        cache.put(snapshot)
    return snapshot, desk_versions


def _read(slug: str, version: tuple[tuple[int, int], ...]) -> AgendaSnapshot:
    ids = [agenda_id for agenda_id, _ in version]
    agendas = {agenda.pk: agenda for agenda in Agenda.objects.filter(id__in=ids)}
    asked = next((agenda for agenda in agendas.values() if agenda.slug == slug), None)
    if asked is None:  # removed meanwhile
        raise UnknownAgenda(slug)
    types: dict[int, list[MeetingTypeData]] = {}
    for item in MeetingType.objects.filter(agenda__in=ids):
        types.setdefault(item.agenda_id, []).append(
            MeetingTypeData(item.pk, item.slug, item.label, item.duration * 60, item.enabled)
        )
    desks = _read_desks(ids)
    members = [asked] if asked.kind == Agenda.Kind.MEETINGS else [a for a in agendas.values() if a.pk != asked.pk]
    members = sorted((a for a in members if a.kind == Agenda.Kind.MEETINGS), key=lambda a: (a.label, a.slug))
    real = tuple(
        RealAgenda(
            id=agenda.pk,
            slug=agenda.slug,
            label=agenda.label,
            minimal_booking_delay=_first_set(asked.minimal_booking_delay, agenda.minimal_booking_delay),
            maximal_booking_delay=_first_set(asked.maximal_booking_delay, agenda.maximal_booking_delay),
            minimal_booking_time=agenda.minimal_booking_time,
            lock_duration=_first_set(asked.lock_duration, agenda.lock_duration),
            step=_step(agenda, types.get(agenda.pk, [])),
            meeting_types=tuple(types.get(agenda.pk, [])),
            desks=tuple(desks.get(agenda.pk, [])),
        )
        for agenda in members
    )
    excluded: tuple[PeriodRule, ...] = ()
    if asked.kind == Agenda.Kind.VIRTUAL:
        excluded = tuple(_rules(ExcludedPeriod.objects.filter(agenda=asked), "agenda_id").get(asked.pk, []))
    return AgendaSnapshot(
        id=asked.pk,
        slug=asked.slug,
        label=asked.label,
        kind=asked.kind,
        lock_duration=asked.lock_duration,
        backoffice_booking_enabled=asked.backoffice_booking_enabled,
        real_agendas=real,
        excluded=excluded,
        meeting_types=_shared_types(real),
        version=version,
    )


def _first_set(first: int | None, second: int | None) -> int | None:
    return second if first is None else first


def _step(agenda: Agenda, types: Iterable[MeetingTypeData]) -> int:
    if agenda.slot_step:
        return agenda.slot_step * 60
    return math.gcd(*(item.duration for item in types if item.enabled)) or 60


def _shared_types(agendas: tuple[RealAgenda, ...]) -> tuple[MeetingTypeData, ...]:
    if not agendas:
        return ()
    first, *others = agendas
    return tuple(
        item
        for item in first.meeting_types
        if item.enabled
        and all(
            (other := agenda.meeting_type(item.slug)) is not None and other.duration == item.duration
            for agenda in others
        )
    )


def _read_desks(agenda_ids: list[int]) -> dict[int, list[DeskData]]:
    rules = _desk_rules(agenda_ids)
    closures: dict[int, list[Closed]] = {}
    for desk_id, start, end, label, closure_id in (
        Closure.objects.filter(agenda__in=agenda_ids)
        .order_by("start", "id")
        .values_list("desks", Epoch("start"), Epoch("end"), "label", "id")
    ):
        closures.setdefault(desk_id, []).append(Closed(start, end, label, closure_id))
    desks: dict[int, list[DeskData]] = {}
    # Desks with the same hours have the very same tuple: what follows from it is worked out once.
    same: dict[tuple[PeriodRule, ...], tuple[PeriodRule, ...]] = {}
    for agenda_id, desk_id, slug, label, position, desk_rules in rules:
        hours = tuple(desk_rules)
        hours = same.setdefault(hours, hours)
        desks.setdefault(agenda_id, []).append(
            DeskData(desk_id, slug, label, position, hours, tuple(closures.get(desk_id, ())))
        )
    return desks


PERIOD_FIELDS = ("weekday", "weeks_of_month", "date", "start_time", "end_time", "valid_from", "valid_until")


def _desk_rules(agenda_ids: list[int]) -> list[tuple[int, int, str, str, int, list[PeriodRule]]]:
    found: dict[int, tuple[int, int, str, str, int, list[PeriodRule]]] = {}
    rows = (
        Desk.objects.filter(agenda__in=agenda_ids, enabled=True)
        .order_by("position", "label", "id")
        .values_list("id", "agenda_id", "slug", "label", "position", *(f"openings__{name}" for name in PERIOD_FIELDS))
    )
    for row in rows:
        desk = found.setdefault(row[0], (row[1], row[0], row[2], row[3], row[4], []))
        if row[8] is not None:
            desk[5].append(_rule(row[5:]))
    return list(found.values())


def _rules(periods: QuerySet[ExcludedPeriod], owner: str) -> dict[int, list[PeriodRule]]:
    rules: dict[int, list[PeriodRule]] = {}
    for row in periods.values_list(owner, *PERIOD_FIELDS):
        rules.setdefault(row[0], []).append(_rule(row[1:]))
    return rules


def _rule(row: tuple[object, ...]) -> PeriodRule:
    weekday, weeks, date, start, end, valid_from, valid_until = row
    assert isinstance(start, datetime.time) and isinstance(end, datetime.time)
    return PeriodRule(
        weekday=weekday if isinstance(weekday, int) else None,
        weeks=frozenset(weeks) if isinstance(weeks, list) else frozenset(),
        date=_ordinal(date),
        start=_seconds(start),
        end=_seconds(end) or DAY,
        valid_from=_ordinal(valid_from),
        valid_until=_ordinal(valid_until),
    )


def _ordinal(value: object) -> int | None:
    return value.toordinal() if isinstance(value, datetime.date) else None


def _seconds(value: datetime.time) -> int:
    return value.hour * 3600 + value.minute * 60 + value.second
