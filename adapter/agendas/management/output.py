"""What commands for admins share."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand


class AdminCommand(BaseCommand):
    """A command with ``--json``; it needs no system check to answer."""

    requires_system_checks: list[str] = []

    def write_json(self, content: Any) -> None:
        """For programs."""
        self.stdout.write(json.dumps(content, ensure_ascii=False, indent=2))


def counted(number: int, what: str) -> str:
    """``1 lock``, ``2 locks``."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
