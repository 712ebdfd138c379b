"""Titles of forms, as agents know them: learnt when w.c.s. is spoken to anyway, never asked for by a calendar."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from django.core.cache import cache
from redis.exceptions import RedisError

from adapter.wcs.services import WcsError, form_schema

# Seconds; the second one after a failure.
KEPT, KEPT_UNKNOWN = 24 * 3600, 600


def known_titles(slugs: Iterable[str]) -> dict[str, str]:
    """The title of each form, its slug where the title is not known here."""
    wanted = {slug for slug in slugs if slug}
    try:
        found: dict[str, str] = cache.get_many([_key(slug) for slug in wanted]) if wanted else {}
    except RedisError:
        found = {}
    return {slug: found.get(_key(slug), slug) for slug in wanted}


def learn_title(slug: str) -> None:
    """Ask w.c.s. for the title, once a day; that it cannot be had matters to nobody."""
    try:
        if cache.get(_key(slug)) is not None:
            return
        try:
            cache.set(_key(slug), form_schema(slug).title, KEPT)
        except WcsError:
            cache.set(_key(slug), slug, KEPT_UNKNOWN)
    except RedisError:
        pass


def _key(slug: str) -> str:
    return f"form-title:{quote(slug, safe='')}"
