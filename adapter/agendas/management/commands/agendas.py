"""``manage.py agendas``: which there are, and as JSON out and in."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from adapter.agendas.errors import UnknownAgenda
from adapter.agendas.management.output import AdminCommand, counted
from adapter.agendas.queries.overview import agendas_with_figures
from adapter.agendas.services import Actor
from adapter.agendas.services.transfer import TransferError, export_agendas, import_agendas
from adapter.clock import now

MAX_BYTES = 20 * 1024 * 1024


class Command(AdminCommand):
    """Three sub-commands."""

    help = "Lists agendas, exports them to a JSON file, or makes them be as such a file says."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the sub-commands."""
        commands = parser.add_subparsers(dest="command", required=True)
        listing = commands.add_parser("list", help="agendas, with their desks and live locks")
        out = commands.add_parser("export", help="write all agendas, or those named; always as JSON")
        out.add_argument("file", nargs="?", default="-", help="standard output by default")
        out.add_argument("--agenda", action="append", metavar="SLUG", help="only this agenda; may be repeated")
        into = commands.add_parser("import", help="read a file; all of it or nothing")
        into.add_argument("file", help="'-' for standard input")
        into.add_argument("--dry-run", action="store_true", help="say what would change, change nothing")
        for item in (listing, out, into):
            item.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the sub-command; exit code 1 when the file cannot be used."""
        getattr(self, f"_{options['command']}")(options)

    def _list(self, options: dict[str, Any]) -> None:
        found = agendas_with_figures(now=now())
        if options["json"]:
            self.write_json([item.as_json() for item in found])
            return
        for item in found:
            self.stdout.write(
                f"{item.slug}  {item.kind}  {item.label}  desks: {item.desks}  "
                f"live locks: {item.live_locks}  bookings to come: {item.bookings_to_come}"
            )
        self.stdout.write(f"{len(found)} agendas")

    def _export(self, options: dict[str, Any]) -> None:
        try:
            text = json.dumps(export_agendas(options["agenda"] or ()), ensure_ascii=False, indent=2)
        except UnknownAgenda as error:
            raise CommandError(f"{error.err_class}: {error.slug}") from None
        if options["file"] == "-":
            self.stdout.write(text)
            return
        try:
            Path(options["file"]).write_text(text + "\n", "utf-8")
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from None

    def _import(self, options: dict[str, Any]) -> None:
        document = _read(options["file"])
        try:
            changes = import_agendas(document, now=now(), actor=Actor.command("agendas"), dry_run=options["dry_run"])
        except TransferError as error:
            if options["json"]:
                problems = [{"path": problem.path, "sentence": problem.sentence} for problem in error.problems]
                self.write_json({"error": _sentences(error), "problems": problems})
            raise CommandError(_sentences(error)) from None
        if options["json"]:
            self.write_json(
                [
                    {"action": item.action, "kind": item.kind, "name": item.name, "fields": list(item.fields)}
                    for item in changes
                ]
            )
            return
        for item in changes:
            self.stdout.write(str(item))
        self.stdout.write(
            counted(len(changes), "change") + (" (dry run: nothing was changed)" if options["dry_run"] else "")
        )


def _read(name: str) -> Any:
    try:
        text = sys.stdin.read(MAX_BYTES + 1) if name == "-" else Path(name).read_text("utf-8-sig")
    except OSError as error:
        raise CommandError(f"{name}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise CommandError(f"{name}: not UTF-8") from None
    if len(text) > MAX_BYTES:
        raise CommandError(f"{name}: larger than {MAX_BYTES // 1024 // 1024} MiB")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise CommandError(f"{name}: not JSON: {error.msg} (line {error.lineno})") from None
    except RecursionError:
        raise CommandError(f"{name}: nested too deeply") from None


def _sentences(error: TransferError) -> str:
    return "\n".join(str(problem) for problem in error.problems)
