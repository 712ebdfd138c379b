"""``manage.py rehearsal_adapter``: a throw-away adapter, told what to do through its standard input."""

from __future__ import annotations

import json
import os
import sys
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.core.wsgi import get_wsgi_application
from django.db import connections
from werkzeug.serving import make_server


class Command(BaseCommand):
    """Used by ``wcs rehearse``: it brings an empty database up, loads the demo, and serves until its input ends."""

    help = "Serves a throw-away adapter for rehearsals; refuses a database that holds bookings."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the port."""
        parser.add_argument("--port", type=int, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve, and answer one line of JSON for each line of JSON that comes in."""
        if not os.environ.get("REHEARSAL"):
            raise CommandError("This command is started by 'wcs rehearse', on a database of its own.")
        call_command("migrate", verbosity=0, interactive=False)
        from adapter.agendas.models import Booking
        from adapter.ops.rehearsal import answer

        if Booking.objects.exists():
            raise CommandError("The database holds bookings: a rehearsal needs an empty one.")
        call_command("demo_data", verbosity=0)
        server = make_server("127.0.0.1", options["port"], get_wsgi_application(), threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self._say({"ready": True})
        for line in sys.stdin:
            try:
                self._say(answer(json.loads(line)))
            except Exception as failure:  # The rehearsal shows it; nobody else reads this process's output.
                self._say({"error": type(failure).__name__, "detail": str(failure)[:500]})
        server.shutdown()
        connections.close_all()

    def _say(self, content: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(content))
        self.stdout.flush()
