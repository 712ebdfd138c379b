"""``manage.py locks``: what is held, and giving it back."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils.timezone import localtime

from adapter.agendas.errors import LockUnknown
from adapter.agendas.management.output import AdminCommand, counted
from adapter.agendas.services import Actor, expire
from adapter.agendas.services.lock_log import logged_locks, release_code
from adapter.clock import now

ACTOR = Actor.command("locks")


class Command(AdminCommand):
    """Three sub-commands."""

    help = "Lists locks, releases what a code holds, or marks lapsed locks at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the sub-commands."""
        commands = parser.add_subparsers(dest="command", required=True)
        listing = commands.add_parser("list", help="live locks, the first to lapse first")
        listing.add_argument("--all", action="store_true", help="also those that ended, with their outcome")
        release = commands.add_parser("release", help="release what a lock code holds")
        release.add_argument("code")
        lapse = commands.add_parser("expire", help="do at once what the task does each minute")
        for item in (listing, release, lapse):
            item.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the sub-command; exit code 1 when nothing is held under the code."""
        getattr(self, f"_{options['command']}")(options)

    def _list(self, options: dict[str, Any]) -> None:
        found = logged_locks(now=now(), include_lapsed=options["all"])
        if options["json"]:
            self.write_json([item.as_json(with_outcome=options["all"]) for item in found])
            return
        for item in found:
            lock = item.lock
            ends = f"{localtime(lock.expires_at):%H:%M:%S}" if lock.expires_at else ""
            self.stdout.write(
                f"{lock.lock_code}  {lock.agenda.slug}/{lock.desk.slug}  {lock.meeting_type.slug} "
                f"{localtime(lock.start):%Y-%m-%d %H:%M}  until {ends}  {item.outcome}  {lock.holder}"
                + ("  (names its record, does not confirm)" if item.never_confirms else "")
            )
        self.stdout.write(counted(len(found), "lock"))

    def _release(self, options: dict[str, Any]) -> None:
        try:
            released = release_code(options["code"], now=now(), actor=ACTOR)
        except LockUnknown as error:
            raise CommandError(f"{error.err_class}: {options['code']}") from None
        self._count("released", released, options)

    def _expire(self, options: dict[str, Any]) -> None:
        self._count("expired", expire(now=now(), actor=ACTOR), options)

    def _count(self, word: str, number: int, options: dict[str, Any]) -> None:
        if options["json"]:
            self.write_json({word: number})
        else:
            self.stdout.write(f"{number} {word}")
