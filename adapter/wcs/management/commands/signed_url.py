"""``manage.py signed_url``: an address to try the API with, as a known service would call it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from adapter.clock import real_now
from adapter.wcs.signature import sign_url


class Command(BaseCommand):
    """Prints one address, good for one call within 30 seconds."""

    help = 'Prints a signed address of this API, such as: curl "$(manage.py signed_url /api/agenda/)"'
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("path", help="path and query below BASE_URL, such as /api/agenda/")
        parser.add_argument("--service", help="name of the service in KNOWN_SERVICES; the first one by default")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit code 1 when there is no such service."""
        services = list(settings.KNOWN_SERVICES)
        wanted = options["service"]
        service = next((item for item in services if wanted in (None, item.name)), None)
        if service is None:
            raise CommandError(f"KNOWN_SERVICES has no service {wanted or ''}".rstrip())
        url = settings.BASE_URL + options["path"].lstrip("/")
        self.stdout.write(sign_url(url, service.secret, orig=service.verif_orig, now=real_now()))
