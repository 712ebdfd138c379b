"""Every real form is opened and filled page by page: what cannot be played is told, and nothing crashes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.workflows.exports import EXPORTS, FILES, needs_exports
from workflows.reader import Form, Library, Workflow, load_many
from workflows.rehearsal.coverage import usage_of
from workflows.rehearsal.filling import SUMMARY, Filling, PageView, Vanished
from workflows.rehearsal.inventing import invent
from workflows.rehearsal.people import Session
from workflows.rehearsal.running import form_view, messages, offers, pass_time, start
from workflows.rehearsal.running.actions import DOING, WAITING
from workflows.rehearsal.server import demo_people
from workflows.rehearsal.site import Settings, Site
from workflows.rehearsal.templates.library import BUILTINS, NOT_PLAYED
from workflows.rehearsal.values import NOTHING, Stored
from workflows.rehearsal.widgets import PLAYED

from .double import Double

pytestmark = needs_exports
FORMS = [path for path in FILES if "<formdef" in path.read_text("utf-8", "replace")[:400]]
TRIES = 4


@cache
def library() -> Library:
    return load_many([str(path) for path in FILES])


@pytest.fixture(scope="module")
def agendas() -> Iterator[Double]:
    """Whatever is asked for answers one choice, with the addresses of an agenda."""
    with Double() as double:
        item = {
            "id": "1",
            "text": "Un",
            "api": {"meetings_url": double.url, "datetimes_url": double.url + "datetimes/"},
        }
        double.list("/", item)
        double.list("/api/agenda/", item)
        double.list("/datetimes/", {**item, "datetime": "2026-12-24 10:00:00", "api": {"fillslot_url": double.url}})
        yield double


def site_of_all(agendas: Double) -> Site:
    found = Site(
        library(),
        Settings(
            "http://demarches.example.net/", agendas.url, variables={"passerelle_url": agendas.url, "portal_url": ""}
        ),
    )
    demo_people(found)
    return found


def fill(filling: Filling) -> list[int]:
    """Fill page after page as well as can be; a page that cannot be left is stepped over. The pages that were shown."""
    shown: list[int] = []
    while filling.record.page != SUMMARY:
        view = filling.show()
        if view.number == SUMMARY:
            break
        shown.append(view.number)
        if not _submitted(filling, view):
            filling._go_on(filling.scope())
        assert len(shown) < 200
    return shown


def _submitted(filling: Filling, view: PageView) -> bool:
    given: dict[str, Any] = {}
    for _ in range(TRIES):
        scope = filling.scope()
        for widget in view.widgets:
            if widget.shown and widget.field.id not in given:
                given[widget.field.id] = widget.value.raw if widget.value.raw is not None else invent(widget, scope, {})
        refused = filling.submit({name: value for name, value in given.items() if value is not None})
        if refused is None:
            return True
        view = refused
    return False


@pytest.mark.parametrize("path", FORMS, ids=lambda path: str(path.relative_to(EXPORTS)))
def test_a_real_form_is_filled_and_its_workflow_run(path: Path, agendas: Double) -> None:
    site = site_of_all(agendas)
    [form] = [one for one in library().of(Form) if one.document.path == str(path)]
    record = site.new_record(form, backoffice=True)
    filling = Filling(site, record, Session(site.person(email="agent@demarches.demo")))
    pages = fill(filling)
    assert pages
    assert pages == sorted(set(pages))
    told = {notice.where for notice in site.trace.notices}
    names = {notice.name for notice in site.trace.notices}
    for number in pages:
        for field in form.pages[number].fields:
            stored = record.data.get(field.id, NOTHING)
            assert isinstance(stored, Stored)
            if field.type not in PLAYED and field.type not in ("comment", "title", "subtitle", "computed", "page"):
                assert field.type in names or not filling.scope().holds(field.condition)
            if field.data_source is not None and field.data_source.card and f"{path}:{field.line}" not in told:
                assert not filling.scope().holds(field.condition)
    try:
        filling.finish()
    except Vanished:
        record.draft = False
    if site.workflow(form) is None:
        return
    running = start(site, record, filling.session)
    for session in (filling.session, Session()):
        messages(site, record, session)
        for offer in offers(site, record, session):
            if offer.kind == "form":
                form_view(site, record, session, offer.action)  # type: ignore[arg-type]
    site.clock.move(400 * 86400)
    pass_time(site, record)
    assert running.record is record
    _all_told(site, running.workflow, record.arrivals)


def _all_told(site: Site, workflow: Workflow, arrivals: Any) -> None:
    """Of every status that was gone through, the first action that cannot be played was told, if it came so far."""
    names = {notice.name for notice in site.trace.notices if notice.kind == "not-played"}
    for _, status_id in arrivals:
        status = workflow.status(status_id)
        actions = list(status.actions) if status else []
        if actions and actions[0].condition is None and actions[0].type not in DOING and actions[0].type not in WAITING:
            assert actions[0].type in names


def test_every_export_is_loaded() -> None:
    assert not library().errors
    assert len(library().of(Form)) == len(FORMS)


def test_what_remains_that_is_not_evaluated(capsys: pytest.CaptureFixture[str]) -> None:
    """Filters and tags of w.c.s. are played or known as not played; the rest are additions of one site."""
    usage = usage_of(library())
    assert sum(usage.filters.values()) > 500
    unknown = {name for name in usage.filters if name not in BUILTINS[0].filters}
    unknown |= {name for name in usage.tags if name not in BUILTINS[0].tags and name not in NOT_PLAYED}
    with capsys.disabled():
        for name, (count, place) in usage.left.items():
            print(f"  not evaluated: {name} ({count}, first at {place.removeprefix(str(EXPORTS))})")
    # Written for these sites, and in no documentation of w.c.s.
    local = {
        "authentication_delivrance_items_visibility", "comprehensive_list", "format_liste_avis", "format_text",
        "format_text_none", "get_feature_details", "is_strong_authentication", "liste_type_rdv_nombres_personnes",
        "liste_type_rdv_plusieurs_personnes", "unlazy_filter",
    }  # fmt: skip
    assert unknown <= local
