"""Processor time of servers: what throughput comes down to when every core is busy, and hardly touched by noise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from scripts.processes import tree_of

T = TypeVar("T")


def effort_of(roots: Iterable[int], work: Callable[[], T]) -> tuple[T, float]:
    """What ``work`` gives, and the milliseconds that the processes ``roots`` and those below them worked meanwhile."""
    result, spent = efforts_of({"all": list(roots)}, work)
    return result, spent["all"]


def efforts_of(groups: Mapping[str, Sequence[int]], work: Callable[[], T]) -> tuple[T, dict[str, float]]:
    """The same for several groups of processes, each told by itself."""
    before = {name: _spent(roots) for name, roots in groups.items()}
    result = work()
    after = {name: _spent(roots) for name, roots in groups.items()}
    return result, {
        name: sum(spent - before[name].get(pid, 0.0) for pid, spent in found.items()) for name, found in after.items()
    }


def _spent(roots: Sequence[int]) -> dict[int, float]:
    return {pid: spent for pid in tree_of(roots) if (spent := worked(pid)) is not None}


def worked(pid: int) -> float | None:
    """Milliseconds for which a process worked so far; ``None`` when it is gone."""
    try:
        return sum(int(path.read_text().split()[0]) for path in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e6
    except (OSError, ValueError, IndexError):
        return None
