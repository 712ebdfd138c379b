"""``manage.py demo_data``: agendas, logins and appointments to try things with."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from adapter.agendas.services.demo import LOGINS, load_demo, remove_demo
from adapter.clock import now
from fixtures import DEMO


class Command(BaseCommand):
    """Load the demo; doing it again only adds what is missing."""

    help = "Loads the demo: three agendas, the logins agent, lecteur and admin, and appointments around today."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare ``--reset``."""
        parser.add_argument("--reset", action="store_true", help="remove the demo's agendas, bookings and logins first")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, and say what is there and how to log in."""
        password = os.environ.get("DEMO_PASSWORD") or "demo"
        if options["reset"]:
            remove_demo(DEMO)
        loaded = load_demo(DEMO, password=password, now=now())
        if options["verbosity"] == 0:
            return
        if loaded.already:
            self.stdout.write("The demo is already loaded.")
        else:
            self.stdout.write(f"Loaded the demo: {loaded.bookings} appointments, {loaded.locks} locks.")
        self.stdout.write(f"Logins: {', '.join(LOGINS)}; password: {password}")
