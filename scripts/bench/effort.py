"""Processor time of servers: what throughput comes down to when every core is busy, and hardly touched by noise."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from scripts.processes import tree_of

T = TypeVar("T")


def effort_of(roots: Iterable[int], work: Callable[[], T]) -> tuple[T, float]:
    """What ``work`` gives, and the milliseconds that the processes ``roots`` and those below them worked meanwhile."""
    found = list(roots)
    before = _spent(found)
    result = work()
    after = _spent(found)
    return result, sum(spent - before.get(pid, 0.0) for pid, spent in after.items())


def _spent(roots: list[int]) -> dict[int, float]:
    return {pid: spent for pid in tree_of(roots) if (spent := worked(pid)) is not None}


def worked(pid: int) -> float | None:
    """Milliseconds for which a process worked so far; ``None`` when it is gone."""
    try:
        return sum(int(path.read_text().split()[0]) for path in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e6
    except (OSError, ValueError, IndexError):
        return None
