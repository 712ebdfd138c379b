"""Citizens and agents at work."""

from __future__ import annotations

import datetime
import itertools
import random
import re
from typing import Any

from scripts.soak.calling import ApiCaller, Browser
from scripts.soak.course import Course
from scripts.soak.ledger import Booked, Hold, Ledger
from scripts.soak.wcs import FORM, MoodyWcs
from scripts.soak.workflow import LOCK, Workflow

# Each keeps so many appointments; the oldest goes when there are more.
STANDING = 40
# Seconds of a hold that nobody will confirm.
SHORT = 6
# Seconds between two steps, at the most.
THINKING = 0.15


class Citizen:
    """Books, gives up, moves and cancels, by forms of w.c.s."""

    def __init__(self, number: int, base: str, wcs: MoodyWcs, ledger: Ledger, course: Course) -> None:
        self.number, self.ledger, self.course = number, ledger, course
        self.chance = random.Random(number)
        callers = [ApiCaller(base, ledger, course) for _ in range(2)]
        self.workflow = Workflow(*callers, ledger, self.chance, wcs)
        self.standing: list[Booked] = []
        self.count = itertools.count(1)

    def run(self) -> None:
        """Until the run is over."""
        while not self.course.over():
            self.step()
            self.course.pause(self.chance.random() * THINKING)

    def step(self) -> None:
        """One journey."""
        count = next(self.count)
        # Two records of one session of a browser share their code.
        code = f"citizen-{self.number}-{count // 2}"
        if len(self.standing) > STANDING or (self.standing and self.chance.random() < 0.15):
            self.workflow.cancel(self.standing.pop(0))
            return
        chosen = self.workflow.choose(code)
        if chosen is None:
            return
        if self.chance.random() < 0.15:
            self.workflow.hold(*chosen, f"gives-up-{self.number}-{count}", seconds=SHORT, abandoned=True)
            return
        hold = self.workflow.hold(*chosen, code)
        if hold is None:
            return
        self.course.pause(self.chance.random() * THINKING)
        if self.chance.random() < 0.3:
            self.workflow.look_again(hold)
        replaces = self.standing.pop(0) if self.standing and self.chance.random() < 0.2 else None
        booked = self.workflow.confirm(hold, f"{self.number}{count:06}", replaces=replaces)
        if booked is not None:
            self.standing.append(booked)


class Agent:
    """Looks at the calendar, books from it through a draft in w.c.s., and cancels."""

    agenda = "mairie"

    def __init__(self, number: int, base: str, password: str, wcs: MoodyWcs, ledger: Ledger, course: Course) -> None:
        self.wcs, self.ledger, self.course = wcs, ledger, course
        self.chance = random.Random(1000 + number)
        self.name = f"agent-{number}"
        callers = [ApiCaller(base, ledger, course) for _ in range(2)]
        self.workflow = Workflow(*callers, ledger, self.chance, wcs)
        self.browser = Browser(base, "agent", password, ledger, course)
        self.standing: list[Booked] = []
        self.count = itertools.count(1)

    def run(self) -> None:
        """Until the run is over."""
        while not self.course.over() and not self.browser.log_in():
            self.course.pause(0.5)
        while not self.course.over():
            self.step()
            self.course.pause(self.chance.random() * THINKING * 2)

    def step(self) -> None:
        """One thing that agents do."""
        dice = self.chance.random()
        if dice < 0.15:
            day = datetime.date.today() + datetime.timedelta(days=self.chance.randint(1, 21))  # noqa: DTZ011
            self.browser.get(f"/manage/agendas/{self.agenda}/day/{day.year}/{day.month}/{day.day}/")
        elif self.standing and (dice < 0.45 or len(self.standing) > STANDING):
            self.cancel(self.standing.pop(0))
        else:
            self.book()

    def book(self) -> None:
        """Choose a slot, get the draft, submit it, and the workflow confirms."""
        free = self.workflow.listed(self.agenda, "passeport", "")
        if not free:
            return
        slot = self.chance.choice(free[:STANDING])
        attempt = f"{self.name}-{next(self.count)}"
        fields = {"agenda": self.agenda, "slot": slot, "desk": "", "attempt": attempt}
        answer = self._insist(f"/manage/agendas/{self.agenda}/book/", fields)
        if answer is None or answer.status_code != 201:
            return
        found = re.search(rf"/{FORM}/(\d+)/", answer.headers["Location"])
        context: dict[str, Any] | None = self.wcs.contexts.get(found[1]) if found else None
        if found is None or context is None:
            self.ledger.broke(f"the agent was sent to {answer.headers['Location']}, which is no draft")
            return
        hold = Hold(self.agenda, slot, context["lock_code"], self.agenda, "", "", "", LOCK)
        self.ledger.held(hold)
        self.workflow.look_again(hold)
        booked = self.workflow.confirm(hold, found[1])
        if booked is not None:
            self.standing.append(booked)

    def cancel(self, booked: Booked) -> None:
        """In the calendar: the hook of the record is owed."""
        self.ledger.sent_cancellation(booked.id)
        answer = self._insist(f"/manage/agendas/{self.agenda}/appointments/{booked.id}/cancel/", {})
        if answer is not None and answer.status_code == 200:
            self.ledger.cancelled(booked.id, by_agent=True)

    def _insist(self, path: str, fields: dict[str, str]) -> Any:
        while True:
            answer = self.browser.post(path, fields)
            if answer is not None and self.browser.is_logged_out(answer):
                self.browser.log_in()
            elif answer is not None and answer.status_code < 500:
                return answer
            if self.course.over():
                return None
            self.course.pause(0.3)
