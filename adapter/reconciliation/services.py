"""The public door: :func:`compare` only reads, :func:`repair` does what a report proposes, one thing at a time, and
asks w.c.s. again before each. What could not be read is never taken for gone. :func:`keep` keeps the last report for
people.
"""

from adapter.reconciliation.comparing import compare
from adapter.reconciliation.findings import Detail, Finding, Kind, Obstacle, Repair, Report, Unreadable
from adapter.reconciliation.keeping import NoLongerKept, keep, last_comparison, repair_kept
from adapter.reconciliation.repairing import CHANGED, MOST_CANCELLATIONS, TooMany, repair

__all__ = [
    "CHANGED",
    "MOST_CANCELLATIONS",
    "Detail",
    "Finding",
    "Kind",
    "NoLongerKept",
    "Obstacle",
    "Repair",
    "Report",
    "TooMany",
    "Unreadable",
    "compare",
    "keep",
    "last_comparison",
    "repair",
    "repair_kept",
]
