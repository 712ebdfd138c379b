"""From the database to the document."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from adapter.agendas.errors import UnknownAgenda
from adapter.agendas.models import Agenda, Closure, ExceptionSource, ExcludedPeriod, OpeningPeriod
from adapter.agendas.services.guard import exclusive
from adapter.agendas.services.transfer.document import (
    VERSION,
    AgendaData,
    ClosureData,
    DeskData,
    MeetingTypeData,
    PeriodData,
    SourceData,
    sort_closures,
    sort_periods,
    sort_sources,
    write_agenda,
)

VALUES = (
    "label",
    "minimal_booking_delay",
    "maximal_booking_delay",
    "minimal_booking_time",
    "slot_step",
    "lock_duration",
    "backoffice_booking_enabled",
    "form_slug",
    "slot_field",
    "meeting_type_field",
    "agenda_field",
    "fixed_meeting_type",
    "reminder_hours",
    "reminder_subject",
    "reminder_body",
    "anonymize_after_days",
    "purge_after_days",
)


def export_agendas(slugs: Iterable[str] = ()) -> dict[str, Any]:
    """The document of these agendas (all by default). A virtual one brings the agendas it is made of.

    Raises ``UnknownAgenda`` for the first slug that no agenda has.
    """
    with exclusive():
        wanted = list(slugs)
        found = {agenda.slug: agenda for agenda in Agenda.objects.all()}
        for slug in wanted:
            if slug not in found:
                raise UnknownAgenda(slug)
        chosen = set(wanted or found)
        chosen |= set(Agenda.objects.filter(memberships__virtual__slug__in=chosen).values_list("slug", flat=True))
        agendas = list(
            Agenda.objects.filter(slug__in=chosen)
            .select_related("category", "view_role", "edit_role", "booking_role")
            .order_by("kind", "slug")
        )
        categories = {item.category.slug: item.category.label for item in agendas if item.category}
        return {
            "version": VERSION,
            "categories": [{"slug": slug, "label": label} for slug, label in sorted(categories.items())],
            "agendas": [write_agenda(read_agenda(agenda)) for agenda in agendas],
        }


def read_agenda(agenda: Agenda) -> AgendaData:
    """What the database holds of an agenda."""
    desks = {desk.pk: desk for desk in agenda.desks.all()}
    openings: dict[int, list[PeriodData]] = {pk: [] for pk in desks}
    for row in OpeningPeriod.objects.filter(desk__in=desks):
        openings[row.desk_id].append(period_data(row))
    return AgendaData(
        slug=agenda.slug,
        kind=agenda.kind,
        values={name: getattr(agenda, name) for name in VALUES},
        category=agenda.category.slug if agenda.category else None,
        roles={
            "view": agenda.view_role.name if agenda.view_role else None,
            "edit": agenda.edit_role.name if agenda.edit_role else None,
            "book": agenda.booking_role.name if agenda.booking_role else None,
        },
        meeting_types=tuple(
            MeetingTypeData(item.slug, item.label, item.duration, item.position, item.enabled)
            for item in agenda.meeting_types.all()
        ),
        desks=tuple(
            DeskData(desk.slug, desk.label, desk.position, desk.enabled, sort_periods(openings[pk]))
            for pk, desk in desks.items()
        ),
        exceptions=sort_closures(data for data in map(closure_data, manual_closures(agenda)) if data.desks),
        exception_sources=sort_sources(map(source_data, sources(agenda))),
        members=tuple(sorted(agenda.members.values_list("real__slug", flat=True))),
        excluded_periods=sort_periods(map(period_data, agenda.excluded_periods.all())),
    )


def manual_closures(agenda: Agenda) -> Iterable[Closure]:
    """Closures that were made by hand, with their desks."""
    return agenda.closures.filter(source=None).prefetch_related("desks")


def sources(agenda: Agenda) -> Iterable[ExceptionSource]:
    """Sources with their desks and closures."""
    return agenda.exception_sources.prefetch_related("desks", "closures")


def period_data(row: OpeningPeriod | ExcludedPeriod) -> PeriodData:
    """A period as plain values."""
    return PeriodData(
        weekday=row.weekday,
        weeks_of_month=tuple(sorted(set(row.weeks_of_month))),
        date=row.date,
        start_time=row.start_time,
        end_time=row.end_time,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )


def closure_data(row: Closure) -> ClosureData:
    """A closure as plain values."""
    return ClosureData(row.start, row.end, row.label, tuple(sorted(desk.slug for desk in row.desks.all())))


def source_data(row: ExceptionSource) -> SourceData:
    """A source as plain values; what an ICS address said last goes with it, other closures are made anew."""
    desks = tuple(sorted(desk.slug for desk in row.desks.all()))
    closures: tuple[ClosureData, ...] = ()
    if row.kind == ExceptionSource.Kind.ICS_URL:
        closures = sort_closures(ClosureData(item.start, item.end, item.label, desks) for item in row.closures.all())
    return SourceData(row.kind, row.label, desks, row.ics_url, row.ics_text, row.country, row.subdivision, closures)
