"""The stage of a rehearsal: a site with its server, an adapter, and what journeys do on it again and again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from workflows.bookable import Analysis, analyse
from workflows.reader import Field, Form, Library, Workflow

from .adapter import Adapter, AdapterFailed
from .filling import SUMMARY, Filling, PageView, Vanished
from .formdata import Formdata
from .inventing import invent
from .people import Person, Session
from .report import Finding, JourneyReport, Step
from .running import Running, start
from .scope import Request
from .server import Application, demo_people, serve
from .site import Settings, Site
from .sources import items_of
from .texts import Language
from .trace import Call, Trace
from .values import NOTHING

#: Times that a page is filled in anew when answers bring up more questions.
TRIES = 4


class Failed(Exception):
    """The journey failed, for a reason that a designer understands."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


class NotOffered(Exception):
    """The definitions do not offer what the journey is about."""


@dataclass(frozen=True)
class Wanted:
    """The appointment of a journey: slugs, and the id of the slot."""

    agenda: str
    meeting_type: str
    slot: str


@dataclass
class Stage:
    """Everything a journey needs. `values` are for fields, by varname; `agenda` is where slots are taken."""

    site: Site
    adapter: Adapter
    form: Form
    workflow: Workflow
    analysis: Analysis
    agenda: str
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
        """A new journey has its own trace."""
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

    # -- slots

    def free_slot(self) -> Wanted:
        """A free slot that no journey has taken yet, of the first meeting type that has one."""
        base = f"{self.site.settings.agendas_url}api/agenda/{self.agenda}/meetings/"
        for meeting_type in self._listed(base):
            for slot in self._listed(f"{base}{meeting_type['id']}/datetimes/"):
                if not slot.get("disabled") and slot["id"] not in self.used:
                    self.used.add(slot["id"])
                    return Wanted(self.agenda, meeting_type["id"], slot["id"])
        raise self.fail(
            f"The agenda {self.agenda} has no free slot: nothing can be rehearsed.",
            f"L'agenda {self.agenda} n'a aucun créneau libre : rien ne peut être répété.",
        )

    def _listed(self, url: str) -> list[dict[str, Any]]:
        trace, self.site.client.trace = self.site.client.trace, Trace()
        try:
            answer = self.site.client.send("rehearsal", "GET", url)
        finally:
            self.site.client.trace = trace
        data = answer.json.get("data") if isinstance(answer.json, dict) else None
        if not isinstance(data, list):
            said = answer.json.get("err_desc") if isinstance(answer.json, dict) else ""
            raise self.fail(
                f"The adapter does not list {url}: HTTP {answer.status} {said or ''}",
                f"L'adaptateur ne liste pas {url} : HTTP {answer.status} {said or ''}",
            )
        return data

    # -- filling

    def draft_by_agent(self, wanted: Wanted) -> Formdata:
        """An agent clicks the slot in the calendar: the adapter holds it and makes the draft."""
        names = {
            "form_slug": self.form.slug,
            "slot_field": self.slot_field.varname,
            "meeting_type_field": self.analysis.meeting_type.varname if self.analysis.meeting_type else "",
            "agenda_field": self.analysis.agenda.varname if self.analysis.agenda else "",
        }
        try:
            found = self.adapter.tell("start", user="agent", agenda=wanted.agenda, slot=wanted.slot, **names)
        except AdapterFailed as refused:
            raise self.fail(
                f"The draft was refused: {refused}", f"La saisie n'a pas pu être ouverte : {refused}"
            ) from None
        number = int(found["backoffice_url"].rstrip("/").rpartition("/")[2])
        record = self.site.record(self.form.slug, number)
        if record is None:
            raise self.fail("The draft is not there.", "La saisie n'existe pas.")
        self.step(
            "The calendar held the slot and opened the form as a draft",
            "L'agenda a retenu le créneau et ouvert le formulaire en saisie",
        )
        return record

    @property
    def slot_field(self) -> Field:
        """The slot field of the form."""
        own = self.analysis.own_slots
        if not own:
            raise self.fail(
                "No field of the form chooses a slot.",
                "Aucun champ du formulaire ne choisit de créneau.",
                ("See wcs check.", "Voir wcs check."),
            )
        return own[0].field

    def wanted_values(self, wanted: Wanted) -> dict[str, str]:
        """What goes into the fields that the calendar knows."""
        found = {self.slot_field.varname: wanted.slot}
        if self.analysis.meeting_type:
            found[self.analysis.meeting_type.varname] = wanted.meeting_type
        if self.analysis.agenda:
            found[self.analysis.agenda.varname] = wanted.agenda
        return found

    def fill(
        self, record: Formdata, session: Session, wanted: Wanted, *, until: Callable[[int], bool] | None = None
    ) -> Filling:
        """Fill page after page, until the summary or until a page for which `until` holds is left."""
        filling = Filling(self.site, record, session)
        while record.page != SUMMARY:
            view = filling.show()
            if view.number == SUMMARY:
                break
            self._fill_page(filling, view, wanted)
            if until and until(view.number):
                break
        return filling

    def _fill_page(self, filling: Filling, view: PageView, wanted: Wanted) -> None:
        scope = filling._scope()
        chosen = self.wanted_values(wanted)
        given: dict[str, Any] = {}
        for _ in range(TRIES):
            for widget in view.widgets:
                key = widget.field.varname or widget.field.id
                if key in given or not widget.shown:
                    continue
                if widget.field.varname in chosen:
                    given[key] = chosen[widget.field.varname]
                elif widget.value.raw is not None:
                    given[key] = widget.value.raw
                elif widget.field.required or widget.field.varname in self.values:
                    given[key] = invent(widget, scope, self.values)
            refused = filling.submit({name: value for name, value in given.items() if value is not None})
            if refused is None:
                return
            missing = [one for one in refused.widgets if one.error and (one.field.varname or one.field.id) not in given]
            if not missing or refused.errors:
                raise self._refused_page(refused, filling)
            view = refused
        raise self._refused_page(view, filling)

    def _refused_page(self, view: PageView, filling: Filling) -> Failed:
        page = view.label or str(view.number + 1)
        for widget in view.widgets:
            if not widget.error:
                continue
            if widget.field == self.slot_field:
                return self._refused_slot(page)
            name = widget.field.varname or widget.field.label
            if not widget.items and widget.field.type == "item":
                return self.fail(
                    f"Page “{page}”: the field “{widget.field.label}” has nothing to choose from.",
                    f"Page « {page} » : le champ « {widget.field.label} » ne propose aucun choix.",
                    (
                        "Look at its data source, and at the calls below.",
                        "Vérifiez sa source de données, et les appels ci-dessous.",
                    ),
                )
            return self.fail(
                f"Page “{page}”: the field “{widget.field.label}” refuses what was filled in: {widget.error}.",
                f"Page « {page} » : le champ « {widget.field.label} » refuse ce que la répétition a saisi :"
                f" {widget.error}.",
                (f"Give a value: --value {name}=…", f"Donnez une valeur : --value {name}=…"),
            )
        messages = " / ".join(view.errors)
        return self.fail(
            f"Page “{page}”: its exit condition does not hold. Message shown: {messages}",
            f"Page « {page} » : sa condition de sortie n'est pas remplie. Message affiché : {messages}",
            (
                "Look at the calls and at the templates not evaluated below.",
                "Regardez les appels et les gabarits non évalués ci-dessous.",
            ),
        )

    def _refused_slot(self, page: str) -> Failed:
        last = next((call for call in reversed(self.report.trace.calls) if "datetimes" in call.url), None)
        if last is not None and "lock_code=" not in last.url:
            return self.fail(
                f"Page “{page}”: the slot that was held for this form is not offered by the field"
                f" “{self.slot_field.label}”. Its list is asked for without the lock code, so the slot looks taken"
                " by somebody else, and w.c.s. refuses the page (“Technical error”).",
                f"Page « {page} » : le créneau retenu pour cette saisie n'est pas proposé par le champ"
                f" « {self.slot_field.label} ». Sa liste est demandée sans le code de verrou : le créneau paraît pris"
                " par quelqu'un d'autre, et w.c.s. refuse la page (« Erreur technique »).",
                (
                    "wcs make-bookable adds the lock code to the list of slots.",
                    "wcs make-bookable ajoute le code de verrou à la liste des créneaux.",
                ),
            )
        return self.fail(
            f"Page “{page}”: the chosen slot is not offered by the field “{self.slot_field.label}”.",
            f"Page « {page} » : le créneau choisi n'est pas proposé par le champ « {self.slot_field.label} ».",
            ("Look at the calls below.", "Regardez les appels ci-dessous."),
        )

    # -- the end of a form, and what became of it

    def finish(self, filling: Filling) -> Running:
        """Submit for good, and run the workflow."""
        try:
            filling.finish()
        except Vanished as vanished:
            raise self.fail(
                f"At the end “{vanished}” is no longer offered: the form cannot be sent.",
                f"À la fin, « {vanished} » n'est plus proposé : le formulaire ne peut pas être envoyé.",
            ) from None
        return start(self.site, filling.record, filling.session)

    def rows(self, record: Formdata) -> list[dict[str, Any]]:
        """Bookings that the adapter has for a record."""
        found: list[dict[str, Any]] = self.adapter.tell("bookings", record=self.site.urls(record).backoffice)[
            "bookings"
        ]
        return found

    def live(self, record: Formdata) -> list[dict[str, Any]]:
        """The ones that stand."""
        return [row for row in self.rows(record) if row["live"]]

    def held(self, lock_code: str) -> list[dict[str, Any]]:
        """What stands under a lock code."""
        rows = self.adapter.tell("bookings", lock_code=lock_code)["bookings"]
        return [row for row in rows if row["live"]]

    def booking_call(self) -> Call | None:
        """The last booking call of the workflow in this journey."""
        actions = [booking.action for booking in self.analysis.bookings]
        names = {action.label for action in actions}
        for call in reversed(self.report.trace.calls):
            if call.method in ("POST", "PUT") and any(name and name in call.who for name in names):
                return call
        return None

    def check_booked(self, record: Formdata, slot: str = "") -> dict[str, Any]:
        """Exactly one booking stands for the record, at the wanted slot. Raises `Failed` with the reason."""
        live = self.live(record)
        if len(live) == 1:
            row = live[0]
            self.step(
                f"The agenda has one booking for the record: {row['start'][:16]}, {row['desk']}",
                f"L'agenda a une réservation pour la demande : {row['start'][:16]}, {row['desk']}",
            )
            return row
        if live:
            raise self.fail(
                f"{len(live)} bookings stand for one record.", f"{len(live)} réservations pour une seule demande."
            )
        raise self._why_not_booked(record)

    def _why_not_booked(self, record: Formdata) -> Failed:
        call, status = self.booking_call(), self.status_name(record)
        if not self.analysis.bookings:
            return self.fail(
                "The workflow has no action that books the slot.",
                "Le workflow n'a aucune action qui réserve le créneau.",
            )
        if call is None:
            return self.fail(
                f"The workflow never made its booking call; the record stays in “{status}”.",
                f"Le workflow n'a jamais fait son appel de réservation ; la demande reste dans « {status} ».",
            )
        if call.status == 0:
            return self.fail(
                f"The booking call did not leave ({call.error}): its address was empty, or nobody answered."
                f" The record stays in “{status}”.",
                f"L'appel de réservation n'est pas parti ({call.error}) : adresse vide, ou pas de réponse."
                f" La demande reste dans « {status} ».",
            )
        said = call.answer.get("err_desc") if isinstance(call.answer, dict) else ""
        if isinstance(call.answer, dict) and not call.answer.get("err"):
            return self.fail(
                "The booking was made, but without `backoffice_url` or `form_url`: it cannot be linked to its record.",
                "La réservation est faite, mais sans `backoffice_url` ni `form_url` : rien ne la relie à sa demande.",
            )
        return self.fail(
            f"The adapter refused the booking: {said or call.status}. The record stays in “{status}”.",
            f"L'adaptateur a refusé la réservation : {said or call.status}. La demande reste dans « {status} ».",
        )

    def status_name(self, record: Formdata) -> str:
        """The name of a record's status."""
        status = self.workflow.status(record.status) if record.status else None
        return status.name if status else "–"

    def slot_of(self, record: Formdata) -> Any:
        """The id in the slot field of a record."""
        return record.data.get(self.slot_field.id, NOTHING).raw


