"""What commands for admins share."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

# For monitoring: not a finding, but nothing could be found out.
NO_DATABASE = 2


class AdminCommand(BaseCommand):
    """A command with ``--json``; it needs no system check to answer.

    Whoever asked for JSON gets one document whatever happens: a refusal that has written none becomes
    ``{"error": …}``, beside the sentence on standard error and the exit code. A database that is away is exit code 2.
    """

    requires_system_checks: list[str] = []
    _answered = False

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run; raises ``CommandError`` for whatever an admin can mend."""
        self._answered = False
        try:
            return super().execute(*args, **options)
        except DatabaseError as error:
            sentence = f"The database could not be asked: {type(error).__name__}; see manage.py doctor"
            refusal = CommandError(sentence, returncode=NO_DATABASE)
        except CommandError as error:
            refusal = error
        if options.get("json") and not self._answered:
            self.write_json({"error": str(refusal)})
        raise refusal from None

    def write_json(self, content: Any) -> None:
        """For programs; once in a run."""
        self._answered = True
        self.stdout.write(json.dumps(content, ensure_ascii=False, indent=2))


def counted(number: int, what: str) -> str:
    """``1 lock``, ``2 locks``."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
