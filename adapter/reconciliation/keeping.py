"""The last report, kept so that people can look at it and decide on one finding after the other."""

from __future__ import annotations

import datetime

from django.db import transaction

from adapter.agendas.services import Actor
from adapter.reconciliation.findings import Finding, Kind, Repair, Report
from adapter.reconciliation.models import Comparison, KeptFinding
from adapter.reconciliation.repairing import repair


class NoLongerKept(Exception):
    """A newer comparison has taken the place of the one with this finding."""


def keep(report: Report, *, now: datetime.datetime, actor: Actor) -> Comparison:
    """Keep a report about *all* agendas in the place of the last one; ``actor`` did the repairs that it tells of."""
    with transaction.atomic():
        older = list(Comparison.objects.values_list("pk", flat=True))
        kept = Comparison.objects.create(
            made_at=now,
            bookings=report.bookings,
            records=report.records,
            drafts=report.drafts,
            unreadable=[item.as_json() for item in report.unreadable],
        )
        rows = [_row(kept, finding, now, actor) for finding in report.findings]
        KeptFinding.objects.bulk_create(rows, batch_size=500)
        Comparison.objects.filter(pk__in=older).delete()
    return kept


def last_comparison() -> Comparison | None:
    """The one that is kept."""
    return Comparison.objects.first()


def repair_kept(finding_id: int, *, now: datetime.datetime, actor: Actor, dry_run: bool = True) -> KeptFinding:
    """Carry out the repair of one kept finding, or with ``dry_run`` find out whether it still could be.

    Asks w.c.s. either way; what it came to is in the answer (``done``, ``problem``), and kept unless it is a dry run.
    One that is done already is given back as it is. Raises :class:`NoLongerKept`.
    """
    row = KeptFinding.objects.filter(pk=finding_id).first()
    if row is None:
        raise NoLongerKept
    if row.done:
        return row
    finding = Finding(
        Kind(row.kind),
        Repair(row.repair),
        row.booking_id,
        row.record,
        row.detail,
        row.agenda,
        row.start,
        callback_id=row.callback_id,
        status=row.status,
    )
    repair(Report([finding]), now=now, actor=actor, dry_run=dry_run)
    row.done, row.problem = finding.done, finding.problem
    if not dry_run and finding.done is not None:
        row.tried_at, row.tried_by = now, actor.name
        # A comparison may take its place meanwhile: then there is nothing to note it in.
        KeptFinding.objects.filter(pk=row.pk).exclude(done=True).update(
            done=row.done, problem=row.problem, tried_at=row.tried_at, tried_by=row.tried_by
        )
    return row


def _row(kept: Comparison, finding: Finding, now: datetime.datetime, actor: Actor) -> KeptFinding:
    tried = finding.done is not None
    return KeptFinding(
        comparison=kept,
        kind=finding.kind,
        repair=finding.repair,
        booking_id=finding.booking_id,
        record=finding.record,
        detail=finding.detail,
        status=finding.status,
        agenda=finding.agenda,
        start=finding.start,
        callback_id=finding.callback_id,
        done=finding.done,
        problem=finding.problem,
        tried_at=now if tried else None,
        tried_by=actor.name if tried else "",
    )
