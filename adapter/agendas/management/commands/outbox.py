"""``manage.py outbox``: calls owed to w.c.s."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from adapter.agendas.management.output import AdminCommand
from adapter.agendas.models import Callback, CallbackState
from adapter.agendas.services import Actor
from adapter.agendas.services.callbacks import retry
from adapter.clock import now


class Command(AdminCommand):
    """Two sub-commands."""

    help = "Lists the calls that are owed to w.c.s. or were given up, and sends them again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the sub-commands."""
        commands = parser.add_subparsers(dest="command", required=True)
        listing = commands.add_parser("list", help="to be sent, and given up; exit code 1 when some were given up")
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
        found = Callback.objects.all()
        if not options["all"]:
            found = found.exclude(state=CallbackState.DELIVERED)
        rows = list(found)
        if options["json"]:
            self.write_json([_as_json(row) for row in rows])
        else:
            for row in rows:
                error = f"  {row.last_status or ''} {row.last_error}".rstrip()
                self.stdout.write(
                    f"{row.pk}  {row.state}  {row.kind}  booking {row.booking_id}  {row.attempts} attempts{error}"
                )
            self.stdout.write(f"{len(rows)} callbacks")
        if any(row.state == CallbackState.FAILED for row in rows):
            raise CommandError("some were given up: 'outbox retry' sends them again")

    def _retry(self, options: dict[str, Any]) -> None:
        ids = options["id"] or list(Callback.objects.filter(state=CallbackState.FAILED).values_list("pk", flat=True))
        done = [number for number in ids if retry(number, now=now(), actor=Actor.command("outbox"))]
        if options["json"]:
            self.write_json({"queued": done})
        else:
            self.stdout.write(f"{len(done)} will be sent again")
        if len(done) < len(ids):
            raise CommandError("some are unknown, or were delivered: " + ", ".join(map(str, set(ids) - set(done))))


def _as_json(row: Callback) -> dict[str, Any]:
    return {
        "id": row.pk,
        "kind": row.kind,
        "state": row.state,
        "booking": row.booking_id,
        "attempts": row.attempts,
        "created_at": row.created_at.isoformat(),
        "next_attempt_at": row.next_attempt_at.isoformat(),
        "last_status": row.last_status,
        "last_error": row.last_error,
    }
