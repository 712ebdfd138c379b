"""A measured figure beside what it is measured against."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """``value`` against ``reference`` in the same ``unit``; ``target`` bounds the ratio value / reference.

    ``at_least`` tells which side of the target is good: rates want at least it, times at most.
    """

    name: str
    value: float
    unit: str
    against: str = ""
    reference: float | None = None
    target: float | None = None
    at_least: bool = True
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Value by reference; ``None`` without one."""
        return self.value / self.reference if self.reference else None

    @property
    def reached(self) -> bool | None:
        """Whether the target is met; ``None`` when there is nothing to compare."""
        ratio = self.ratio
        if ratio is None or self.target is None:
            return None
        return ratio >= self.target if self.at_least else ratio <= self.target

    def line(self) -> str:
        """One line for a person."""
        text = f"{self.name}: {_number(self.value)} {self.unit}"
        if self.ratio is not None:
            text += f"  |  {self.against}: {_number(self.reference or 0)} {self.unit}  |  ratio {_number(self.ratio)}"
        if self.target is not None:
            sign = "≥" if self.at_least else "≤"
            text += f" (target {sign} {_number(self.target)}: {'reached' if self.reached else 'MISSED'})"
        return f"{text}  # {self.note}" if self.note else text


def show(figure: Figure) -> Figure:
    """Print it at once: a run takes minutes."""
    print(figure.line(), flush=True)
    return figure


def median_of(rounds: int, measure: Callable[[], float]) -> float:
    """Median of ``rounds`` calls."""
    return statistics.median(measure() for _ in range(rounds))


def percentile(values: list[float], share: float) -> float:
    """The value below which ``share`` (0 to 1) of ``values`` lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if value >= 1 else f"{value:.3f}"
