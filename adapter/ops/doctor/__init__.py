"""Is everything well? One line for each thing that must be, with what to do about it."""

from adapter.ops.doctor.examining import examine
from adapter.ops.doctor.lines import Level, Line, worst

__all__ = ["Level", "Line", "examine", "worst"]
