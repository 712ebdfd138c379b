"""Runs workflows: statuses, actions, jumps, what people and hooks may trigger (wcs-runtime.md §5, §8)."""

from .choices import Offer, offers, take
from .hooks import HookRefused, call_hook, call_trigger
from .run import Running, start
from .timeouts import pass_time

__all__ = [
    "HookRefused",
    "Offer",
    "Running",
    "call_hook",
    "call_trigger",
    "offers",
    "pass_time",
    "start",
    "take",
]
