"""A w.c.s. with moods, over real HTTP."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from typing import Any

from tests.support.wcs_double import FAILURES, FakeForm, Received, WcsDouble

FORM = "rendez-vous"
# Moods.
LATE, TWICE, FAILS = "late", "twice", "fails-after-success"
# Seconds that a late answer takes.
LATENESS = 5.0


class MoodyWcs(WcsDouble):
    """``mood`` is "", ``LATE``, ``TWICE`` (its own calls come two at once, see ``workflow``), or ``FAILS`` (it does
    what is asked and answers 500).

    ``ran`` counts, by path, how often a hook ran its actions, ``met`` how often hooks met a mood;
    ``contexts`` are those of drafts, by their number.
    """

    def __init__(self) -> None:
        super().__init__(FakeForm(FORM))
        self.mood = ""
        self.ran: Counter[str] = Counter()
        self.met: Counter[str] = Counter()
        self.contexts: dict[str, dict[str, Any]] = {}
        self._numbers = itertools.count(1)
        self._state = threading.Lock()

    def _usual(self, call: Received) -> tuple[int, Any]:
        mood = self.mood
        if mood == LATE:
            self._closing.wait(LATENESS)
        answer = super()._usual(call)
        with self._state:
            if "/hooks/" in call.path:
                self.ran[call.path] += 1
                self.met[mood] += 1
            elif call.path.endswith("/submit") and answer[0] == 200:
                self.contexts[answer[1]["data"]["id"]] = call.body["context"]
        return FAILURES["error"] if mood == FAILS else answer

    def _new_number(self) -> str:
        # Agents' records and citizens' ones (see workflow.py) have numbers of their own.
        return str(next(self._numbers))
