"""Differences of files as rows for a page: line numbers, and what changed within a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

CONTEXT = 3
# Lines looked ahead for, and how many must be alike for two files to go on together.
AHEAD, AGREE = 800, 3
MOST_ROWS = 4000
LONGEST_LINE = 400
# Kept before and after what changed in a line that is too long to be shown.
AROUND = 120
ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Row:
    """A line. ``kind``: ``same``, ``removed``, ``added`` or ``gap`` (lines left out).

    The text is ``before`` + ``changed`` + ``after``; numbers count from 1, 0 when the line is not in that file.
    """

    kind: str
    old: int
    new: int
    before: str
    changed: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class FileDiff:
    """A file that would change, or a new one; ``cut`` when not all of it is shown."""

    name: str
    is_new: bool
    rows: list[Row]
    cut: bool

    @property
    def added(self) -> int:
        """Lines added."""
        return sum(row.kind == "added" for row in self.rows)

    @property
    def removed(self) -> int:
        """Lines removed."""
        return sum(row.kind == "removed" for row in self.rows)


def compare(originals: Mapping[str, bytes], files: Mapping[str, bytes]) -> list[FileDiff]:
    """The files that differ, by name."""
    found = []
    left = MOST_ROWS
    for name, content in sorted(files.items()):
        before = originals.get(name)
        if before == content:
            continue
        rows = list(_rows(_lines(before or b""), _lines(content)))
        found.append(FileDiff(name, before is None, rows[:left], len(rows) > left))
        left = max(0, left - len(rows))
    return found


def _lines(raw: bytes) -> list[str]:
    return raw.decode("utf-8", "replace").splitlines()


def blocks(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[bool, range, range]]:
    """Alternating stretches (equal or not, lines of old, lines of new) that cover both files.

    Looks a bounded way ahead for the next lines in common: linear in time whatever the files hold, which the usual
    algorithm is not, and as good where changes are small and far apart.
    """
    i = j = 0
    while i < len(old) or j < len(new):
        same = 0
        while i + same < len(old) and j + same < len(new) and old[i + same] == new[j + same]:
            same += 1
        if same:
            yield True, range(i, i + same), range(j, j + same)
            i, j = i + same, j + same
        if i < len(old) or j < len(new):
            a, b = _next_in_common(old, new, i, j)
            yield False, range(i, i + a), range(j, j + b)
            i, j = i + a, j + b


def _next_in_common(old: Sequence[str], new: Sequence[str], i: int, j: int) -> tuple[int, int]:
    """How many lines of each to leave out until both go on alike; all that is left when that is too far."""
    ahead: dict[str, int] = {}
    for b in range(min(AHEAD, len(new) - j)):
        ahead.setdefault("\n".join(new[j + b : j + b + AGREE]), b)
    best: tuple[int, int] | None = None
    for a in range(min(AHEAD, len(old) - i)):
        if best is not None and a >= sum(best):
            break
        found = ahead.get("\n".join(old[i + a : i + a + AGREE]))
        if found is not None and (best is None or a + found < sum(best)):
            best = a, found
    return best or (len(old) - i, len(new) - j)


def _rows(old: Sequence[str], new: Sequence[str]) -> Iterator[Row]:
    shown = 0
    for equal, left, right in blocks(old, new):
        if not equal:
            yield from _changed(old, new, left, right)
            continue
        first, last = left.start == 0, left.stop == len(old) and right.stop == len(new)
        head = 0 if first else CONTEXT
        tail = 0 if last else CONTEXT
        for number, (i, j) in enumerate(zip(left, right, strict=True)):
            if number < head or number >= len(left) - tail:
                yield Row("same", i + 1, j + 1, _shortened(old[i]))
                shown = 0
            elif not shown:
                shown = 1
                if not first and not last:
                    yield Row("gap", 0, 0, "")


def _changed(old: Sequence[str], new: Sequence[str], left: range, right: range) -> Iterator[Row]:
    alike = len(left) == len(right)
    for i, j in zip(left, right, strict=False):
        yield Row("removed", i + 1, 0, *(_parts(old[i], new[j]) if alike else (_shortened(old[i]), "", "")))
        if alike:
            yield Row("added", 0, j + 1, *_parts(new[j], old[i]))
    for i in left[len(right) :]:
        yield Row("removed", i + 1, 0, _shortened(old[i]))
    if not alike:
        for j in right:
            yield Row("added", 0, j + 1, _shortened(new[j]))


def _parts(line: str, other: str) -> tuple[str, str, str]:
    """``line`` as what it shares with ``other`` before, what is its own, and what it shares after."""
    most = min(len(line), len(other))
    head = next((n for n in range(most) if line[n] != other[n]), most)
    tail = next((n for n in range(most - head) if line[-1 - n] != other[-1 - n]), most - head)
    before, changed, after = line[:head], line[head : len(line) - tail], line[len(line) - tail :]
    if len(line) > LONGEST_LINE:
        before = before if len(before) <= AROUND else f"{ELLIPSIS}{before[-AROUND:]}"
        after = after if len(after) <= AROUND else f"{after[:AROUND]}{ELLIPSIS}"
    return before, changed, after


def _shortened(line: str) -> str:
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1]}{ELLIPSIS}"
