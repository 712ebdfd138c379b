"""The language and the time zone in which templates are evaluated: those of the site that is played."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from zoneinfo import ZoneInfo

import django
from django.apps import apps
from django.conf import settings
from django.utils import translation

_LANGUAGE: ContextVar[str] = ContextVar("language", default="fr")
_ZONE: ContextVar[str] = ContextVar("zone", default="Europe/Paris")
_CLOCK: ContextVar[Callable[[], datetime.datetime] | None] = ContextVar("clock", default=None)


def ensure_configured(language: str = "fr", time_zone: str = "Europe/Paris") -> None:
    """Give Django's engine the settings it cannot do without, when nobody gave it any."""
    if not settings.configured:
        settings.configure(
            LANGUAGE_CODE=language, TIME_ZONE=time_zone, USE_TZ=True, USE_I18N=True, USE_THOUSAND_SEPARATOR=False
        )
    if not apps.ready:
        # The names of days and months need it.
        django.setup()


@contextmanager
def speaking(language: str, time_zone: str, clock: Callable[[], datetime.datetime] | None = None) -> Iterator[None]:
    """Evaluate in a language (`fr`, `en`), a time zone (its name), and at the time of a clock (aware)."""
    ensure_configured(language, time_zone)
    tokens = _LANGUAGE.set(language), _ZONE.set(time_zone), _CLOCK.set(clock)
    try:
        with translation.override(language):
            yield
    finally:
        _LANGUAGE.reset(tokens[0])
        _ZONE.reset(tokens[1])
        _CLOCK.reset(tokens[2])


def language() -> str:
    """The language of the site."""
    return _LANGUAGE.get()


def zone() -> ZoneInfo:
    """The zone of the site."""
    return ZoneInfo(_ZONE.get())


def now() -> datetime.datetime:
    """The present of the site, in its zone."""
    clock = _CLOCK.get()
    return (clock() if clock else datetime.datetime.now(datetime.UTC)).astimezone(zone())
