"""A rehearsal against an adapter that somebody else runs: by its webservices alone, and tidied up afterwards."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from .adapter import AdapterFailed, NotPossible
from .http import Client
from .site import Site
from .sources import item_of
from .trace import Call, Trace
from .widgets import item_value


@dataclass
class RunningAdapter:
    """`url` has its final slash; `orig` and `key` are those of a service that it knows.

    Time there cannot be moved: a hold that should lapse is released instead. What an agent does in the calendar, and
    calls back to w.c.s., cannot be played.
    """

    url: str
    orig: str
    key: str
    adapter_orig: str = "-"
    _site: Site | None = field(default=None, repr=False)
    _occupied: list[int] = field(default_factory=list, repr=False)

    def attach(self, site: Site) -> None:
        """The site that calls it."""
        self._site = site
        secret = {urlsplit(self.url).hostname or "": self.key}
        self._client = Client(self.orig, secret, site.clock, Trace())

    def can(self, do: str) -> bool:
        """Whether it can be told to do that."""
        return hasattr(self, f"_{do}")

    def tell(self, do: str, **values: Any) -> dict[str, Any]:
        """Have something done. Raises `NotPossible`, `AdapterFailed`."""
        if not self.can(do):
            raise NotPossible(do)
        answer: dict[str, Any] = getattr(self, f"_{do}")(**values)
        return answer

    def clean(self) -> None:
        """Cancel and release everything that the journey left."""
        for row in self._answers():
            self._ask("POST", f"api/booking/{row['booking_id']}/cancel/")
        for number in self._occupied:
            self._ask("POST", f"api/booking/{number}/cancel/")
        self._occupied.clear()
        self._advance(0)

    # -- what can be told

    def _start(self, user: str, agenda: str, slot: str, form_slug: str, **fields: str) -> dict[str, Any]:
        """What the adapter does for an agent: hold, then a draft that carries the choices."""
        site = self._of_site()
        code = secrets.token_hex(20)
        self._good("POST", f"api/agenda/{agenda}/fillslot/{quote(slot)}/", {"lock_code": code})
        meeting_type = slot.rpartition(":")[0]
        meetings = f"api/agenda/{agenda}/meetings/"
        lists = {
            "slot_field": (f"{meetings}{meeting_type}/datetimes/?lock_code={code}", slot),
            "meeting_type_field": (meetings, meeting_type),
            "agenda_field": ("api/agenda/", agenda),
        }
        form = site.form(form_slug)
        assert form is not None
        agent = next(person for person in site.people.values() if person.login == user)
        record = site.new_record(form, backoffice=True, agent=agent, channel="counter")
        record.context = {
            "lock_code": code,
            "slot_id": slot,
            "meeting_type_id": meeting_type,
            "agenda_id": agenda,
            "selected_submission_channel": "counter",
        }
        for name, (path, wanted) in lists.items():
            if not fields.get(name):
                continue
            chosen = [one for one in self._good("GET", path)["data"] if one["id"] == wanted]
            for item in form.by_varname(fields[name]) if chosen else []:
                record.data[item.id] = item_value(item_of(chosen[0]))
        return {"backoffice_url": site.urls(record).backoffice, "lock_code": code}

    def _occupy(self, agenda: str, slot: str, leave: int = 0) -> dict[str, Any]:
        """Book the slot as often as it can be, then free it for `leave` others."""
        made: list[int] = []
        while True:
            answer = self._ask("POST", f"api/agenda/{agenda}/fillslot/{quote(slot)}/", {"label": "Rehearsal"})
            if answer.get("err"):
                break
            made.append(int(answer["booking_id"]))
        for number in made[:leave]:
            self._ask("POST", f"api/booking/{number}/cancel/")
        self._occupied += made[leave:]
        return {}

    def _advance(self, seconds: int) -> dict[str, Any]:
        """Holds of this rehearsal are released, as if they had lapsed."""
        for agenda, code in self._holds():
            self._ask("DELETE", f"api/agenda/{agenda}/locks/{quote(code)}/")
        return {}

    def _expire(self) -> dict[str, Any]:
        return {}

    def _bookings(self, record: str = "", lock_code: str = "") -> dict[str, Any]:
        """Rows of a record, or of a lock code, as far as this rehearsal made them."""
        if lock_code:
            agendas = {agenda for agenda, code in self._holds() if code == lock_code}
            rows = [
                row
                for agenda in agendas
                for row in self._good("GET", f"api/agenda/{agenda}/locks/{quote(lock_code)}/")["data"]
            ]
            return {"bookings": [_row(row, "held") for row in rows]}
        return {"bookings": [_row(row, "booked") for row in self._answers(record)]}

    # -- what this rehearsal did

    def _calls(self) -> list[Call]:
        return [call for call in self._of_site().trace.calls if "/fillslot/" in call.url and call.method == "POST"]

    def _holds(self) -> list[tuple[str, str]]:
        """Agenda and code of each hold, those of drafts included."""
        site = self._of_site()
        found = {
            (record.context.get("agenda_id", ""), record.context.get("lock_code", ""))
            for record in site.records.values()
        }
        for call in self._calls():
            code = call.body.get("lock_code") if isinstance(call.body, dict) else None
            if code:
                found.add((urlsplit(call.url).path.split("/agenda/")[1].split("/")[0], str(code)))
        return sorted(pair for pair in found if all(pair))

    def _answers(self, record: str = "") -> list[dict[str, Any]]:
        """Good answers to bookings (of a record) that still stand, each booking once."""
        found: dict[int, dict[str, Any]] = {}
        for call in self._calls():
            body = call.body if isinstance(call.body, dict) else {}
            answer = next((one for one in (call.unseen, call.answer) if isinstance(one, dict)), {})
            # What is only held tells when it lapses.
            good = answer.get("err") == 0 and answer.get("booking_id") and "expires_at" not in answer
            if good and (not record or body.get("backoffice_url") == record):
                found[int(answer["booking_id"])] = answer
        return [row for number, row in found.items() if self._ask("GET", f"api/booking/{number}/").get("err") == 0]

    # -- asking

    def _of_site(self) -> Site:
        if self._site is None:
            raise AdapterFailed("no site is attached")
        return self._site

    def _ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        answer = self._client.send("rehearsal", method, f"{self.url}{path}", body=body)
        return answer.json if isinstance(answer.json, dict) else {"err": 1, "err_desc": f"HTTP {answer.status}"}

    def _good(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        answer = self._ask(method, path, body)
        if answer.get("err"):
            raise AdapterFailed(f"{path}: {answer.get('err_desc')}")
        return answer


def _row(answer: dict[str, Any], state: str) -> dict[str, Any]:
    desk = answer.get("desk") or {}
    return {
        "id": answer["booking_id"],
        "state": state,
        "desk": desk.get("slug", ""),
        "slot": answer.get("slot", ""),
        "local": str(answer.get("datetime", ""))[:16],
        "live": True,
    }
