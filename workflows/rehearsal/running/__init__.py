"""Runs workflows: statuses, actions, jumps, what people and hooks may trigger (wcs-runtime.md §5, §8)."""

from .choices import Offer, form_view, messages, offers, take
from .editing import copy_to_edit, keep_edit
from .graph import after_form, reaches, statuses_after
from .hooks import HookRefused, call_hook, call_trigger
from .run import Running, start
from .timeouts import pass_time
from .webservice import repeat_call

__all__ = [
    "HookRefused",
    "Offer",
    "Running",
    "after_form",
    "call_hook",
    "call_trigger",
    "copy_to_edit",
    "form_view",
    "keep_edit",
    "messages",
    "offers",
    "pass_time",
    "reaches",
    "repeat_call",
    "start",
    "statuses_after",
    "take",
]
