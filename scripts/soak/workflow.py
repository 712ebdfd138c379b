"""What forms and workflows of w.c.s. call, repeated as w.c.s. repeats it; promises are noted in the ledger."""

from __future__ import annotations

import datetime
import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from scripts.soak.calling import ApiCaller
from scripts.soak.ledger import Booked, Hold, Ledger
from scripts.soak.wcs import FORM, TWICE, MoodyWcs
from tests.support.signed import Answer

AGENDAS = (("mairie", 4), ("annexe", 1), ("toutes-mairies", 3))
TYPES = (("passeport", 5), ("passeport-famille", 3), ("mariage", 2))
# Seconds: the usual duration of a lock, and for how long a caller may count on it while clocks are stepped by a minute
# and servers are killed.
LOCK, RELIABLE = 600, 300
# Slots are chosen among this many: callers get into each other's way.
CROWD = 40
# Days: slots of the next ones may go out of the delays when the clock of the last look is set ahead.
DAYS_AHEAD = 3


class Workflow:
    """One record after the other; each caller has its own. ``api`` and ``echo`` are two connections of w.c.s."""

    def __init__(self, api: ApiCaller, echo: ApiCaller, ledger: Ledger, chance: random.Random, wcs: MoodyWcs) -> None:
        self.api, self.echo, self.ledger, self.chance, self.wcs = api, echo, ledger, chance, wcs

    def choose(self, code: str) -> tuple[str, str] | None:
        """An agenda and a free slot of it, as the list shows them to ``code``; ``None`` when there is none."""
        agenda = self.chance.choices(*zip(*AGENDAS, strict=True))[0]
        kind = self.chance.choices(*zip(*TYPES, strict=True))[0]
        free = self.listed(agenda, kind, code)
        return (agenda, self.chance.choice(free[:CROWD])) if free else None

    def listed(self, agenda: str, kind: str, code: str) -> list[str]:
        """Enabled slots, in order of time."""
        answer = self.api.call("GET", f"agenda/{agenda}/meetings/{kind}/datetimes/", lock_code=code)
        if answer is None or answer.status != 200:
            return []
        first = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=DAYS_AHEAD)).date().isoformat()
        return [item["id"] for item in answer.json["data"] if not item["disabled"] and item["datetime"] >= first]

    def hold(self, agenda: str, slot: str, code: str, *, seconds: int = LOCK, abandoned: bool = False) -> Hold | None:
        """Hold; ``None`` when it is refused, or the run ends before an answer."""
        answer = self._post(f"agenda/{agenda}/fillslot/{slot}/", {"lock_code": code, "lock_duration": str(seconds)})
        content = _accepted(answer)
        if content is None:
            return None
        hold = Hold(
            agenda=agenda,
            slot=slot,
            code=code,
            desk_agenda=content["agenda"]["slug"],
            desk=content["desk"]["slug"],
            start=content["datetime"],
            end=content["end_datetime"],
            seconds=seconds,
        )
        self.ledger.held(hold, abandoned=abandoned)
        return hold

    def look_again(self, hold: Hold) -> None:
        """The slot field is validated again: what is held must be offered to who holds it."""
        answer = self.api.call(
            "GET", f"agenda/{hold.agenda}/meetings/{hold.slot.rpartition(':')[0]}/datetimes/", lock_code=hold.code
        )
        if answer is None or answer.status != 200 or hold.age() > RELIABLE:
            return
        if not any(item["id"] == hold.slot and not item["disabled"] for item in answer.json["data"]):
            self.ledger.broke(f"{hold.slot} of {hold.agenda}, held for {hold.age():.0f} s, is not offered to its code")

    def confirm(self, hold: Hold, number: str, *, replaces: Booked | None = None) -> Booked | None:
        """Confirm for the record ``number``; a booking that it ``replaces`` is cancelled by the same call."""
        place = f"{FORM}/{number}/"
        record = f"{self.wcs.url}backoffice/management/{place}"
        body: dict[str, Any] = {
            "lock_code": hold.code,
            "confirm_after_lock": "true",
            "backoffice_url": record,
            "form_url": f"{self.wcs.url}{place}",
            "cancel_callback_url": f"{self.wcs.url}api/forms/{place}hooks/annuler/",
            "label": f"Dossier {number}",
        }
        if replaces is not None:
            body["cancel_booking_id"] = str(replaces.id)
        old = replaces.id if replaces else None
        self.ledger.sent_confirmation(record, old)
        answer = self._post(f"agenda/{hold.agenda}/fillslot/{hold.slot}/", body)
        if answer is None:
            return None
        content = _accepted(answer)
        if content is None:
            if hold.age() < RELIABLE:
                self.ledger.broke(f"{hold.slot} of {hold.agenda}, held for {hold.age():.0f} s: {answer.content!r:.300}")
            return None
        booked = Booked(content["booking_id"], record, content["agenda"]["slug"], content["datetime"])
        self.ledger.acknowledged(booked, old)
        return booked

    def cancel(self, booked: Booked) -> None:
        """The workflow cancels: no hook is owed."""
        self.ledger.sent_cancellation(booked.id)
        answer = self._post(f"booking/{booked.id}/cancel/", {})
        if answer is None:
            return
        if _accepted(answer) is None and answer.json.get("err_class") != "already cancelled":
            self.ledger.broke(f"cancellation of {booked.id}: {answer.content!r:.300}")
            return
        self.ledger.cancelled(booked.id)

    def _post(self, path: str, body: dict[str, Any]) -> Answer | None:
        """As w.c.s. does: again until it is answered, and sometimes two times at once."""
        if not (self.wcs.mood == TWICE or self.chance.random() < 0.05):
            return self.api.insist("POST", path, body)
        with ThreadPoolExecutor(1) as pool:
            other = pool.submit(self.echo.insist, "POST", path, body)
            mine = self.api.insist("POST", path, body)
            theirs = other.result()
        if mine is not None and theirs is not None and "fillslot" in path:
            ids = {_booking_id(mine), _booking_id(theirs)}
            if len(ids) > 1:
                self.ledger.broke(f"sent twice, answered differently: {mine.content!r:.200} {theirs.content!r:.200}")
        return mine


def _accepted(answer: Answer | None) -> dict[str, Any] | None:
    if answer is None or answer.status != 200:
        return None
    content: dict[str, Any] = answer.json
    return content if content["err"] == 0 else None


def _booking_id(answer: Answer) -> int | None:
    content = _accepted(answer)
    return content["booking_id"] if content else None
