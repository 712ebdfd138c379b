"""Turns a form and its workflows into bookable ones: changes what must be changed, and nothing else."""

from .result import Change, Settings, Upgrade
from .upgrade import make_bookable

__all__ = ["Change", "Settings", "Upgrade", "make_bookable"]
