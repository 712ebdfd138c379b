"""What a hold and a confirmation look at before they decide: one slot, the desks, and who stands there."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from adapter.agendas.errors import InvalidPayload, SlotUnavailable
from adapter.agendas.models import Booking, BookingState
from adapter.agendas.queries.availability import Also, Standing, Window, is_taken, read_standing, timetables, zone_name
from adapter.agendas.queries.lock_keys import LockKey
from adapter.agendas.queries.snapshot import (
    AgendaSnapshot,
    DeskData,
    DeskVersions,
    MeetingTypeData,
    RealAgenda,
    load_snapshot,
)
from adapter.agendas.services.actor import Actor
from adapter.agendas.services.audit import Entry
from adapter.agendas.services.guard import StaleRead, exclusive, take_all
from adapter.agendas.services.listing import nearest_slots
from adapter.agendas.services.offering import NO_KEY
from adapter.agendas.services.writing import insert, new_row
from adapter.agendas.slots import BadSlotId, DeskTimetable, Reason, choose_desk, explain, parse_slot_id

# Looked at when slot ids cannot be read: nothing stands there.
ANY_DAY = datetime.date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Wanted:
    """One slot, or several consecutive ones taken as one; times in UTC epoch seconds."""

    meeting_type: MeetingTypeData
    start: int
    end: int
    slots: int
    day: int

    @property
    def starts_at(self) -> datetime.datetime:
        """The start as an aware datetime."""
        return datetime.datetime.fromtimestamp(self.start, datetime.UTC)

    @property
    def ends_at(self) -> datetime.datetime:
        """The end as an aware datetime."""
        return datetime.datetime.fromtimestamp(self.end, datetime.UTC)


@dataclass(frozen=True, slots=True)
class Shown:
    """The names of where a lock or booking stands."""

    agenda_slug: str
    agenda_label: str
    desk_slug: str
    desk_label: str
    meeting_type_slug: str


def resolve_slots(snapshot: AgendaSnapshot, slot_ids: Sequence[str]) -> Wanted:
    """Read slot ids of one meeting type that follow each other.

    Raises :class:`InvalidPayload` (HTTP 400) for ids that cannot be read, name unknown or different meeting types, or
    leave gaps, and :class:`SlotUnavailable` for a time that clocks never show.
    """
    if not slot_ids:
        raise InvalidPayload({"slots": ["This field is required."]})
    parsed = []
    for text in slot_ids:
        try:
            parsed.append(parse_slot_id(text))
        except BadSlotId as error:
            kind = "invalid slot" if error.part == "slot" else "bad datetime format"
            raise InvalidPayload({"slots": [f"{kind}: {error.text}"]}, f"{kind}: {error.text}") from None
    slugs = {slot.meeting_type for slot in parsed}
    if len(slugs) > 1:
        sentence = f"all slots must have the same meeting type id ({', '.join(sorted(slugs))})"
        raise InvalidPayload({"slots": [sentence]}, sentence)
    meeting_type = snapshot.meeting_type(parsed[0].meeting_type)
    if meeting_type is None:
        sentence = f"invalid meeting type id: {parsed[0].meeting_type}"
        raise InvalidPayload({"slots": [sentence]}, sentence)
    starts = sorted({slot.start(zone_name()) or 0 for slot in parsed})
    if not starts[0]:
        raise SlotUnavailable
    if any(after - before != meeting_type.duration for before, after in zip(starts, starts[1:], strict=False)):
        raise InvalidPayload({"slots": ["slots must follow each other"]}, "slots must follow each other")
    return Wanted(
        meeting_type=meeting_type,
        start=starts[0],
        end=starts[-1] + meeting_type.duration,
        slots=len(starts),
        day=min(slot.day for slot in parsed),
    )


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything read for one decision. ``rows`` holds more than stands on the desks: see ``also`` of :func:`look`."""

    snapshot: AgendaSnapshot
    versions: DeskVersions
    wanted: Wanted
    rows: list[Standing]
    now: datetime.datetime
    bypass_delays: bool
    cautious: bool

    @property
    def present(self) -> int:
        """The present in whole epoch seconds."""
        return int(self.now.timestamp())

    def locks_of(self, key: LockKey) -> list[Standing]:
        """Live locks of that form on the agendas asked for."""
        agendas = {agenda.id for agenda in self.snapshot.real_agendas}
        return [
            row
            for row in self.rows
            if key.opens(row)
            and row.state == BookingState.HELD
            and row.agenda_id in agendas
            and row.is_live(self.present)
        ]

    def is_wanted(self, row: Standing) -> bool:
        """Whether ``row`` is for the very slot that is wanted."""
        return self.is_wanted_at(row.start, row.end, row.meeting_type_id)

    def is_wanted_at(self, start: int, end: int, meeting_type_id: int) -> bool:
        """Whether these are the times (UTC epoch seconds) and the meeting type that are wanted."""
        same_time = (start, end) == (self.wanted.start, self.wanted.end)
        return same_time and self.type_of(meeting_type_id) == self.wanted.meeting_type.slug

    def type_of(self, meeting_type_id: int) -> str | None:
        """Slug of a meeting type of the agendas asked for."""
        for agenda in self.snapshot.real_agendas:
            for item in agenda.meeting_types:
                if item.id == meeting_type_id:
                    return item.slug
        return None

    def timetables(self, ignore: Iterable[int]) -> list[DeskTimetable]:
        """Timetables of that day, the rows ``ignore`` counted as free."""
        desks = {desk.id for agenda in self.snapshot.real_agendas for desk in agenda.desks}
        window = Window(self.wanted.day, self.wanted.day)
        rows = [row for row in self.rows if row.desk_id in desks]
        return timetables(self.snapshot, window, rows, self.now, ignore=ignore, bypass_delays=self.bypass_delays)

    def choose(self, ignore: Iterable[int], prefer: int | None = None) -> tuple[RealAgenda, DeskData] | None:
        """The desk that can take what is wanted, the rows ``ignore`` counted as free."""
        tables = self.timetables(ignore)
        taken = {table.desk_id: sum(busy.end - busy.start for busy in table.busy) for table in tables}
        chosen = choose_desk(tables, self.wanted.start, self.wanted.end, taken, prefer)
        return self.desk(chosen.desk_id) if chosen else None

    def desk(self, desk_id: int) -> tuple[RealAgenda, DeskData] | None:
        """A desk and its agenda, if it still takes appointments."""
        for agenda in self.snapshot.real_agendas:
            for desk in agenda.desks:
                if desk.id == desk_id:
                    return agenda, desk
        return None

    def desk_named(self, name: str) -> int | None:
        """The id of a desk by ``AGENDA:DESK``, or by its slug alone (the first one where agendas share a slug)."""
        agenda_slug, _colon, slug = name.rpartition(":")
        if not slug:
            return None
        return next(
            (
                desk.id
                for agenda in self.snapshot.real_agendas
                for desk in agenda.desks
                if desk.slug == slug and agenda_slug in ("", agenda.slug)
            ),
            None,
        )

    def place(self, agenda: RealAgenda, desk: DeskData, **values: Any) -> Booking:
        """A new row there for what is wanted, not written yet. Raises :class:`StaleRead` when the type is gone."""
        meeting_type = agenda.meeting_type(self.wanted.meeting_type.slug)
        if meeting_type is None:
            raise StaleRead
        return new_row(
            agenda_id=agenda.id,
            asked_agenda_id=self.snapshot.id,
            desk_id=desk.id,
            meeting_type_id=meeting_type.id,
            start=self.wanted.starts_at,
            end=self.wanted.ends_at,
            slots=self.wanted.slots,
            created_at=self.now,
            **values,
        )

    def write(self, row: Booking, entry: Entry, actor: Actor) -> Booking:
        """Write a new row for what is wanted where nothing stands in the way.

        When the desk moved on since it was read, mostly because of other days, it is taken and looked at once more.
        Raises :class:`StaleRead` when the place is taken by now, or the settings changed.
        """
        try:
            return insert(row, entry, actor=actor, now=self.now, seen=self.versions)
        except StaleRead:
            pass
        with exclusive():
            take_all([row.desk_id])
            snapshot, _versions = load_snapshot(self.snapshot.slug)
            if snapshot.version != self.snapshot.version or is_taken(row.desk_id, self.wanted.start, self.wanted.end):
                raise StaleRead
            return insert(row, entry, actor=actor, now=self.now)

    def shown(self, row: Booking) -> Shown:
        """What ``row`` is shown with; from the settings at hand, or read when its desk takes no more appointments."""
        kept = self.desk(row.desk_id)
        meeting_type = self.type_of(row.meeting_type_id)
        if kept is None or meeting_type is None:
            return Shown(row.agenda.slug, row.agenda.label, row.desk.slug, row.desk.label, row.meeting_type.slug)
        agenda, desk = kept
        return Shown(agenda.slug, agenda.label, desk.slug, desk.label, meeting_type)

    def in_the_way(self, desk_id: int, ids: Iterable[int] = ()) -> list[Standing]:
        """Rows on ``desk_id`` that overlap what is wanted and occupy nothing any more: lapsed, or one of ``ids``."""
        given = set(ids)
        return [
            row
            for row in self.rows
            if row.desk_id == desk_id
            and row.start < self.wanted.end
            and self.wanted.start < row.end
            and row.state == BookingState.HELD
            and (row.id in given or not row.is_live(self.present))
        ]

    def user_is_busy(self, user_external_id: str) -> bool:
        """Whether that user has a booking at that time (``also`` must have asked for it)."""
        return any(
            row.user_external_id == user_external_id
            and row.state == BookingState.BOOKED
            and row.start < self.wanted.end
            and self.wanted.start < row.end
            for row in self.rows
        )

    def unavailable(self, key: LockKey = NO_KEY, *, lost: bool = False) -> SlotUnavailable:
        """The refusal, with the nearest free slots."""
        nearest = nearest_slots(
            self.snapshot,
            self.wanted.meeting_type,
            self.wanted.start,
            now=self.now,
            versions=self.versions,
            key=key,
            bypass_delays=self.bypass_delays,
        )
        return SlotUnavailable(nearest, lost=lost, desks=self._verdicts(key))

    def _verdicts(self, key: LockKey) -> list[dict[str, object]]:
        """What each desk says to what is wanted, and the number of the booking or lock in the way, if one is."""
        own = {row.id for row in self.locks_of(key)}
        length, zone = self.wanted.end - self.wanted.start, zone_name()
        found: list[dict[str, object]] = []
        for table in self.timetables(own):
            [explained] = explain([table], length, zone, [self.wanted.start])
            agenda, desk = self.desk(table.desk_id) or (None, None)
            if agenda is None or desk is None:
                continue
            verdict: dict[str, object] = {"agenda": agenda.slug, "desk": desk.slug, "reason": str(explained.reason)}
            if explained.reason in (Reason.BOOKED, Reason.HELD):
                verdict["booking"] = self._occupant(desk.id, own)
            found.append(verdict)
        return found

    def _occupant(self, desk_id: int, own: Collection[int]) -> int | None:
        """The live booking or lock of somebody else that overlaps what is wanted."""
        on_desk = (row for row in self.rows if row.desk_id == desk_id and row.id not in own)
        there = (row for row in on_desk if row.start < self.wanted.end and self.wanted.start < row.end)
        return next((row.id for row in there if row.is_live(self.present)), None)


