"""System checks: settings that are fine for a try and unsafe in production."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.core.checks.security.base import SECRET_KEY_MIN_LENGTH


@register("adapter", deploy=True)
def production_settings(**_: Any) -> list[CheckMessage]:
    """``manage.py check --deploy``: what an admin must change before citizens depend on it."""
    found: list[CheckMessage] = []
    if settings.SECRET_KEY == settings.INSECURE_SECRET_KEY or len(settings.SECRET_KEY) < SECRET_KEY_MIN_LENGTH:
        found.append(
            Error(
                "SECRET_KEY is the built-in one, or short.",
                hint=f"Set SECRET_KEY or SECRET_KEY_FILE to at least {SECRET_KEY_MIN_LENGTH} random characters.",
                id="adapter.E001",
            )
        )
    if not settings.BASE_URL.startswith("https://"):
        found.append(
            Error("BASE_URL does not start with https://.", hint="Serve the adapter over TLS.", id="adapter.E002")
        )
    if not len(settings.KNOWN_SERVICES):
        found.append(
            Error(
                "KNOWN_SERVICES is empty: nobody may call the webservices.",
                hint="Describe your w.c.s. in KNOWN_SERVICES or KNOWN_SERVICES_FILE.",
                id="adapter.E003",
            )
        )
    if settings.DEBUG:
        found.append(Error("DEBUG is on.", hint="Unset DEBUG.", id="adapter.E004"))
    if settings.CLOCK_OFFSET:
        found.append(Error("CLOCK_OFFSET shifts the clock.", hint="Unset CLOCK_OFFSET.", id="adapter.E005"))
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        found.append(
            Warning(
                "The database is SQLite.",
                hint="It serves one machine and a small town hall; set DATABASE_URL to a PostgreSQL server otherwise.",
                id="adapter.W001",
            )
        )
    if not settings.REDIS_URL:
        found.append(
            Warning(
                "REDIS_URL is not set: nonces are kept in the database and tasks in files.",
                hint="Set REDIS_URL when there are several machines.",
                id="adapter.W002",
            )
        )
    if settings.PUBLIC_AVAILABILITY:
        found.append(
            Warning(
                "PUBLIC_AVAILABILITY is on: anybody can read which slots are free.",
                hint="Unset it unless that is wanted.",
                id="adapter.W003",
            )
        )
    if settings.CONFIRM_WHEN_RECORD_KNOWN:
        found.append(
            Warning(
                "CONFIRM_WHEN_RECORD_KNOWN is on: a hold that names its record is taken as a booking.",
                hint="Upgrade the workflows with `manage.py wcs make-bookable`, then unset it.",
                id="adapter.W004",
            )
        )
    return found
