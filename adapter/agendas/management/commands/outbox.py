"""``manage.py outbox``: calls owed to w.c.s."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils.timezone import localtime

from adapter.agendas.management.output import AdminCommand, counted
from adapter.agendas.models import Callback, CallbackState
from adapter.agendas.services import Actor
from adapter.agendas.services.callbacks import retry
from adapter.agendas.services.outbox import OwedCall, owed_calls
from adapter.clock import now


class Command(AdminCommand):
    """Two sub-commands."""

    help = "Lists the calls that are owed to w.c.s. or were given up, and sends them again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the sub-commands."""
        commands = parser.add_subparsers(dest="command", required=True)
        listing = commands.add_parser("list", help="to be sent, and given up; exit code 1 when some were given up")
        listing.add_argument("--booking", type=int, metavar="ID", help="only those about this booking")
        listing.add_argument("--all", action="store_true", help="also those that were delivered")
        again = commands.add_parser("retry", help="try again at once")
        again.add_argument("id", type=int, nargs="*", help="all that were given up by default")
        for item in (listing, again):
            item.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the sub-command."""
        if options["command"] == "retry":
            self._retry(options)
        else:
            self._list(options)

    def _list(self, options: dict[str, Any]) -> None:
        found = owed_calls(booking_id=options["booking"], delivered=options["all"])
        if options["json"]:
            self.write_json([item.as_json() for item in found])
        else:
            for item in found:
                self.stdout.write(_line(item))
            self.stdout.write(counted(len(found), "callback"))
        if any(item.callback.state == CallbackState.FAILED for item in found):
            raise CommandError("some were given up: 'outbox retry' sends them again")

    def _retry(self, options: dict[str, Any]) -> None:
        ids = options["id"] or list(Callback.objects.filter(state=CallbackState.FAILED).values_list("pk", flat=True))
        done = [number for number in ids if retry(number, now=now(), actor=Actor.command("outbox"))]
        refused = sorted(set(ids) - set(done))
        if options["json"]:
            self.write_json({"queued": done, "refused": refused})
        else:
            self.stdout.write(f"{len(done)} will be sent again")
        if refused:
            raise CommandError("some are unknown, or were delivered: " + ", ".join(map(str, refused)))


def _line(item: OwedCall) -> str:
    row = item.callback
    line = f"{row.pk}  {row.state}  {row.kind}  booking {row.booking_id}  {row.booking.agenda.slug}"
    line += f"  {row.attempts} attempts"
    if row.state == CallbackState.PENDING:
        line += f"  next {localtime(row.next_attempt_at):%Y-%m-%d %H:%M}"
    return f"{line}  {row.last_status or ''} {row.last_error}".rstrip()
