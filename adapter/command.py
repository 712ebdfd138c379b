"""``booking-adapter``: what ``manage.py`` is in a checkout, for an installed package."""

import os
import sys


def main() -> None:
    """Run Django's command line with the adapter's settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adapter.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
