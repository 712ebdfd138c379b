"""A long mixed load with faults, and what must hold afterwards: ``make soak``."""
