"""The stand-in lets anybody in: it must not run beside real data."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

YES = ("1", "true", "yes", "on")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class ForbiddenInProduction(Exception):
    """The settings say that this is a real service; the message says which one."""


def refuse_production(environment: Mapping[str, str]) -> None:
    """Raise `ForbiddenInProduction` when `PRODUCTION` is on, or when `BASE_URL` is not of this machine."""
    if environment.get("PRODUCTION", "").strip().lower() in YES:
        raise ForbiddenInProduction("The stand-in of w.c.s. refuses to start: the settings say PRODUCTION.")
    base = environment.get("BASE_URL", "").strip()
    if base and urlsplit(base).hostname not in LOOPBACK:
        raise ForbiddenInProduction(
            f"The stand-in of w.c.s. refuses to start: BASE_URL is {base}, an adapter that others use."
        )
