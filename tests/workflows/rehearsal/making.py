"""Sites, drafts and records of definitions made on the spot."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from workflows import builder as b
from workflows.reader import Document, Form, Library, Node
from workflows.rehearsal.filling import SUMMARY, Filling, PageView
from workflows.rehearsal.formdata import Formdata
from workflows.rehearsal.people import Session
from workflows.rehearsal.running import Running, start
from workflows.rehearsal.server import Application, demo_people, serve
from workflows.rehearsal.site import Settings, Site
from workflows.rehearsal.trace import Notice

KEY = "s3cr3t"
WORKFLOW = b.workflow_link("suivi", "Suivi")


def site_of(*nodes: Node, url: str = "", language: str = "fr", **settings: Any) -> Site:
    """A site with these definitions, whose agendas are at `url`; its people are those of the demo."""
    library = Library([Document(b.to_xml(node), path=f"{node.tag}-{i}.wcs") for i, node in enumerate(nodes)])
    values: dict[str, Any] = {
        "url": "http://demarches.example.net/",
        "agendas_url": url,
        "secrets": {urlsplit(url).hostname or "-": KEY},
        "known": {"agendas.test": KEY},
        "language": language,
    }
    site = Site(library, Settings(**{**values, **settings}))
    demo_people(site)
    return site


def form_of(*fields: Node, **more: Any) -> Node:
    """The form `demande`, with the workflow `suivi`, which agents may submit."""
    values: dict[str, Any] = {
        "slug": "demande",
        "workflow": WORKFLOW,
        "submission_roles": [b.Role("Agents", "agents")],
    }
    return b.form("Demande", fields, **{**values, **more})


def workflow_of(*statuses: Node, **more: Any) -> Node:
    """The workflow `suivi`; with no status one that only waits."""
    return b.workflow("Suivi", statuses or [b.status("1", "Reçue")], slug="suivi", **more)


def agent(site: Site) -> Session:
    """The browser of an agent."""
    return _session(site, "agent")


def citizen(site: Site) -> Session:
    """The browser of a citizen with an account."""
    return _session(site, "camille")


def _session(site: Site, login: str) -> Session:
    session = Session()
    session.log_in(next(person for person in site.people.values() if person.login == login))
    return session


def draft(site: Site, session: Session | None = None, **values: Any) -> Filling:
    """The form `demande`, opened; `backoffice=True` by an agent."""
    form = site.library.of(Form)[0]
    return Filling(site, site.new_record(form, **values), session or Session())


def scope_with(site: Site, **data: Any) -> Any:
    """The variables of a draft of which fields (by varname) hold these values."""
    filling = draft(site)
    accepted(filling, data)
    return filling.scope()


def accepted(filling: Filling, given: Mapping[str, Any]) -> None:
    """Submit the page that is shown; it must be accepted."""
    filling.show()
    refused = filling.submit(given)
    assert refused is None, told(refused)


def told(view: PageView) -> list[str]:
    """What was wrong with a page."""
    inner = [one.error for widget in view.widgets for row in widget.rows for one in row]
    return [*view.errors, *filter(None, [*(widget.error for widget in view.widgets), *inner])]


def sent(site: Site, given: Mapping[str, Any] | None = None, session: Session | None = None, **values: Any) -> Running:
    """A record whose only page was filled so, submitted, its workflow run."""
    filling = draft(site, session, **values)
    while filling.record.page != SUMMARY:
        accepted(filling, given or {})
    filling.finish()
    return start(site, filling.record, filling.session)


def record_of(site: Site, **values: Any) -> Formdata:
    """A record in the first status, nothing filled in."""
    return sent(site, **values).record


def evaluated(site: Site, template: str, record: Formdata | None = None, session: Session | None = None) -> Any:
    """The value of a template in a request of its own."""
    return site.scope(record or draft(site).record, session).value(template, "test")


def named(name: str) -> str:
    """The template of a name."""
    return "{{ " + name + " }}"


def notices(site: Site, kind: str = "") -> list[Notice]:
    """What was told, of one kind."""
    return [notice for notice in site.trace.notices if kind in ("", notice.kind)]


@contextmanager
def served(site: Site, *, processes: int = 2) -> Iterator[str]:
    """The stand-in on a free port: its address with a final slash."""
    server = serve(Application(site, processes=processes), 0)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