def set_stage(
    library: Library,
    form: Form,
    adapter_for: Callable[[str], Adapter],
    *,
    agenda: str,
    language: Language = "fr",
    values: Mapping[str, str] | None = None,
    variables: Mapping[str, str] | None = None,
    fields: Mapping[str, str] | None = None,
    port: int,
) -> tuple[Stage, Callable[[], None]]:
    """Bring site, server and adapter together; the second is to be called at the end.

    `fields` may name `slot_field`, `meeting_type_field` and `agenda_field`. Raises `Failed`, `AdapterFailed`.
    """
    workflow = library.workflow_of(form)
    if workflow is None:
        raise Failed(
            f"Le workflow de {form.slug} n'est pas fourni." if language == "fr" else f"No workflow for {form.slug}."
        )
    wcs_url = f"http://127.0.0.1:{port}/"
    adapter = adapter_for(wcs_url)
    host = urlsplit(adapter.url).hostname or ""
    site = Site(
        library,
        Settings(
            url=wcs_url,
            agendas_url=adapter.url,
            secrets={host: adapter.key},
            known={adapter.adapter_orig: adapter.key},
            variables=dict(variables or {}),
            orig=adapter.orig,
            language=language,
        ),
    )
    demo_people(site)
    server = serve(Application(site), port)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()

    def strike() -> None:
        server.shutdown()
        server.server_close()

    stage = Stage(
        site,
        adapter,
        form,
        workflow,
        analyse(form, [workflow], library, **dict(fields or {})),
        agenda,
        dict(values or {}),
    )
    return stage, strike


def prepare(stage: Stage) -> None:
    """What an administrator does after an import: roles for agents, the agenda in the form's settings."""
    site, form = stage.site, stage.form
    if not form.backoffice_submission_roles:
        site.given_roles[form.slug] = {"Agents"}
    scope = site.scope(site.new_record(form, removed=True))
    scope.request = Request(Session())
    variables = stage.workflow.variables
    for variable in variables.fields if variables else []:
        use = variable.data_source
        if use is None or variable.type not in ("item", "items") or site.options(form).get(variable.varname):
            continue
        for item in items_of(use, scope, variable):
            if item.id == stage.agenda:
                many = variable.type == "items"
                chosen: Any = [item.id] if many else item.id
                site.set_option(form, variable, chosen, item.text, [item.structured] if many else item.structured)
