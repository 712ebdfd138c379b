"""The adapter, made to forget before each call what ``BENCH_FORGET`` names, so that its caches can be measured.

``answers``: what this process keeps, Redis may still have the answer. ``desk``: every answer, and what stands on one
desk. ``desks``: every answer, and what stands anywhere. ``all``: the settings of agendas as well.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

import django

django.setup()

from adapter.agendas.queries import kept, snapshot  # noqa: E402
from adapter.agendas.services import offering  # noqa: E402
from adapter.api import ready  # noqa: E402
from adapter.shared import RedisAway  # noqa: E402
from adapter.wsgi import application as adapter  # noqa: E402

WHAT = os.environ["BENCH_FORGET"]


def _no_redis(*_: Any) -> Any:
    raise RedisAway


if WHAT != "answers":
    ready.ask_redis = _no_redis


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """WSGI."""
    ready.ready_answers.clear()
    offering.offers.clear()
    if WHAT == "desk":
        desks = kept.kept_desks._items
        if desks:
            desks.pop(next(iter(desks)))
    else:
        kept.kept_desks.clear()
    if WHAT == "all":
        snapshot.cache.clear()
    return adapter(environ, start_response)
