"""Texts and conditions of w.c.s.: Django's template engine with the tags and filters that w.c.s. adds, sandboxed.

What is not known is never guessed: `NotEvaluated` names the filter or tag and its line (wcs-runtime.md §4.1, §4.4).
"""

from .engine import compute, holds, is_template, render
from .errors import NotEvaluated, not_played
from .lazy import Lazy, plain
from .locale import ensure_configured, speaking
from .tags import BlockValue

__all__ = [
    "BlockValue",
    "Lazy",
    "NotEvaluated",
    "compute",
    "ensure_configured",
    "holds",
    "is_template",
    "not_played",
    "plain",
    "render",
    "speaking",
]
