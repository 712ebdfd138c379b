"""``manage.py move_database``: from the embedded SQLite database to PostgreSQL."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections

from adapter.agendas.management.output import AdminCommand, counted
from adapter.ops.moving import MoveRefused, move_database


class Command(AdminCommand):
    """Copies, compares, and says what to do next."""

    help = (
        "Copies everything from the SQLite database to an empty PostgreSQL database and compares each row. "
        "Stop web, worker and scheduler first. The SQLite database is not changed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        target = parser.add_mutually_exclusive_group(required=True)
        target.add_argument("--to", metavar="URL", help="address of the target: postgres://USER@HOST/NAME")
        target.add_argument(
            "--to-file", metavar="FILE", type=Path, help="a file with the address, so that nobody reads its password"
        )
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run; exit code 1 when nothing was moved."""
        quiet = options["json"]
        try:
            counts = move_database(self._address(options), on_copied=self._no_line if quiet else self._line)
        except MoveRefused as error:
            raise CommandError(str(error)) from None
        except DatabaseError as error:
            reason = str(error).strip().partition("\n")[0]
            raise CommandError(f"Nothing was moved: {reason}") from None
        if quiet:
            self.write_json({"tables": counts, "rows": sum(counts.values())})
            return
        self.stdout.write(
            f"{counted(sum(counts.values()), 'row')} in {len(counts)} tables, all the same on both sides."
        )
        self.stdout.write(
            "Now give DATABASE_URL this address and start web, worker and scheduler again.\n"
            f"{connections.settings[DEFAULT_DB_ALIAS]['NAME']} was not changed. Delete it once you no longer need it."
        )

    def _address(self, options: dict[str, Any]) -> str:
        if options["to"]:
            return str(options["to"])
        try:
            return str(options["to_file"].read_text("utf-8").strip())
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{options['to_file']} cannot be read ({error}).") from None

    def _line(self, table: str, rows: int) -> None:
        self.stdout.write(f"{table:<40} {rows:>9}")

    def _no_line(self, table: str, rows: int) -> None:
        """Nothing beside the JSON."""
