"""The comparison. Reads the database and w.c.s., changes neither."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db.models import Q

from adapter.agendas.models import Agenda, Booking, BookingState, HeldDraft
from adapter.reconciliation.claims import claims_of, is_cancelled
from adapter.reconciliation.findings import Detail, Finding, Kind, Obstacle, Repair, Report, Unreadable
from adapter.reconciliation.judging import judge_claim
from adapter.wcs.errors import WcsError
from adapter.wcs.known_services import KnownService
from adapter.wcs.records import (
    RecordGone,
    RecordPlace,
    WcsRecord,
    default_service,
    form_exists,
    list_records,
    place_of,
    read_record,
)

# After so many failures in a row w.c.s. is left alone: what remains is unreadable.
PATIENCE = 3
# Drafts of locks that ended longer ago are forgotten, here and there.
DRAFT_DAYS = 30

FormKey = tuple[str, str]


@dataclass(slots=True)
class _Form:
    """A form of one w.c.s. and what was asked about it."""

    service: KnownService
    slug: str
    records: dict[str, WcsRecord] = field(default_factory=dict)
    exists: bool | None = None
    failures: int = 0
    refusal: str = ""
    told: dict[str, Unreadable] = field(default_factory=dict)


def compare(*, now: datetime.datetime, agenda: str = "", seconds: float | None = None) -> Report:
    """Compare appointments to come, of one agenda (slug) or all, with the records of w.c.s.

    ``seconds`` bounds the whole: what was not reached is reported as unreadable. Raises ``WcsError`` only when no
    w.c.s. is configured.
    """
    return _Comparison(now, agenda, seconds).run()


class _Comparison:
    def __init__(self, now: datetime.datetime, agenda: str, seconds: float | None) -> None:
        self.now = now
        # A virtual agenda's appointments are on the real ones.
        members = Agenda.objects.filter(memberships__virtual__slug=agenda).values_list("slug", flat=True)
        self.agendas = {agenda, *members} if agenda else set()
        self.deadline = None if seconds is None else time.monotonic() + seconds
        self.report = Report()
        self.forms: dict[FormKey, _Form] = {}

    def run(self) -> Report:
        self._name_forms()
        bookings = self._bookings()
        for _booking, place in bookings:
            if place is not None:
                self._form(place)
        for form in self.forms.values():
            self._list(form)
        for booking, place in bookings:
            self._booking(booking, place)
        for form in self.forms.values():
            for record in form.records.values():
                self._record(record)
        self.report.drafts = self._drafts()
        return self.report

    # -- what is looked at

    def _name_forms(self) -> None:
        service = default_service()
        agendas = Agenda.objects.exclude(form_slug="")
        if self.agendas:
            agendas = agendas.filter(Q(slug__in=self.agendas) | Q(real_agendas__slug__in=self.agendas))
        for slug in sorted(set(agendas.values_list("form_slug", flat=True))):
            self.forms[service.name, slug] = _Form(service, slug)

    def _form(self, place: RecordPlace) -> _Form:
        return self.forms.setdefault((place.service.name, place.form), _Form(place.service, place.form))

    def _of_agenda(self, prefix: str = "") -> Q:
        return Q(**{f"{prefix}agenda__slug__in": self.agendas}) if self.agendas else Q()

    def _bookings(self) -> list[tuple[Booking, RecordPlace | None]]:
        rows = (
            Booking.objects.filter(self._of_agenda(), state=BookingState.BOOKED, end__gt=self.now)
            .exclude(record="")
            .select_related("agenda")
            .order_by("start", "pk")
        )
        return [(row, place_of(row.record)) for row in rows]

    def _drafts(self) -> int:
        since = self.now - datetime.timedelta(days=DRAFT_DAYS)
        live = Booking.objects.live(self.now)
        return (
            HeldDraft.objects.filter(self._of_agenda("booking__"), booking__confirmed_at=None)
            .filter(booking__created_at__gte=since)
            .exclude(booking__in=live)
            .count()
        )

    # -- asking w.c.s.

    def _list(self, form: _Form) -> None:
        """All records of a form in few calls; without them, each is asked about alone."""
        try:
            for record in list_records(form.service, form.slug):
                form.records[record.number] = record
                if self._late():
                    self._unreadable(f"form {form.slug}", Obstacle.OUT_OF_TIME)
                    break
        except WcsError as error:
            self._unreadable(f"form {form.slug}", error.detail or error.code)
        self.report.records += len(form.records)

    def _read(self, place: RecordPlace) -> WcsRecord | None:
        """The record; ``None`` when nothing is known about it, which is reported. Raises ``RecordGone``."""
        form = self._form(place)
        known = form.records.get(place.number)
        if known is not None:
            return known
        if form.refusal or self._late():
            self._unreadable(place.api_url, form.refusal or Obstacle.OUT_OF_TIME, form)
            return None
        return self._patiently(form, place.api_url, lambda: self._ask(form, place))

    def _ask(self, form: _Form, place: RecordPlace) -> WcsRecord | None:
        try:
            return read_record(place)
        except RecordGone:
            # The wrong w.c.s., or one that was set up anew, knows neither the record nor its form.
            if form.exists is None:
                form.exists = form_exists(form.service, form.slug)
            if form.exists:
                raise
            self._unreadable(place.api_url, Obstacle.NO_FORM, form)
            return None

    def _patiently(self, form: _Form, what: str, work: Callable[[], WcsRecord | None]) -> WcsRecord | None:
        try:
            found = work()
        except WcsError as error:
            form.failures += 1
            reason = error.detail or error.code
            if form.failures >= PATIENCE:
                form.refusal = reason
            self._unreadable(what, reason, form)
            return None
        form.failures = 0
        return found

    def _late(self) -> bool:
        return self.deadline is not None and time.monotonic() > self.deadline

    def _unreadable(self, what: str, reason: str, form: _Form | None = None) -> None:
        """Tell it; records of one ``form`` that cannot be read for one reason are told once."""
        told = form.told.get(reason) if form else None
        if told is not None:
            told.others += 1
            return
        told = Unreadable(what, reason)
        self.report.unreadable.append(told)
        if form is not None:
            form.told[reason] = told

    # -- comparing

    def _booking(self, booking: Booking, place: RecordPlace | None) -> None:
        self.report.bookings += 1
        if place is None:
            self._unreadable(f"booking {booking.pk}", Obstacle.NO_SERVICE)
            return
        try:
            record = self._read(place)
        except RecordGone:
            self._found(Kind.RECORD_GONE, booking, Detail.GONE, None)
            return
        if record is not None and is_cancelled(record):
            self._found(Kind.RECORD_CANCELLED, booking, f"its record is “{record.status}”", record)

    def _found(self, kind: Kind, booking: Booking, detail: str, seen: WcsRecord | None) -> None:
        self.report.findings.append(
            Finding(
                kind,
                Repair.CANCEL_BOOKING,
                booking.pk,
                booking.record,
                detail,
                booking.agenda.slug,
                booking.start,
                seen=seen,
                status=seen.status if seen else "",
            )
        )

    def _record(self, record: WcsRecord) -> None:
        if is_cancelled(record):
            return
        claims = claims_of(record)
        for claim in claims:
            if claim.start <= self.now:
                continue
            finding = judge_claim(record, claim, claims, now=self.now)
            # Without a booking nobody knows whose it was: better said twice than never.
            if finding is not None and (not self.agendas or finding.agenda in {"", *self.agendas}):
                self.report.findings.append(finding)
