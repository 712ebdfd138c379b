"""From the document to the database: all of it or nothing, and only what differs is written."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from django.contrib.auth.models import Group
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from adapter.agendas.models import (
    Agenda,
    Booking,
    Category,
    Closure,
    Desk,
    ExceptionSource,
    ExcludedPeriod,
    MeetingType,
    OpeningPeriod,
    VirtualMember,
)
from adapter.agendas.period_words import period_in_words
from adapter.agendas.services.actor import Actor
from adapter.agendas.services.audit import Entry, record
from adapter.agendas.services.configuration import touch_agendas
from adapter.agendas.services.guard import exclusive
from adapter.agendas.services.sentinel import watch
from adapter.agendas.services.sources import has_local_content, refresh_in_transaction
from adapter.agendas.services.transfer.document import (
    AgendaData,
    ClosureData,
    DeskData,
    Document,
    SourceData,
    period_columns,
    read_document,
)
from adapter.agendas.services.transfer.exporting import (
    closure_data,
    manual_closures,
    period_data,
    read_agenda,
    source_data,
    sources,
)
from adapter.agendas.services.transfer.reader import Problem, TransferError
from adapter.agendas.services.uses import agendas_beside, around, promise_to_keep, promised_by

Row = TypeVar("Row", bound=models.Model)
Data = TypeVar("Data", bound=Hashable)
ROLE_COLUMNS = {"view": "view_role", "edit": "edit_role", "book": "booking_role"}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that an import does. ``action`` is ``create``, ``update``, ``remove`` or ``disable``."""

    action: str
    kind: str
    name: str
    fields: tuple[str, ...] = ()

    def __str__(self) -> str:
        detail = f" ({', '.join(self.fields)})" if self.fields else ""
        return f"{self.action} {self.kind} {self.name}{detail}"


def import_agendas(data: Any, *, now: datetime.datetime, actor: Actor, dry_run: bool = False) -> list[Change]:
    """Make the agendas of the document be as it says; returns what that changed, or would change with ``dry_run``.

    Agendas that the document does not name are left alone. A desk or meeting type that it leaves out is removed;
    when bookings hang on it, it is disabled instead, and the import is refused if appointments are still to come on
    that desk. Raises :class:`TransferError`; nothing was changed then.
    """
    document = read_document(data)
    with exclusive():
        changes = _Import(document, now, actor).run()
        if dry_run:
            transaction.set_rollback(True)
        else:
            # The whole settings of agendas have changed: look whether the rule that never breaks still holds.
            transaction.on_commit(lambda: watch(now=now), robust=True)
    return changes


