"""What every journey needs: the site, the adapter, the people, free slots, and words for the report."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from workflows.bookable import Analysis
from workflows.reader import Field, Form, Workflow

from ..adapter import Adapter
from ..formdata import Formdata
from ..people import Person, Session
from ..report import Finding, JourneyReport, Step
from ..running import pass_time
from ..site import Site
from ..trace import Call, Trace
from .errors import Failed

#: Days between today and the slots of a rehearsal, where the agenda allows it: time passes in some journeys.
MARGIN = 4
#: Seconds after which nobody's hold stands any more, however long agendas hold.
LONG_AWAY = 4 * 3600
#: Keys of a body that books, besides the lock code.
ABOUT_A_BOOKING = ("confirm_after_lock", "backoffice_url", "form_url", "label", "user_display_label", "extra")


@dataclass(frozen=True)
class Wanted:
    """The appointment of a journey: slugs, and the id of the slot."""

    agenda: str
    meeting_type: str
    slot: str


@dataclass
class Stage:
    """The site, the adapter and the definitions of a rehearsal.

    `values` are for fields, by varname; `agenda` is where slots are taken; `used` are slots of earlier journeys;
    `fault` is a key of `trouble.FAULTS`.
    """

    site: Site
    adapter: Adapter
    form: Form
    workflow: Workflow
    analysis: Analysis
    agenda: str
    fault: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    report: JourneyReport = field(default_factory=lambda: JourneyReport("", ""))
    used: set[str] = field(default_factory=set)

    # -- words

    def say(self, english: str, french: str) -> str:
        """In the language of the report."""
        return self.site.say(english, french)

    def step(self, english: str, french: str) -> None:
        """Something went well."""
        self.report.steps.append(Step(self.say(english, french)))

    def warn(self, english: str, french: str, remedy: tuple[str, str] = ("", "")) -> None:
        """Worth knowing, and no failure."""
        found = Finding("warning", self.say(english, french), self.say(*remedy))
        if found not in self.report.findings:
            self.report.findings.append(found)

    def fail(self, english: str, french: str, remedy: tuple[str, str] = ("", "")) -> Failed:
        """The reason for which the journey failed, to be raised."""
        return Failed(self.say(english, french), self.say(*remedy))

    def begin(self, report: JourneyReport) -> None:
        """A new journey has its own trace, and no fault is left from the one before."""
        self.report = report
        self.site.trace = self.site.client.trace = report.trace
        self.site.client.faults.clear()

    # -- people

    @property
    def agent(self) -> Person:
        """The agent of the demo."""
        found = self.site.person(email="agent@demarches.demo")
        assert found is not None
        return found

    @property
    def citizen(self) -> Person:
        """A citizen with an account."""
        found = self.site.person(email="camille.martin@example.net")
        assert found is not None
        return found

    def session(self, user: Person) -> Session:
        """A browser in which somebody has logged in."""
        session = Session()
        session.log_in(user)
        return session

    def may(self, do: str) -> bool:
        """Whether the adapter can be told to do that; a warning when a scene has to be left out."""
        if self.adapter.can(do):
            return True
        self.warn(
            f"A scene is left out: it needs an adapter of its own ({do}).",
            f"Une scène est omise : elle demande un adaptateur à part ({do}).",
            ("It is played without --url.", "Elle est jouée sans --url."),
        )
        return False

    # -- time

    def wait(self, seconds: int) -> None:
        """Time passes for both sides; what the adapter does every minute is done."""
        self.adapter.tell("advance", seconds=seconds)
        self.site.clock.move(seconds)
        self.adapter.tell("expire")

    def wait_for(self, record: Formdata, seconds: int) -> None:
        """The same, and the delays of a record's workflow run out."""
        self.wait(seconds)
        pass_time(self.site, record)

    # -- slots

    def free_slot(self) -> Wanted:
        """A free slot that no journey has taken yet, some days ahead, of the first meeting type that has one."""
        base = f"{self.site.settings.agendas_url}api/agenda/{self.agenda}/meetings/"
        near: Wanted | None = None
        for meeting_type in self._listed(base):
            for slot in self._listed(f"{base}{meeting_type['id']}/datetimes/"):
                if slot.get("disabled") or slot["id"] in self.used:
                    continue
                wanted = Wanted(self.agenda, meeting_type["id"], slot["id"])
                if self._far(slot):
                    self.used.add(slot["id"])
                    return wanted
                near = near or wanted
        if near is None:
            raise self.fail(
                f"The agenda {self.agenda} has no free slot: nothing can be rehearsed.",
                f"L'agenda {self.agenda} n'a aucun créneau libre : rien ne peut être répété.",
            )
        self.used.add(near.slot)
        return near

    def last_place(self) -> Wanted:
        """A free slot that one desk alone can still take: where a form has a wrong lock code, it does not fit twice."""
        wanted = self.free_slot()
        self.adapter.tell("occupy", agenda=wanted.agenda, slot=wanted.slot, leave=1)
        return wanted

    def _far(self, slot: Mapping[str, Any]) -> bool:
        zone = ZoneInfo(self.site.time_zone)
        start = datetime.datetime.strptime(slot["datetime"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=zone)
        return start > self.site.clock.now() + datetime.timedelta(days=MARGIN)

    def _listed(self, url: str) -> list[dict[str, Any]]:
        """Ask the adapter on the side: what is asked here is no call of the form."""
        trace, self.site.client.trace = self.site.client.trace, Trace()
        faults, self.site.client.faults = self.site.client.faults, []
        try:
            answer = self.site.client.send("rehearsal", "GET", url)
        finally:
            self.site.client.trace, self.site.client.faults = trace, faults
        data = answer.json.get("data") if isinstance(answer.json, dict) else None
        if not isinstance(data, list):
            said = answer.json.get("err_desc") if isinstance(answer.json, dict) else ""
            raise self.fail(
                f"The adapter does not list {url}: HTTP {answer.status} {said or ''}",
                f"L'adaptateur ne liste pas {url} : HTTP {answer.status} {said or ''}",
            )
        return data

    # -- the form

    @property
    def slot_field(self) -> Field:
        """The slot field of the form. Raises `Failed` when it has none."""
        own = self.analysis.own_slots
        if not own:
            raise self.fail(
                "No field of the form chooses a slot.",
                "Aucun champ du formulaire ne choisit de créneau.",
                ("See wcs check.", "Voir wcs check."),
            )
        return own[0].field

    @property
    def slot_page(self) -> int:
        """The index of the page where the slot is chosen."""
        field = self.slot_field
        return next(number for number, page in enumerate(self.form.pages) if field in page.fields)

    def wanted_values(self, wanted: Wanted) -> dict[str, str]:
        """What goes into the fields that the calendar knows, by varname."""
        found = {self.slot_field.varname: wanted.slot}
        if self.analysis.meeting_type:
            found[self.analysis.meeting_type.varname] = wanted.meeting_type
        if self.analysis.agenda:
            found[self.analysis.agenda.varname] = wanted.agenda
        return found

    # -- records and calls

    def status_name(self, record: Formdata) -> str:
        """The name of a record's status."""
        status = self.workflow.status(record.status) if record.status else None
        return status.name if status else "–"

    def booking_calls(self) -> list[Call]:
        """The booking calls of the workflow in this journey."""
        names = {booking.action.label or booking.action.type for booking in self.analysis.bookings}
        return [
            call
            for call in self.report.trace.calls
            if call.method in ("POST", "PUT")
            and any(name and f"“{name}”" in call.who or f"« {name} »" in call.who for name in names)
        ]


def is_booking(method: str, path: str, body: Any) -> bool:
    """Whether a call books for a record: what faults wait for."""
    keys = body if isinstance(body, dict) else {}
    return method in ("POST", "PUT") and "/fillslot" in path and any(keys.get(key) for key in ABOUT_A_BOOKING)
