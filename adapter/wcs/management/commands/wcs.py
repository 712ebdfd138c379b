"""``manage.py wcs …``: the tools on w.c.s. definitions, the same as ``python -m workflows …``."""

from __future__ import annotations

import sys
from typing import NoReturn

from django.core.management.base import BaseCommand

from workflows.cli import main


class Command(BaseCommand):
    """Hands everything over to the library of tools, exit code included."""

    help = "Checks, upgrades, exports and rehearses w.c.s. definitions."

    def run_from_argv(self, argv: list[str]) -> NoReturn:
        """Pass the arguments on as they are: the tools have their own parser, and need no database."""
        sys.exit(main(argv[2:], sys.stdout, sys.stderr, program=f"{argv[0].rpartition('/')[2]} {argv[1]}"))
