"""The document: what it may hold, as plain values.

``{"version": 1, "categories": [{slug, label}], "agendas": [AGENDA…]}``. An agenda is found again by its ``slug``, its
desks and meeting types by theirs. Delays are in days, durations of meeting types in minutes, ``lock_duration`` in
seconds; times are local, moments carry their offset; roles are names of groups. Every member that is left out has the
default of a new agenda.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from adapter.agendas.models import Agenda, ExceptionSource, ExcludedPeriod
from adapter.agendas.services.transfer.lifecycle import read_lifecycle, write_lifecycle
from adapter.agendas.services.transfer.reader import MISSING, ObjectReader, Problem, TransferError

VERSION = 1
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ROLES = ("view", "edit", "book")
REAL_ONLY = ("meeting_types", "desks", "exceptions", "exception_sources", "reminder", "retention")
FORM_FIELDS = ("slot_field", "meeting_type_field", "agenda_field")


@dataclass(frozen=True, slots=True)
class PeriodData:
    """A period of local time, with the names of the model's fields."""

    weekday: int | None
    weeks_of_month: tuple[int, ...]
    date: datetime.date | None
    start_time: datetime.time
    end_time: datetime.time
    valid_from: datetime.date | None
    valid_until: datetime.date | None


@dataclass(frozen=True, slots=True)
class ClosureData:
    """A closure of some desks (slugs, sorted)."""

    start: datetime.datetime
    end: datetime.datetime
    label: str
    desks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SourceData:
    """Where closures come from. ``closures`` is what an ICS address said last: a copy, not a setting."""

    kind: str
    label: str
    desks: tuple[str, ...]
    ics_url: str = ""
    ics_text: str = ""
    country: str = ""
    subdivision: str = ""
    closures: tuple[ClosureData, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class MeetingTypeData:
    """A meeting type; ``duration`` in minutes."""

    slug: str
    label: str
    duration: int
    position: int
    enabled: bool


@dataclass(frozen=True, slots=True)
class DeskData:
    """A desk and its openings."""

    slug: str
    label: str
    position: int
    enabled: bool
    openings: tuple[PeriodData, ...]


@dataclass(frozen=True, slots=True)
class AgendaData:
    """An agenda; ``values`` are plain columns of the model by name, ``roles`` group names by view, edit, book."""

    slug: str
    kind: str
    values: dict[str, Any]
    category: str | None
    roles: dict[str, str | None]
    meeting_types: tuple[MeetingTypeData, ...] = ()
    desks: tuple[DeskData, ...] = ()
    exceptions: tuple[ClosureData, ...] = ()
    exception_sources: tuple[SourceData, ...] = ()
    members: tuple[str, ...] = ()
    excluded_periods: tuple[PeriodData, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """Everything. ``paths`` gives the place of each agenda (by slug) in the file."""

    categories: dict[str, str]
    agendas: tuple[AgendaData, ...]
    paths: dict[str, str] = field(default_factory=dict)


def sort_periods(periods: Iterable[PeriodData]) -> tuple[PeriodData, ...]:
    """In one order, whatever the database's."""
    return tuple(
        sorted(periods, key=lambda item: (str(item.date or ""), item.weekday or 0, item.start_time, str(item)))
    )


def sort_closures(closures: Iterable[ClosureData]) -> tuple[ClosureData, ...]:
    """In order of time."""
    return tuple(sorted(closures, key=lambda item: (item.start, item.end, item.label, item.desks)))


def sort_sources(sources: Iterable[SourceData]) -> tuple[SourceData, ...]:
    """In order of their labels."""
    return tuple(sorted(sources, key=lambda item: (item.label, item.kind, str(item))))


def read_document(data: Any) -> Document:
    """Parse and check a whole document. Raises :class:`TransferError` with every fault found."""
    problems: list[Problem] = []
    root = ObjectReader(data, "", problems)
    version = root.integer("version", MISSING, minimum=1, maximum=10**6)
    if not problems and version != VERSION:
        root.wrong("version", _("This version reads documents of version %(version)d only.") % {"version": VERSION})
    if problems:
        raise TransferError(problems)
    categories: dict[str, str] = {}
    for item in root.objects("categories"):
        slug = item.slug()
        _unique(item, slug, categories)
        categories[slug] = item.text("label", MISSING)
        item.done()
    agendas: list[AgendaData] = []
    paths: dict[str, str] = {}
    for item in root.objects("agendas"):
        agenda = _read_agenda(item)
        _unique(item, agenda.slug, paths)
        paths[agenda.slug] = item.path
        agendas.append(agenda)
    root.done()
    if problems:
        raise TransferError(problems)
    return Document(categories, tuple(agendas), paths)


def _unique(item: ObjectReader, slug: str, seen: Iterable[str]) -> None:
    if slug and slug in seen:
        item.wrong("slug", _("This identifier is given twice."))


def _read_agenda(item: ObjectReader) -> AgendaData:
    slug = item.slug()
    kind = item.choice("kind", Agenda.Kind.values, Agenda.Kind.MEETINGS)
    virtual = kind == Agenda.Kind.VIRTUAL
    booking = item.object("backoffice_booking")
    values = {
        "label": item.text("label", MISSING),
        "minimal_booking_delay": item.integer("minimal_booking_delay", None if virtual else 1, maximum=10000),
        "maximal_booking_delay": item.integer("maximal_booking_delay", None if virtual else 56, maximum=10000),
        "minimal_booking_time": item.time("minimal_booking_time", datetime.time.min),
        "slot_step": item.integer("slot_step", None, minimum=1, maximum=1440),
        "lock_duration": item.integer("lock_duration", None, minimum=1, maximum=86400),
        "backoffice_booking_enabled": booking.boolean("enabled", False),
        "form_slug": booking.text("form", most=250),
        **{name: booking.text(name, most=100) for name in FORM_FIELDS},
        "fixed_meeting_type": booking.text("fixed_meeting_type", most=250),
        **read_lifecycle(item),
    }
    booking.done()
    roles = item.object("roles")
    role_names = {name: roles.text(name) or None for name in ROLES}
    roles.done()
    category = item.text("category", most=100) or None
    sentence = _("A virtual agenda has none of its own.") if virtual else _("Only a virtual agenda has some.")
    for name in filter(item.has, REAL_ONLY if virtual else ("members", "excluded_periods")):
        item.wrong(name, sentence)
    desks = _read_desks(item)
    known = {desk.slug for desk in desks}
    agenda = AgendaData(
        slug=slug,
        kind=kind,
        values=values,
        category=category,
        roles=role_names,
        meeting_types=_read_meeting_types(item),
        desks=desks,
        exceptions=sort_closures(_read_closure(each, known) for each in item.objects("exceptions")),
        exception_sources=sort_sources(_read_source(each, known) for each in item.objects("exception_sources")),
        members=tuple(sorted(item.texts("members"))),
        excluded_periods=sort_periods(_read_period(each) for each in item.objects("excluded_periods")),
    )
    item.done()
    return agenda


def _read_desks(agenda: ObjectReader) -> tuple[DeskData, ...]:
    desks: dict[str, DeskData] = {}
    for item in agenda.objects("desks"):
        slug = item.slug()
        _unique(item, slug, desks)
        desks[slug] = DeskData(
            slug=slug,
            label=item.text("label", MISSING),
            position=item.integer("position", len(desks) + 1, maximum=10**6) or 0,
            enabled=item.boolean("enabled", True),
            openings=sort_periods(_read_period(each) for each in item.objects("openings")),
        )
        item.done()
    return tuple(desks.values())


def _read_meeting_types(agenda: ObjectReader) -> tuple[MeetingTypeData, ...]:
    types: dict[str, MeetingTypeData] = {}
    for item in agenda.objects("meeting_types"):
        slug = item.slug()
        _unique(item, slug, types)
        types[slug] = MeetingTypeData(
            slug=slug,
            label=item.text("label", MISSING),
            duration=item.integer("duration", MISSING, minimum=1, maximum=1440) or 1,
            position=item.integer("position", len(types) + 1, maximum=10**6) or 0,
            enabled=item.boolean("enabled", True),
        )
        item.done()
    return tuple(types.values())


def _read_period(item: ObjectReader) -> PeriodData:
    name = item.choice("weekday", WEEKDAYS, None)
    period = PeriodData(
        weekday=WEEKDAYS.index(name) if name in WEEKDAYS else None,
        weeks_of_month=item.numbers("weeks_of_month", 1, 5),
        date=item.date("date"),
        start_time=item.time("start") or datetime.time.min,
        end_time=item.time("end") or datetime.time.min,
        valid_from=item.date("valid_from"),
        valid_until=item.date("valid_until"),
    )
    item.done()
    try:
        ExcludedPeriod(**period_columns(period)).clean()
    except ValidationError as error:
        item.problems.append(Problem(item.path, " ".join(error.messages)))
    return period


def _read_closure(item: ObjectReader, known: set[str]) -> ClosureData:
    closure = ClosureData(item.moment("start"), item.moment("end"), item.text("label"), _read_desk_slugs(item, known))
    item.done()
    if not closure.desks:
        item.wrong("desks", _("Name at least one desk."))
    if closure.end <= closure.start:
        item.wrong("end", _("The end must be after the start."))
    return closure


def _read_source(item: ObjectReader, known: set[str]) -> SourceData:
    kind = item.choice("kind", ExceptionSource.Kind.values)
    desks = _read_desk_slugs(item, known)
    closures = []
    for each in item.objects("closures"):
        closures.append(ClosureData(each.moment("start"), each.moment("end"), each.text("label"), desks))
        each.done()
        if closures[-1].end <= closures[-1].start:
            each.wrong("end", _("The end must be after the start."))
    source = SourceData(
        kind=kind,
        label=item.text("label", MISSING),
        desks=desks,
        ics_url=item.text("ics_url", most=500),
        ics_text=item.text("ics_text", most=None),
        country=item.text("country", most=2),
        subdivision=item.text("subdivision", most=20),
        closures=sort_closures(closures),
    )
    item.done()
    needed = {"ics_url": "ics_url", "ics_file": "ics_text", "holidays": "country"}[kind]
    if not getattr(source, needed):
        item.wrong(needed, _("This member is missing."))
    return source


def _read_desk_slugs(item: ObjectReader, known: set[str]) -> tuple[str, ...]:
    slugs = item.texts("desks")
    for slug in slugs:
        if slug not in known:
            item.wrong("desks", _("The agenda has no desk “%(slug)s”.") % {"slug": slug})
    return tuple(sorted(slugs))


def period_columns(period: PeriodData) -> dict[str, Any]:
    """Values for the columns of a period's model."""
    return {
        "weekday": period.weekday,
        "weeks_of_month": list(period.weeks_of_month),
        "date": period.date,
        "start_time": period.start_time,
        "end_time": period.end_time,
        "valid_from": period.valid_from,
        "valid_until": period.valid_until,
    }


def write_agenda(agenda: AgendaData) -> dict[str, Any]:
    """The JSON object of an agenda."""
    values = agenda.values
    data: dict[str, Any] = {
        "slug": agenda.slug,
        "label": values["label"],
        "kind": agenda.kind,
        "category": agenda.category,
        "minimal_booking_delay": values["minimal_booking_delay"],
        "maximal_booking_delay": values["maximal_booking_delay"],
        "minimal_booking_time": _time(values["minimal_booking_time"]),
        "slot_step": values["slot_step"],
        "lock_duration": values["lock_duration"],
        "roles": dict(agenda.roles),
        "backoffice_booking": {
            "enabled": values["backoffice_booking_enabled"],
            "form": values["form_slug"],
            **{name: values[name] for name in (*FORM_FIELDS, "fixed_meeting_type")},
        },
    }
    if agenda.kind == Agenda.Kind.VIRTUAL:
        data["members"] = list(agenda.members)
        data["excluded_periods"] = [_write_period(period) for period in agenda.excluded_periods]
        return data
    data |= write_lifecycle(values)
    data["meeting_types"] = [
        {"slug": item.slug, "label": item.label, "duration": item.duration, "position": item.position,
         "enabled": item.enabled}
        for item in agenda.meeting_types
    ]  # fmt: skip
    data["desks"] = [
        {"slug": item.slug, "label": item.label, "position": item.position, "enabled": item.enabled,
         "openings": [_write_period(period) for period in item.openings]}
        for item in agenda.desks
    ]  # fmt: skip
    data["exceptions"] = [{**_write_closure(item), "desks": list(item.desks)} for item in agenda.exceptions]
    data["exception_sources"] = [_write_source(item) for item in agenda.exception_sources]
    return data


def _write_period(period: PeriodData) -> dict[str, Any]:
    data: dict[str, Any] = {}
    if period.date is None:
        data["weekday"] = WEEKDAYS[period.weekday or 0]
    else:
        data["date"] = period.date.isoformat()
    if period.weeks_of_month:
        data["weeks_of_month"] = list(period.weeks_of_month)
    data["start"] = _time(period.start_time)
    data["end"] = "24:00" if period.end_time == datetime.time.min else _time(period.end_time)
    for name, date in (("valid_from", period.valid_from), ("valid_until", period.valid_until)):
        if date is not None:
            data[name] = date.isoformat()
    return data


def _write_closure(closure: ClosureData) -> dict[str, Any]:
    return {"label": closure.label, "start": _moment(closure.start), "end": _moment(closure.end)}


def _write_source(source: SourceData) -> dict[str, Any]:
    data: dict[str, Any] = {"kind": source.kind, "label": source.label, "desks": list(source.desks)}
    for name in ("ics_url", "ics_text", "country", "subdivision"):
        if getattr(source, name):
            data[name] = getattr(source, name)
    if source.closures:
        data["closures"] = [_write_closure(closure) for closure in source.closures]
    return data


def _time(value: datetime.time | None) -> str | None:
    if value is None:
        return None
    return value.isoformat(timespec="auto" if value.second or value.microsecond else "minutes")


def _moment(value: datetime.datetime) -> str:
    return value.astimezone(ZoneInfo(settings.TIME_ZONE)).isoformat()
