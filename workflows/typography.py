"""French as it is printed: spaces at which no line breaks.

For pages and letters. A terminal gets plain spaces: its lines are searched and compared.
"""

from __future__ import annotations

import re

NO_BREAK_SPACE = "\u00a0"


def spaced(text: str) -> str:
    """French with no-break spaces inside « » and before : ; ! ? – a second time changes nothing, nor does English."""
    return re.sub(r" (?=[:;!?»])|(?<=«) ", NO_BREAK_SPACE, text)
