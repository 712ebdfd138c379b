"""``manage.py reconcile``: bookings and records of w.c.s. that do not agree."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils.timezone import localtime

from adapter.agendas.management.output import AdminCommand, counted
from adapter.agendas.models import Agenda
from adapter.agendas.services import Actor
from adapter.clock import now
from adapter.reconciliation.services import MOST_CANCELLATIONS, Finding, Report, TooMany, compare, keep, repair
from adapter.wcs.services import WcsError

LEFT, UNREADABLE = 1, 2
ACTOR = Actor.command("reconcile")


class Command(AdminCommand):
    """Looks, and with ``--apply`` repairs."""

    help = (
        "Compares appointments to come with the records of w.c.s. and proposes repairs; changes nothing without "
        "--apply. What it finds in all agendas is also shown in the back office. Exit code 0: all agrees; 1: something "
        "is left to repair; 2: something could not be looked at."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--agenda", metavar="SLUG", default="", help="only this agenda")
        parser.add_argument("--apply", action="store_true", help="carry out the repairs")
        parser.add_argument(
            "--most",
            type=int,
            default=MOST_CANCELLATIONS,
            metavar="N",
            help=f"refuse to cancel more bookings than this in one run ({MOST_CANCELLATIONS} by default)",
        )
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run."""
        if options["agenda"] and not Agenda.objects.filter(slug=options["agenda"]).exists():
            raise CommandError(f"unknown agenda: {options['agenda']}", returncode=UNREADABLE)
        too_many = ""
        try:
            report = compare(now=now(), agenda=options["agenda"])
        except WcsError as error:
            raise CommandError(f"w.c.s. cannot be read: {error.detail or error.code}", returncode=UNREADABLE) from None
        if options["apply"]:
            try:
                repair(report, now=now(), actor=ACTOR, most_cancellations=max(0, options["most"]))
            except TooMany as refusal:
                too_many = f"{refusal}; nothing was repaired. Look first, then give --most {refusal.number}"
        if not options["agenda"]:
            keep(report, now=now(), actor=ACTOR)
        if options["json"]:
            why = {"error": too_many} if too_many else {}
            self.write_json({**report.as_json(), "applied": options["apply"] and not too_many, **why})
        else:
            self._write(report, options["apply"])
        self._end(report, too_many)

    def _write(self, report: Report, applied: bool) -> None:
        for finding in report.findings:
            self.stdout.write(_line(finding, applied))
        for item in report.unreadable:
            self.stdout.write(f"unreadable  {item.text}: {item.reason}")
        self.stdout.write(
            f"{counted(report.bookings, 'booking')} and {counted(report.records, 'record')} looked at; "
            f"{len(report.findings)} do not agree, {len(report.left)} left, {report.unread} unreadable"
        )
        if report.drafts:
            drafts = counted(report.drafts, "draft")
            self.stdout.write(f"{drafts} not looked at: w.c.s. shows a draft to its agent only")

    def _end(self, report: Report, too_many: str) -> None:
        if too_many:
            raise CommandError(too_many, returncode=LEFT)
        if report.unreadable:
            raise CommandError("something could not be read: nothing is known about it", returncode=UNREADABLE)
        if report.left:
            raise CommandError("something is left to repair", returncode=LEFT)


def _line(finding: Finding, applied: bool) -> str:
    when = f"{localtime(finding.start):%Y-%m-%d %H:%M}" if finding.start else "?"
    line = (
        f"{finding.kind}  booking {finding.booking_id}  {finding.agenda or '?'} {when}  {finding.record}\n"
        f"    {finding.detail}\n    repair: {finding.repair}"
    )
    if applied and finding.done is not None:
        line += ", done" if finding.done else f", not done: {finding.problem}"
    return line
