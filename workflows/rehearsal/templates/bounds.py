"""Bounds on what a template may make: templates come from outside, and a short one can ask for gigabytes or hours."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from .errors import NotEvaluated

#: Characters of a value, and of what a template gives.
LONGEST_VALUE = 2_000_000
#: Repetitions of all loops of one evaluation.
MOST_STEPS = 100_000
#: Columns to which a text may be filled up.
WIDEST = 10_000
#: Zeros of a number: more cannot be written out.
MOST_DIGITS = 1_000
WIDTHS = ("center", "ljust", "rjust", "wordwrap")
DIGITS = re.compile(r"\d{5,}")


def too_much() -> NotEvaluated:
    """What is raised past a bound."""
    return NotEvaluated("too-long", "", 1, "The text is too long", "Le texte est trop long")


def bounded(name: str, func: Callable[..., Any]) -> Callable[..., Any]:
    """The filter ``name``, that raises ``NotEvaluated`` instead of making something enormous."""

    @wraps(func)
    def careful(*arguments: Any, **keywords: Any) -> Any:
        _look_before(name, arguments)
        found = func(*arguments, **keywords)
        if isinstance(found, (str, list, tuple)) and len(found) > LONGEST_VALUE:
            raise too_much()
        return found

    return careful


def _look_before(name: str, arguments: tuple[Any, ...]) -> None:
    value, argument = (*arguments, None, None)[:2]
    if name in WIDTHS and _number(argument) > WIDEST:
        raise too_much()
    if name == "stringformat" and DIGITS.search(str(argument)):
        raise too_much()
    if name in ("join", "unordered_list") and isinstance(value, (str, list, tuple)):
        between = len(str(argument or "")) if name == "join" else 50
        if len(value) * between > LONGEST_VALUE:
            raise too_much()


def _number(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return 0
