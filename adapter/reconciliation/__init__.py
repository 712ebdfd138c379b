"""Comparing bookings with the records of w.c.s.: what does not agree, and how to repair it.

An app of its own because it needs both sides: the agendas know nothing of w.c.s., and the client of w.c.s. knows
nothing of agendas; tasks, commands and pages use it alike, through :mod:`adapter.reconciliation.services`.
"""
