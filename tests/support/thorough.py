"""How much is tried: ``make test`` proves each rule in a small form, ``make test-all`` at length."""

from __future__ import annotations

import os

THOROUGH = os.environ.get("THOROUGH") == "yes"


def at_length(small: int, thorough: int) -> int:
    """``small``, or ``thorough`` in ``make test-all``."""
    return thorough if THOROUGH else small
