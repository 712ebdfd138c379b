"""``manage.py doctor``: is everything well?"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from adapter.agendas.management.output import AdminCommand
from adapter.clock import now
from adapter.ops.doctor import Level, examine, worst


class Command(AdminCommand):
    """Looks, and changes nothing."""

    help = (
        "Looks at settings, database, broker, schedule, outbox, double bookings and w.c.s. Exit code 0: all is well; "
        "1: somebody should look; 2: something does not work."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the option."""
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run."""
        lines = examine(now=now())
        level = worst(lines)
        if options["json"]:
            self.write_json({"status": level.word, "checks": [line.as_json() for line in lines]})
        else:
            for line in lines:
                self.stdout.write(f"{line.level.word:<8}  {line.code:<10}  {line.text}")
                if line.remedy and line.level is not Level.OK:
                    self.stdout.write(f"{'':<22}→ {line.remedy}")
        if level is not Level.OK:
            bad = sum(line.level is not Level.OK for line in lines)
            raise CommandError(f"{bad} of {len(lines)} need attention ({level.word})", returncode=int(level))
