"""Telling what became of a hold or a confirmation, to whoever counts."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.dispatch import Signal

from adapter.agendas.errors import AgendaError

P = ParamSpec("P")
T = TypeVar("T")

# Sent with ``action`` ("hold", "confirm") and ``outcome``: a result's own word, a refusal's code, or "error". Whoever
# listens must be quick and never fail.
outcome_known = Signal()


def told(action: str, word: Callable[[T], str]) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Make a service tell its outcome; ``word`` names that of a result."""

    def decorate(service: Callable[P, T]) -> Callable[P, T]:
        @wraps(service)
        def telling(*args: P.args, **kwargs: P.kwargs) -> T:
            outcome = "error"
            try:
                result = service(*args, **kwargs)
                outcome = word(result)
                return result
            except AgendaError as refusal:
                outcome = "lost" if getattr(refusal, "lost", False) else refusal.code
                raise
            finally:
                outcome_known.send(None, action=action, outcome=outcome)

        return telling

    return decorate
