"""What one evaluation may use, and what went wrong in it: Django's conditions swallow what is raised inside them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from .errors import NotEvaluated

#: Steps (characters printed, names looked up, turns of loops) of one evaluation.
STEPS = 3_000_000
#: Characters of one text, entries of one list.
LONGEST_VALUE = 2_000_000


@dataclass
class _Account:
    steps: int = STEPS
    problems: list[NotEvaluated] = field(default_factory=list)


_ACCOUNT: ContextVar[_Account | None] = ContextVar("account", default=None)


@contextmanager
def account() -> Iterator[None]:
    """One evaluation. A problem that was raised inside it and swallowed on the way is raised at its end."""
    own = _Account()
    token = _ACCOUNT.set(own)
    try:
        yield
        if own.problems:
            raise own.problems[0]
    finally:
        _ACCOUNT.reset(token)


def problem(found: NotEvaluated) -> NotEvaluated:
    """Note a problem; to be raised by the caller."""
    current = _ACCOUNT.get()
    if current is not None:
        current.problems.append(found)
    return found


def spend(steps: int = 1) -> None:
    """Use some of what the evaluation may use. Raises `NotEvaluated` when there is no more."""
    current = _ACCOUNT.get()
    if current is None:
        return
    current.steps -= max(1, steps)
    if current.steps < 0:
        raise too_long()


def too_long() -> NotEvaluated:
    """For what grows beyond all bounds."""
    return problem(NotEvaluated("too-long", "", 1, "The result is too long", "Le résultat est trop long"))


def weighed(value: Any) -> Any:
    """The value, unless it is too long."""
    if isinstance(value, str | list | tuple | bytes):
        if len(value) > LONGEST_VALUE:
            raise too_long()
        spend(len(value))
    else:
        spend()
    return value
