"""Comparing bookings with the records of w.c.s.: what does not agree, and how to repair it.

A package of its own because it needs both sides: the agendas know nothing of w.c.s., and the client of w.c.s. knows
nothing of agendas; tasks, commands and pages use it alike. :func:`compare` only reads; :func:`repair` does what the
report proposes, one thing at a time, and asks w.c.s. again before each. What could not be read is never taken for gone.
"""

from adapter.reconciliation.comparing import compare
from adapter.reconciliation.findings import Finding, Kind, Repair, Report, Unreadable
from adapter.reconciliation.repairing import TooMany, repair

__all__ = ["Finding", "Kind", "Repair", "Report", "TooMany", "Unreadable", "compare", "repair"]
