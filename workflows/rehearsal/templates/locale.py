"""The language and the time zone in which templates are evaluated: those of the site that is played."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from zoneinfo import ZoneInfo

from django.utils import translation

_LANGUAGE: ContextVar[str] = ContextVar("language", default="fr")
_ZONE: ContextVar[str] = ContextVar("zone", default="Europe/Paris")


@contextmanager
def speaking(language: str, time_zone: str) -> Iterator[None]:
    """Evaluate in a language (`fr`, `en`) and a time zone (its name)."""
    tokens = _LANGUAGE.set(language), _ZONE.set(time_zone)
    try:
        with translation.override(language):
            yield
    finally:
        _LANGUAGE.reset(tokens[0])
        _ZONE.reset(tokens[1])


def language() -> str:
    """The language of the site."""
    return _LANGUAGE.get()


def zone() -> ZoneInfo:
    """The zone of the site."""
    return ZoneInfo(_ZONE.get())