def look(
    agenda: str,
    slot_ids: Sequence[str],
    *,
    now: datetime.datetime,
    bypass_delays: bool,
    cautious: bool,
    lock_code: str = "",
    record: str = "",
    user_external_id: str = "",
    extra_desks: Iterable[int] = (),
    only_own: bool = False,
) -> Situation:
    """Read all that decides about one slot, in one query, three when ``cautious`` (more when the settings changed).

    Locks of ``lock_code``, bookings of the w.c.s. ``record`` and, on that day, of ``user_external_id`` are read
    wherever they are. ``cautious`` takes the desks first. With ``only_own`` what others have there is not read: enough
    to find a lock or a booking that is there already, not to give one.
    """
    if cautious:
        _snapshot, versions = load_snapshot(agenda)
        take_all([*versions, *extra_desks])
    day = _day_of(slot_ids)
    also = Also(lock_code, record, user_external_id, only_own)
    snapshot, versions, rows = read_standing(agenda, Window(day, day), also)
    wanted = resolve_slots(snapshot, slot_ids)
    return Situation(snapshot, versions, wanted, rows, now, bypass_delays, cautious)


def _day_of(slot_ids: Sequence[str]) -> int:
    """The local day (ordinal) of the first slot; any day when an id cannot be read, which is refused afterwards."""
    try:
        return min((parse_slot_id(text).day for text in slot_ids), default=ANY_DAY)
    except BadSlotId:
        return ANY_DAY


def end_rows(rows: Iterable[Standing], state: BookingState, because: str, now: datetime.datetime) -> int:
    """Mark held rows as ended; raises :class:`StaleRead` when one of them changed since it was read. One query."""
    ids = [row.id for row in rows]
    if not ids:
        return 0
    changed = Booking.objects.filter(pk__in=ids, state=BookingState.HELD).update(
        state=state, ended_at=now, ended_because=because
    )
    if changed != len(ids):
        raise StaleRead
    return changed
