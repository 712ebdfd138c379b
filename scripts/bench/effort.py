"""Processor time of servers: what throughput comes down to when every core is busy, and hardly touched by noise."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def effort_of(roots: Iterable[int], work: Callable[[], T]) -> tuple[T, float]:
    """What ``work`` gives, and the milliseconds that the processes ``roots`` and those below them worked meanwhile."""
    found = list(roots)
    before = _spent(found)
    result = work()
    after = _spent(found)
    return result, sum(spent - before.get(pid, 0.0) for pid, spent in after.items())


def _spent(roots: list[int]) -> dict[int, float]:
    parents = _parents()
    tree, last = set(roots), -1
    while len(tree) != last:
        last = len(tree)
        tree |= {pid for pid, parent in parents.items() if parent in tree}
    return {pid: spent for pid in tree if (spent := worked(pid)) is not None}


def _parents() -> dict[int, int]:
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            # The name in parentheses may hold anything, spaces too.
            found[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue
    return found


def worked(pid: int) -> float | None:
    """Milliseconds for which a process worked so far; ``None`` when it is gone."""
    try:
        return sum(int(path.read_text().split()[0]) for path in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e6
    except (OSError, ValueError, IndexError):
        return None
