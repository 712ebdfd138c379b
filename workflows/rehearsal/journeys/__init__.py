"""Journeys: what happens to a form and its workflow in a town hall, played and judged."""

from .catalogue import FAULTS, JOURNEYS, Journey, play
from .errors import Failed, NotOffered
from .setting import prepare, set_stage
from .stage import Stage

__all__ = ["FAULTS", "JOURNEYS", "Failed", "Journey", "NotOffered", "Stage", "play", "prepare", "set_stage"]