class _Import:
    def __init__(self, document: Document, now: datetime.datetime, actor: Actor) -> None:
        self.document = document
        self.now = now
        self.actor = actor
        self.changes: list[Change] = []
        self.problems: list[Problem] = []

    def run(self) -> list[Change]:
        self._categories()
        wanted = sorted(self.document.agendas, key=lambda item: item.kind == Agenda.Kind.VIRTUAL)
        existing = {
            agenda.slug: agenda
            for agenda in Agenda.objects.select_related("category", "view_role", "edit_role", "booking_role").filter(
                slug__in=[item.slug for item in wanted]
            )
        }
        todo = [
            item
            for item in wanted
            if item.slug not in existing or _normal(read_agenda(existing[item.slug])) != _normal(item)
        ]
        # Before anything is written: a hold that is being made meanwhile waits, or starts again.
        touch_agendas(agendas_beside(existing[item.slug].pk for item in todo if item.slug in existing))
        for item in todo:
            self._agenda(item, existing.get(item.slug))
        for item in wanted:
            self._fixed_type(item)
        if self.problems:
            raise TransferError(self.problems)
        return self.changes

    def _note(self, action: str, kind: str, name: str, fields: Iterable[str] = ()) -> None:
        self.changes.append(Change(action, kind, name, tuple(fields)))

    def _refuse(self, agenda: AgendaData, member: str, sentence: str) -> None:
        self.problems.append(Problem(f"{self.document.paths[agenda.slug]}.{member}", sentence))

    def _categories(self) -> None:
        known = {category.slug: category for category in Category.objects.all()}
        for slug, label in self.document.categories.items():
            if slug not in known:
                Category.objects.create(slug=slug, label=label)
                self._note("create", "category", slug)
            elif known[slug].label != label:
                Category.objects.filter(slug=slug).update(label=label)
                self._note("update", "category", slug, ["label"])

    def _agenda(self, data: AgendaData, agenda: Agenda | None) -> None:
        columns = {**data.values, "category": self._category(data), **self._roles(data)}
        if agenda is None:
            agenda = Agenda.objects.create(slug=data.slug, kind=data.kind, **columns)
            self._note("create", "agenda", data.slug)
        elif agenda.kind != data.kind:
            self._refuse(data, "kind", _("An agenda cannot change its kind."))
            return
        else:
            self._update(agenda, columns, "agenda", data.slug)
        if data.kind == Agenda.Kind.VIRTUAL:
            self._members(data, agenda)
            self._rows(
                data.slug,
                "excluded period",
                [(row, period_data(row)) for row in agenda.excluded_periods.all()],
                data.excluded_periods,
                lambda item: ExcludedPeriod.objects.create(agenda=agenda, **period_columns(item)),
                period_in_words,
            )
        else:
            self._meeting_types(data, agenda)
            self._desks(data, agenda)
            self._exceptions(data, agenda)
        record(self.actor, self.now, [Entry("agenda.imported", agenda.pk)])

    def _fixed_type(self, data: AgendaData) -> None:
        """The only type of a form must be there once all agendas are as they are wanted."""
        fixed = data.values["fixed_meeting_type"]
        if not fixed:
            return
        own = Q(slug=data.slug, kind=Agenda.Kind.MEETINGS)
        reals = Agenda.objects.filter(own | Q(memberships__virtual__slug=data.slug)).distinct()
        offering = reals.filter(meeting_types__slug=fixed, meeting_types__enabled=True)
        if not reals.exists() or reals.count() != offering.count():
            sentence = _("This agenda has no meeting type “%(slug)s” that can be booked.") % {"slug": fixed}
            self._refuse(data, "backoffice_booking.fixed_meeting_type", sentence)

    def _category(self, data: AgendaData) -> Category | None:
        if data.category is None:
            return None
        category = Category.objects.filter(slug=data.category).first()
        if category is None:
            self._refuse(data, "category", _("There is no category “%(slug)s”.") % {"slug": data.category})
        return category

    def _roles(self, data: AgendaData) -> dict[str, Group | None]:
        found: dict[str, Group | None] = {}
        for role, column in ROLE_COLUMNS.items():
            name = data.roles[role]
            if name is None:
                found[column] = None
                continue
            found[column], created = Group.objects.get_or_create(name=name)
            if created:
                self._note("create", "role", name)
        return found

    def _update(self, row: models.Model, columns: dict[str, Any], kind: str, name: str) -> None:
        changed = [column for column, value in columns.items() if getattr(row, column) != value]
        if changed:
            for column in changed:
                setattr(row, column, columns[column])
            row.save(update_fields=changed)
            self._note("update", kind, name, changed)

    def _members(self, data: AgendaData, agenda: Agenda) -> None:
        reals = {real.slug: real for real in Agenda.objects.filter(slug__in=data.members, kind=Agenda.Kind.MEETINGS)}
        for slug in data.members:
            if slug not in reals:
                self._refuse(data, "members", _("There is no meetings agenda “%(slug)s”.") % {"slug": slug})
        if set(data.members) != set(agenda.members.values_list("real__slug", flat=True)):
            self._keep_promises(data, "members", data.slug, around(agenda))
        self._rows(
            data.slug,
            "member",
            [(row, row.real.slug) for row in agenda.members.select_related("real")],
            [slug for slug in data.members if slug in reals],
            lambda slug: VirtualMember.objects.create(virtual=agenda, real=reals[slug]),
            str,
        )

    def _meeting_types(self, data: AgendaData, agenda: Agenda) -> None:
        rows = {row.slug: row for row in agenda.meeting_types.all()}
        for item in data.meeting_types:
            name = f"{data.slug}/{item.slug}"
            columns = {
                "label": item.label, "duration": item.duration, "position": item.position, "enabled": item.enabled,
            }  # fmt: skip
            row = rows.pop(item.slug, None)
            if row is None:
                MeetingType.objects.create(agenda=agenda, slug=item.slug, **columns)
                self._note("create", "meeting type", name)
            else:
                if (row.duration, row.enabled) != (item.duration, item.enabled):
                    self._keep_promises(data, "meeting_types", row.slug, promised_by(agenda, row.slug))
                self._update(row, columns, "meeting type", name)
        for row in rows.values():
            if row.enabled:
                self._keep_promises(data, "meeting_types", row.slug, promised_by(agenda, row.slug))
            self._retire(row, "meeting type", f"{data.slug}/{row.slug}", row.bookings.exists())

    def _keep_promises(self, data: AgendaData, member: str, name: str, where: Q) -> None:
        """Refuse what would make the confirmation of a slot that is held right now fail."""
        reason = promise_to_keep(where, now=self.now)
        if reason:
            self._refuse(data, member, f"{name}: {reason}")

    def _desks(self, data: AgendaData, agenda: Agenda) -> None:
        rows = {row.slug: row for row in agenda.desks.all()}
        for item in data.desks:
            name = f"{data.slug}/{item.slug}"
            columns = {"label": item.label, "position": item.position, "enabled": item.enabled}
            row = rows.pop(item.slug, None)
            if row is None:
                row = Desk.objects.create(agenda=agenda, slug=item.slug, **columns)
                self._note("create", "desk", name)
            else:
                self._update(row, columns, "desk", name)
            self._openings(item, row, name)
        for row in rows.values():
            if Booking.objects.live(self.now).filter(desk=row, end__gt=self.now).exists():
                sentence = _("Desk “%(slug)s” cannot be left out: appointments are still to come there.")
                self._refuse(data, "desks", sentence % {"slug": row.slug})
            else:
                self._retire(row, "desk", f"{data.slug}/{row.slug}", row.bookings.exists())

    def _retire(self, row: Desk | MeetingType, kind: str, name: str, used: bool) -> None:
        """Remove what was never used; what has a history stays, and takes no more appointments."""
        if not used:
            row.delete()
            self._note("remove", kind, name)
        elif row.enabled:
            row.enabled = False
            row.save(update_fields=["enabled"])
            self._note("disable", kind, name)

    def _openings(self, data: DeskData, desk: Desk, name: str) -> None:
        self._rows(
            name,
            "opening",
            [(row, period_data(row)) for row in desk.openings.all()],
            data.openings,
            lambda item: OpeningPeriod.objects.create(desk=desk, **period_columns(item)),
            period_in_words,
        )

    def _exceptions(self, data: AgendaData, agenda: Agenda) -> None:
        desks = {desk.slug: desk for desk in agenda.desks.all()}

        def close(item: ClosureData) -> None:
            closure = Closure.objects.create(agenda=agenda, label=item.label, start=item.start, end=item.end)
            closure.desks.set(desks[slug] for slug in item.desks)

        def add_source(item: SourceData) -> None:
            self._add_source(item, agenda, desks)

        # A closure whose desks are all gone closes nothing, and is not in the document either.
        self._rows(
            data.slug,
            "exception",
            [(row, closure_data(row)) for row in manual_closures(agenda)],
            data.exceptions,
            close,
            lambda item: f"{item.label or '-'} {item.start.isoformat()}",
        )
        self._rows(
            data.slug,
            "exception source",
            [(row, source_data(row)) for row in sources(agenda)],
            data.exception_sources,
            add_source,
            lambda item: item.label,
        )

    def _add_source(self, item: SourceData, agenda: Agenda, desks: dict[str, Desk]) -> None:
        source = ExceptionSource.objects.create(
            agenda=agenda,
            kind=item.kind,
            label=item.label,
            ics_url=item.ics_url,
            ics_text=item.ics_text,
            country=item.country,
            subdivision=item.subdivision,
        )
        source.desks.set(desks[slug] for slug in item.desks)
        if has_local_content(source):
            error = refresh_in_transaction(source, now=self.now)
            if error:
                path = self.document.paths[agenda.slug]
                self.problems.append(Problem(f"{path}.exception_sources", f"{item.label}: {error}"))
            return
        for closure in item.closures:
            row = Closure.objects.create(
                agenda=agenda, source=source, label=closure.label, start=closure.start, end=closure.end
            )
            row.desks.set(desks[slug] for slug in item.desks)

    def _rows(
        self,
        owner: str,
        kind: str,
        existing: Sequence[tuple[Row, Data]],
        wanted: Iterable[Data],
        create: Callable[[Data], Any],
        name: Callable[[Data], str],
    ) -> None:
        """Make rows that have no identity of their own be those that are wanted: remove the others, add the missing."""
        missing = Counter(wanted)
        for row, data in existing:
            if missing[data] > 0:
                missing[data] -= 1
            else:
                row.delete()
                self._note("remove", kind, f"{owner}: {name(data)}")
        for data in missing.elements():
            create(data)
            self._note("create", kind, f"{owner}: {name(data)}")


def _normal(agenda: AgendaData) -> AgendaData:
    """The same, whatever the order in which desks and meeting types were read."""
    return replace(
        agenda,
        desks=tuple(sorted(agenda.desks, key=lambda item: item.slug)),
        meeting_types=tuple(sorted(agenda.meeting_types, key=lambda item: item.slug)),
    )
