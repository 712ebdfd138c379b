"""Processes of this machine and those below them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def tree_of(roots: Iterable[int]) -> set[int]:
    """The processes ``roots`` and all that they started, by their ids."""
    parents = _parents()
    tree, last = set(roots), -1
    while len(tree) != last:
        last = len(tree)
        tree |= {pid for pid, parent in parents.items() if parent in tree}
    return tree


def resident(pid: int) -> float | None:
    """MiB of memory that a process has; ``None`` when it is gone."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    except (OSError, ValueError, IndexError):
        pass
    return None


def _parents() -> dict[int, int]:
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            # The name in parentheses may hold anything, spaces too.
            found[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue
    return found
